"""From a draft of a security group to what a template draws: rules in words, and what became of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.firewall.model import DIRECTIONS, Direction
from tenant_ops_dashboard.firewall.security_groups import content, words
from tenant_ops_dashboard.firewall.security_groups.model import Draft, Rule
from tenant_ops_dashboard.firewall.security_groups.words import Names
from tenant_ops_dashboard.panels.firewall.presenters import Mark
from tenant_ops_dashboard.reachability.lint import Finding

_KINDS = {
    "open-to-world": ("failed", gettext_lazy("open to the world")),
    "irrelevant": ("warning", gettext_lazy("never used")),
    "redundant": ("warning", gettext_lazy("redundant")),
    "group-blocks-what-firewall-allows": ("warning", gettext_lazy("blocks what the firewall allows")),
    "firewall-blocks-what-group-allows": ("warning", gettext_lazy("blocked by the firewall")),
    "stateless-without-replies": ("failed", gettext_lazy("replies are dropped")),
    "host-bits": ("warning", gettext_lazy("host bits")),
}


@dataclass(frozen=True)
class RuleRow:
    """One rule as the page shows it; `place` is in the draft, from 0; `became` is '' or 'new'."""

    place: int
    rule: Rule
    says: str
    became: str
    badges: tuple[Mark, ...] = ()

    @property
    def key(self) -> str:
        return self.rule.id or f"new-{self.place}"


@dataclass(frozen=True)
class Way:
    """One direction: its rows, what was taken out, and what happens to what no rule names."""

    direction: Direction
    title: str
    explain: str
    rows: tuple[RuleRow, ...]
    gone: tuple[str, ...]


def ways(draft: Draft, known: Names, found: Iterable[Finding] = (), empty: Collection[str] = ()) -> tuple[Way, ...]:
    """Both directions of a draft; `found` are the findings of what is in force, `empty` the groups without a port."""
    was = draft.base.was or draft.state
    moves = content.moves(was.rules, draft.state.rules)
    new, marks = {content.key(one) for one in moves.new}, list(found)
    made = []
    for direction in DIRECTIONS:
        rows = tuple(
            RuleRow(
                place, one, words.rule(one, known), "new" if content.key(one) in new else "",
                _badges(one, marks, empty),
            )
            for place, one in enumerate(draft.state.rules) if one.direction == direction
        )  # fmt: skip
        gone = tuple(words.rule(one, known) for one in moves.gone if one.direction == direction)
        incoming = direction == "ingress"
        title = _("Into its ports (ingress)") if incoming else _("Out of its ports (egress)")
        explain = _("Everything else is dropped, unless another group of the port allows it. Answers always pass.")
        if not rows:
            explain = _("No rule: it lets nothing in.") if incoming else _("No rule: it lets nothing out.")
        made.append(Way(direction, title, explain, rows, gone))
    return tuple(made)


def changes(draft: Draft) -> int:
    """How many rules a draft adds and takes out."""
    moves = content.moves(draft.base.was.rules, draft.state.rules) if draft.base.was else content.Moves((), ())
    return len(moves.new) + len(moves.gone)


def _badges(rule: Rule, found: Iterable[Finding], empty: Collection[str]) -> tuple[Mark, ...]:
    told: dict[str, Mark] = {}
    for one in found if rule.id else ():
        if rule.id in one.rules and one.kind in _KINDS:
            state, said = _KINDS[one.kind]
            told.setdefault(one.kind, Mark(state, str(said), one.why))
    if rule.remote_group_id in empty:
        why = _("No port is in that group, so this rule lets nothing through now.")
        told["empty"] = Mark("warning", _("remote group is empty"), why)
    return tuple(told.values())
