"""Alarms (aodh) that call an environment's policies, where the cloud has alarming with metrics (gnocchi).

Gnocchi is fed what scaling would decide by: the load per server now or as forecast, and the load that one step fewer
would have. The alarms stand in the environment's own template, so they come and go with it.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.cloud.values import listing, text
from tenant_ops_dashboard.loadbalancers import access
from tenant_ops_dashboard.loadbalancers.scaling.decide import ROOM
from tenant_ops_dashboard.loadbalancers.scaling.model import Decision, Group, Rules
from tenant_ops_dashboard.sentences import say

Json = dict[str, Any]
ALARMING, METRIC = "alarming", "metric"
TYPE = "OS::Aodh::GnocchiAggregationByMetricsAlarm"
OUT, IN = "tenant_ops_alarm_out", "tenant_ops_alarm_in"
# Seconds that one value stands for: no longer than two rounds of the command that feeds them, as near as can be had.
GRAIN = 60


@dataclass(frozen=True)
class Alarm:
    """`state` is aodh's: 'ok', 'alarm' or 'insufficient data'."""

    id: str
    name: str
    state: str
    enabled: bool
    policy: str


def offered(cloud: Cloud) -> bool:
    """Whether this cloud's catalogue has both services; no call."""
    return cloud.has(ALARMING) and cloud.has(METRIC)


def read(cloud: Cloud, group: Group) -> tuple[Alarm, ...]:
    """The alarms that call one of the group's policies: one call, none without alarming. Raises a CloudError."""
    if not cloud.has(ALARMING):
        return ()
    found = []
    for row in cloud.pages(ALARMING, "/v2/alarms", ""):
        called = [unquote(address) for address in row["alarm_actions"]]
        for policy in (group.out_policy, group.in_policy):
            if any(f"{group.environment_id}/resources/{policy}" in address for address in called):
                found.append(Alarm(row["alarm_id"], row["name"], row["state"], bool(row["enabled"]), policy))
    return tuple(sorted(found, key=lambda one: one.policy != group.out_policy))


def drive(cloud: Cloud, group: Group) -> bool:
    """Whether an enabled alarm scales this group out: then nobody else does. False where aodh is silent."""
    try:
        return any(one.enabled and one.policy == group.out_policy for one in read(cloud, group))
    except CloudError:
        return False


def metrics(declared: Mapping[str, Any]) -> tuple[str, str] | None:
    """The ids of the metrics for out and in that a template's alarms look at. Pure."""
    try:
        out, in_ = (text(listing(declared[key]["properties"].get("metrics"))[0]) for key in (OUT, IN))
    except (KeyError, IndexError):
        return None
    return (out, in_) if out and in_ else None


def feed(cloud: Cloud, group: Group, decision: Decision, now: datetime.datetime) -> None:
    """Tell gnocchi the figures of a decision; what is not known is not told. Raises NotAllowed or a CloudError."""
    if group.metrics is None:
        return
    wanted = None if decision.current is None else max(decision.current, decision.forecast or 0.0)
    told = zip(group.metrics, ("out", "in"), (wanted, decision.after), strict=True)
    known = [(metric, way, amount) for metric, way, amount in told if amount is not None]
    if known:
        perform(Feed(cloud, group, known, now))


