"""What lets a wish's packets through: a rule for every filter that keeps some of them, and for their answers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from tenant_ops_dashboard.firewall.suggest.model import Place
from tenant_ops_dashboard.firewall.suggest.places import Places
from tenant_ops_dashboard.firewall.suggest.plan import Plan
from tenant_ops_dashboard.firewall.suggest.rules import Bundle, Forms
from tenant_ops_dashboard.firewall.suggest.ways import Demand, Way, Ways, joined
from tenant_ops_dashboard.firewall.words import Labels
from tenant_ops_dashboard.sentences import about, join, say


class Opening:
    """The bundles of one wish, and what no rule of this project brings about."""

    def __init__(self, ways: Ways, places: Places, labels: Labels, forms: Forms) -> None:
        self.places, self.forms, self.labels = places, forms, labels
        self.cannot: dict[str, None] = {}
        self.found: dict[object, list[tuple[tuple[Place, ...], Demand]]] = {}
        wish = ways.wish
        self.wished = {one.id for one in (*wish.source.ports, *wish.target.ports)}
        for pair in ways.pairs():
            self._add(ways, pair)

    def _add(self, ways: Ways, pair: list[Way]) -> None:
        """The way of a pair that needs the fewest rules."""
        good = [one for one in pair if not one.refusal]
        if not good:
            first = pair[0]
            ends = [self.labels.port(one.id if one else None) for one in (first.sender, first.receiver)]
            self.cannot[about(" -> ".join(ends), join("", (first.refusal, ".")))] = None
            return
        asked = [[(leg, one) for leg in way.legs for one in ways.lacking(leg)] for way in good]
        for leg, demand in min(asked, key=len):
            wished = self.wished | {one.id for one in (leg.sender, leg.path.end) if one is not None}
            found, why = self.places.of(demand.check, wished)
            if not found:
                self.cannot[why or say("Nothing in this project decides {kind} there.", kind=demand.check.kind)] = None
                continue
            kind = (found, demand.version, demand.protocol, demand.src_port, demand.dst_port, demand.answer)
            self.found.setdefault(kind, []).append((found, demand))

    def plans(self, most: int) -> Iterator[tuple[list[Bundle], list[list[Plan]]]]:
        """For every choice of places the bundles, with the forms that each can have as a plan of its own."""
        bundles = [(all_[0][0], joined([one for _, one in all_])) for all_ in self.found.values()]
        choices = [found for found, _ in bundles]
        for number, chosen in enumerate(product(*choices)):
            if number >= most:
                return
            made = self._merged([Bundle(place, demand) for place, (_, demand) in zip(chosen, bundles, strict=True)])
            yield made, [self._forms(one) for one in made]

    @staticmethod
    def _merged(bundles: list[Bundle]) -> list[Bundle]:
        """Bundles of one kind at one place as one."""
        found: dict[object, list[Bundle]] = {}
        for one in bundles:
            told = one.demand
            key = (one.place, told.version, told.protocol, told.src_port, told.dst_port, told.answer)
            found.setdefault(key, []).append(one)
        return [Bundle(all_[0].place, joined([one.demand for one in all_])) for all_ in found.values()]

    def _forms(self, bundle: Bundle) -> list[Plan]:
        if bundle.place.layer == "firewall":
            return [Plan(firewall={bundle.place: one}) for one in self.forms.firewall(bundle, "allow")]
        return [Plan(added={bundle.place: one}) for one in self.forms.security_group(bundle)]
