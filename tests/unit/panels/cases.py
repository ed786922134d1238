"""Environments as the service layer describes them, for pages that are looked at without a cloud."""

from __future__ import annotations

import datetime
from dataclasses import replace

from tenant_ops_dashboard.environments.model import (
    Box,
    Details,
    Drift,
    Environment,
    Loss,
    Picture,
    Progress,
    Proof,
    ResourceProgress,
    State,
    Tier,
)

NOW = datetime.datetime(2026, 11, 21, 14, 3, 22, tzinfo=datetime.UTC)
ADDRESS = "http://203.0.113.7"
NO_HOST = "No valid host was found. There are not enough hosts available."
REQUEST_ID = "req-5bf0c2d4-71aa-4a17-8f7e-7b3a6a6a9f10"
TIERS = (("DMZ", "2 servers"), ("DB", "1 server, 20 GB"))

RESOURCES = (
    ("dmz_network", "DMZ network", "OS::Neutron::Net"),
    ("dmz_subnet", "DMZ subnet", "OS::Neutron::Subnet"),
    ("db_network", "Database network", "OS::Neutron::Net"),
    ("db_subnet", "Database subnet", "OS::Neutron::Subnet"),
    ("router", "Router", "OS::Neutron::Router"),
    ("dmz_interface", "Router's port in the DMZ", "OS::Neutron::RouterInterface"),
    ("db_interface", "Router's port in the database network", "OS::Neutron::RouterInterface"),
    ("app_group", "Security group of the application", "OS::Neutron::SecurityGroup"),
    ("db_group", "Security group of the database", "OS::Neutron::SecurityGroup"),
    ("db_volume", "Data volume", "OS::Cinder::Volume"),
    ("db_port", "Database port", "OS::Neutron::Port"),
    ("db_server", "Database server", "OS::Nova::Server"),
    ("db_attachment", "Data volume's attachment", "OS::Cinder::VolumeAttachment"),
    ("load_balancer", "Load balancer", "OS::Octavia::LoadBalancer"),
    ("listener", "Listener http :80", "OS::Octavia::Listener"),
    ("pool", "Pool", "OS::Octavia::Pool"),
    ("monitor", "Health monitor", "OS::Octavia::HealthMonitor"),
    ("floating_ip", "Floating IP", "OS::Neutron::FloatingIP"),
    ("app_servers", "Application servers", "OS::Heat::AutoScalingGroup"),
    ("app_1", "Application server 1", "OS::Nova::Server"),
    ("app_2", "Application server 2", "OS::Nova::Server"),
    ("app_1_member", "Application server 1 in the pool", "OS::Octavia::PoolMember"),
    ("app_2_member", "Application server 2 in the pool", "OS::Octavia::PoolMember"),
    ("firewall", "Firewall group", "FWaaS"),
)


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


def environment(name: str = "shop", **changes: object) -> Environment:
    """A good one, changed as asked."""
    base = Environment(
        id=f"id-{name}",
        name=name,
        status="good",
        status_reason="",
        blueprint="tomcat-oracle",
        address=ADDRESS,
        tiers=TIERS,
        created_at=NOW - datetime.timedelta(days=3),
        project_id="1",
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def progress(done: int = len(RESOURCES), seconds: float = 27.0, failed: str = "") -> Progress:
    """`done` resources are up, the next three are being built, the rest is planned."""
    steps = []
    for place, (name, title, kind) in enumerate(RESOURCES):
        state: State = "good" if place < done else "building" if place < done + 3 else "planned"
        if name == failed:
            state = "failed"
        took = 0.4 + (place * 7 % 11) * 0.7 if state != "planned" else 0.0
        reason = NO_HOST if name == failed else ""
        steps.append(ResourceProgress(name, title, kind, state, took, reason))
    titles = {name: title for name, title, _ in RESOURCES}
    failure = f"{titles[failed]}: {NO_HOST}" if failed else ""
    return Progress(done, len(RESOURCES), seconds, tuple(steps), failure, REQUEST_ID if failed else "")


SECRET = "http://heat.test/v1/signal/arn?Signature=c2VjcmV0"
PACKETS = (
    Proof("answers", "The application answers in turn", "good", "app-1, then app-2, then app-1", 0.4),
    Proof("closed", "The database is closed from outside", "good", "10.0.2.5:1521 does not answer from here", 5.0),
)
PROOFS = (
    Proof("load_balancer", "The load balancer serves", "good", "ACTIVE and ONLINE, reached by 203.0.113.7", 0.2),
    Proof("members", "Both application servers answer", "good", "2 of 2 members ONLINE by the health monitor", 3.1),
    Proof("groups", "The security groups are as planned", "good", "1521 only from the application group", 0.3),
    Proof("firewall", "The firewall stands at the router", "good", "ACTIVE on 2 router ports with 8 rules", 0.4),
    Proof("volume", "The data is on its own volume", "good", "20 GB in use by the database server as /dev/vdb", 0.1),
)


def details(status: str = "good", **changes: object) -> Details:
    """Everything of one environment; `status` chooses a picture that fits."""
    base = Details(
        environment=environment(status=status),
        picture=picture(),
        progress=progress(),
        proofs=PROOFS,
        drift=(),
        outputs={"address": "203.0.113.7", "database": "10.0.2.5", "scale_out_url": SECRET},
        as_of=NOW,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def building(done: int = 14) -> Details:
    """In the middle of a launch."""
    ready = {
        "dmz_network": 1,
        "database_network": 3,
        "router": 5,
        "application_group": 8,
        "database_group": 9,
        "data": 10,
        "database": 12,
        "balancer": 14,
        "floating_ip": 18,
        "app_1": 20,
        "app_2": 21,
        "firewall": 24,
    }
    states: dict[str, State] = {
        key: "good" if done >= at else "building" if done + 3 >= at else "planned" for key, at in ready.items()
    }
    waiting = tuple(replace(proof, state="building", evidence="not to be told yet", seconds=0.0) for proof in PROOFS)
    return details(
        environment=environment(status="building", address="", created_at=NOW - datetime.timedelta(seconds=17)),
        picture=picture(**states),
        progress=progress(done, 17.0),
        proofs=waiting if done >= len(RESOURCES) else (),
        outputs={},
    )


def failed() -> Details:
    """The database server could not be made."""
    return details(
        environment=environment(status="failed", address="", status_reason="Database server could not be made"),
        picture=picture(
            database="failed",
            application_group="good",
            app_1="planned",
            app_2="planned",
            firewall="planned",
            floating_ip="planned",
            balancer="building",
        ),
        progress=progress(11, 21.0, "db_server"),
        proofs=(),
        outputs={},
    )


def warning() -> Details:
    """One member is down, and somebody changed a rule by hand."""
    reason = "1 of 2 application servers is down since 13:58"
    bad = replace(PROOFS[1], state="warning", evidence="1 of 2 members ONLINE; 10.0.1.12:8080 does not answer")
    return details(
        environment=environment("billing", status="warning", status_reason=reason, address="http://203.0.113.9"),
        picture=picture(app_2="failed", balancer="warning"),
        proofs=(PROOFS[0], bad, *PROOFS[2:]),
        drift=(Drift("app security group", "has a rule that the plan does not know: tcp 22 from anywhere."),),
        trusted=True,
    )


LOSS = Loss(
    lost=(
        "3 servers: Server 1, Server 2 and Database, with what is on their own disks",
        "The load balancer and the address 203.0.113.7",
        "2 networks, the router and its firewall",
    ),
    kept=("The data volume shop-data (20 GB), with everything on it",),
)