class Feed(Change[None]):
    """Measures that an environment's alarms decide by."""

    name = "scaling.feed"
    rule = access.SCALE
    action = "update"
    kind = "metric"

    def __init__(
        self, cloud: Cloud, group: Group, known: Sequence[tuple[str, str, float]], now: datetime.datetime
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.known, self.now = known, now
        self.target = Target(group.environment_id, group.environment)
        self.before, self.after = {}, {way: amount for _, way, amount in known}

    def send(self) -> None:
        moment = self.now.astimezone(datetime.UTC).isoformat()
        for metric, _, amount in self.known:
            # A list, which is what gnocchi takes: the dictionaries that `cloud` takes are for the others.
            body: Any = [{"timestamp": moment, "value": amount}]
            self.cloud.post(METRIC, f"/v1/metric/{metric}/measures", body)


def prepare(cloud: Cloud, group: Group) -> tuple[str, str, int]:
    """The metrics for out and in, made where they are not there, and the seconds one value stands for.

    Raises a CloudError.
    """
    policy, grain = _policy(cloud)
    known = {one["name"]: one["id"] for one in _listed(cloud)}
    found = []
    for way in ("out", "in"):
        name = _name(group.environment_id, way)
        body = {"name": name, "archive_policy_name": policy}
        found.append(str(known.get(name) or cloud.post(METRIC, "/v1/metric", body)["id"]))
    return found[0], found[1], grain


def forget(cloud: Cloud, environment_ids: set[str]) -> int:
    """Delete the metrics of environments that are none of these any more; how many went.

    Raises NotAllowed or a CloudError.
    """
    kept = {_name(id_, way) for id_ in environment_ids for way in ("out", "in")}
    gone = [one for one in _listed(cloud) if one["name"] not in kept]
    for one in gone:
        perform(Forget(cloud, one))
    return len(gone)


class Forget(Change[bool]):
    """Deletes a metric whose environment is gone."""

    name = "scaling.forget"
    rule = access.SCALE
    action = "delete"
    kind = "metric"
    destroys = True

    def __init__(self, cloud: Cloud, row: Mapping[str, Any]) -> None:
        super().__init__(cloud)
        self.target = Target(str(row["id"]), str(row["name"]))
        self.says = say("its environment is gone")

    def send(self) -> bool:
        self.cloud.delete(METRIC, f"/v1/metric/{self.target.id}")
        return True


def declared(group: Group, rules: Rules, made: tuple[str, str, int]) -> dict[str, Json]:
    """The two alarms as resources of the environment's template. Pure."""
    out, in_, grain = made
    common = {
        "aggregation_method": "mean", "granularity": grain, "evaluation_periods": 1,
        # It calls as long as it lasts; between two calls the policy's own cooldown holds.
        "repeat_actions": True,
    }  # fmt: skip
    return {
        OUT: {"type": TYPE, "properties": {
            **common, "metrics": [out], "comparison_operator": "gt", "threshold": rules.threshold,
            "description": "The load per server, now or as forecast, is above the threshold.",
            "alarm_actions": [{"get_attr": [group.out_policy, "alarm_url"]}],
        }},
        IN: {"type": TYPE, "properties": {
            **common, "metrics": [in_], "comparison_operator": "lt", "threshold": round(rules.threshold * ROOM, 6),
            "description": "The load was so low for so long that one step fewer servers can carry it.",
            "alarm_actions": [{"get_attr": [group.in_policy, "alarm_url"]}],
        }},
    }  # fmt: skip


def _name(environment_id: str, way: str) -> str:
    return f"tenant-ops-scale-{way}-{environment_id}"


def _listed(cloud: Cloud) -> list[Json]:
    # Gnocchi lists the metrics of every project to an administrator.
    rows = cloud.pages(METRIC, "/v1/metric", "")
    ours = [one for one in rows if one.get("created_by_project_id") in (None, "", cloud.project_id)]
    return [one for one in ours if str(one.get("name") or "").startswith("tenant-ops-scale-")]


def _policy(cloud: Cloud) -> tuple[str, int]:
    """The archive policy with a mean over a time nearest to `GRAIN`; of several the one that keeps least."""
    found = []
    for one in cloud.get(METRIC, "/v1/archive_policy")[""]:
        if "mean" not in one["aggregation_methods"]:
            continue
        seconds = [_seconds(part["granularity"]) for part in one["definition"]]
        near = min((abs(second - GRAIN), second) for second in seconds)
        found.append((near[0], len(seconds), min(seconds) != near[1], str(one["name"]), near[1]))
    if not found:
        raise CloudError(
            say("Gnocchi has no archive policy with a mean: there is nothing alarms could look at."), "Gnocchi"
        )
    return min(found)[3:]


def _seconds(told: Any) -> int:
    """Gnocchi says a granularity as '0:01:00' or as seconds."""
    if isinstance(told, int | float):
        return int(told)
    days, _, clock = str(told).rpartition(" day")
    parts = [float(part) for part in clock.removeprefix("s").removeprefix(",").strip().split(":")]
    hours, minutes, seconds = [0.0] * (3 - len(parts)) + parts
    return int((int(days) if days else 0) * 86400 + hours * 3600 + minutes * 60 + seconds)
