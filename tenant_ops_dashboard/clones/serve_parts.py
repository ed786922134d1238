"""What a served clone is made of in the owner's project, each by a change of its own: network, closed port, server."""

from __future__ import annotations

import base64
import hashlib
import ipaddress
from typing import Any, ClassVar

import yaml

from tenant_ops_dashboard.changes import Change, Target
from tenant_ops_dashboard.clones import markers, mask, served
from tenant_ops_dashboard.clones.access import OFFER
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.environments.model import DATABASE_PORT
from tenant_ops_dashboard.environments.planning.defaults import free
from tenant_ops_dashboard.environments.template import blueprint as blueprints

PORT = DATABASE_PORT
SHARED = "access_as_shared"
#: Ranges of this size begin somewhere in here: two owners, who do not see each other's, seldom take the same one.
_FIELD, _PREFIX = ipaddress.IPv4Network("10.96.0.0/12"), 28
#: What an environment tells an image that brings its database.
_PREPARED = blueprints.SHIPPED / "tomcat-oracle" / "database.prepared.user-data.yaml"
_TIER = "/etc/tenant-ops/tier.env"


class _Make(Change[str]):
    """Something of the clone's in Neutron; what was made meanwhile is the answer. Gives its id, or another word."""

    rule = OFFER
    action = "create"
    patience = 5.0

    def __init__(self, cloud: Cloud, clone: Clone) -> None:
        super().__init__(cloud)
        self.clone = clone
        self.target = Target("", served.called(clone))

    def prepare(self) -> str | None:
        return self.happened()

    def settled(self, made: str) -> bool:
        return self.happened() is not None

    def made(self, path: str, key: str, **fields: Any) -> dict[str, Any]:
        """Have Neutron make it."""
        found: dict[str, Any] = self.cloud.post("network", path, {key: fields})[key]
        self.target = Target(str(found["id"]), self.target.name)
        return found

    def noted(self, path: str, key: str, **fields: Any) -> dict[str, Any]:
        """The same, with name and mark."""
        return self.made(path, key, name=self.target.name, description=served.note(self.clone), **fields)


class Network(_Make):
    """The network that both projects will see."""

    name = "clones.serve_network"
    kind = "network"

    def send(self) -> str:
        return str(self.noted("/networks", "network")["id"])

    def happened(self) -> str | None:
        return _id(served.networks(self.cloud, self.clone))


class Group(_Make):
    """The security group of the server: nobody gets in."""

    name = "clones.serve_group"
    kind = "security-group"

    def send(self) -> str:
        return str(self.noted("/security-groups", "security_group")["id"])

    def happened(self) -> str | None:
        return _id(served.groups(self.cloud, self.clone))


class _Within(_Make):
    """Something of a network, or of a security group, of the clone's."""

    def __init__(self, cloud: Cloud, clone: Clone, within: str) -> None:
        super().__init__(cloud, clone)
        self.within = within


class Subnet(_Within):
    """Its addresses, without a way out, in a range that the owner's project has not; gives the range."""

    name = "clones.serve_subnet"
    kind = "subnet"

    def send(self) -> str:
        known = values.rows(self.cloud.pages("network", "/subnets", "subnets", ip_version=4), {"cidr": values.network})
        taken = [ipaddress.IPv4Network(one["cidr"], strict=False) for one in known if "." in one["cidr"]]
        cidr = str(free(_first(self.clone), taken))
        fields = {"network_id": self.within, "ip_version": 4, "cidr": cidr, "gateway_ip": None}
        return str(self.noted("/subnets", "subnet", **fields)["cidr"])

    def happened(self) -> str | None:
        found = served.subnets(self.cloud, self.within)
        return str(found[0]["cidr"]) if found else None


class Share(_Within):
    """The project that asked may take ports in the network."""

    name = "clones.serve_share"
    kind = "network"

    def __init__(self, cloud: Cloud, clone: Clone, within: str) -> None:
        super().__init__(cloud, clone, within)
        self.says = f"for {clone.project_name}"

    def send(self) -> str:
        fields = {"object_type": "network", "object_id": self.within, "action": SHARED}
        return str(self.made("/rbac-policies", "rbac_policy", **fields, target_tenant=self.clone.project_id)["id"])

    def happened(self) -> str | None:
        known = served.shares(self.cloud, self.within)
        return _id([one for one in known if one["target_tenant"] == self.clone.project_id])


class Port(_Within):
    """The server's port; `group` is its security group."""

    name = "clones.serve_port"
    kind = "port"

    def __init__(self, cloud: Cloud, clone: Clone, within: str, group: str = "") -> None:
        super().__init__(cloud, clone, within)
        self.group = group

    def send(self) -> str:
        subnet = served.subnets(self.cloud, self.within)[0]["id"]
        fields = {"network_id": self.within, "security_groups": [self.group], "fixed_ips": [{"subnet_id": subnet}]}
        return str(self.noted("/ports", "port", **fields)["id"])

    def happened(self) -> str | None:
        known = served.ports(self.cloud, self.within)
        return _id([one for one in known if one["description"] == served.note(self.clone)])


