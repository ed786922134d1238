"""The second way: lists of rules are put into policies that keep their ids, one after the other.

It is for policies that several groups or other tools hold. A PUT of a list is one switch-over, two of them are not:
the lists between are those of `between.steps`. While it goes on a policy says so, and is `audited`, which makes Neutron
move its revision with every change of anybody: so If-Match and the answers tell of others. In the end it is not
audited, for nobody audited what it holds now.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tenant_ops_dashboard.cloud import CloudError, Uncertain, Unreachable
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.firewall import commit, content, current, versions
from tenant_ops_dashboard.firewall.current import Current
from tenant_ops_dashboard.firewall.errors import Changed, HalfDone
from tenant_ops_dashboard.firewall.model import Direction
from tenant_ops_dashboard.firewall.neutron import POLICIES, RULES, STALE, FirewallApi
from tenant_ops_dashboard.sentences import say

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Put:
    """One list: the rules' ids that a policy gets."""

    direction: Direction
    policy: str
    rules: tuple[str, ...]


@dataclass
class Lists:
    """Puts these lists in force one after the other; where one cannot be, those before it are put back.

    `before` is the look they were made from, `policies` are those that say so while it goes on; `patience` and `wait`
    as a `Swap` has them. `spare` are ids of rules that only a list between holds. `notes` are what people should know.
    """

    api: FirewallApi
    before: Current
    policies: tuple[str, ...]
    puts: Sequence[Put]
    token: str
    spare: Sequence[str] = ()
    patience: float = 60.0
    wait: float | None = None
    notes: list[str] = field(default_factory=list)
    overlapped: bool = False
    sent: int = 0
    put_back: bool = False
    audited: dict[str, bool] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    done: list[tuple[Put, tuple[str, ...]]] = field(default_factory=list)

    def commit(self) -> None:
        """Raises Changed where somebody was quicker and nothing is changed, HalfDone, Uncertain, else a CloudError."""
        try:
            self._seal()
            for put in self.puts:
                self._one(put)
        except (Changed, CloudError) as error:
            if isinstance(error, Uncertain):
                raise
            self._back(error)
            raise

    def in_force(self) -> bool:
        """Whether every policy holds its last list: a call each. Raises a CloudError."""
        last = {one.policy: one.rules for one in self.puts}
        return all(_holds(self.api.one(POLICIES, id_), rules) for id_, rules in last.items())

    def look(self) -> Current:
        """What is there once all that overlapped has ended, written anew where others were at it.

        The policies say no longer that they are being changed. Raises Changed where somebody overwrote it, else a
        CloudError.
        """
        time.sleep(commit.WAIT if self.wait is None else self.wait)
        now = current.again(self.api, self.before)
        last = {one.policy: one.rules for one in self.puts}
        mine = {id_: _holds(now.policies.get(id_, {}), rules) for id_, rules in last.items()}
        if self.overlapped or not all(mine.values()):
            self.notes.append(say("Somebody changed the same policy in the same moment; look at its rules once more."))
            for id_ in last:
                if id_ in now.policies:
                    commit.write_anew(self.api, id_, str(now.row["name"]), self.token)
        if not self._released(now):
            self.notes.append(
                say("A policy still says that it is being changed, and 'audited'; take both away by hand.")
            )
        for id_ in self.spare:
            self.api.remove(RULES, id_)
        now = current.again(self.api, self.before)
        if not all(mine.values()):
            raise Changed(
                content.differences(self.before.state, now.state), None,
                say("It was applied, and somebody overwrote it in the same moment; what he sent is in force now."),
            )  # fmt: skip
        return now

    def _seal(self) -> None:
        """From here on every change of anybody moves the policies' revisions; nothing may have changed before it."""
        for id_ in self.policies:
            row = self.before.policies[id_]
            self.audited[id_] = row.get("audited") is True and not marks.unfinished(row)
            if row.get("audited") is not True:
                with contextlib.suppress(Uncertain):  # the look tells
                    self.api.change(POLICIES, id_, audited=True)
        now = current.again(self.api, self.before)
        differences = content.differences(self.before.state, now.state)
        held = {one.direction: now.policy(one.direction) == one.policy for one in self.puts}
        if differences or not all(held.values()):
            raise Changed(differences, commit.by(self.before, now))
        self.before = now
        self.rows = {id_: now.policies[id_] for id_ in self.policies}

    def _one(self, put: Put) -> None:
        had = self.rows[put.policy]
        wanted: dict[str, Any] = {"firewall_rules": list(put.rules), "audited": True, **self._says(had)}
        answer: Row
        revision = int(had.get("revision_number") or 0)
        try:
            answer = self.api.change(POLICIES, put.policy, revision, **wanted)
        except Uncertain:
            answer = self._lost(put, wanted, revision)
        except CloudError as error:
            if error.status != STALE:
                raise
            now = current.again(self.api, self.before)
            raise Changed(content.differences(self.before.state, now.state), commit.by(self.before, now)) from error
        self.overlapped |= int(answer.get("revision_number") or 0) > revision + 1
        self.rows[put.policy] = answer
        self.done.append((put, tuple(had["firewall_rules"])))

    def _lost(self, put: Put, wanted: dict[str, Any], revision: int) -> Row:
        """The policy's row once it holds the list; else it is sent a second time, which the revision makes safe."""
        end = time.monotonic() + self.patience
        row = self._seen(put.policy)
        while not _says(row, wanted) and time.monotonic() < end and not self.api.cloud.deadline.over:
            time.sleep(commit.PAUSE)
            row = self._seen(put.policy)
        if row is not None and _says(row, wanted):
            return row
        try:
            return self.api.change(POLICIES, put.policy, revision, **wanted)
        except CloudError as error:
            row = self._seen(put.policy)
            if row is not None and _says(row, wanted):
                return row
            if row is None or isinstance(error, Unreachable):
                raise Uncertain(
                    say("A part of it may be in force: {sentence}", sentence=error.sentence), error.service
                ) from error
            raise

    def _seen(self, policy: str) -> Row | None:
        with contextlib.suppress(CloudError):
            return self.api.one(POLICIES, policy)
        return None

    def _says(self, row: Row) -> dict[str, str]:
        """A name or description that is another one for each list, so that the revision moves."""
        self.sent += 1
        said = marks.underway(versions.bare(row), self.token, self.sent)
        if len(said) <= marks.LONGEST:
            return {"description": said}
        return {"name": marks.underway(marks.settled(str(row["name"]))[:200], self.token, self.sent)}

    def _back(self, error: Exception) -> None:
        """What was put in force before the failure is taken out again, the last one first. Raises HalfDone."""
        for put, had in reversed(list(self.done)):
            try:
                self._one(replace(put, rules=had))
            except (Changed, CloudError) as second:
                raise HalfDone(str(error), str(second)) from error
        self.put_back = True
        with contextlib.suppress(CloudError):
            self._released(current.again(self.api, self.before))

    def _released(self, now: Current) -> bool:
        """Take away what says that the policies are being changed; whether all of it is gone."""
        whole = True
        for id_ in self.policies:
            row = now.policies.get(id_)
            if row is None or (marks.unfinished(row) and not self.sent and self.puts):
                continue  # gone, or another run of the same draft is at it
            as_before = content.chain(now.content(id_)) == content.chain(self.before.content(id_))
            audited = self.put_back and as_before and self.audited.get(id_, False)
            words: dict[str, Any] = {"name": marks.settled(str(row["name"])), "description": versions.bare(row)}
            try:
                self.api.change(POLICIES, id_, None, audited=audited, **words)
            except CloudError:
                whole = False
        return whole


def _says(row: Row | None, wanted: Row) -> bool:
    return row is not None and all(row.get(key) == value for key, value in wanted.items())


def _holds(row: Row, rules: Sequence[str]) -> bool:
    return list(row.get("firewall_rules") or ()) == list(rules)
