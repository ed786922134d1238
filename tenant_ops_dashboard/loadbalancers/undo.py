"""The way back from a change of a member: to the values before it, all of them, and only while they are still ours.

What takes a change back travels through an address, so nothing of it is believed: ids must be this project's, fields
are those a change may set, values are checked as those of any change.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import errors, joining, member_actions, members, settle
from tenant_ops_dashboard.sentences import say

_SETTABLE = ("weight", "admin_state_up")
_WORDS = {"weight": say("its weight"), "admin_state_up": say("whether it is switched on")}
_MANY = 50
# Changes of fields; 'remove' is the other one that can be taken back.
_VERBS = ("drain", "enable", "disable", "weigh")


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


def of(verb: str, done: members.Done) -> Undo | None:
    """What takes `done` back; None where nothing was changed."""
    if done.already:
        return None
    return Undo(verb, str(done.member["id"]), dict(done.before), dict(done.after))


def of_fields(verb: str, member_id: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Undo | None:
    """What takes back a change that is known by the fields it set; None where it is none that can be taken back."""
    known = verb in _VERBS and before and before.keys() == after.keys() and before.keys() <= set(_SETTABLE)
    return Undo(verb, member_id, before, after) if known else None


def read(given: Mapping[str, str], tags: list[str]) -> Undo:
    """From the pairs of `query`; `tags` are the values of 'before.tag'. Raises BadInput for whatever cannot be."""
    verb, member = given.get("verb", ""), given.get("member", "")
    if verb == "remove":
        return Undo(verb, member, _member(given, tags))
    if verb not in _VERBS:
        raise errors.BadInput(say("This change cannot be taken back."))
    before, after = ({key: _settable(key, given[f"{side}.{key}"]) for key in _SETTABLE if f"{side}.{key}" in given}
                     for side in ("before", "after"))  # fmt: skip
    if not before or before.keys() != after.keys():
        raise errors.BadInput(say("It is not known how it was before."))
    return Undo(verb, member, before, after)


def take_back(
    cloud: Cloud, balancer_id: str, pool_id: str, undo: Undo, patience: float = settle.PATIENCE, spares: bool = False
) -> members.Done:  # fmt: skip
    """Make it as it was before the change. Raises BadInput where somebody changed it since, and as `drain`."""
    if undo.verb == "remove":
        return perform(BringBack(cloud, balancer_id, pool_id, undo, patience))
    return perform(PutBack(cloud, balancer_id, pool_id, undo, patience).sparing(spares))


class PutBack(member_actions.SetFields):
    """Fields of a member as they were, while they are still what the change made of them."""

    name = "loadbalancers.put_back"

    def __init__(self, cloud: Cloud, balancer_id: str, pool_id: str, undo: Undo, waits: float) -> None:
        self.undone = undo
        super().__init__(cloud, balancer_id, pool_id, undo.member_id, waits)

    @property
    def verb(self) -> str:
        return f"undo {self.undone.verb}"

    def wanted(self, known: Mapping[str, Any]) -> Mapping[str, Any]:
        for key, value in self.undone.before.items():
            if known[key] not in (value, self.undone.after[key]):
                raise errors.BadInput(
                    say(
                        "Somebody changed {what} since; it is {text} now and was left so.",
                        what=_WORDS[key],
                        text=_text(known[key]),
                    ),
                    field=key,
                )
        return self.undone.before


class BringBack(joining.Add):
    """A member that was removed, with everything it had; one that somebody made of its server since stays as it is."""

    name = "loadbalancers.bring_back"

    def __init__(self, cloud: Cloud, balancer_id: str, pool_id: str, undo: Undo, waits: float) -> None:
        self.undone = undo
        super().__init__(cloud, balancer_id, pool_id, joining.Wanted.of(undo.before), waits)

    @property
    def verb(self) -> str:
        return f"undo {self.undone.verb}"

    def _there(self) -> members.Json | None:
        known = super()._there()
        if known is not None and not self._whole(known):
            raise errors.BadInput(
                say(
                    "Somebody made {address}:{port} a member again since, with other settings; it was left so.",
                    address=self.new.address,
                    port=self.new.port,
                )
            )
        return known

    def _whole(self, known: members.Json) -> bool:
        found = joining.Wanted.of({**dict.fromkeys(members.KEPT), **known})
        return found == replace(self.new, subnet_id=self.new.subnet_id or found.subnet_id)


def _member(given: Mapping[str, str], tags: list[str]) -> dict[str, Any]:
    def text(key: str) -> str:
        return given.get(f"before.{key}", "")[: members.LONGEST]

    return {
        "address": text("address"), "protocol_port": _number(text("protocol_port"), 65535),
        "subnet_id": text("subnet_id"), "name": text("name"),
        "weight": _number(text("weight") or "1", members.HEAVIEST),
        "backup": text("backup") == "true", "monitor_address": text("monitor_address"),
        "monitor_port": _number(text("monitor_port") or "0", 65535),
        "admin_state_up": text("admin_state_up") != "false", "vnic_type": text("vnic_type"), "tags": tags[:_MANY],
    }  # fmt: skip


def _settable(key: str, value: str) -> Any:
    return _number(value, members.HEAVIEST) if key == "weight" else value == "true"


def _number(value: str, most: int) -> int:
    if not (value.isascii() and value.isdigit() and len(value) <= 5 and int(value) <= most):
        raise errors.BadInput(say("{value!r} is no whole number from 0 to {most}.", value=value[:20], most=most))
    return int(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
