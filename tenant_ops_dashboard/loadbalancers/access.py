"""The plugin's policy rules for load balancers; `changes.perform` asks them and writes down who was refused."""

from __future__ import annotations

READ = "loadbalancers:read"
CHANGE = "loadbalancers:change"
CREATE = "loadbalancers:create"
SCALE = "loadbalancers:scale"
#: Of environments: scaling by itself acts through the same trust as the rest of unattended care.
CARE = "environments:care"
