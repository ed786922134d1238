"""Projects, users, networks, image, flavors. Runs in the cloud's environment; every step may be repeated.

`identity` needs Keystone alone, `network` Neutron too, `rest` everything.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import openstack

from sandbox.settings import EXTERNAL_CIDR, HOST, MANAGEMENT_CIDR, OTHER_REGION, REGION, settings, url

S = settings()
DOMAIN = "default"
CATALOGUE = [
    ("placement", "placement", url("placement")),
    ("glance", "image", url("glance")),
    ("neutron", "network", url("neutron")),
    ("nova", "compute", url("nova", "/v2.1")),
    ("cinder", "block-storage", url("cinder", "/v3")),
    ("barbican", "key-manager", url("barbican")),
    ("octavia", "load-balancer", url("octavia")),
    ("heat", "orchestration", url("heat", "/v1/$(project_id)s")),
    ("heat-cfn", "cloudformation", url("heat-cfn", "/v1")),
    ("tenant-ops", "tenant-ops", url("horizon", "/tenant_ops/api")),
]
TELEMETRY = [("aodh", "alarming", url("aodh")), ("gnocchi", "metric", url("gnocchi"))]
SERVICE_USERS = ["placement", "glance", "neutron", "nova", "cinder", "octavia", "heat", "barbican", "aodh", "gnocchi"]
MEMBER = ["member", "heat_stack_owner", "load-balancer_member"]
PEOPLE = {
    "operator": {"production": ["admin", *MEMBER], "development": ["admin", *MEMBER]},
    "owner": {"production": MEMBER},
    "developer": {"development": MEMBER},
    "presenter": {"production": MEMBER, "development": MEMBER},
    "auditor": {
        "production": ["reader", "load-balancer_observer"],
        "development": ["reader", "load-balancer_observer"],
    },
}
# Only projects with this tag are shown by the walkthrough.
DEMO = "tenant-ops-demo"
# Who lacks a role that most have, by the role that he lacks.
PEOPLE["without-octavia"] = {"production": ["member", "heat_stack_owner"]}
PEOPLE["without-heat"] = {"production": ["member", "load-balancer_member"]}
# Nobody listens there: of the second region's services none answers.
NOWHERE = f"http://{HOST}:9"
FLAVORS = [("small", 1, 2048, 10), ("medium", 2, 4096, 20), ("large", 4, 8192, 40)]
IMAGE = "debian-12"
# First in every list, by name or because they are the newest, and no place for a server of ours.
DECOY_FLAVORS = [("a-tiny", 1, 64, 1), ("a-volume", 2, 4096, 0)]
DECOY_IMAGES: dict[str, dict[str, Any]] = {
    "a-debian-11": {"os_distro": "debian", "os_version": "11"},
    "a-windows-2022": {"os_type": "windows", "os_distro": "windows", "min_ram": 4096},
    "amphora-x64-haproxy": {"os_distro": "ubuntu", "os_version": "24.04"},
    "a-snapshot": {"image_type": "snapshot", "os_distro": "debian", "os_version": "13"},
}


def main(what: str) -> None:
    cloud = openstack.connect(cloud="operator", project_name="admin", api_timeout=120)
    {"identity": identity, "network": network, "rest": rest}[what](cloud)


def identity(cloud: Any) -> None:
    i = cloud.identity
    names = {
        "admin",
        "member",
        "reader",
        "service",
        "heat_stack_user",
        "load-balancer_observer",
        "load-balancer_admin",
        *MEMBER,
    }
    roles = {name: i.find_role(name) or i.create_role(name=name) for name in sorted(names)}
    operator = i.find_user("operator")
    heat = i.find_domain("heat") or i.create_domain(name="heat")
    heat_admin = i.find_user("heat_domain_admin", domain_id=heat.id) or i.create_user(
        name="heat_domain_admin", password=S.passwords["heat_domain_admin"], domain_id=heat.id
    )
    i.assign_domain_role_to_user(heat, heat_admin, roles["admin"])
    service = i.find_project("service") or i.create_project(name="service", domain_id=DOMAIN)
    for name in SERVICE_USERS:
        user = i.find_user(name) or i.create_user(name=name, password=S.passwords[name], domain_id=DOMAIN)
        for role in ("admin", "service"):
            i.assign_project_role_to_user(service, user, roles[role])
    plugin = i.find_user("tenant-ops") or i.create_user(
        name="tenant-ops", password=S.passwords["tenant-ops"], domain_id=DOMAIN
    )
    i.assign_project_role_to_user(service, plugin, roles["reader"])
    (S.data / "service-user").write_text(plugin.id)
    for person, projects in PEOPLE.items():
        user = i.find_user(person) or i.create_user(name=person, password=S.passwords[person], domain_id=DOMAIN)
        for name, wanted in projects.items():
            project = i.find_project(name) or i.create_project(name=name, domain_id=DOMAIN)
            for role in wanted:
                i.assign_project_role_to_user(project, user, roles[role])
    for name in ("production", "development"):
        i.put(f"/projects/{i.find_project(name).id}/tags/{DEMO}")
    i.assign_project_role_to_user(i.find_project("admin"), operator, roles["heat_stack_owner"])
    i.assign_domain_role_to_user(DOMAIN, operator, roles["admin"])
    _catalogue(i)


def _catalogue(i: Any) -> None:
    i.find_region(OTHER_REGION) or i.create_region(id=OTHER_REGION)
    for name, kind, address in CATALOGUE + (TELEMETRY if S.telemetry else []):
        service = next(i.services(type=kind), None) or i.create_service(name=name, type=kind)
        known = {(e.region_id, e.interface): e for e in i.endpoints(service_id=service.id)}
        for region, there in ((REGION, address), (OTHER_REGION, NOWHERE)):
            for interface in ("public", "internal", "admin"):
                if (found := known.get((region, interface))) is None:
                    i.create_endpoint(service_id=service.id, interface=interface, url=there, region_id=region)
                elif found.url != there:
                    i.update_endpoint(found, url=there)


def network(cloud: Any) -> None:
    n = cloud.network
    service = cloud.identity.find_project("service")
    management = n.find_network("lb-mgmt") or n.create_network(name="lb-mgmt", project_id=service.id)
    # no gateway: an amphora's default route is its VIP network's
    n.find_subnet("lb-mgmt") or n.create_subnet(
        name="lb-mgmt",
        network_id=management.id,
        ip_version=4,
        cidr=MANAGEMENT_CIDR,
        gateway_ip=None,
        project_id=service.id,
    )
    external = n.find_network("EXT-NET") or n.create_network(
        name="EXT-NET", provider_network_type="flat", provider_physical_network="public", is_router_external=True
    )
    n.find_subnet("EXT-NET") or n.create_subnet(
        name="EXT-NET", network_id=external.id, ip_version=4, cidr=EXTERNAL_CIDR, is_dhcp_enabled=False
    )
    for resource in ("networks", "subnets", "ports", "security_groups", "security_group_rules"):
        n.update_quota(service.id, **{resource: -1})
    (S.data / "management-network").write_text(management.id)


def _decoy_network(n: Any) -> None:
    """Shared with everybody, first by its name, and the way to nowhere: it is not external."""
    decoy = n.find_network("a-shared") or n.create_network(name="a-shared", is_shared=True)
    n.find_subnet("a-shared") or n.create_subnet(
        name="a-shared", network_id=decoy.id, ip_version=4, cidr="198.18.0.0/24"
    )


def _other_defaults(n: Any) -> None:
    """New security groups are not Neutron's: members of 'default' do not reach each other, pings come into others."""
    told = list(n.default_security_group_rules())
    for rule in told:
        if rule.direction == "ingress" and rule.remote_group_id:
            n.delete_default_security_group_rule(rule)
    if not any(rule.protocol == "icmp" for rule in told):
        n.create_default_security_group_rule(
            direction="ingress", ethertype="IPv4", protocol="icmp", remote_ip_prefix="0.0.0.0/0",
            used_in_default_sg=False, used_in_non_default_sg=True,
        )  # fmt: skip


