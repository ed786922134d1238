"""What Heat's work and trouble mean for an environment that may serve meanwhile. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tenant_ops_dashboard.environments.heat.resources import Row
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Proof, Stall
from tenant_ops_dashboard.environments.standstill import stall
from tenant_ops_dashboard.environments.status import summary
from tenant_ops_dashboard.environments.status.summary import Judgement
from tenant_ops_dashboard.environments.template.picture import Seen


def judged(found: Stack, promised: Judgement, serving: bool, failure: str, stalls: Sequence[Stall]) -> Judgement:
    """The status of what the services judge to be `promised`; `failure` is the failing resource's reason."""
    late = [Judgement("warning", stall.utc(one)) for one in stalls]
    if still(stalls):
        # Nothing is being changed: what is not as promised is not so for a while.
        return summary.worse(*late, promised)
    return summary.worse(summary.standing(found, promised, serving, failure), *late)


def serves(rows: Sequence[Row], seen: Mapping[str, Seen]) -> bool:
    """Whether a server runs, and nothing in front of the servers is missing."""
    states = [(row.type, seen[row.key].state) for row in rows if row.key in seen]
    servers = [state for type_, state in states if type_ == "OS::Nova::Server"]
    balancers = [state for type_, state in states if type_ == "OS::Octavia::LoadBalancer"]
    return "good" in servers and all(state in ("good", "warning") for state in balancers)


def told(proof: Proof, found: Stack, stalls: Sequence[Stall]) -> Proof:
    """A promise that Heat's change may break for a while is open until the change has ended, or stands still."""
    open_ = proof.state == "failed" and found.meaning.changes and not still(stalls)
    return replace(proof, state="building") if open_ else proof


def kept(proof: Proof) -> Proof:
    """Of what is not there no promise is kept."""
    return replace(proof, state="failed") if proof.state in ("planned", "gone") else proof


def retry(found: Stack, stalls: Sequence[Stall], judgement: Judgement) -> bool:
    """Whether Heat can be asked to go on: it failed or stands still, or what stands is broken."""
    failed = found.state == "FAILED" or judgement.status == "failed"
    return bool(found.meaning.again) and (still(stalls) or (failed and not found.meaning.moving))


def still(stalls: Sequence[Stall]) -> bool:
    """Whether Heat itself stands still."""
    return any(one.service == stall.HEAT for one in stalls)
