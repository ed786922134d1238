"""Cinder, on a folder of raw files whose copies really hold the bytes."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services.base import GRACE, Service, api, auth_token, common, credentials, database, ini, transport
from sandbox.settings import HOST, PAGE, Settings, url


def configure(s: Settings) -> None:
    etc = s.cloud_venv / "etc/cinder"
    config = s.conf / "cinder/cinder.conf"
    helper = {"helper_command": f"{s.cloud_command('privsep-helper')} --config-file {config}"}
    for folder in ("cinder/volumes", "cinder/coordination", "backup"):
        (s.data / folder).mkdir(parents=True, exist_ok=True)
    ini(config, {
        "DEFAULT": {
            "transport_url": transport(s),
            **GRACE,
            "state_path": s.data / "cinder",
            "api_paste_config": etc / "api-paste.ini",
            "resource_query_filters_file": etc / "resource_filters.json",
            "rootwrap_config": etc / "rootwrap.conf",
            "auth_strategy": "keystone",
            "host": "sandbox",
            "my_ip": HOST,
            "enabled_backends": "dir",
            "backup_driver": "cinder.backup.drivers.posix.PosixBackupDriver",
            "backup_posix_path": s.data / "backup",
            "backup_file_size": 33554432,
            "backup_sha_block_size_bytes": 32768,
            "default_volume_type": "standard",
            "glance_api_servers": url("glance"),
            "osapi_volume_workers": 1,
            "osapi_max_limit": PAGE,
            "report_interval": 3,  # the first report too comes so much after the start
            "volume_clear": "none",
        },
        "database": database(s, "cinder"),
        "cinder_sys_admin": helper,
        "privsep_osbrick": helper,
        "dir": {
            "volume_backend_name": "dir",
            "volume_driver": "sandbox_drivers.dirvol.DirectoryDriver",
            "sandbox_volume_dir": s.data / "cinder/volumes",
        },
        "nova": {**credentials(s, "nova"), "interface": "public"},
        "service_user": {"send_service_user_token": True, **credentials(s, "cinder")},
        "coordination": {"backend_url": f"file://{s.data}/cinder/coordination"},
        "keystone_authtoken": auth_token(s, "cinder"),
        **common(s),
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    return [([s.cloud_command("cinder-manage"), "--config-file", str(s.conf / "cinder/cinder.conf"), "db", "sync"], {})]


def processes(s: Settings) -> list[Process]:
    config = ["--config-file", str(s.conf / "cinder/cinder.conf")]
    daemons = [
        Process(n, [s.cloud_command(n), *config]) for n in ("cinder-scheduler", "cinder-volume", "cinder-backup")
    ]
    return [api(s, "cinder", "cinder.wsgi.api", 4, " ".join(config)), *daemons]


SERVICE = Service("cinder", configure, processes, schema, ("cinder",))
