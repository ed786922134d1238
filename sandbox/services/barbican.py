"""Barbican's API alone: secrets under a key of its own (simple_crypto), nothing that needs its worker."""

from __future__ import annotations

import base64
import hashlib

from sandbox.process import Process
from sandbox.services.base import Service, api, auth_token, common, database, ini
from sandbox.settings import PAGE, Settings, url


def _home(s: Settings) -> dict[str, str]:
    """It looks for its configuration in HOME and in the system's folders only."""
    return {"HOME": str(s.conf / "barbican")}


def configure(s: Settings) -> None:
    sections = common(s)
    del sections["oslo_messaging_rabbit"]
    key = base64.urlsafe_b64encode(hashlib.sha256(s.passwords["barbican-key"].encode()).digest()).decode()
    ini(s.conf / "barbican/.barbican/barbican.conf", {
        "DEFAULT": {
            "host_href": url("barbican"),
            "max_limit_paging": PAGE,
            "default_limit_paging": PAGE // 2,
            # without a bus: orders alone go through it
            "transport_url": "fake://",
        },
        "database": database(s, "barbican"),
        "queue": {"enable": False},
        "secretstore": {"enabled_secretstore_plugins": "store_crypto"},
        "crypto": {"enabled_crypto_plugins": "simple_crypto"},
        "simple_crypto_plugin": {"kek": key},
        "keystone_authtoken": auth_token(s, "barbican"),
        **sections,
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    return [([s.cloud_command("barbican-db-manage"), "upgrade", "-v", "head"], _home(s))]


def processes(s: Settings) -> list[Process]:
    return [api(s, "barbican", "sandbox_drivers.barbican_api", 3, **_home(s))]


SERVICE = Service("barbican", configure, processes, schema, ("barbican",))
