"""The plugin's policy rules for load balancers; `changes.perform` asks them and writes down who was refused."""

from __future__ import annotations

READ = "loadbalancers:read"
CHANGE = "loadbalancers:change"
CREATE = "loadbalancers:create"
SCALE = "loadbalancers:scale"
