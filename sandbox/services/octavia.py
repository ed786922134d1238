"""Octavia: amphorae are servers of the sandbox's own nova driver, with haproxy in them; OVN as second provider."""

from __future__ import annotations

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
    write,
)
from sandbox.settings import HOST, PAGE, PORTS, REGION, Settings


def _network(s: Settings) -> str:
    """The management network's id, once it is seeded."""
    path = s.data / "management-network"
    return path.read_text().strip() if path.exists() else ""


# As on clouds that kept the roles of their own that Octavia had before Wallaby (octavia/policies/advanced_rbac.py).
POLICY = """
"load-balancer:member_and_owner": "role:load-balancer_member and project_id:%(project_id)s"
"load-balancer:observer_and_owner": "role:load-balancer_observer and project_id:%(project_id)s or \\
  rule:load-balancer:member_and_owner"
"""


def configure(s: Settings) -> None:
    certificates = s.conf / "octavia"
    config = certificates / "octavia.conf"
    address = f"{HOST}:{PORTS['octavia-heartbeats']}"
    ovn = {
        "ovn_nb_connection": f"tcp:{HOST}:{PORTS['ovn-northbound']}",
        "ovn_sb_connection": f"tcp:{HOST}:{PORTS['ovn-southbound']}",
    }
    (s.run / "amphorae").mkdir(exist_ok=True)
    write(certificates / "policy.yaml", POLICY)
    ini(config, {
        "DEFAULT": {"transport_url": transport(s), **GRACE},
        "api_settings": {
            "bind_host": HOST,
            "bind_port": PORTS["octavia"],
            "api_handler": "queue_producer",
            "auth_strategy": "keystone",
            "enabled_provider_drivers": "amphora:haproxy in a network namespace of its own.,ovn:load balancing by OVN.",
            "default_provider_driver": "amphora",
            "allow_ping_health_monitors": True,
            "pagination_max_limit": PAGE,
        },
        "oslo_policy": {"policy_file": certificates / "policy.yaml"},
        "database": database(s, "octavia"),
        "task_flow": {"persistence_connection": connection(s, "octavia_persistence"), "jobboard_enabled": False},
        "health_manager": {
            "bind_ip": HOST,
            "bind_port": PORTS["octavia-heartbeats"],
            "controller_ip_port_list": address,
            "heartbeat_key": s.passwords["octavia-heartbeats"],
            "health_update_threads": 1,
            "stats_update_threads": 1,
            "heartbeat_timeout": 60,
            "health_check_interval": 3,
            "heartbeat_interval": 2,
        },
        "certificates": {
            "cert_generator": "local_cert_generator",
            "cert_manager": "barbican_cert_manager",
            "barbican_auth": "barbican_acl_auth",
            "region_name": REGION,
            "ca_certificate": certificates / "ca.pem",
            "ca_private_key": certificates / "ca.key",
            "ca_private_key_passphrase": s.passwords["octavia-ca"],
            "server_certs_key_passphrase": s.passwords["octavia-certificates"] + "x" * 8,
        },
        "haproxy_amphora": {
            "base_path": s.run / "amphorae",
            "haproxy_cmd": s.unpacked / "usr/sbin/haproxy",
            "client_cert": certificates / "client.pem",
            "server_ca": certificates / "ca.pem",
        },
        "keepalived_vrrp": {"vrrp_check_interval": 2},
        "controller_worker": {
            "client_ca": certificates / "ca.pem",
            "workers": 1,
            "amphora_driver": "sandbox_haproxy",
            "compute_driver": "sandbox_nova",
            "network_driver": "allowed_address_pairs_driver",
            "image_driver": "image_glance_driver",
            "volume_driver": "volume_noop_driver",
            "amp_image_tag": "amphora",
            "amp_flavor_id": "amphora",
            "amp_active_wait_sec": 1,
            "amp_active_retries": 60,
            "amp_boot_network_list": _network(s),
            "loadbalancer_topology": "SINGLE",
        },
        "oslo_messaging": {"topic": "octavia_prov", "rpc_thread_pool_size": 2},
        "house_keeping": {"load_balancer_expiry_age": 3600},
        "driver_agent": {
            "status_socket_path": s.run / "oct-status.sock",
            "stats_socket_path": s.run / "oct-stats.sock",
            "get_socket_path": s.run / "oct-get.sock",
            "enabled_provider_agents": "ovn",
            "provider_agent_shutdown_timeout": 2,  # it waits for its own maintenance, which waits for Neutron
        },
        "ovn": ovn,
        **{name: credentials(s, "octavia") for name in ("service_auth", "neutron", "nova", "glance")},
        "keystone_authtoken": auth_token(s, "octavia"),
        **common(s),
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    manage = [s.cloud_command("octavia-db-manage"), "--config-file", str(s.conf / "octavia/octavia.conf")]
    return [([*manage, "upgrade", "head"], {}), ([*manage, "upgrade_persistence"], {})]


def processes(s: Settings) -> list[Process]:
    config = ["--config-file", str(s.conf / "octavia/octavia.conf")]
    python = [s.cloud_command("python"), "-m"]
    daemons = [
        # first, since the API waits for its sockets
        Process("octavia-driver-agent", [*python, "sandbox_drivers.octavia_sockets", *config]),
        api(s, "octavia", "sandbox_drivers.octavia_api", 4, " ".join(config)),
        Process("octavia-worker", [*python, "sandbox_drivers.octavia_worker", *config]),
        Process("octavia-health-manager", [*python, "sandbox_drivers.octavia_health", *config]),
    ]
    if s.data_plane:
        daemons.append(Process("octavia-heartbeat", [*python, "sandbox_drivers.heartbeat", *config]))
    return daemons


SERVICE = Service("octavia", configure, processes, schema, ("octavia", "octavia_persistence"))
