"""How far a stack is: one line a resource, and the failing one in words. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from itertools import islice

from tenant_ops_dashboard.environments.heat import resources as rows_of
from tenant_ops_dashboard.environments.heat.resources import REQUEST_ID, Row, Span, told_by_stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Progress, ResourceProgress, State
from tenant_ops_dashboard.environments.template import hot, picture
from tenant_ops_dashboard.environments.template.budget import DRAWN, chosen
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.environments.template.picture import Seen
from tenant_ops_dashboard.sentences import about, say


def of(
    stack: Stack,
    resources: Sequence[Resource],
    rows: Sequence[Row],
    spans: Mapping[tuple[str, str], Span],
    firewall_group: Seen | None,
    now: datetime.datetime,
) -> Progress:
    """The progress of what the stack is doing, or did last; the firewall group comes after it."""
    by_key = {row.key: row for row in rows}
    rest = rows_of.beyond(rows)
    leaving = stack.meaning.leaving
    ended: State = "gone" if leaving else "good"
    told: list[ResourceProgress] = []
    more = done = 0
    for one in resources:
        if picture.is_wrapper(one) or hot.brought(one):
            continue
        if one.copies > 1:
            more += one.copies
            done += min(one.copies, sum(row.state == ended for row in rest.get(rows_of.kin(one.key), ())))
            continue
        row = by_key.get(one.key)
        span = spans.get(row.place) if row else None
        told.append(
            ResourceProgress(
                name=one.key,
                title=picture.title(one),
                type=one.type,
                state=row.state if row else "gone" if leaving else "planned",
                seconds=span.seconds(now) if span else 0.0,
                reason=row.reason if row else "",
                resource_id=row.resource_id if row else "",
                place=row.place if row else ("", ""),
            )
        )
    if firewall_group is not None and not leaving:
        state: State = firewall_group.state if firewall_group.state in ("planned", "building") else "good"
        told.append(
            ResourceProgress(
                picture.FIREWALL, say("Firewall group"), "firewall_group", state, 0.0, "", firewall_group.resource_id
            )
        )
    done += sum(1 for one in told if one.state == ended)
    failure, request = _failure(stack, told, rows)
    began = spans.get((stack.id, stack.name))
    seconds = began.seconds(now) if began else 0.0
    listed, left_out = chosen(told, lambda one: one.state in ("failed", "building", "deleting"))
    return Progress(done, len(told) + more, seconds, listed, failure, request, more + left_out)


def ghosts(stack: Stack, resources: Sequence[Resource], seen: Mapping[str, Seen]) -> dict[str, Seen]:
    """What a picture shows of a stack that comes or goes: what is not there is planned, or gone already."""
    missing: State = "gone" if stack.meaning.leaving else "planned"
    return {one.key: seen.get(one.key, Seen(missing)) for one in resources}


def _failure(stack: Stack, told: Sequence[ResourceProgress], rows: Sequence[Row]) -> tuple[str, str]:
    failed = [one for one in told if one.state == "failed" and one.reason]
    # A group only repeats what its member said.
    first = next((one for one in failed if not one.type.startswith("OS::Heat::")), failed[0] if failed else None)
    said = (
        about(first.title, first.reason)
        if first
        else told_by_stack(stack.reason)
        if stack.state == "FAILED"
        else ""
    )
    request = REQUEST_ID.search(" ".join([said, *islice((row.reason for row in rows if row.state == "failed"), DRAWN)]))
    return said, request[0] if request else ""
