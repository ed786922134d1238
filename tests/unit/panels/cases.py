"""A picture as the service layer describes it, for what is drawn without a cloud."""

from __future__ import annotations

from tenant_ops_dashboard.environments.model import Box, Picture, State, Tier


def picture(**states: State) -> Picture:
    """The two-tier picture; every box is good unless named."""

    def now(key: str) -> State:
        return states.get(key, states.get("rest", "good"))

    def box(key: str, title: str, tier: Tier, kind: str, detail: str = "", parts: str = "", **more: str) -> Box:
        inner = tuple((part, now(key)) for part in parts.split())
        return Box(key, title, tier, kind, now(key), detail, parts=inner, **more)

    return Picture(
        boxes=(
            box("internet", "Internet", "internet", "internet"),
            box("floating_ip", "Floating IP", "edge", "floating_ip", "203.0.113.7"),
            box("router", "Router", "edge", "router", "to EXT-NET", "dmz database", resource_id="r-1"),
            box("firewall", "Firewall group", "edge", "firewall", "8 rules"),
            box("dmz_network", "DMZ network", "dmz", "network", "10.0.1.0/24"),
            box("application_group", "Security group of the application", "dmz", "security_group"),
            box("balancer", "Load balancer", "dmz", "load_balancer", "10.0.1.4", "listener pool monitor"),
            box("app_1", "Application server 1", "dmz", "server", "10.0.1.11", "port member", resource_id="s-1"),
            box("app_2", "Application server 2", "dmz", "server", "10.0.1.12", "port member", resource_id="s-2"),
            box("database_network", "Database network", "database", "network", "10.0.2.0/24"),
            box("database_group", "Security group of the database", "database", "security_group"),
            box("database", "Database server", "database", "database", "10.0.2.5", "port", resource_id="s-3"),
            box("data", "Database volume", "database", "volume", "20 GB", "attached", resource_id="v-1"),
        ),
        arrows=(
            ("internet", "floating_ip", "tcp 80"),
            ("floating_ip", "router", "tcp 80"),
            ("router", "balancer", ""),
            ("balancer", "app_1", "tcp 8080"),
            ("balancer", "app_2", "tcp 8080"),
            ("app_1", "database", "tcp 1521"),
            ("app_2", "database", "tcp 1521"),
            ("database", "data", ""),
        ),
    )
