"""What a served clone had goes again: each by a change of its own."""

from __future__ import annotations

from typing import ClassVar

from tenant_ops_dashboard.changes import Change, Target
from tenant_ops_dashboard.clones import served
from tenant_ops_dashboard.clones.access import OFFER
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, NotFound


class _Remove(Change[bool]):
    """One thing of the clone's in the owner's project goes."""

    rule = OFFER
    action = "delete"
    destroys = True
    service: ClassVar[str] = "network"
    path: ClassVar[str]

    def __init__(self, cloud: Cloud, clone: Clone, id_: str) -> None:
        super().__init__(cloud)
        self.clone = clone
        self.target = Target(id_, served.called(clone))

    def send(self) -> bool:
        self.cloud.delete(self.service, f"{self.path}/{self.target.id}")
        return True

    def settled(self, made: bool) -> bool:
        try:
            self.cloud.get(self.service, f"{self.path}/{self.target.id}")
        except NotFound:
            return True
        return False


class Close(_Remove):
    """The rule: from this moment on nobody gets to the data."""

    name = "clones.serve_close"
    kind = "security-group-rule"
    path = "/security-group-rules"

    def settled(self, made: bool) -> bool:
        groups = served.groups(self.cloud, self.clone)
        return all(one["id"] != self.target.id for group in groups for one in group["security_group_rules"])


class RemoveServer(_Remove):
    """The server; the volume stays for a moment."""

    name = "clones.remove_server"
    kind = "server"
    service, path = "compute", "/servers"


class RemovePort(_Remove):
    """The server's port, which outlives it."""

    name = "clones.remove_port"
    kind = "port"
    path = "/ports"


class Unshare(_Remove):
    """The project that asked sees the network no more; Neutron refuses that while it has ports there."""

    name = "clones.serve_unshare"
    kind = "network"
    path = "/rbac-policies"

    def settled(self, made: bool) -> bool:
        return not self.cloud.pages(self.service, self.path, "rbac_policies", id=self.target.id)


class RemoveNetwork(_Remove):
    """The network, with its subnet."""

    name = "clones.remove_network"
    kind = "network"
    path = "/networks"


class RemoveGroup(_Remove):
    """The security group."""

    name = "clones.remove_group"
    kind = "security-group"
    path = "/security-groups"
