"""From a stack and what the other services say of it to one environment with one status."""

from __future__ import annotations

from dataclasses import dataclass

from tenant_ops_dashboard.cloud.values import cut
from tenant_ops_dashboard.environments import rows
from tenant_ops_dashboard.environments.model import Environment, Status
from tenant_ops_dashboard.environments.stack import Stack

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
        address=f"http://{cut(address, ADDRESS)}" if address else "",
        tiers=tiers,
        created_at=stack.created_at,
        project_id=stack.project_id,
    )


def heat(stack: Stack) -> Judgement:
    """What Heat's status means."""
    if stack.going:
        return Judgement("deleting", "")
    if stack.state == "IN_PROGRESS":
        return Judgement("building", "")
    if stack.action == "ROLLBACK":
        return Judgement(
            "failed",
            rows.told_by_stack(stack.reason) if stack.state == "FAILED" else "The launch failed and was rolled back.",
        )
    if stack.state == "FAILED":
        return Judgement("failed", rows.told_by_stack(stack.reason) or f"Heat's {stack.action} failed.")
    return Judgement("good")


def worse(*judged: Judgement) -> Judgement:
    """The worst of several; of equals the first."""
    order = ("good", "warning", "building", "failed", "deleting")
    return max(judged, key=lambda one: order.index(one.status))


def servers(count: int) -> str:
    """'1 server', '2 servers'."""
    return f"{count} server" if count == 1 else f"{count} servers"
