"""From a draft to what a template draws: rules with what became of them, boxes of traffic in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenant_ops_dashboard.environments.firewall_group import group as marks
from tenant_ops_dashboard.firewall import listing, words
from tenant_ops_dashboard.firewall.difference import Difference
from tenant_ops_dashboard.firewall.ends import INTERNET, Ends
from tenant_ops_dashboard.firewall.flags import Flags
from tenant_ops_dashboard.firewall.matrix import Cell
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction, Draft, Policy, Rule
from tenant_ops_dashboard.panels.firewall.windows import ALL, ROWS, Window
from tenant_ops_dashboard.panels.words import told as in_language
from tenant_ops_dashboard.reachability.change import longest_rise
from tenant_ops_dashboard.reachability.drafts import Badge

ACTIONS = {"allow": "good", "deny": "failed", "reject": "failed"}
MANY_PORTS = 1000  # a destination of more ports than this, from one port, is an answer to a client
MOST = 6  # lines of gained or lost traffic that are shown before the rest is counted


@dataclass(frozen=True)
class Mark:
    """A remark beside a rule: `words` are short, `why` says all of it."""

    state: str
    words: str
    why: str


_KINDS = {
    "never-matched": ("warning", gettext_lazy("never matched")),
    "redundant": ("warning", gettext_lazy("redundant")),
    "contradicted": ("warning", gettext_lazy("contradicted")),
    "generalization": ("building", gettext_lazy("exceptions before it")),
    "dead-by-position": ("failed", gettext_lazy("below the default drop")),
    "opens-wide": ("failed", gettext_lazy("opens wide")),
}


def mark(badge: Badge) -> Mark:
    """A badge of the reachability engine for people."""
    state, words_ = _KINDS.get(badge.kind, ("warning", badge.kind))
    by = "+".join(str(place + 1) for place in badge.by)
    return Mark(state, _("%(what)s by %(rules)s") % {"what": words_, "rules": by} if by else str(words_), badge.why)


@dataclass(frozen=True)
class RuleRow:
    """One rule as the page shows it; `place` counts from 0, `became` is '', 'new', 'changed' or 'moved'.

    `key` is what the preview calls the rule: its id, or its place in the draft where Neutron has it otherwise. One that
    is `same` is drawn on the page already.
    """

    place: int
    key: str
    rule: Rule
    source: str
    target: str
    became: str
    badges: tuple[Mark, ...] = ()
    first: bool = False
    last: bool = False
    same: bool = False

    @property
    def mark(self) -> str:
        return ACTIONS[self.rule.action] if self.rule.enabled else "planned"

    @property
    def number(self) -> int:
        return self.place + 1

    @property
    def protocol(self) -> str:
        shown = self.rule.protocol or _("any protocol")
        return f"{shown} (IPv6)" if self.rule.ip_version == 6 else shown


@dataclass(frozen=True)
class Way:
    """One direction: its rows, what happens to what none of them matches, and what was taken out.

    Of a long one `rows` are those that the page shows of all that match (`total`): from number `begin` on. `earlier`
    and `later` are where the others are, as queries.
    """

    direction: Direction
    title: str
    explain: str
    rows: tuple[RuleRow, ...]
    gone: tuple[Rule, ...] = ()
    policy: Policy | None = None
    findings: tuple[str, ...] = field(default=())
    more_gone: int = 0
    begin: int = 1
    total: int = 0
    earlier: str = ""
    later: str = ""
    flags: Flags | None = None

    @property
    def end(self) -> int:
        return self.begin + len(self.rows) - 1


def ways(
    draft: Draft, badges: Mapping[tuple[str, int], tuple[Mark, ...]], window: Window | None = None,
    flags: Mapping[str, Flags] | None = None,
) -> tuple[Way, ...]:  # fmt: skip
    """Both directions of a draft against what it was made from; `badges` by (direction, place): (state, words).

    `flags` are those of the policies in force, by direction.
    """
    window, flags = window or Window(), flags or {}
    return tuple(replace(_way(draft, one, badges, window), flags=flags.get(one)) for one in DIRECTIONS)


def since(drawn: tuple[Way, ...], ways: tuple[Way, ...]) -> tuple[Way, ...]:
    """The ways after an edit, with the rows that a page which shows `drawn` has already as `same`."""
    known = {(way.direction, row.rule.id or row.place): row for way in drawn for row in way.rows}
    return tuple(
        replace(way, rows=tuple(
            replace(row, same=known.get((way.direction, row.rule.id or row.place)) == row) for row in way.rows
        ))
        for way in ways
    )  # fmt: skip


def changes(draft: Draft) -> int:
    """How many rules a draft adds, changes, moves or takes out, and fields of the group that it changes."""
    if draft.base.was is None:
        return 0
    rules = 0
    for direction in DIRECTIONS:
        sides = _sides(draft, direction)
        rules += sum(1 for rule in sides.rules if _became(rule, sides.old, sides.stayed)) + len(sides.gone)
    group, was = draft.state.group, draft.base.was.group
    fields = sum(getattr(group, one) != getattr(was, one) for one in ("name", "admin_state_up", "ports"))
    return int(rules + fields)


@dataclass(frozen=True)
class _Sides:
    """The rules of a direction now, those it was made from by id, which of these kept their order, and which went."""

    rules: tuple[Rule, ...]
    old: Mapping[str | None, Rule]
    stayed: set[str | None]
    gone: tuple[Rule, ...]


def _sides(draft: Draft, direction: Direction) -> _Sides:
    policy = draft.state.policy(direction)
    before = draft.base.was.policy(direction) if draft.base.was else policy
    rules = policy.rules if policy else ()
    old = {rule.id: rule for rule in before.rules} if before else {}
    kept = {rule.id for rule in rules}
    stayed = _stayed([*old], [rule.id for rule in rules])
    return _Sides(rules, old, stayed, tuple(rule for id_, rule in old.items() if id_ not in kept))


def _way(draft: Draft, direction: Direction, badges: Mapping[tuple[str, int], Any], window: Window) -> Way:
    policy, sides = draft.state.policy(direction), _sides(draft, direction)
    rules, gone = sides.rules, sides.gone
    places, begin, total = window.places(direction, rules)
    rows = []
    for place in places:
        rule = rules[place]
        became = _became(rule, sides.old, sides.stayed)
        own = rule.id if rule.id and became in ("", "moved") else f"{direction}.rules[{place}]"
        rows.append(RuleRow(
            place, own, rule, _end(rule.source_ip_address, rule.source_port),
            _end(rule.destination_ip_address, rule.destination_port), became, badges.get((direction, place), ()),
            place == 0, place == len(rules) - 1,
        ))  # fmt: skip
    title = _("Into the networks (ingress)") if direction == "ingress" else _("Out of the networks (egress)")
    findings = tuple(one.why for one in badges.get((direction, -1), ()))
    return Way(
        direction, title, _implicit(policy), tuple(rows), gone[:ROWS], policy, findings, max(0, len(gone) - ROWS),
        begin + 1, total, window.at(direction, begin + 1 - ROWS) if begin else "",
        window.at(direction, begin + 1 + ROWS) if begin + window.rows < total else "",
    )  # fmt: skip


def _implicit(policy: Policy | None) -> str:
    if policy is None:
        return _("No policy: on OVN nothing gets through in this direction.")
    if not any(rule.enabled and rule.action == "allow" for rule in policy.rules):
        return _("Nothing is allowed: all traffic in this direction is dropped.")
    return _("Everything else is dropped. DHCP, ARP and neighbour discovery never come here.")


def _became(rule: Rule, old: Mapping[str | None, Rule], stayed: set[str | None]) -> str:
    if rule.id is None or rule.id not in old:
        return "new"
    if rule != old[rule.id]:
        return "changed"
    return "" if rule.id in stayed else "moved"


def _stayed(before: Sequence[str | None], now: Sequence[str | None]) -> set[str | None]:
    """The ids that keep their order: a longest common run, so that one moved rule is one and not all below it."""
    at = {id_: place for place, id_ in enumerate(before)}
    common = [id_ for id_ in now if id_ in at]
    return {common[one] for one in longest_rise([at[id_] for id_ in common])}


def _end(address: str | None, port: str | None) -> str:
    where = address or _("anywhere")
    return f"{where} : {port.replace(':', '-')}" if port else where


@dataclass(frozen=True)
class GroupRow:
    """A group in the list, and at the head of its own page."""

    id: str
    name: str
    status: str
    state: str
    passes: str
    ports: str
    rules: str
    environment: str
    environment_id: str
    findings: str


def groups(ends: Ends, findings: bool = True) -> tuple[GroupRow, ...]:
    """The project's groups; without `findings` none is looked for."""
    owners = {str(one["id"]): marks.owner(one) for one in ends.seen.rows("firewall_groups")}
    return tuple(_group(one, owners.get(one.id, "")) for one in listing.listing(ends, findings))


