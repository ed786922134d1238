"""Placement: what the hypervisor has room for."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services.base import Service, api, auth_token, database, ini
from sandbox.settings import Settings


def _environment(s: Settings) -> dict[str, str]:
    return {"OS_PLACEMENT_CONFIG_DIR": str(s.conf / "placement")}


def configure(s: Settings) -> None:
    ini(s.conf / "placement/placement.conf", {
        "placement_database": database(s, "placement"),
        "api": {"auth_strategy": "keystone"},
        "keystone_authtoken": auth_token(s, "placement"),
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    config = str(s.conf / "placement/placement.conf")
    return [([s.cloud_command("placement-manage"), "--config-file", config, "db", "sync"], {})]


def processes(s: Settings) -> list[Process]:
    return [api(s, "placement", "placement.wsgi.api", 3, **_environment(s))]


SERVICE = Service("placement", configure, processes, schema, ("placement",))
