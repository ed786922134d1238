"""Nova, with the sandbox's own virtualisation driver."""

from __future__ import annotations

import shutil

from sandbox.process import Process
from sandbox.services.base import (
    GRACE,
    Service,
    api,
    auth_token,
    common,
    connection,
    credentials,
    database,
    ini,
    transport,
)
from sandbox.settings import HOST, PAGE, REGION, Settings, url


def configure(s: Settings) -> None:
    paste = s.cloud_venv / "etc/nova/api-paste.ini"
    for folder in (s.conf / "nova", s.data / "nova/instances"):
        folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(paste, s.conf / "nova/api-paste.ini")
    ini(s.conf / "nova/nova.conf", {
        "DEFAULT": {
            "transport_url": transport(s),
            **GRACE,
            "manager_shutdown_timeout": 2,
            "state_path": s.data / "nova",
            "instances_path": s.data / "nova/instances",
            "my_ip": HOST,
            "host": "sandbox",
            "compute_driver": "sandbox.Driver",
            "sync_power_state_interval": -1,
            "resume_guests_state_on_host_boot": True,
            "osapi_compute_workers": 1,
            "vif_plugging_is_fatal": False,
            "vif_plugging_timeout": 20,
            "allow_resize_to_same_host": True,
            "force_config_drive": False,
            "service_down_time": 60,
        },
        "api": {"auth_strategy": "keystone", "max_limit": PAGE},
        "wsgi": {"api_paste_config": paste},
        "api_database": database(s, "nova_api"),
        "database": database(s, "nova"),
        "glance": {"api_servers": url("glance"), **credentials(s, "glance")},
        "neutron": {**credentials(s, "neutron"), "service_metadata_proxy": False},
        "placement": credentials(s, "placement"),
        "cinder": {"catalog_info": "block-storage::publicURL", "os_region_name": REGION, **credentials(s, "cinder")},
        "service_user": {"send_service_user_token": True, **credentials(s, "nova")},
        "conductor": {"workers": 1},
        "scheduler": {"workers": 1, "discover_hosts_in_cells_interval": 2},
        "vnc": {"enabled": False},
        "notifications": {"notification_format": "unversioned"},
        "keystone_authtoken": auth_token(s, "nova"),
        **common(s),
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    manage = [s.cloud_command("nova-manage"), "--config-file", str(s.conf / "nova/nova.conf")]
    cell0 = ["cell_v2", "map_cell0", "--database_connection", connection(s, "nova_cell0")]
    steps = [["api_db", "sync"], cell0, ["db", "sync"]]
    return [([*manage, *step], {}) for step in steps]


def first_cell(s: Settings) -> list[str]:
    """The command that maps the one cell; nova-manage ends with 2 where it is mapped already."""
    manage = f"{s.cloud_command('nova-manage')} --config-file {s.conf}/nova/nova.conf"
    return ["sh", "-c", f"{manage} cell_v2 create_cell --name cell1; [ $? -eq 0 -o $? -eq 2 ]"]


def processes(s: Settings) -> list[Process]:
    config = ["--config-file", str(s.conf / "nova/nova.conf")]
    compute = [s.cloud_command("python"), "-m", "sandbox_drivers.nova_compute"]
    return [
        api(
            s, "nova", "nova.wsgi.osapi_compute", 6,
            OS_NOVA_CONFIG_DIR=str(s.conf / "nova"), OS_NOVA_CONFIG_FILES="api-paste.ini;nova.conf",
        ),
        Process("nova-conductor", [s.cloud_command("nova-conductor"), *config]),
        Process("nova-scheduler", [s.cloud_command("nova-scheduler"), *config]),
        Process("nova-compute", [*compute, *config]),
    ]  # fmt: skip


SERVICE = Service("nova", configure, processes, schema, ("nova_api", "nova", "nova_cell0"))
