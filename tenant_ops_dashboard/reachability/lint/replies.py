"""OVN: what an egress policy lets out of a subnet needs an ingress rule of its own for the way back."""

from collections.abc import Iterator

from ..budget import Budget
from ..diagram import NOTHING, SOMETHING
from ..engine import Engine
from ..model import FirewallGroup
from ..sets import Frame, Sets, requests
from ..steps import Check, View
from .findings import Finding


def missing_replies(engine: Engine, budget: Budget) -> Iterator[Finding]:
    """Groups whose egress policy allows what the ingress policy would not let back in. Raises TooComplex."""
    if engine.profile != "ovn":
        return
    for group in engine.snapshot.firewall_groups.values():
        port = next((p for p in map(engine.snapshot.ports.get, group.ports) if p is not None and p.is_router), None)
        if port is None:
            continue
        for version in (4, 6):
            sets = Sets(version, budget)
            view = View(version, None, None)
            out = sets.gate(engine.gate(Check("firewall", view, False, port)), Frame(view))
            asks = sets.both(sets.union(requests(version)), out)
            back = sets.gate(engine.gate(Check("firewall", view, True, port)), Frame(view, answer=True))
            if asks == NOTHING or back == SOMETHING:
                continue
            lost = sets.without(asks, back)
            rules = {rule for value in sets.store.leaves(lost) if value for _, rule in sets.vias[value]}
            if rules:
                yield _finding(group, version, tuple(sorted(rules)))


def _finding(group: FirewallGroup, version: int, rules: tuple[str, ...]) -> Finding:
    listed = ", ".join(rules[:5]) + (" …" if len(rules) > 5 else "")
    return Finding(
        "missing-reply-rule", "medium", group.id, rules,
        f"OVN filters firewall groups without state: replies to what {listed} let out (IPv{version}) are dropped by "
        f"the ingress policy of group {group.id}",
        "add ingress allow rules for the replies (source and destination, and their ports, the other way round)",
    )  # fmt: skip
