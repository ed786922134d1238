"""What drafts would change, before anything is sent: of security groups, and of a firewall group beside them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from tenant_ops_dashboard.firewall import preview as firewall
from tenant_ops_dashboard.firewall.difference import Difference, difference
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.intents import Intent, check
from tenant_ops_dashboard.firewall.preview import Preview, Touches
from tenant_ops_dashboard.firewall.security_groups import content, substitute
from tenant_ops_dashboard.firewall.security_groups.model import Draft, State
from tenant_ops_dashboard.firewall.security_groups.read import state as standing
from tenant_ops_dashboard.firewall.snapshot import Json
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.lint import Finding, lint
from tenant_ops_dashboard.reachability.model import Snapshot
from tenant_ops_dashboard.sentences import say


def preview(
    ends: Ends, draft: Draft, group: Json, intents: Sequence[Intent] = (), findings: bool = True
) -> Preview:  # fmt: skip
    """Compare a draft of a security group with what is in force in the snapshot of `ends`.

    `touches` has the ports in the group and those whose traffic changes, the other groups whose rules name this one,
    and the environments whose servers these are. Without `findings` nothing is linted. Raises BadDraft for a rule that
    cannot be, and what finding an intent's ends raises.
    """
    state = _of(draft.state, group)
    before = ends.seen.engine
    after, calls = _after(before.snapshot, (state,), {state.id: standing(group)})
    return compared(ends, after, None, (state,), calls, intents, findings)


def _after(snapshot: Snapshot, states: Sequence[State], was: Mapping[str, State]) -> tuple[Snapshot, int]:
    calls = 0
    for one in states:
        moves = content.moves(was[one.id].rules, one.rules)
        calls += bool(moves.new) + len(moves.gone)
        snapshot = substitute.put(snapshot, one)
    return snapshot, calls


def compared(
    ends: Ends, after: Snapshot, firewall_group: str | None, states: Sequence[State], calls: int,
    intents: Sequence[Intent] = (), findings: bool = True,
) -> Preview:  # fmt: skip
    """What `after` has otherwise than the snapshot of `ends`, which differs in these groups alone.

    `calls` is how many an apply sends; with 0 nothing is compared.
    """
    before = ends.seen.engine
    now = before.like(after) if calls else before
    ids = [one.id for one in states]
    traffic = difference(before, now, firewall_group, ids) if calls else Difference()
    labels = Labels(ends.seen, ends.names)
    traffic = replace(
        traffic, gained=labels.named(traffic.gained), lost=labels.named(traffic.lost),
        breaks_replies=labels.named(traffic.breaks_replies),
    )  # fmt: skip
    new, gone = _findings(before, now, states) if findings and calls else ((), ())
    judged = tuple(check(now, intents, ends)) if intents else ()
    touches = _touches(ends, ids, traffic) if calls else Touches()
    return Preview(traffic, new, gone, judged, touches, calls)


def _of(state: State, group: Json) -> State:
    """The state as one of this group: a draft by hand may leave out id and name."""
    if state.id not in ("", group["id"]):
        raise BadDraft("security_group.id", say("is of another group than {id}.", id=group["id"]))
    return replace(state, id=str(group["id"]), name=state.name or str(group.get("name") or ""))


def _findings(
    before: Engine, after: Engine, states: Sequence[State]
) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:  # fmt: skip
    """Findings that come and go; a rule that Neutron does not have yet is called by its place in the draft."""
    names: dict[str, str] = {}
    for one in states:
        made = after.snapshot.security_groups[one.id].rules
        # The longest first: 'rules[1' is the beginning of 'rules[12]' no more than of itself, a group's id may be.
        names |= {rule.id: _called(one, number, len(states)) for number, rule in enumerate(made) if "[" in rule.id}
    was, now = lint(before), [firewall.renamed(one, names) for one in lint(after)]
    return tuple(one for one in now if one not in was), tuple(one for one in was if one not in now)


def _called(state: State, number: int, groups: int) -> str:
    return f"rules[{number}]" if groups == 1 else f"{state.name}: rules[{number}]"


def _touches(ends: Ends, ids: Collection[str], traffic: Difference) -> Touches:
    world, snapshot = ends.engine.world, ends.engine.snapshot
    found = dict.fromkeys(port.id for id_ in ids for port in world.members.get(id_, ()))
    for box in (*traffic.gained, *traffic.lost):
        found |= dict.fromkeys(end for end in (box["port"], box["from"]) if end)
    naming = tuple(
        one.id for one in snapshot.security_groups.values()
        if one.id not in ids and any(rule.remote_group in ids for rule in one.rules)
    )  # fmt: skip
    owners = []
    for port in found:
        server = ends.names.of_devices.get(snapshot.ports[port].device_id) if port in snapshot.ports else None
        owners.append(server.environment if server else "")
    return Touches(tuple(found), naming, tuple(dict.fromkeys(one for one in owners if one)))
