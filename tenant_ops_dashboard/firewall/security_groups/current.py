"""A security group as Neutron has it this moment: one list, with the rules in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud import NotFound, values
from tenant_ops_dashboard.errors import NotFound as Missing
from tenant_ops_dashboard.firewall import read as rows
from tenant_ops_dashboard.firewall.neutron import SECURITY_GROUPS, FirewallApi
from tenant_ops_dashboard.firewall.security_groups import read as reading
from tenant_ops_dashboard.firewall.security_groups.model import Base, Draft, State
from tenant_ops_dashboard.sentences import say

_SHAPE: values.Shape = {"id": values.text, "name": values.text}


@dataclass(frozen=True)
class Current:
    """One look: the group's row, and the ids of all groups of the project."""

    row: Mapping[str, Any]
    groups: frozenset[str] = frozenset()

    @property
    def state(self) -> State:
        """The group as people edit it."""
        return reading.state(self.row)

    @property
    def revision(self) -> int | None:
        """Neutron's, which moves with every rule."""
        return reading.revision(self.row)

    @property
    def draft(self) -> Draft:
        """The group as a draft without a change."""
        return Draft(self.state, Base(self.revision, self.state))


def read(api: FirewallApi, name_or_id: str) -> Current:
    """The project's own group of this id, else of this name. Raises NotFound, BadInput with the ids, a CloudError."""
    project = api.cloud.project_id
    told = values.rows(api.listed(SECURITY_GROUPS, project_id=project), _SHAPE)
    own = [one for one in told if reading.project(one) in ("", project)]
    found = rows.one_of(own, name_or_id, say("security group"), "group")
    return Current(found, frozenset(str(one["id"]) for one in own))


def again(api: FirewallApi, before: Current) -> Current:
    """The same group once more: one call. Raises a CloudError, NotFound where it is gone."""
    id_ = str(before.row["id"])
    try:
        return Current(values.row(api.one(SECURITY_GROUPS, id_), _SHAPE), before.groups)
    except NotFound:
        raise Missing(say("The security group {name} is not there any more.", name=before.row["name"] or id_)) from None
