"""Care: what Horizon's pages only begin goes on while nobody looks, by the plugin's own command and user."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services import horizon
from sandbox.services.base import Service
from sandbox.settings import Settings

SECONDS = 2


def configure(s: Settings) -> None:
    """It reads Horizon's settings: the service user's cloud, the database, the roles of trusts."""


def processes(s: Settings) -> list[Process]:
    command = horizon.django(s, "tenant_ops_care", "--every", str(SECONDS))
    return [Process("care", command, environment=horizon.environment(s))]


SERVICE = Service("care", configure, processes)
