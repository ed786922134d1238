"""The two ways of applying a draft, where its policies are not this group's alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from tenant_ops_dashboard.firewall import content, read
from tenant_ops_dashboard.firewall.model import DIRECTIONS
from tenant_ops_dashboard.panels.firewall import previews
from tenant_ops_dashboard.panels.firewall.state import Edited, State


@dataclass(frozen=True)
class Way:
    """`groups` are names of others on the policies that the draft changes, `shared` says that other projects may be.

    `keeps` is the choice: the policies themselves are changed. `both` says that both directions are.
    """

    groups: tuple[str, ...] = ()
    shared: bool = False
    keeps: bool = False
    both: bool = False

    @property
    def offered(self) -> bool:
        """Whether there is a choice."""
        return bool(self.groups) or self.shared

    def preview(self, request: HttpRequest, found: State, edited: Edited) -> dict[str, Any]:
        """What changes in traffic, done this way."""
        if self.keeps:
            return previews.of_every_group(request, found, edited)
        told: dict[str, Any] = previews.shown(request, found, edited, "both")["preview"]
        return told


def of(request: HttpRequest, found: State, edited: Edited) -> Way:
    """The way that the address says (`?policies=keep`), as far as there is a choice."""
    state, was = edited.draft.state, edited.draft.base.was
    row = read.find(found.seen, state.group.id)
    moved = [
        one for one in DIRECTIONS
        if was is None or content.chain(was.policy(one)) != content.chain(state.policy(one))
    ]  # fmt: skip
    ids = {id_ for one in moved if (id_ := read.policy_id(row, one))}
    groups = [
        str(one.get("name") or one["id"]) for one in found.seen.rows("firewall_groups")
        if one["id"] != row["id"] and not ids.isdisjoint(read.policy_id(one, way) for way in DIRECTIONS)
    ]  # fmt: skip
    policies = [one for one in found.seen.rows("firewall_policies") if one["id"] in ids]
    shared = any(one.get("shared") is True for one in policies)
    made = Way(tuple(groups), shared, both=len(moved) > 1)
    keeps = made.offered and request.GET.get("policies") == "keep"
    return Way(made.groups, shared, keeps, made.both)
