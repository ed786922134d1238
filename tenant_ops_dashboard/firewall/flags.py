"""What a policy says of itself beside its rules: `audited`, and whether other projects may use it (`shared`).

Neutron takes `audited` away with every change of the policy, its list or one of its rules that does not say it again,
and it keeps neither who set it nor when. A policy is shared by administrators only, and after its rules: before that it
is 409 FirewallPolicySharingConflict; one that another project uses is not taken back (409).
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError, Conflict, NotFound, Uncertain
from tenant_ops_dashboard.errors import InTheWay
from tenant_ops_dashboard.firewall import content, rows
from tenant_ops_dashboard.firewall.access import EDIT, SHARE
from tenant_ops_dashboard.firewall.errors import NotApplied
from tenant_ops_dashboard.firewall.neutron import POLICIES, RULES, STALE, FirewallApi
from tenant_ops_dashboard.sentences import say

Row = Mapping[str, Any]
MOVED = say("Somebody changed this policy after it was shown; its flags are as they were.")


class Used(InTheWay):
    """A policy that other projects use is shared as long as they do."""

    todo = say("Ask those projects to take it off their firewall groups, then try again.")

    def __init__(self, name: str, request_id: str) -> None:
        super().__init__(say("{name} is in use by another project, so it stays shared.", name=name), request_id)


class Moved(InTheWay):
    """A policy that is not the one that was shown."""

    todo = say("Look its rules through as they are now, then do it again.")


@dataclass(frozen=True)
class Flags:
    """How a policy stands now."""

    id: str
    name: str
    audited: bool
    shared: bool

    @classmethod
    def of(cls, row: Row) -> Flags:
        """From Neutron's row."""
        name = str(row.get("name") or row["id"])
        return cls(str(row["id"]), name, row.get("audited") is True, row.get("shared") is True)


def seen(policy: Row, known: Mapping[str, Row]) -> str:
    """What a page that asks says of the policy that it showed; `known` are rows of rules by id."""
    held = [rows.rule(known[id_]) for id_ in policy["firewall_rules"] if id_ in known]
    return content.digest(str(policy["id"]), [content.of(one) for one in held])


class Flagging(Change[Flags]):
    """One flag of a policy of the project's own, set or taken away.

    `shown` is what its asker has `seen`: where it is another one now nothing is sent.
    """

    action = "update"
    kind = "firewall-policy"
    patience = 10.0
    field = ""

    def __init__(self, cloud: Cloud, policy: str, on: bool, shown: str = "") -> None:
        super().__init__(cloud)
        self.policy, self.on, self.shown = policy, on, shown
        self.api = FirewallApi(cloud)
        self.target = Target(policy)

    def prepare(self) -> Flags | None:
        self.row = self.api.one(POLICIES, self.policy)
        if self.row.get("project_id", self.cloud.project_id) != self.cloud.project_id:
            raise NotFound(say("This project has no firewall policy {policy}.", policy=self.policy), "Neutron")
        found = Flags.of(self.row)
        self.target = Target(found.id, found.name)
        if self.shown and self.shown != seen(self.row, {str(one["id"]): one for one in self.api.listed(RULES)}):
            raise Moved(MOVED)
        self.before, self.after = {self.field: getattr(found, self.field)}, {self.field: self.on}
        return found if self._done(self.row) else None

    def happened(self) -> Flags | None:
        row = self.api.one(POLICIES, self.policy)
        return Flags.of(row) if self._done(row) else None

    def settled(self, made: Flags) -> bool:
        return self._done(self.api.one(POLICIES, self.policy))

    def _done(self, row: Row) -> bool:
        return (row.get(self.field) is True) == self.on


class Audit(Flagging):
    """Says of a policy that somebody looked it through, or takes that back."""

    name = "firewall.audit"
    rule = EDIT
    field = "audited"

    def send(self) -> Flags:
        revision = self.row.get("revision_number")
        # Who looked it through looked at this revision; a rule that changes takes the flag away again by itself.
        guard = revision if isinstance(revision, int) else None
        try:
            return Flags.of(self.api.change(POLICIES, self.policy, guard, audited=self.on))
        except CloudError as error:
            if error.status != STALE:
                raise
            raise Moved(MOVED, error.request_id) from error


class Share(Flagging):
    """Lets all projects use a policy, its rules first; or takes that back, its rules last."""

    name = "firewall.share"
    rule = SHARE
    field = "shared"

    def send(self) -> Flags:
        there = {str(one["id"]): one for one in self.api.listed(RULES)}
        ids = [str(one) for one in self.row["firewall_rules"]]
        if not self.on:
            return self._taken_back(ids)
        shared: list[str] = []
        try:
            for id_ in ids:
                if there.get(id_, {}).get("shared") is not True:
                    shared.append(id_)
                    self.api.change(RULES, id_, shared=True)
            return self._put(True)
        except CloudError as error:
            if isinstance(error, Uncertain) and (made := self._looked_up(error)) is not None:
                return made
            raise self._undone(shared, error) from error

    def happened(self) -> Flags | None:
        made = super().happened()
        return self._rest(made, [str(one) for one in self.row["firewall_rules"]]) if made and not self.on else made

    def _looked_up(self, error: Uncertain) -> Flags | None:
        """The policy, where it is shared after all. Raises the error where nobody can look."""
        try:
            return self.happened()
        except CloudError:
            raise error from None

    def _put(self, on: bool) -> Flags:
        # A rule that was changed has taken the flag away, and so would this.
        told = {"audited": True} if self.row.get("audited") is True else {}
        return Flags.of(self.api.change(POLICIES, self.policy, shared=on, **told))

    def _taken_back(self, ids: list[str]) -> Flags:
        try:
            made = self._put(False)
        except Conflict as error:
            raise Used(self.target.name, error.request_id) from error
        return self._rest(made, ids)

    def _rest(self, made: Flags, ids: list[str]) -> Flags:
        """What follows once the policy is shared no more: its rules are not, and it is as audited as it was."""
        others = [one for one in self.api.listed(POLICIES) if one["id"] != self.policy and one.get("shared") is True]
        needed = {str(rule) for one in others for rule in one["firewall_rules"]}
        self._unshare([id_ for id_ in ids if id_ not in needed])
        return self._put_audited(made)

    def _put_audited(self, made: Flags) -> Flags:
        """The flag that the rules took away, if it was there."""
        if self.row.get("audited") is not True:
            return made
        with contextlib.suppress(CloudError):
            return Flags.of(self.api.change(POLICIES, self.policy, audited=True))
        return made

    def _unshare(self, ids: list[str]) -> bool:
        whole = True
        for id_ in ids:
            try:
                self.api.change(RULES, id_, shared=False)
            except CloudError:
                whole = False  # in use by somebody's own policy: the rule alone stays to be seen
        return whole

    def _undone(self, shared: list[str], error: CloudError) -> NotApplied:
        left = "" if self._unshare(shared) else say(" Some of its rules are shared now; share it again.")
        return NotApplied(say("{sentence} The policy is not shared.{left}", sentence=error.sentence, left=left), error)


def audit(cloud: Cloud, policy: str, on: bool, shown: str = "") -> Flags:
    """Set or take away `audited`. Raises NotFound, Moved, or another TenantOpsError."""
    return perform(Audit(cloud, policy, on, shown))


def share(cloud: Cloud, policy: str, on: bool, shown: str = "") -> Flags:
    """Share it with all projects, or take that back. Raises Used, Moved, NotApplied or another TenantOpsError."""
    return perform(Share(cloud, policy, on, shown))
