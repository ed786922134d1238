"""The plugin's policy rules for clones; every change of an offer, of a clone and of the cloud for one asks them."""

from __future__ import annotations

READ = "clones:read"
OFFER = "clones:offer"
REQUEST = "clones:request"
DECIDE = "clones:decide"
