"""What is done to an environment's firewall group: made, given its ports again, tidied, swept. Each is a change."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.changes import Change, Target
from tenant_ops_dashboard.cloud import Cloud, CloudError, Conflict, NotFound, Uncertain, Unreachable
from tenant_ops_dashboard.environments.firewall_group import build
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group.group import FirewallGroup
from tenant_ops_dashboard.environments.firewall_group.rules import Wanted
from tenant_ops_dashboard.environments.heat.stack import Stack

ROUNDS = 3
Json = dict[str, Any]
_LOG = logging.getLogger(__name__)


class Build(Change[Json]):
    """Makes the group with its policies and rules, of what `standing` has already.

    One in ERROR is made anew, one with the rules for another back end gets those that are `wanted`.
    """

    name = "environments.build_firewall"
    rule = "environments:launch"
    action = "create"
    kind = "firewall-group"

    def __init__(
        self, cloud: Cloud, found: Stack, wanted: Wanted, ports: Sequence[str], standing: FirewallGroup
    ) -> None:
        super().__init__(cloud)
        self.found, self.wanted, self.ports, self.standing = found, wanted, ports, standing
        self.refits = standing.status not in ("", "ERROR")
        self.target = Target("", f"{found.name}-fw")

    def send(self) -> Json:
        if self.refits:
            return self._named(build.refit(self.cloud, self.found.name, self.found.id, self.wanted, self.standing))
        if self.standing.group is not None:
            build.open_again(self.cloud, self.standing)
        for _ in range(ROUNDS - 1):
            try:
                return self._named(self._build())
            except (Conflict, NotFound, Uncertain) as error:
                # Another run was quicker; Neutron tells that with 409, with 404, or with a 500 from its database.
                _LOG.info("The firewall of %s is looked at again: %s", self.found.name, error)
            if (made := self.happened()) is not None:
                self.says = "another run was quicker"
                return made
        return self._named(self._build())

    def happened(self) -> Json | None:
        self.standing = firewall_groups.read(self.cloud, self.found.id, self.ports) or self.standing
        if self.standing.group is None or (self.refits and self.standing.misfit(self.wanted)):
            return None
        return self._named(dict(self.standing.group))

    def settled(self, made: Json) -> bool:
        # Whoever goes on with it goes on with what was seen, which is nothing where Neutron is silent now.
        made["status"] = ""
        made["status"] = self.cloud.get("network", f"{firewall_groups.GROUPS}/{made['id']}")["firewall_group"]["status"]
        return bool(made["status"] == "ACTIVE")

    def _build(self) -> Json:
        return build.build(self.cloud, self.found.name, self.found.id, self.wanted, self.ports, self.standing)

    def _named(self, made: Json) -> Json:
        self.target = Target(str(made["id"]), self.target.name)
        return made


class Fill(Change[None]):
    """Puts the router's interfaces back into a group that a run left without them."""

    name = "environments.fill_firewall"
    rule = "environments:launch"
    action = "update"
    kind = "firewall-group"

    def __init__(self, cloud: Cloud, standing: FirewallGroup, ports: Sequence[str]) -> None:
        super().__init__(cloud)
        self.ports = ports
        self.target = Target(standing.group_id, str((standing.group or {}).get("name") or ""))

    def send(self) -> None:
        body = {"firewall_group": {"ports": list(self.ports)}}
        self.cloud.put("network", f"{firewall_groups.GROUPS}/{self.target.id}", body)


class Tidy(Change[bool]):
    """Removes what a run that lost the race left; whether nothing of it is in use any more."""

    name = "environments.tidy_firewall"
    rule = "environments:launch"
    action = "update"
    kind = "firewall-group"

    def __init__(self, cloud: Cloud, standing: FirewallGroup) -> None:
        super().__init__(cloud)
        self.paths = standing.superfluous()
        self.target = Target(standing.group_id, str((standing.group or {}).get("name") or ""))

    def send(self) -> bool:
        done = True
        for path in self.paths:
            try:
                self.cloud.delete("network", path)
            except Conflict:
                done = False  # another run still uses what looked left over
        return done

    def settled(self, made: bool) -> bool:
        return made and _gone(self.cloud, self.paths)


class Sweep(Change[bool]):
    """Removes what is left of one environment's firewall, the group first; whether all of it is gone."""

    name = "environments.sweep_firewall"
    rule = "environments:launch"
    action = "delete"
    kind = "firewall-group"
    destroys = True

    def __init__(
        self, cloud: Cloud, groups: Sequence[Mapping[str, Any]], policies: Sequence[str], rules: Sequence[str]
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.groups, self.policies, self.rules = groups, policies, rules
        self.target = next((Target(str(one["id"]), str(one["name"] or "")) for one in groups), Target())
        self.says = "its environment is gone"

    def send(self) -> bool:
        trouble: list[CloudError] = []
        for group in self.groups:
            self._remove(f"{firewall_groups.GROUPS}/{group['id']}", trouble, bool(group["ports"]))
        for policy in self.policies:
            self._remove(f"{firewall_groups.POLICIES}/{policy}", trouble)
        for rule in self.rules:
            self._remove(f"{firewall_groups.RULES}/{rule}", trouble)
        if refused := [error for error in trouble if not isinstance(error, Conflict)]:
            raise refused[0]
        return not trouble

    def settled(self, made: bool) -> bool:
        groups = [f"{firewall_groups.GROUPS}/{one['id']}" for one in self.groups]
        rules = [f"{firewall_groups.RULES}/{one}" for one in self.rules]
        return made and _gone(
            self.cloud, [*groups, *(f"{firewall_groups.POLICIES}/{one}" for one in self.policies), *rules]
        )

    def _remove(self, path: str, trouble: list[CloudError], ports: bool = False) -> None:
        try:
            if ports:
                self.cloud.put("network", path, {"firewall_group": {"ports": []}})
            self.cloud.delete("network", path)
        except NotFound:
            return
        except Unreachable:
            raise
        except CloudError as error:
            _LOG.info("%s is removed later: %s", path, error)
            trouble.append(error)


def _gone(cloud: Cloud, paths: Sequence[str]) -> bool:
    """Whether Neutron lists none of these any more: one call for each kind among them."""
    kinds = {path.rpartition("/")[0] for path in paths}
    there = {f"{kind}/{one['id']}" for kind in kinds for one in firewall_groups.listed(cloud, kind)}
    return not there & set(paths)