def _group(one: listing.Listed, owner: str) -> GroupRow:
    number = len(one.ports)
    ports = ngettext("%d port", "%d ports", number) % number if number else _("no port")
    state = {"ACTIVE": "good", "PENDING_UPDATE": "building", "PENDING_CREATE": "building"}.get(one.status, "failed")
    found = len(one.findings)
    return GroupRow(
        one.id, one.name or one.id, one.status, "planned" if not one.ports else state, one.says, ports,
        _("%(ingress)d in, %(egress)d out") % {"ingress": one.ingress_rules, "egress": one.egress_rules},
        one.environment, owner, ngettext("%d finding", "%d findings", found) % found if found else "",
    )  # fmt: skip


@dataclass(frozen=True)
class Square:
    """A cell of the matrix: `kind` is nothing, some, all or unknown; `rules` are ids with blanks between."""

    kind: str
    lines: tuple[str, ...]
    rules: str


Line = tuple[str, list[Square | None]]


def squares(
    cells: Sequence[Cell], labels: words.Labels
) -> tuple[tuple[str, ...], list[tuple[str, list[Square | None]]]]:
    """The names of the columns, and the rows; None where both ends are outside."""
    names = tuple(dict.fromkeys(one.source for one in cells))
    found = {(one.source, one.target): _square(one, labels) for one in cells}
    return names, [(source, [found.get((source, target)) for target in names]) for source in names]


