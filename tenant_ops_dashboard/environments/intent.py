"""What must never, or must always, get through, as people write it: read from JSON, and written again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.reachability import protocols
from tenant_ops_dashboard.sentences import about, bare, say

Json = dict[str, Any]
Expect = Literal["deny", "allow"]
KEYS = ("expect", "from", "to", "protocol", "dst_port", "says")
MOST = 200  # in one file
#: Stands in a blueprint's intents for the environment that is made of it.
ENVIRONMENT = "{environment}"
#: What a tag says of an answer that intents hang on.
YES, NO = "yes", "no"
_ANSWER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


@dataclass(frozen=True)
class Intent:
    """`deny` holds when no packet of the set arrives, `allow` when every one does and its reply returns.

    `source` and `target` are ends of traffic as `ends` reads them; `protocol` None is any; `ports` is (first, last) of
    the destination port, None for any. `says` is what a person reads.
    """

    expect: Expect
    source: str
    target: str
    protocol: str | None = None
    ports: tuple[int, int] | None = None
    says: str = ""

    @property
    def sentence(self) -> str:
        """What it says, or what it means where it says nothing."""
        port = "" if self.ports is None else f" {_ports(self.ports)}"
        what = f"{self.source} -> {self.target} " + (self.protocol or say("any protocol")) + port
        if self.says:
            return say(self.says)
        if self.expect == "deny":
            return say("{what} never gets through", what=what)
        return say("{what} always gets through", what=what)


def loads(text: str, where: str = "intents") -> tuple[Intent, ...]:
    """Intents from the text of a file. Raises BadInput."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(about(where, say("is no JSON.")), field=where) from None
    return parse(given, where)


def parse(given: Any, where: str = "intents") -> tuple[Intent, ...]:
    """Intents from JSON's objects; complaints name the place ('intents[2].dst_port'). Raises BadInput."""
    if not isinstance(given, list):
        raise _bad(where, say("must be a list."))
    if len(given) > MOST:
        raise _bad(where, say("has {n} intents, at most {most} can be checked.", n=len(given), most=MOST))
    return tuple(_intent(one, f"{where}[{number}]") for number, one in enumerate(given))


def read(given: Any) -> Intent:
    """One intent from JSON's object; complaints name the key ('dst_port'). Raises BadInput."""
    try:
        return _intent(given, "intent")
    except BadInput as error:
        where = error.field.removeprefix("intent.")
        raise BadInput(about(where, bare(error.sentence)), field=where) from None


def written(intent: Intent) -> Json:
    """An intent as JSON's object: what `parse` reads."""
    ports = None if intent.ports is None else _ports(intent.ports)
    return {
        "expect": intent.expect, "from": intent.source, "to": intent.target, "protocol": intent.protocol,
        "dst_port": ports, "says": intent.says,
    }  # fmt: skip


def identity(intent: Intent, environment: str) -> str:
    """What tells it from any other one of an environment (its id, or ''), the same from run to run; not its words."""
    told = {key: value for key, value in written(intent).items() if key != "says"}
    return hashlib.sha256(json.dumps([environment, told], sort_keys=True).encode()).hexdigest()[:16]


def answers(given: Any) -> tuple[str, ...]:
    """The parameters that a blueprint's intents name as their port: `dst_port: "{database_port}"`."""
    return tuple(dict.fromkeys(filter(None, map(_answer, given if isinstance(given, list) else ()))))


def conditions(given: Any) -> tuple[str, ...]:
    """The parameters without which an intent of a blueprint's does not count: `when: certificate`."""
    return tuple(dict.fromkeys(filter(None, map(_condition, given if isinstance(given, list) else ()))))


def is_given(value: str) -> bool:
    """Whether an answer is one: neither empty nor a no."""
    return value not in ("", "false", NO)


