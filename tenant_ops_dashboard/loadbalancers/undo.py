"""The way back from a change of a member: to the values before it, all of them, and only while they are still ours.

What takes a change back travels through an address, so nothing of it is believed: ids must be this project's, fields
are those a change may set, values are checked as those of any change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import access, act, errors, settle

_SETTABLE = ("weight", "admin_state_up")
_WORDS = {"weight": "its weight", "admin_state_up": "whether it is switched on"}
_MANY = 50


@dataclass(frozen=True)
class Undo:
    """`verb` is the change that is taken back: one of 'drain', 'enable', 'disable', 'weigh', 'remove'.

    For 'remove' `before` is the whole member; else `before` and `after` are the fields of `member_id` it changed.
    """

    verb: str
    member_id: str
    before: Mapping[str, Any]
    after: Mapping[str, Any] = field(default_factory=dict)

    def query(self) -> list[tuple[str, str]]:
        """As pairs for an address or a form; `read` understands them."""
        found = [("verb", self.verb), ("member", self.member_id)]
        for side, values in (("before", self.before), ("after", self.after)):
            for key, value in values.items():
                if key == "tags":
                    found += [(f"{side}.tag", str(tag)) for tag in value or ()]
                elif value is not None:
                    found.append((f"{side}.{key}", _text(value)))
        return found


def of(verb: str, done: act.Done) -> Undo | None:
    """What takes `done` back; None where nothing was changed."""
    if done.already:
        return None
    return Undo(verb, str(done.member["id"]), dict(done.before), dict(done.after))


def read(given: Mapping[str, str], tags: list[str]) -> Undo:
    """From the pairs of `query`; `tags` are the values of 'before.tag'. Raises BadInput for whatever cannot be."""
    verb, member = given.get("verb", ""), given.get("member", "")
    if verb == "remove":
        return Undo(verb, member, _member(given, tags))
    if verb not in ("drain", "enable", "disable", "weigh"):
        raise errors.BadInput("This change cannot be taken back.")
    before, after = ({key: _settable(key, given[f"{side}.{key}"]) for key in _SETTABLE if f"{side}.{key}" in given}
                     for side in ("before", "after"))  # fmt: skip
    if not before or before.keys() != after.keys():
        raise errors.BadInput("It is not known how it was before.")
    return Undo(verb, member, before, after)


def take_back(
    cloud: Cloud, balancer_id: str, pool_id: str, undo: Undo, patience: float = settle.PATIENCE
) -> act.Done:  # fmt: skip
    """Make it as it was before the change. Raises BadInput where somebody changed it since, and as `act.update`."""
    verb = f"undo {undo.verb}"
    access.require(cloud, access.CHANGE, verb=verb, target_id=undo.member_id)
    if undo.verb == "remove":
        was = dict(undo.before)
        return act.add(
            cloud, balancer_id, pool_id, was["address"], was["protocol_port"], subnet_id=was["subnet_id"],
            name=was["name"], weight=was["weight"], backup=was["backup"], monitor_address=was["monitor_address"],
            monitor_port=was["monitor_port"], enabled=was["admin_state_up"], tags=was["tags"],
            direct=was["vnic_type"] == "direct", patience=patience, verb=verb,
        )  # fmt: skip
    now = act.read(cloud, pool_id, undo.member_id)
    ours = [key for key in undo.before if now[key] != undo.before[key]]
    for key in ours:
        if now[key] != undo.after[key]:
            raise errors.BadInput(
                f"Somebody changed {_WORDS[key]} since; it is {_text(now[key])} now and was left so.", field=key
            )
    return act.update(cloud, balancer_id, pool_id, undo.member_id, dict(undo.before), patience, verb=verb)


def _member(given: Mapping[str, str], tags: list[str]) -> dict[str, Any]:
    def text(key: str) -> str:
        return given.get(f"before.{key}", "")[: act.LONGEST]

    return {
        "address": text("address"), "protocol_port": _number(text("protocol_port"), 65535),
        "subnet_id": text("subnet_id"), "name": text("name"), "weight": _number(text("weight") or "1", act.HEAVIEST),
        "backup": text("backup") == "true", "monitor_address": text("monitor_address"),
        "monitor_port": _number(text("monitor_port") or "0", 65535),
        "admin_state_up": text("admin_state_up") != "false", "vnic_type": text("vnic_type"), "tags": tags[:_MANY],
    }  # fmt: skip


def _settable(key: str, value: str) -> Any:
    return _number(value, act.HEAVIEST) if key == "weight" else value == "true"


def _number(value: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 5 and int(value) <= most):
        raise errors.BadInput(f"{value[:20]!r} is no whole number from 0 to {most}.")
    return int(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
