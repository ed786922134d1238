"""The swap: one PUT of the group with the ids of both directions, and what tells whether it lost a race.

It is the only change of FWaaS v2 that is atomic for both directions and that a revision guards. Two that overlap are
both answered with 200, within the length of one transaction: the answers' revisions and a look two seconds later tell.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tenant_ops_dashboard.cloud import CloudError, Uncertain, Unreachable
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.firewall import content, current
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.errors import Changed
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction
from tenant_ops_dashboard.firewall.neutron import GROUPS, POLICIES, RULES, STALE, FirewallApi
from tenant_ops_dashboard.sentences import say

LOOKS = 3  # until who overwrote something has put it back
TRIES = 3  # as often a revision that moved without a word is taken for the new one
PAUSE = 0.5  # seconds between two looks
WAIT = 2.0  # seconds until changes of others that overlapped have ended


@dataclass
class Swap:
    """Puts these policies in force, and these fields of the group, in the place of what `before` has.

    `patience` is for how many seconds a lost answer is looked for, `wait` for how many after it, `WAIT` where
    None, others' overlapping changes are let end before the look. `notes` are what people should know of it afterwards.
    """

    api: FirewallApi
    before: Current
    ids: Mapping[Direction, str | None]
    token: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    patience: float = 60.0
    wait: float | None = None
    notes: list[str] = field(default_factory=list)

    def commit(self) -> None:
        """Raises Changed where somebody was quicker, Uncertain where nobody knows, else a CloudError."""
        answer: Mapping[str, Any] | None
        self._unmoved()
        try:
            answer = self._put()
        except Uncertain:
            answer = self._after_a_lost_answer()
        if answer is not None and int(answer.get("revision_number") or 0) > self.before.revision + 1:
            try:
                self._overlapped(int(answer["revision_number"]))
            except CloudError as error:
                raise Uncertain(
                    say(
                        "It was put in force in the moment of somebody else's change, and nobody could look at both: "
                        "{sentence}",
                        sentence=error.sentence,
                    ),
                    error.service,
                ) from error

    def _unmoved(self) -> None:
        """Raises Changed where somebody edited a list since `before`, which takes as long as its rules take to make: a
        group's revision does not tell of it.
        """
        now = current.again(self.api, self.before)
        differences = content.differences(self.before.state, now.state)
        if differences and not self._ours(now.row):
            raise Changed(differences, by(self.before, now))

    def look(self) -> Current:
        """What is there once all that overlapped has ended; where OVN may be wrong now, it is written anew.

        Raises Changed where somebody overwrote it, else a CloudError.
        """
        now = self._calm()
        if not self._has(now):
            raise Changed(
                content.differences(self.before.state, now.state), by(self.before, now),
                say("It was applied, and somebody overwrote it in the same moment; what he sent is in force now."),
            )  # fmt: skip
        edited = [
            direction for direction in DIRECTIONS
            if (old := self.before.policy(direction)) and self._moved(now, old)
        ]  # fmt: skip
        if edited:
            self.notes += [
                say(
                    "Somebody edited the {one} policy of before in the moment in which this was applied; that edit "
                    "stands in the policy {policy} and is not in force, unless it is of a rule that both hold.",
                    one=one,
                    policy=self.before.policy(one),
                )
                for one in edited
            ]
            self._write_anew(now)
        return self._settled(now)

    def _calm(self) -> Current:
        """What is there once others are done; who overwrote this by such a swap, too, is about to put it back."""
        for _ in range(LOOKS):
            time.sleep(WAIT if self.wait is None else self.wait)
            now = current.again(self.api, self.before)
            other = by(self.before, now)
            if self._has(now) or not other or not marks.token(str(other["name"])):
                break
        return now

    def _has(self, now: Current) -> bool:
        return all(now.policy(direction) == id_ for direction, id_ in self.ids.items())

    def in_force(self) -> bool:
        """Whether the group has these policies now: one call. Raises a CloudError."""
        return self._ours(self.api.one(GROUPS, str(self.before.row["id"])))

    def _put(self, tries: int = TRIES) -> Mapping[str, Any]:
        """What Neutron answered, {} where it was in force already. Raises as `commit`."""
        ids = {f"{direction}_firewall_policy_id": id_ for direction, id_ in self.ids.items()}
        try:
            return self.api.change(
                GROUPS, str(self.before.row["id"]), self.before.revision, **ids, **self.fields
            )  # fmt: skip
        except CloudError as error:
            if error.status != STALE:
                raise
            now = current.again(self.api, self.before)
            if self._ours(now.row):
                return {}
            differences, other = content.differences(self.before.state, now.state), by(self.before, now)
            if differences or other or tries < 2:
                raise Changed(differences, other) from error
        # Something moved the revision that no edit is about, such as the group's description.
        self.before = replace(self.before, row=now.row)
        return self._put(tries - 1)

    def _after_a_lost_answer(self) -> Mapping[str, Any] | None:
        """None once it is in force; else it is sent a second time, which the revision makes safe."""
        end = time.monotonic() + self.patience
        while self._seen() is not True:
            if time.monotonic() >= end or self.api.cloud.deadline.over:
                break
            time.sleep(PAUSE)
        else:
            return None
        try:
            return self._put()
        except CloudError as error:
            # A second try that was refused, or not sent at all, says nothing of the first.
            if (seen := self._seen()) is True:
                return None
            if seen is None or isinstance(error, Unreachable):
                raise Uncertain(
                    say("It may be in force: {sentence}", sentence=error.sentence), error.service
                ) from error
            raise

    def _seen(self) -> bool | None:
        """Whether it is in force; None while nobody can tell."""
        try:
            return self.in_force()
        except CloudError:
            return None

    def _ours(self, row: Mapping[str, Any]) -> bool:
        told = all(row.get(f"{direction}_firewall_policy_id") == id_ for direction, id_ in self.ids.items())
        return told and all(_same(row.get(name), value) for name, value in self.fields.items())

    def _overlapped(self, revision: int) -> None:
        """Somebody's change of the same moment was answered with 200, too, and this one stands above it."""
        rows = [one for one in self.api.listed(POLICIES) if one["id"] not in self.before.policies]
        others: dict[str, dict[Direction, Mapping[str, Any]]] = {}
        for one in rows:
            for direction in DIRECTIONS:
                token = marks.token(str(one["name"]))
                mine = marks.name(str(self.before.row["name"]), direction, token)
                if token and token != self.token and one["name"] == mine:
                    others.setdefault(token, {})[direction] = one
        if len(others) != 1:
            self.notes.append(
                say("Somebody changed the group in the same moment; what he changed of its policies is lost.")
            )
            return
        (found,) = others.values()
        back = {
            f"{one}_firewall_policy_id": found[one]["id"] if one in found else self.before.policy(one)
            for one in self.ids
        } | {name: self.before.row[name] for name in self.fields}  # fmt: skip
        with contextlib.suppress(CloudError):  # he may have put it right himself; the look tells
            self.api.change(GROUPS, str(self.before.row["id"]), revision, **back)
        now = current.again(self.api, self.before)
        if self._has(now):
            self.notes.append(say("Somebody changed this firewall in the same moment, and his change is not in force."))
            return
        raise Changed(
            content.differences(self.before.state, now.state), by(self.before, now),
            say("Somebody changed this firewall in the same moment; his change is in force, and this one is not."),
        )  # fmt: skip

    def _moved(self, now: Current, policy: str) -> bool:
        was, is_ = self.before.content(policy), now.content(policy)
        return is_ is not None and content.chain(was) != content.chain(is_)

    def _write_anew(self, now: Current) -> None:
        policy = now.policy("ingress") or now.policy("egress")
        if policy is not None:
            write_anew(self.api, policy, str(now.row["name"]), self.token)

    def _settled(self, now: Current) -> Current:
        """The same once an agent is done with it; OVN's driver is at once."""
        end = time.monotonic() + self.patience
        while str(now.row["status"]).startswith("PENDING") and time.monotonic() < end:
            time.sleep(PAUSE)
            now = current.again(self.api, self.before)
        return now


def write_anew(api: FirewallApi, policy: str, group: str, token: str) -> None:
    """A rule that does nothing is put in and taken out: Neutron writes every group on the policy to OVN again, in both
    directions. Raises a CloudError.
    """
    rule = str(api.make(RULES, name=f"{group[:200]}-again-{token}", enabled=False)["id"])
    try:
        api.rule_in(policy, "insert_rule", rule)
        api.rule_in(policy, "remove_rule", rule)
    finally:
        api.remove(RULES, rule)


def by(before: Current, now: Current) -> dict[str, Any] | None:
    """The version that stands there now in the place of what stood there; None where the policies are the same."""
    for direction in DIRECTIONS:
        id_ = now.policy(direction)
        if id_ and id_ != before.policy(direction):
            row = now.policies[id_]
            return {"policy": id_, "name": row["name"], "at": row.get("updated_at")}
    return None


def _same(have: Any, want: Any) -> bool:
    return sorted(have or ()) == sorted(want) if isinstance(want, list) else bool(have == want)