def rest(cloud: Any) -> None:
    _decoy_network(cloud.network)
    _other_defaults(cloud.network)
    compute, image, storage = cloud.compute, cloud.image, cloud.block_storage
    service = cloud.identity.find_project("service")
    for name, cores, ram, disk in DECOY_FLAVORS + FLAVORS:
        compute.find_flavor(name) or compute.create_flavor(name=name, vcpus=cores, ram=ram, disk=disk)
    compute.find_flavor("amphora") or compute.create_flavor(
        name="amphora", id="amphora", ram=64, vcpus=1, disk=1, is_public=False
    )
    raw: dict[str, Any] = {"disk_format": "raw", "container_format": "bare", "allow_duplicates": True, "wait": True}
    if not image.find_image(IMAGE):
        image.create_image(name=IMAGE, visibility="public", min_disk=1, data=b"SANDBOX-IMAGE" + b"\0" * 1048576, **raw)
        time.sleep(1.1)  # Glance dates by the second, and of one second no image is the newest
    for name, properties in DECOY_IMAGES.items():
        image.find_image(name) or image.create_image(
            name=name, visibility="public", data=b"DECOY" + b"\0" * 65536, **properties, **raw
        )
    if not image.find_image("amphora"):
        image.create_image(name="amphora", data=b"AMPHORA" + b"\0" * 65536, tags=["amphora"], owner=service.id, **raw)
    if "a-slow" not in {t.name for t in storage.types()}:
        storage.create_type(name="a-slow")
    if "standard" not in {t.name for t in storage.types()}:
        storage.create_type(name="standard")
    if "generic" not in {t.name for t in storage.group_types()}:
        storage.create_group_type(name="generic")
    compute.update_quota_set(service.id, instances=1000, cores=2000, ram=5120000)
    for name in ("production", "development"):
        project = cloud.identity.find_project(name)
        compute.update_quota_set(project.id, instances=40, cores=80, ram=163840)
        storage.update_quota_set(
            project.id, volumes=40, snapshots=40, gigabytes=2000, backups=20, backup_gigabytes=2000
        )
    for person, _projects in PEOPLE.items():
        if person in ("owner", "developer"):
            own = openstack.connect(cloud=person, api_timeout=120)
            if not own.compute.find_keypair("team"):
                _keep_key(person, own.compute.create_keypair(name="team").private_key)


def _keep_key(person: str, private_key: str | None) -> None:
    path = S.state / "keys" / f"{person}-team.pem"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(private_key or "")


if __name__ == "__main__":
    main(sys.argv[1])