class Open(_Within):
    """The one rule: from the network's own addresses to the database. Last of all."""

    name = "clones.serve_open"
    kind = "security-group-rule"

    def __init__(self, cloud: Cloud, clone: Clone, within: str, cidr: str = "") -> None:
        super().__init__(cloud, clone, within)
        self.cidr = cidr
        self.says = f"{PORT} from {cidr}"

    def send(self) -> str:
        fields = {"security_group_id": self.within, "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp",
                  "port_range_min": PORT, "port_range_max": PORT, "remote_ip_prefix": self.cidr,
                  "description": served.note(self.clone)}  # fmt: skip
        return str(self.made("/security-group-rules", "security_group_rule", **fields)["id"])

    def happened(self) -> str | None:
        found = [one for one in served.groups(self.cloud, self.clone) if one["id"] == self.within]
        rules = found[0]["security_group_rules"] if found else []
        return _id([one for one in rules if one["description"] == served.note(self.clone)])


class _Tag(Change[bool]):
    """People find by its tag what a clone has: `openstack network list --tags`."""

    rule = OFFER
    action = "update"
    path: ClassVar[str]
    key: ClassVar[str]

    def __init__(self, cloud: Cloud, clone: Clone, id_: str) -> None:
        super().__init__(cloud)
        self.tag = served.tag(clone)
        self.target = Target(id_, served.called(clone))

    def send(self) -> bool:
        self.cloud.put("network", f"{self._own}/tags", {"tags": sorted({*self._tags(), self.tag})})
        return True

    def happened(self) -> bool | None:
        return True if self.tag in self._tags() else None

    def settled(self, made: bool) -> bool:
        return bool(self.happened())

    @property
    def _own(self) -> str:
        return f"/{self.path}/{self.target.id}"

    def _tags(self) -> list[str]:
        return values.names(self.cloud.get("network", self._own)[self.key].get("tags"))


class TagNetwork(_Tag):
    """That of its network."""

    name = "clones.tag_network"
    kind = "network"
    path, key = "networks", "network"


class TagGroup(_Tag):
    """That of its security group."""

    name = "clones.tag_group"
    kind = "security-group"
    path, key = "security-groups", "security_group"


class Server(Change[str]):
    """The database server, with the copy as its second disk and the one port; its id."""

    name = "clones.serve_server"
    rule = OFFER
    action = "create"
    kind = "server"
    patience = 5.0

    def __init__(self, cloud: Cloud, clone: Clone, volume_id: str, port_id: str) -> None:
        super().__init__(cloud)
        self.clone, self.volume_id, self.port_id = clone, volume_id, port_id
        self.target = Target("", served.called(clone))
        self.says = f"the copy {volume_id}, for {clone.project_name}"

    def prepare(self) -> str | None:
        options, what = self.cloud.options, "served clones"
        self.image = mask.chosen(self.cloud, "image", "/images", "images", options.serve_image, what)
        self.flavor = mask.chosen(self.cloud, "compute", "/flavors", "flavors", options.serve_flavor, what)
        return self.happened()

    def send(self) -> str:
        disks = [
            {"boot_index": 0, "uuid": self.image, "source_type": "image", "destination_type": "local",
             "delete_on_termination": True},
            {"boot_index": -1, "uuid": self.volume_id, "source_type": "volume", "destination_type": "volume",
             "delete_on_termination": False},
        ]  # fmt: skip
        body: dict[str, Any] = {
            "name": self.target.name, "imageRef": self.image, "flavorRef": self.flavor,
            "networks": [{"port": self.port_id}], "block_device_mapping_v2": disks, "tags": [served.tag(self.clone)],
            "metadata": {**markers.marks(self.clone), served.SERVES: self.clone.id},
            "user_data": base64.b64encode(user_data(self.volume_id).encode()).decode(),
        }  # fmt: skip
        made = str(self.cloud.post("compute", "/servers", {"server": body}, served.TAGGED)["server"]["id"])
        self.target = Target(made, self.target.name)
        return made

    def happened(self) -> str | None:
        return _id(served.servers(self.cloud, self.clone))


def user_data(volume_id: str) -> str:
    """What the server is told, as an environment's database server with an image that brings its software.

    The disk by its volume's id, no sample rows, and no password: who logs in is the data's own matter.
    """
    told: dict[str, Any] = yaml.safe_load(_PREPARED.read_text())
    told["write_files"] = [one for one in told["write_files"] if one["path"] == _TIER]
    text = yaml.safe_dump(told, sort_keys=False)
    for name, value in (("port", str(PORT)), ("volume", volume_id), ("sample", "0")):
        text = text.replace(f"@{name}@", value)
    return f"#cloud-config\n{text}"


def _first(clone: Clone) -> str:
    """Where the search for a free range begins: at another place for each clone."""
    many = 2 ** (_PREFIX - _FIELD.prefixlen)
    at = int.from_bytes(hashlib.sha256(clone.id.encode()).digest()[:4]) % many
    start = int(_FIELD.network_address) + at * 2 ** (32 - _PREFIX)
    return f"{ipaddress.IPv4Address(start)}/{_PREFIX}"


def _id(found: list[dict[str, Any]]) -> str | None:
    return str(found[0]["id"]) if found else None
