"""What a draft would change, before anything is sent: traffic gained and lost, findings, intents, whom it touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tenant_ops_dashboard.environments.firewall_group import group as marks
from tenant_ops_dashboard.firewall import read
from tenant_ops_dashboard.firewall.difference import Difference, difference
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.intents import Intent, Judged, check
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Draft, State
from tenant_ops_dashboard.firewall.snapshot import Json
from tenant_ops_dashboard.firewall.substitute import NEW, Substituted, substitute
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.lint import Finding, lint
from tenant_ops_dashboard.sentences import say, within


@dataclass(frozen=True)
class Touches:
    """Ids. `ports`: the group's own, and those to or from which traffic changes. `groups`: other groups that hold a
    policy this draft replaces; they keep the old version, or change with it where policies keep their ids.
    `environments`: whose group, servers or addresses these are.
    """

    ports: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Preview:
    """`traffic` has boxes by destination; `new` and `gone` are findings; `calls` is what an apply would send.

    What was too complex or cannot be known stands in `traffic.unknown`.
    """

    traffic: Difference
    new: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    intents: tuple[Judged, ...]
    touches: Touches
    calls: int

    @property
    def breaks(self) -> bool:
        """Whether an intent does not hold with the draft in force, or nobody can tell."""
        return any(one.found.holds is not True for one in self.intents)

    def written(self) -> dict[str, Any]:
        """The contract's form."""
        return {
            "gained": self.traffic.gained, "lost": self.traffic.lost, "breaks_replies": self.traffic.breaks_replies,
            "findings": {
                "new": [one.written() for one in self.new], "gone": [one.written() for one in self.gone],
            },
            "intents": [one.written() for one in self.intents],
            "touches": {name: list(ids) for name, ids in vars(self.touches).items()},
            "calls": self.calls, "unknown": self.traffic.unknown,
        }  # fmt: skip


def preview(
    ends: Ends, draft: Draft, group: Json | None, intents: Sequence[Intent] = (), findings: bool = True,
    keep: bool = False,
) -> Preview:  # fmt: skip
    """Compare a draft of a group (None: one that is not there yet) with what is in force in the snapshot of `ends`.

    With `keep` it is looked at as it is applied to policies that keep their ids: all groups on them change. Without
    `findings` nothing is linted, which takes the longer part of the time. Raises BadDraft for a port or rule that
    cannot be, Hidden for a policy this project is not shown, and what finding an intent's ends raises.
    """
    seen = ends.seen
    state = _of(draft.state, group)
    put = substitute(seen, state, group, keep)
    after = seen.engine if put.nothing else seen.engine.like(put.after)
    id_ = str(group["id"]) if group else NEW
    traffic = Difference() if put.nothing else difference(seen.engine, after, id_)
    for other in put.others:
        traffic = traffic.with_those_of(difference(seen.engine, after, other))
    labels = Labels(seen, ends.names)
    traffic = replace(
        traffic, gained=labels.named(traffic.gained), lost=labels.named(traffic.lost),
        breaks_replies=labels.named(traffic.breaks_replies),
    )  # fmt: skip
    new, gone = _findings(seen.engine, after, state, put, group) if findings and not put.nothing else ((), ())
    judged = tuple(check(after, intents, ends)) if intents else ()
    return Preview(traffic, new, gone, judged, _touches(ends, state, put, group, traffic), put.calls)


def _of(state: State, group: Json | None) -> State:
    """The state as one of this group: a draft by hand may leave out id and name."""
    if group is None:
        return state
    if state.group.id not in ("", group["id"]):
        raise BadDraft("group.id", say("is of another group than {id}.", id=group["id"]))
    name = state.group.name or str(group.get("name") or "")
    return replace(state, group=replace(state.group, id=str(group["id"]), name=name))


def _findings(
    before: Engine, after: Engine, state: State, put: Substituted, group: Json | None
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Findings that come and go; a new version of a policy or rule is called as the one it takes the place of."""
    names: dict[str, str] = {}
    for direction in put.changed:
        old = read.policy_id(group, direction) if group else None
        if old:
            names[f"{NEW}-{direction}"] = old
        policy = state.policy(direction)
        for number, rule in enumerate(policy.rules if policy else ()):
            if rule.id:
                names[f"{direction}.rules[{number}]"] = rule.id
    was, now = lint(before), [renamed(one, names) for one in lint(after)]
    return tuple(one for one in now if one not in was), tuple(one for one in was if one not in now)


def renamed(finding: Finding, names: Mapping[str, str]) -> Finding:
    def words(text: str) -> str:
        for new, old in names.items():
            if new in text:
                text = text.replace(new, old)
        return text

    rules = tuple(names.get(one, one) for one in finding.rules)
    why, fix = within(finding.why, words), within(finding.fix, words)
    return replace(finding, object=words(finding.object), rules=rules, why=why, fix=fix)


def _touches(ends: Ends, state: State, put: Substituted, group: Json | None, traffic: Difference) -> Touches:
    if put.nothing:
        return Touches()
    seen, world = ends.seen, ends.engine.world
    old = {policy for one in put.changed if group and (policy := read.policy_id(group, one))}
    others = [
        one for one in seen.rows("firewall_groups")
        if not (group and one["id"] == group["id"])
        and not old.isdisjoint(read.policy_id(one, direction) for direction in DIRECTIONS)
    ]  # fmt: skip
    own = dict.fromkeys((*(group.get("ports") or () if group else ()), *state.group.ports))
    moved: dict[str, None] = {}
    for box in (*traffic.gained, *traffic.lost):
        if box["port"]:
            moved[box["port"]] = None
        if box["from"]:
            moved[box["from"]] = None
    ids = (*own, *(one for one in moved if one not in own))
    found = [marks.owner(group)] if group else []
    for one in ids:
        server = ends.names.of_devices.get(world.snapshot.ports[one].device_id) if one in world.snapshot.ports else None
        found.append(server.environment if server else "")
    return Touches(ids, tuple(str(one["id"]) for one in others), tuple(dict.fromkeys(one for one in found if one)))
