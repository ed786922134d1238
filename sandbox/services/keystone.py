"""Keystone: identity, tokens, catalogue."""

from __future__ import annotations

import getpass
import grp
import os

from sandbox.process import Process
from sandbox.services.base import Service, api, common, database, ini
from sandbox.settings import PAGE, REGION, Settings, url


def configure(s: Settings) -> None:
    sections = common(s)
    del sections["oslo_messaging_rabbit"]
    ini(s.conf / "keystone/keystone.conf", {
        "DEFAULT": {"use_stderr": True, "list_limit": PAGE, "max_db_limit": PAGE},
        "database": database(s, "keystone"),
        "cache": {"enabled": True, "backend": "dogpile.cache.memory"},
        "token": {"provider": "fernet", "expiration": 86400},
        "fernet_tokens": {"key_repository": s.data / "fernet"},
        "credential": {"key_repository": s.data / "credential"},
        "identity": {"password_hash_rounds": 4},
        **sections,
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    manage = [s.cloud_command("keystone-manage"), "--config-file", str(s.conf / "keystone/keystone.conf")]
    addresses = [f"--bootstrap-{which}-url={url('keystone', '/v3')}" for which in ("public", "internal", "admin")]
    owner = [f"--keystone-user={getpass.getuser()}", f"--keystone-group={grp.getgrgid(os.getgid()).gr_name}"]
    for name in ("fernet", "credential"):
        (s.data / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    return [
        ([*manage, "db_sync"], {}),
        ([*manage, "fernet_setup", *owner], {}),
        ([*manage, "credential_setup", *owner], {}),
        (
            [*manage, "bootstrap", "--bootstrap-username=operator", "--bootstrap-region-id", REGION, *addresses],
            {"OS_BOOTSTRAP_PASSWORD": s.passwords["operator"]},
        ),
    ]


def processes(s: Settings) -> list[Process]:
    return [api(s, "keystone", "keystone.wsgi.api", 4, OS_KEYSTONE_CONFIG_DIR=str(s.conf / "keystone"))]


SERVICE = Service("keystone", configure, processes, schema, ("keystone",))
