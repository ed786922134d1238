"""From a stack and what the other services say of it to one environment with one status."""

from __future__ import annotations

from dataclasses import dataclass

from tenant_ops_dashboard.cloud.values import cut
from tenant_ops_dashboard.environments.heat import resources
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Environment, Status
from tenant_ops_dashboard.sentences import about, clause, join, say, say_many, whole

LONGEST, ADDRESS = 1_000, 255  # characters


@dataclass(frozen=True)
class Judgement:
    """A status and the sentence that explains it."""

    status: Status
    reason: str = ""


def launching(stack: Stack) -> Environment:
    """The environment as far as its stack alone tells."""
    return environment(stack, heat(stack))


def environment(
    stack: Stack, judged: Judgement, address: str = "", tiers: tuple[tuple[str, str], ...] = ()
) -> Environment:
    """All of it as one thing."""
    return Environment(
        id=stack.id,
        name=stack.name,
        status=judged.status,
        status_reason=cut(judged.reason, LONGEST),
        blueprint=stack.blueprint,
        launched=stack.launched,
        address=f"http://{cut(address, ADDRESS)}" if address else "",
        tiers=tiers,
        created_at=stack.created_at,
        project_id=stack.project_id,
    )


def heat(stack: Stack, failure: str = "") -> Judgement:
    """What Heat's status means, where nobody else is asked; `failure` is a better reason than Heat's own."""
    meaning = stack.meaning
    said = failure or resources.told_by_stack(stack.reason) if stack.state == "FAILED" else ""
    if said and meaning.status == "failed":
        return Judgement("failed", said)
    return Judgement(meaning.status, whole(about(meaning.words, clause(said))) if meaning.words else "")


def standing(stack: Stack, promised: Judgement, serves: bool, failure: str = "") -> Judgement:
    """What Heat's status means of an environment that the services judge to be `promised`, and that `serves` or not.

    Heat's trouble is no trouble of an application that serves: it is told, and does not make it fail.
    """
    told = heat(stack, failure)
    if not told.reason:
        return worse(told, promised)
    if promised.status == "good" and serves:
        return Judgement(told.status, say("{reason}; the application goes on serving.", reason=clause(told.reason)))
    status = worse(told, promised).status
    if stack.meaning.changes:
        # What is being changed is not broken yet.
        status = told.status
    elif stack.state == "FAILED" and not serves:
        status = "failed"
    return Judgement(status, join(" ", (told.reason, promised.reason)))


def worse(*judged: Judgement) -> Judgement:
    """The worst of several; of equals the first."""
    order = ("good", "warning", "building", "failed", "deleting")
    return max(judged, key=lambda one: order.index(one.status))


def servers(count: int) -> str:
    """'1 server', '2 servers'."""
    return say_many("{n} server", "{n} servers", count)
