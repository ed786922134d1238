"""Looks for the change that does what is wished: with the least besides, then the fewest rules, none superfluous."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenant_ops_dashboard.firewall.checking import Checked, Set, check_allow, check_deny
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.suggest import telling
from tenant_ops_dashboard.firewall.suggest.after import Measure, Measured
from tenant_ops_dashboard.firewall.suggest.closing import Closing
from tenant_ops_dashboard.firewall.suggest.model import Suggestion, Want, Wish
from tenant_ops_dashboard.firewall.suggest.opening import Opening
from tenant_ops_dashboard.firewall.suggest.places import Places
from tenant_ops_dashboard.firewall.suggest.plan import Plan, Planner
from tenant_ops_dashboard.firewall.suggest.rules import Forms
from tenant_ops_dashboard.firewall.suggest.ways import Ways
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import TooComplex
from tenant_ops_dashboard.sentences import about, say

#: So many choices of places are tried, where a rule can stand at several.
CHOICES = 12
_NEVER = 10**9


@dataclass(frozen=True)
class Tried:
    """A plan in force: how the wish fares, how many filters are not as wished, and what changes."""

    plan: Plan
    found: Checked
    lacking: int
    measured: Measured
    long: bool

    @property
    def rank(self) -> tuple[object, ...]:
        """The best is the smallest: the wish, what changes besides, the firewall first, then the number of rules."""
        worth = {True: 0, None: 1, False: 2}[self.found.holds]
        besides = self.measured.opened + self.measured.closed
        return worth, self.lacking, self.long, besides, bool(self.plan.gone), self.plan.count


def suggest(
    ends: Ends, sender: str, receiver: str, protocol: str | None, ports: tuple[int, int] | None, want: Want
) -> Suggestion:
    """The drafts that let every packet from one end to the other through with its reply, or ('deny') none of them.

    Ends as `ends` reads them; `protocol` None is any, `ports` is (first, last) of the destination port. Raises BadInput
    and NotFound that begin with 'from' or 'to', a CloudError.
    """
    source, target = ends.source(sender, "from"), ends.target(receiver, "to")
    wish = Wish(sender, receiver, source, target, Set(protocol, ports), want)
    try:
        return _Search(ends, wish).found()
    except TooComplex as error:
        return Suggestion(
            want, None, unknown=(about(error.sentence, say("no answer is given rather than a wrong one")),)
        )


class _Search:
    """One wish in one snapshot."""

    def __init__(self, ends: Ends, wish: Wish) -> None:
        self.wish, self.engine = wish, ends.engine
        self.labels = Labels(ends.seen, ends.names)
        self.places = Places(ends.seen, self.labels)
        self.planner = Planner(ends.seen)
        self.measure = Measure(ends.engine, wish)
        self.forms = Forms(ends.engine, wish, tuple(self.places.groups))
        self.tried: dict[object, Tried] = {}

    def found(self) -> Suggestion:
        before = self._check(self.engine)
        if before.holds is True:
            words = (
                say("already gets through, and its reply returns") if self.wish.want == "allow" else say("gets through")
            )
            none = say("All of it") if self.wish.want == "allow" else say("None of it")
            rules = (
                say("{none} {words}: nothing is to be changed.", none=none, words=words),
                *telling.behind(self.wish, self.engine),
            )
            return Suggestion(self.wish.want, True, rules=rules)
        ways = Ways(self.engine, self.wish)
        best, cannot = self._opened(ways) if self.wish.want == "allow" else self._closed(ways)
        best = self._smaller(best)
        if best.found.holds is not True and not cannot:
            cannot = next((said for one in self.tried.values() if (said := self.planner.too_long(one.plan))), [])
        return telling.told(self.wish, self.planner, self.labels, best.plan, best.found, best.measured, cannot)

    def _opened(self, ways: Ways) -> tuple[Tried, list[str]]:
        opening = Opening(ways, self.places, self.labels, self.forms)
        best = self._try(Plan())
        for _, forms in opening.plans(CHOICES):
            best = min(best, self._narrowest(forms), key=lambda one: one.rank)
        return best, list(opening.cannot)

    def _closed(self, ways: Ways) -> tuple[Tried, list[str]]:
        closing = Closing(ways, self.places, self.labels, self.forms)
        best = self._try(Plan())
        for forms in closing.plans():
            best = min(best, self._narrowest(forms), key=lambda one: one.rank)
        return best, list(closing.cannot) if best.found.holds is not True else []

    def _narrowest(self, forms: Sequence[Sequence[Plan]]) -> Tried:
        """Of every part the form with which the least happens besides, then with which the rules are fewest."""
        chosen = [one[0] for one in forms]
        best = self._try(Plan.all_of(chosen))
        for number, others in enumerate(forms):
            for other in others[1:]:
                tried = self._try(Plan.all_of([*chosen[:number], other, *chosen[number + 1 :]]))
                if tried.rank < best.rank:
                    best, chosen[number] = tried, other
        return best

    def _smaller(self, best: Tried) -> Tried:
        """Without every rule that is of no use."""
        again = True
        while again:
            again = False
            for part in best.plan.parts():
                tried = self._try(part)
                if tried.rank < best.rank:
                    best, again = tried, True
                    break
        return best

    def _try(self, plan: Plan) -> Tried:
        known = self.tried.get(plan.key)
        if known is None:
            try:
                known = self._tried(plan)
            except TooComplex as error:
                if not plan.count:
                    raise
                # One variant that is too complex is none; the others are looked at all the same.
                known = Tried(plan, Checked(False, str(error)), _NEVER, Measured(), False)
            self.tried[plan.key] = known
        return known

    def _tried(self, plan: Plan) -> Tried:
        engine = self.planner.engine(plan) if plan.count else self.engine
        found, lacking = self._check(engine), self._lacking(engine)
        measured = self.measure.to(engine) if plan.count else Measured()
        return Tried(plan, found, lacking, measured, bool(self.planner.too_long(plan)))

    def _check(self, engine: Engine) -> Checked:
        wish = self.wish
        if wish.want == "allow":
            return check_allow(engine, wish.source, wish.target, wish.packets)
        found = check_deny(engine, wish.source, wish.target, wish.packets)
        if found.holds is None and Ways(engine, wish).closed():
            # What is not known of the way behind a load balancer's address is of no matter to what does not get there.
            return Checked(True, say("No packet of it gets through"))
        return found

    def _lacking(self, engine: Engine) -> int:
        """How many filters are not as wished yet: those that keep some of it, or the ways that are still open."""
        ways = Ways(engine, self.wish)
        if self.wish.want == "deny":
            return sum(ways.open(way.legs[0]) for pair in ways.pairs() for way in pair if way.legs)
        found = 0
        for pair in ways.pairs():
            good = [sum(len(ways.lacking(leg)) for leg in way.legs) for way in pair if not way.refusal]
            found += min(good, default=0)
        return found
