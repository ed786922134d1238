"""All findings about one snapshot under one back end, worst first."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from tenant_ops_dashboard.sentences import say

from ..budget import Budget
from ..engine import Engine
from ..errors import TooComplex
from ..exposure import exposure
from .anomalies import anomalies
from .balancers import by_listeners
from .findings import LEVELS, Finding, at_least
from .layers import contradictions
from .openings import open_to_world
from .replies import missing_replies, stateless_replies
from .routing import irrelevant, loops
from .stored import stored
from .surprises import surprises
from .unused import unused

__all__ = ["LEVELS", "Finding", "at_least", "lint"]


def lint(engine: Engine, exposed: Sequence[Mapping[str, Any]] | None = None) -> list[Finding]:
    """Every finding; a question that is too hard for its budget is itself a finding, 'too-complex'.

    `exposed` is what the internet reaches, as `exposure` tells it, where somebody has asked for it already.
    """
    found: list[Finding] = []
    for policy in engine.snapshot.firewall_policies:
        found += _within(policy, partial(anomalies, policy, engine.firewalls.rules(policy), engine.profile))
    found += surprises(engine)
    found += stored(engine)
    found += irrelevant(engine)
    found += loops(engine)
    found += _within(say("firewall groups"), partial(missing_replies, engine))
    found += _within(say("firewall groups"), partial(contradictions, engine))
    found += _within(say("stateless security groups"), partial(stateless_replies, engine))
    found += open_to_world(engine, exposure(engine) if exposed is None else exposed)
    found += unused(engine)
    told = dict.fromkeys(by_listeners(engine, found))
    return sorted(told, key=lambda finding: -LEVELS.index(finding.severity))


def _within(subject: str, ask: Callable[[Budget], Iterator[Finding]]) -> list[Finding]:
    found: list[Finding] = []
    try:
        found.extend(ask(Budget()))
    except TooComplex as error:
        why = say("{error}; no answer is given for {subject} rather than a wrong one", error=error, subject=subject)
        found.append(Finding("too-complex", "medium", subject, (), why, say("split the policy or merge its rules")))
    return found
