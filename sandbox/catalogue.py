"""All services, in the order in which they are started."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services import (
    barbican,
    care,
    cinder,
    door,
    glance,
    heat,
    horizon,
    keystone,
    mariadb,
    memcached,
    neutron,
    nova,
    octavia,
    ovn,
    placement,
    rabbitmq,
    telemetry,
)  # fmt: skip
from sandbox.services.base import Service
from sandbox.settings import Settings

FOUNDATION = (mariadb.SERVICE, rabbitmq.SERVICE, ovn.SERVICE)
CLOUD = (
    keystone.SERVICE, neutron.SERVICE, placement.SERVICE, nova.SERVICE, glance.SERVICE, cinder.SERVICE,
    barbican.SERVICE, octavia.SERVICE, heat.SERVICE,
)  # fmt: skip
FRONT = (memcached.SERVICE, horizon.SERVICE, care.SERVICE, door.SERVICE)

# Who needs the database and RabbitMQ alone, and waits for them by itself.
ABOVE_DATABASE = (
    cinder.SERVICE, heat.SERVICE, nova.SERVICE, keystone.SERVICE, placement.SERVICE, glance.SERVICE,
)  # fmt: skip

# Who runs code of sandbox/drivers.
DRIVEN = (
    "nova-compute", "cinder-volume", "octavia", "octavia-driver-agent", "octavia-worker", "octavia-health-manager",
    "octavia-heartbeat",
)  # fmt: skip


def early(s: Settings) -> list[Process]:
    """What may start before the switch, who reports for work first: that is what a start waits for at its end."""
    found = [p for service in ABOVE_DATABASE for p in service.processes(s) if p.name != "nova-compute"]
    return sorted(found, key=lambda p: p.port is not None)


def services(s: Settings) -> tuple[Service, ...]:
    return FOUNDATION + CLOUD + ((telemetry.SERVICE,) if s.telemetry else ()) + FRONT


def processes(s: Settings) -> list[tuple[Service, Process]]:
    return [(service, p) for service in services(s) for p in service.processes(s)]