def _square(cell: Cell, labels: words.Labels) -> Square:
    pairs: dict[str, set[tuple[Any, ...]]] = {}
    targets: dict[str, set[str]] = {}
    answered: set[str] = set()
    rules: dict[str, None] = {}
    for line, box in _towards(cell, labels):
        where = labels.outside(box["src"]) if cell.source == INTERNET else INTERNET
        if where != INTERNET:
            line = _("%(what)s from %(source)s") % {"what": line, "source": in_language(where)}
        pairs.setdefault(line, set()).add((box["from"], box["port"]))
        if box["reply"] != "deny":
            answered.add(line)
        targets.setdefault(line, set()).add(str(box["name"]))
        rules |= dict.fromkeys(str(one["rule_id"]) for one in box["rules"] if one["rule_id"])
    told = [
        _line(line, "" if len(some) >= cell.pairs else _only(targets[line]), line in answered)
        for line, some in pairs.items()
    ]
    if cell.unknown and not told:
        return Square("unknown", (_("not known"),), "")
    kind = "nothing" if not told else "all" if _("any protocol") in pairs else "some"
    more = [_("and %d more") % (len(told) - MOST)] if len(told) > MOST else []
    return Square(kind, tuple(told[:MOST] + more) or (_("nothing"),), " ".join(rules))


def _towards(cell: Cell, labels: words.Labels) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """What each box is about, and where it is not all of the internet that a sender reaches so, which part."""
    drawn = [(_short(box), box) for box in cell.boxes]
    if cell.target != INTERNET:
        yield from drawn
        return
    parts: dict[tuple[str, Any, bool], list[str]] = {}
    for line, box in drawn:
        parts.setdefault((line, box["from"], ":" in box["dst"][0]), []).extend(box["dst"])
    found = {key: labels.outside(some) for key, some in parts.items()}
    for line, box in drawn:
        there = found[line, box["from"], ":" in box["dst"][0]]
        yield (
            line if there == INTERNET else _("%(what)s to %(target)s") % {"what": line, "target": in_language(there)},
            box,
        )


def _short(box: Mapping[str, Any]) -> str:
    """What a box is about, for people: no source ports and no ICMP types; answers to connections are called so."""
    protocol = _("any protocol") if box["protocol"] == "any" else str(box["protocol"])
    if "icmp_type" in box or box["dst_port"] is None:
        return protocol
    (first, last), (low, high) = (map(int, str(box[one]).split("-")) for one in ("src_port", "dst_port"))
    if high - low > MANY_PORTS > last - first and first > 0:
        return _("replies of %(protocol)s %(port)s") % {"protocol": protocol, "port": first}
    if (low, high) == (0, 65535):
        return protocol
    return f"{protocol} {low}" if low == high else f"{protocol} {low}-{high}"


def _line(line: str, only: str, answered: bool) -> str:
    if not answered:
        line = _("%s, its reply is dropped") % line
    return f"{line} {only}" if only else line


def _only(targets: set[str]) -> str:
    """What is said where not everybody on one side is reached."""
    return _("to %s") % next(iter(targets)) if len(targets) == 1 else _("to some of them")


def lines(told: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """The first of some sentences, and how many more there are."""
    more = len(told) - MOST
    return tuple(told[:MOST]), ngettext("and %d more", "and %d more", more) % more if more > 0 else ""


def traffic(ends: Ends, changed: Difference) -> dict[str, Any]:
    """What is gained and lost, in words: `gained`, `more_gained`, `lost`, `more_lost`."""
    labels = words.Labels(ends.seen, ends.names)
    told: dict[str, Any] = {}
    told["gained"], told["more_gained"] = lines(words.sentences(labels, changed.gained, "gained"))
    told["lost"], told["more_lost"] = lines(words.losses(labels, changed.lost, changed.breaks_replies))
    return told


def columns(draft: Draft) -> tuple[tuple[str, tuple[Way, ...]], ...]:
    """Now and the draft, side by side."""
    was = draft.base.was or draft.state
    whole = Window(rows=ALL)
    return (_("Now"), ways(replace(draft, state=was), {}, whole)), (_("Draft"), ways(draft, {}, whole))
