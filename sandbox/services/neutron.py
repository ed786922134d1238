"""Neutron: ML2 on OVN, with FWaaS v2 on its OVN driver."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services.base import GRACE, Service, api, auth_token, common, credentials, database, ini, transport
from sandbox.settings import HOST, PAGE, PORTS, Settings

FIREWALL_DRIVER = (
    "FIREWALL_V2:fwaas_db:neutron_fwaas.services.firewall.service_drivers.ovn.firewall_l3_driver.OVNFwaasDriver:default"
)
QUOTAS = {
    "network": 100, "subnet": 100, "port": 500, "router": 50, "floatingip": 50, "security_group": 100,
    "security_group_rule": 1000, "firewall_group": 50, "firewall_policy": 100, "firewall_rule": 1000,
}  # fmt: skip


def _files(s: Settings) -> list[str]:
    return [f"--config-file={s.conf}/neutron/{name}" for name in ("neutron.conf", "ml2.ini")]


def configure(s: Settings) -> None:
    ini(s.conf / "neutron/neutron.conf", {
        "DEFAULT": {
            "core_plugin": "ml2",
            "host": "sandbox",
            "service_plugins": "ovn-router,qos,firewall_v2,segments,port_forwarding,trunk",
            "api_paste_config": s.cloud_venv / "etc/neutron/api-paste.ini",
            "transport_url": transport(s),
            **GRACE,
            "state_path": s.data / "neutron",
            "dhcp_agent_notification": False,
            "notify_nova_on_port_status_changes": True,
            "notify_nova_on_port_data_changes": True,
            "send_events_interval": 1,
            "rpc_workers": 0,
            "rpc_state_report_workers": 0,
            "max_allowed_address_pair": 250,
            "pagination_max_limit": PAGE,
        },
        "database": database(s, "neutron"),
        "quotas": {"default_quota": -1, **{f"quota_{name}": limit for name, limit in QUOTAS.items()}},
        "service_providers": {"service_provider": FIREWALL_DRIVER},
        "nova": credentials(s, "nova"),
        "placement": credentials(s, "placement"),
        "keystone_authtoken": auth_token(s, "neutron"),
        **common(s),
    })  # fmt: skip
    ini(s.conf / "neutron/ml2.ini", {
        "ml2": {
            "mechanism_drivers": "ovn",
            "type_drivers": "local,flat,vlan,geneve",
            "project_network_types": "geneve",
            "extension_drivers": "port_security,qos",
            "overlay_ip_version": 4,
        },
        "ml2_type_flat": {"flat_networks": "public"},
        "ml2_type_vlan": {"network_vlan_ranges": "public:100:200"},
        "ml2_type_geneve": {"vni_ranges": "1:2000", "max_header_size": 38},
        "securitygroup": {"enable_security_group": True},
        "ovn": {
            "ovn_nb_connection": f"tcp:{HOST}:{PORTS['ovn-northbound']}",
            "ovn_sb_connection": f"tcp:{HOST}:{PORTS['ovn-southbound']}",
            "ovn_l3_scheduler": "leastloaded",
            "neutron_sync_mode": "off",
            "ovn_metadata_enabled": False,
            "enable_distributed_floating_ip": False,
        },
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    return [([s.cloud_command("neutron-db-manage"), *_files(s), "upgrade", "heads"], {})]


def processes(s: Settings) -> list[Process]:
    temporary = s.run / "neutron-tmp"
    temporary.mkdir(exist_ok=True)
    return [
        api(
            s, "neutron", "neutron.wsgi.api", 6,
            OS_NEUTRON_CONFIG_DIR=str(s.conf / "neutron"),
            OS_NEUTRON_CONFIG_FILES="neutron.conf;ml2.ini",
            TMPDIR=str(temporary),
        ),
        Process("neutron-ovn-maintenance-worker", [s.cloud_command("neutron-ovn-maintenance-worker"), *_files(s)]),
    ]  # fmt: skip


SERVICE = Service("neutron", configure, processes, schema, ("neutron",))
