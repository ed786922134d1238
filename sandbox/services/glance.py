"""Glance: images, as files."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services.base import Service, api, auth_token, common, database, ini
from sandbox.settings import HOST, PAGE, Settings, url


def configure(s: Settings) -> None:
    stores = {"fs": "images", "os_glance_staging_store": "glance-staging", "os_glance_tasks_store": "glance-tasks"}
    for folder in stores.values():
        (s.data / folder).mkdir(parents=True, exist_ok=True)
    ini(s.conf / "glance/glance-api.conf", {
        "DEFAULT": {
            "enabled_backends": "fs:file",
            "bind_host": HOST,
            "api_limit_max": PAGE,
            "limit_param_default": PAGE,
            "worker_self_reference_url": url("glance"),
            "enabled_import_methods": "[web-download,copy-image,glance-direct]",
        },
        "database": database(s, "glance"),
        "glance_store": {"default_backend": "fs"},
        **{name: {"filesystem_store_datadir": s.data / folder} for name, folder in stores.items()},
        "paste_deploy": {"flavor": "keystone", "config_file": s.cloud_venv / "etc/glance/glance-api-paste.ini"},
        "keystone_authtoken": auth_token(s, "glance"),
        **common(s),
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    return [
        ([s.cloud_command("glance-manage"), "--config-file", str(s.conf / "glance/glance-api.conf"), "db_sync"], {})
    ]


def processes(s: Settings) -> list[Process]:
    return [api(s, "glance", "glance.wsgi.api", 4, OS_GLANCE_CONFIG_DIR=str(s.conf / "glance"))]


SERVICE = Service("glance", configure, processes, schema, ("glance",))