def of_blueprint(given: Any, values: Mapping[str, str], where: str = "intents") -> tuple[Intent, ...]:
    """A blueprint's, whose ends name its own environment as ENVIRONMENT, and whose ports may be one of its `values`.

    One with `when` is left out where that one of `values` is not given. Raises BadInput that names the place.
    """
    whens = [_condition(one) for one in given] if isinstance(given, list) else []
    if isinstance(given, list):
        given = [{**one, "dst_port": values.get(name)} if (name := _answer(one)) in values else one for one in given]
        given = [_unconditional(one) for one in given]
    found = parse([] if given is None else given, where)
    for number, name in enumerate(whens):
        if name and name not in values:
            raise _bad(f"{where}[{number}].when", say("must be a parameter of the blueprint."))
    for number, one in enumerate(found):
        for key, end in (("from", one.source), ("to", one.target)):
            if set("{}") & set(end.replace(ENVIRONMENT, "")):
                raise _bad(
                    f"{where}[{number}].{key}",
                    say("may have {environment} in it and no other braces.", environment=ENVIRONMENT),
                )
    return tuple(one for one, name in zip(found, whens, strict=True) if not name or is_given(values[name]))


def _answer(one: Any) -> str:
    told = _ANSWER.fullmatch(str(one.get("dst_port"))) if isinstance(one, Mapping) else None
    return told[1] if told else ""


def _condition(one: Any) -> str:
    return str(one.get("when") or "") if isinstance(one, Mapping) else ""


def _unconditional(one: Any) -> Any:
    return {key: value for key, value in one.items() if key != "when"} if isinstance(one, Mapping) else one


def placed(intent: Intent, environment: str) -> Intent:
    """One of a blueprint's, as it is for an environment, by its id."""
    source, target = (end.replace(ENVIRONMENT, environment) for end in (intent.source, intent.target))
    return replace(intent, source=source, target=target)


def by_id(intent: Intent, name: str, id_: str) -> Intent:
    """The same with the environment of this name by its id, as a blueprint's own has it."""

    def end(text: str) -> str:
        kind, _, rest = text.partition(":")
        whose, slash, tier = rest.rpartition("/") if kind == "tier" else (rest, "", "")
        return f"{kind}:{id_}{slash}{tier}" if kind in ("tier", "environment") and whose == name else text

    return replace(intent, source=end(intent.source), target=end(intent.target))


def _intent(given: Any, where: str) -> Intent:
    if not isinstance(given, Mapping):
        raise _bad(where, say("must be an object."))
    if strange := [key for key in given if key not in KEYS]:
        raise _bad(f"{where}.{str(strange[0])[:60]}", say("is unknown; known are {keys}.", keys=", ".join(KEYS)))
    expect = given.get("expect")
    if expect not in get_args(Expect):
        raise _bad(f"{where}.expect", say("must be deny or allow."))
    ends = [_end(given, key, where) for key in ("from", "to")]
    protocol = _protocol(given.get("protocol"), f"{where}.protocol")
    ports = _range(given.get("dst_port"), f"{where}.dst_port")
    if ports is not None and not _ported(protocol):
        raise _bad(f"{where}.dst_port", say("needs a protocol that has ports, such as tcp or udp."))
    says = given.get("says") or ""
    if not isinstance(says, str) or len(says) > 255 or "\0" in says:  # PostgreSQL stores no NUL
        raise _bad(f"{where}.says", say("must be a text of at most 255 characters, none of them NUL."))
    return Intent(cast(Expect, expect), ends[0], ends[1], protocol, ports, says)


def _end(given: Mapping[str, Any], key: str, where: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise _bad(f"{where}.{key}", say("must name an end of traffic, such as internet or tier:shop/database."))
    return value


def _protocol(value: Any, where: str) -> str | None:
    if value is None or value == protocols.ANY:
        return None
    try:
        return protocols.name_of(protocols.number_of(value, 4))
    except ValueError as error:
        raise _bad(where, f"{error}.") from None


def _ported(protocol: str | None) -> bool:
    return protocol is not None and protocols.number_of(protocol, 4) in protocols.WITH_PORTS


def _range(value: Any, where: str) -> tuple[int, int] | None:
    if value is None:
        return None
    low, _, high = str(value).partition("-")
    ends = [low, high or low]
    if isinstance(value, bool) or not all(one.isascii() and one.isdigit() and len(one) <= 5 for one in ends):
        raise _bad(where, say("must be a port from 1 to 65535 or a range a-b."))
    first, last = int(ends[0]), int(ends[1])
    if not 1 <= first <= last <= 65535:
        raise _bad(where, say("must be a port from 1 to 65535 or a range a-b."))
    return first, last


def _ports(ports: tuple[int, int]) -> str:
    return str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"


def _bad(where: str, what: str) -> BadInput:
    return BadInput(about(where, what), field=where)
