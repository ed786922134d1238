"""From Octavia's many statuses to one state and one sentence, the only place where that is decided. Pure.

Octavia has a provisioning status (is the configuration in place?) and an operating status (does it serve?). People ask
the second question; the first matters where it says that something is being changed or broke.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tenant_ops_dashboard.octavia import first_check
from tenant_ops_dashboard.octavia.first_check import FirstCheck
from tenant_ops_dashboard.sentences import say, say_many

# 'off' was switched off by people, 'drained' gets no new connections because people want that, 'unknown' was not read.
State = Literal["good", "warning", "failed", "building", "deleting", "off", "drained", "unknown"]
Kept = Literal["good", "failed", "other"]

_MEMBER: dict[str, State] = {
    "ONLINE": "good", "NO_MONITOR": "good", "ERROR": "failed", "DRAINING": "drained", "OFFLINE": "building",
}  # fmt: skip
_OPERATING: dict[str, State] = {
    "ONLINE": "good", "NO_MONITOR": "good", "DEGRADED": "warning", "ERROR": "failed", "DRAINING": "drained",
    "OFFLINE": "building",
}  # fmt: skip
# What a member is called that no health check has seen up.
UNSEEN = ("ERROR", "OFFLINE")
_RANK: dict[State, int] = {
    "good": 0, "unknown": 1, "off": 2, "drained": 3, "building": 4, "deleting": 5, "warning": 6, "failed": 7,
}  # fmt: skip


class Counted(Protocol):
    """What a pool's state takes of a member."""

    @property
    def state(self) -> State: ...
    @property
    def backup(self) -> bool | None: ...
    @property
    def first_check(self) -> FirstCheck | None: ...


@dataclass(frozen=True)
class Plain:
    """A member of which only the tree is known."""

    state: State
    backup: bool | None = None
    first_check: FirstCheck | None = None


def member(
    operating: str, provisioning: str, weight: int | None, enabled: bool | None, first: FirstCheck | None = None
) -> State:  # fmt: skip
    """One member's state; what people switched off or drained is no trouble, nor is one within its `first` checks."""
    if provisioning == "PENDING_DELETE":
        return "deleting"
    if provisioning == "PENDING_CREATE":
        return "building"
    if provisioning == "ERROR":
        return "failed"
    if enabled is False:
        return "off"
    if weight == 0:
        return "drained"
    if first is not None and operating in UNSEEN:
        return "building" if not first.over else "failed" if operating == "ERROR" else "warning"
    return _MEMBER.get(operating, "warning")


def pool(
    members: Sequence[Counted] | None, operating: str, provisioning: str, enabled: bool
) -> tuple[State, str]:  # fmt: skip
    """A pool's state and, where it is not good, why."""
    early = _configured(provisioning, enabled)
    if early:
        return early
    if members is None:
        return _OPERATING.get(operating, "unknown"), ""
    active = [one for one in members if one.state not in ("off", "drained", "deleting")]
    regular = [one for one in active if not one.backup]
    up = [one for one in regular if one.state == "good"]
    down = [one for one in regular if one.state in ("failed", "warning")]
    fresh = [one.first_check for one in regular if one.first_check is not None and waits(one)]
    if not members:
        return "warning", say("no members")
    if not active:
        return "failed", say("no member takes traffic")
    if not up:
        if any(one.state == "good" for one in active if one.backup):
            return "warning", say("only backup members are left")
        if not down:
            told = first_check.words(fresh, len(regular)) if fresh else say("waiting for the first health check")
            return "building", told
        every = len(regular) > 1 and len(down) == len(regular)
        return "failed", say("all {n} members down", n=len(regular)) if every else _down(len(down), len(regular))
    if down:
        return "warning", _down(len(down), len(regular))
    if fresh:
        return "building", first_check.words(fresh, len(regular))
    return "good", ""


def waits(one: Counted) -> bool:
    """Whether it is within the time of its first health checks."""
    return one.state == "building" and one.first_check is not None and not one.first_check.over


def listener(pools: Iterable[State], provisioning: str, enabled: bool, operating: str) -> State:
    """A listener is as well as the worst of its pools, of which one alone fails nobody; without any it may redirect."""
    early = _configured(provisioning, enabled)
    if early:
        return early[0]
    if not (found := list(pools)):
        return _OPERATING.get(operating, "unknown")
    state = worst(found)
    return "warning" if state == "failed" and "good" in found else state


def why(pools: Sequence[tuple[State, str]]) -> str:
    """Why a listener is as it is, from its pools' states and reasons: what the worst of them says."""
    state = worst(one for one, _ in pools)
    return next((told for one, told in pools if one == state and told), "")


