"""The plugin's policy rules for firewalls; `changes.perform` asks them and writes down who was refused."""

from __future__ import annotations

READ = "firewall:read"
EDIT = "firewall:edit"
SHARE = "firewall:share"
#: Add and remove intents, and switch a blueprint's own off.
INTENT = "firewall:intent"
