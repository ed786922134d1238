"""Plans as the service layer describes them."""

from __future__ import annotations

from dataclasses import replace

from tenant_ops_dashboard.environments.model import Blueprint, Choice, Parameter, Plan, QuotaLine, Request
from tests.unit.panels.cases import RESOURCES, picture

PARAMETERS = (
    Parameter("external_network", "External network", "network", "EXT-NET", choices=(Choice("EXT-NET", "EXT-NET"),)),
    Parameter(
        "image",
        "Image",
        "image",
        "debian-12",
        choices=(Choice("debian-12", "debian-12 (0.4 GB)"), Choice("sandbox", "sandbox")),
    ),
    Parameter(
        "app_flavor",
        "Application flavor",
        "flavor",
        "small",
        choices=(Choice("small", "small: 1 core, 2 GB"), Choice("medium", "medium: 2 cores, 4 GB")),
    ),
    Parameter(
        "db_flavor",
        "Database flavor",
        "flavor",
        "medium",
        choices=(Choice("small", "small: 1 core, 2 GB"), Choice("medium", "medium: 2 cores, 4 GB")),
    ),
    Parameter(
        "key_name", "Key pair", "keypair", "demo", required=False, choices=(Choice("", "none"), Choice("demo", "demo"))
    ),
    Parameter("app_count", "Application servers", "integer", "2", minimum=1, maximum=8),
    Parameter("db_size", "Data volume, GB", "integer", "20", minimum=1),
    Parameter(
        "dmz_cidr", "DMZ addresses", "cidr", "10.0.1.0/24", "A network that nothing behind the same router uses."
    ),
    Parameter("db_cidr", "Database addresses", "cidr", "10.0.2.0/24"),
    Parameter("jump_host", "A jump host for SSH", "boolean", "false", required=False),
)
BLUEPRINTS = (
    Blueprint(
        "tomcat-oracle",
        "Tomcat and Oracle",
        "Two application servers behind a load balancer, a database on a volume of its own.",
        "",
        PARAMETERS,
    ),
    Blueprint(
        "web-jump",
        "Web and jump host",
        "Web servers behind a load balancer, and a jump host for SSH.",
        "",
        PARAMETERS[:6],
    ),
)


def quotas(servers_left: int = 7) -> tuple[QuotaLine, ...]:
    """The twelve quotas a launch touches."""
    return (
        QuotaLine("compute", "instances", "Servers", 10, 10 - servers_left, 3),
        QuotaLine("compute", "cores", "Cores", 20, 6, 4),
        QuotaLine("compute", "ram", "RAM, GB", 50, 12, 8),
        QuotaLine("volume", "volumes", "Volumes", 10, 1, 1),
        QuotaLine("volume", "gigabytes", "Volume space, GB", 1000, 20, 20),
        QuotaLine("network", "port", "Ports", 500, 31, 9),
        QuotaLine("network", "network", "Networks", 100, 3, 2),
        QuotaLine("network", "router", "Routers", 10, 1, 1),
        QuotaLine("network", "floatingip", "Floating IPs", 50, 1, 1),
        QuotaLine("network", "security_group", "Security groups", 10, 4, 3),
        QuotaLine("load-balancer", "load_balancer", "Load balancers", None, 1, 1),
        QuotaLine("network", "firewall_group", "Firewall groups", 10, 0, 1),
    )


def plan(request: Request, **changes: object) -> Plan:
    """A plan that fits, with a message where the name is missing."""
    base = Plan(
        request=request,
        blueprint=BLUEPRINTS[0],
        resources=tuple((name, title) for name, title, _ in RESOURCES),
        quotas=quotas(),
        picture=picture(rest="planned"),
        problems={} if request.name else {"name": "Give the environment a name."},
        template="heat_template_version: 2021-04-16\n",
        environment_file="parameters: {}\n",
        command="openstack stack create shop --template shop.yaml --environment shop.env.yaml --wait",
    )
    return replace(base, **changes)  # type: ignore[arg-type]