def balancer(
    listeners: Sequence[tuple[State, str]], operating: str, provisioning: str, enabled: bool
) -> tuple[State, str]:  # fmt: skip
    """A load balancer's state and why, from its listeners' states and reasons."""
    early = _configured(provisioning, enabled)
    if early:
        return early
    live = [one for one in listeners if one[0] != "off"]
    if not listeners:
        return "warning", say("no listener yet")
    if not live:
        return "off", say("all listeners are disabled")
    state = worst(one[0] for one in live)
    if state == "good" and _OPERATING.get(operating) == "failed":
        return "failed", say("Octavia reports it as not serving")
    failing = [one for one in live if one[0] == state]
    if state == "failed" and len(failing) < len(live) and any(one[0] == "good" for one in live):
        return "warning", failing[0][1]
    return state, next((why for _, why in failing if why), "")


def tree(found: Mapping[str, Any]) -> tuple[State, str]:
    """A load balancer's state and why, from Octavia's status tree alone."""
    known = {pool["id"]: pool for one in found.get("listeners") or () for pool in one.get("pools") or ()}
    told = {id_: pool_of(row) for id_, row in known.items()}
    listeners = []
    for one in found.get("listeners") or ():
        pools = [told[pool["id"]] for pool in one.get("pools") or ()]
        operating, provisioning = _words(one)
        state = listener((state for state, _ in pools), provisioning, True, operating)
        listeners.append((state, why(pools)))
    return balancer(listeners, *_words(found), _enabled(found))


def pool_of(row: Mapping[str, Any]) -> tuple[State, str]:
    """A pool's state and why, from its part of the status tree."""
    members = [_plain(one) for one in row.get("members") or ()]
    return pool(members, *_words(row), True)


def member_of(row: Mapping[str, Any]) -> State:
    """A member's state from its part of the status tree, which has no weight; the rest where `completed` put it in."""
    return _plain(row).state


def coming(row: Mapping[str, Any]) -> FirstCheck | None:
    """The time that a member of the tree is within, before its first health checks are over; None where it is not."""
    one = _plain(row)
    return one.first_check if waits(one) else None


def completed(row: Mapping[str, Any], enabled: bool, first: FirstCheck | None) -> dict[str, Any]:
    """A member's part of the status tree with what the tree leaves out."""
    return {**row, "admin_state_up": enabled, "first_check": first}


def _plain(row: Mapping[str, Any]) -> Plain:
    first = row.get("first_check")
    first = first if isinstance(first, FirstCheck) else None
    return Plain(member(*_words(row), None, row.get("admin_state_up"), first), None, first)


def row(found: Mapping[str, Any]) -> State:
    """A load balancer's state from its row in a list, which knows nothing of members."""
    operating, provisioning = _words(found)
    early = _configured(provisioning, _enabled(found))
    return early[0] if early else _OPERATING.get(operating, "unknown")


def muted(state: State) -> State:
    """Under maintenance a member that is down is no news; one that is up stays up."""
    return "off" if state in ("failed", "warning", "building") else state


def kept(state: State, operating: str) -> Kept:
    """What history keeps of a member: whether it served, did not, or was not asked to; a mute changes nothing of it.

    One within its first checks, or that no check ever saw, was not seen down.
    """
    if state == "good":
        return "good"
    if state == "building" or operating == "OFFLINE":
        return "other"
    return "failed" if operating == "ERROR" or state in ("failed", "warning") else "other"


def worst(states: Iterable[State]) -> State:
    """The worst of several; 'unknown' for none."""
    return max(states, key=lambda state: _RANK[state], default="unknown")


def rank(state: State) -> int:
    """The larger, the more it needs somebody."""
    return _RANK[state]


def _configured(provisioning: str, enabled: bool) -> tuple[State, str] | None:
    if provisioning == "ERROR":
        return "failed", say("Octavia could not finish its last change")
    if provisioning == "PENDING_CREATE":
        return "building", say("being created")
    if provisioning == "PENDING_DELETE":
        return "deleting", say("being deleted")
    return None if enabled else ("off", "disabled")


def _enabled(found: Mapping[str, Any]) -> bool:
    """Octavia says OFFLINE of a whole load balancer only where it is switched off."""
    return bool(found.get("admin_state_up", _words(found)[0] != "OFFLINE"))


def _words(row: Mapping[str, Any]) -> tuple[str, str]:
    """Operating and provisioning status of any of Octavia's objects."""
    return str(row.get("operating_status") or ""), str(row.get("provisioning_status") or "ACTIVE")


def _down(down: int, whole: int) -> str:
    return (
        say("the only member is down")
        if whole == 1
        else say_many("{n} of {all} members down", "{n} of {all} members down", down, all=whole)
    )
