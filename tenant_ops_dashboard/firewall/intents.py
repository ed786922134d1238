"""What must never, or must always, get through: read from JSON, and checked for all packets at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.firewall.checking import Checked, Set, check_allow, check_deny
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.reachability import protocols
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import TooComplex

Json = dict[str, Any]
Expect = Literal["deny", "allow"]
KEYS = ("expect", "from", "to", "protocol", "dst_port", "says")
MOST = 200  # in one file


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
        what = f"{self.source} -> {self.target} {self.protocol or 'any protocol'}{port}"
        return self.says or f"{what} {'never gets through' if self.expect == 'deny' else 'always gets through'}"


@dataclass(frozen=True)
class Judged:
    """How an intent fared. `holds` is None where the answer would be too complex or a part of it is not known."""

    intent: Intent
    found: Checked

    def written(self) -> Json:
        """The contract's form."""
        found = self.found
        return {
            "intent": written(self.intent), "holds": found.holds, "because": found.because, "witness": found.witness,
            "rules": list(found.rules),
        }  # fmt: skip


def loads(text: str, where: str = "intents") -> tuple[Intent, ...]:
    """Intents from the text of a file. Raises BadInput."""
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise BadInput(f"{where}: is no JSON.", field=where) from None
    return parse(given, where)


def parse(given: Any, where: str = "intents") -> tuple[Intent, ...]:
    """Intents from JSON's objects; complaints name the place ('intents[2].dst_port'). Raises BadInput."""
    if not isinstance(given, list):
        raise _bad(where, "must be a list.")
    if len(given) > MOST:
        raise _bad(where, f"has {len(given)} intents, at most {MOST} can be checked.")
    return tuple(_intent(one, f"{where}[{number}]") for number, one in enumerate(given))


def written(intent: Intent) -> Json:
    """An intent as JSON's object: what `parse` reads."""
    ports = None if intent.ports is None else _ports(intent.ports)
    return {
        "expect": intent.expect, "from": intent.source, "to": intent.target, "protocol": intent.protocol,
        "dst_port": ports, "says": intent.says,
    }  # fmt: skip


def check(engine: Engine, intents: Sequence[Intent], ends: Ends) -> list[Judged]:
    """Check intents on an engine over the topology of `ends`. Raises NotFound, BadInput, a CloudError for an end."""
    return [Judged(one, _check(engine, one, ends, f"intents[{number}]")) for number, one in enumerate(intents)]


def _check(engine: Engine, intent: Intent, ends: Ends, where: str) -> Checked:
    source, target = ends.source(intent.source, f"{where}.from"), ends.target(intent.target, f"{where}.to")
    wanted = Set(intent.protocol, intent.ports)
    try:
        return (check_deny if intent.expect == "deny" else check_allow)(engine, source, target, wanted)
    except TooComplex as error:
        return Checked(None, f"{error}; no answer is given rather than a wrong one")


def _intent(given: Any, where: str) -> Intent:
    if not isinstance(given, Mapping):
        raise _bad(where, "must be an object.")
    if strange := [key for key in given if key not in KEYS]:
        raise _bad(f"{where}.{str(strange[0])[:60]}", f"is unknown; known are {', '.join(KEYS)}.")
    expect = given.get("expect")
    if expect not in get_args(Expect):
        raise _bad(f"{where}.expect", "must be deny or allow.")
    ends = [_end(given, key, where) for key in ("from", "to")]
    protocol = _protocol(given.get("protocol"), f"{where}.protocol")
    ports = _range(given.get("dst_port"), f"{where}.dst_port")
    if ports is not None and not _ported(protocol):
        raise _bad(f"{where}.dst_port", "needs a protocol that has ports, such as tcp or udp.")
    says = given.get("says") or ""
    if not isinstance(says, str) or len(says) > 255:
        raise _bad(f"{where}.says", "must be a text of at most 255 characters.")
    return Intent(cast(Expect, expect), ends[0], ends[1], protocol, ports, says)


def _end(given: Mapping[str, Any], key: str, where: str) -> str:
    value = given.get(key)
    if not isinstance(value, str) or not value:
        raise _bad(f"{where}.{key}", "must name an end of traffic, such as internet or tier:shop/database.")
    return value


def _protocol(value: Any, where: str) -> str | None:
    if value is None or value == protocols.ANY:
        return None
    try:
        protocols.number_of(value, 4)
    except ValueError as error:
        raise _bad(where, f"{error}.") from None
    return str(value).strip().lower()


def _ported(protocol: str | None) -> bool:
    return protocol is not None and protocols.number_of(protocol, 4) in protocols.WITH_PORTS


def _range(value: Any, where: str) -> tuple[int, int] | None:
    if value is None:
        return None
    low, _, high = str(value).partition("-")
    ends = [low, high or low]
    if isinstance(value, bool) or not all(one.isascii() and one.isdigit() and len(one) <= 5 for one in ends):
        raise _bad(where, "must be a port from 1 to 65535 or a range a-b.")
    first, last = int(ends[0]), int(ends[1])
    if not 1 <= first <= last <= 65535:
        raise _bad(where, "must be a port from 1 to 65535 or a range a-b.")
    return first, last


def _ports(ports: tuple[int, int]) -> str:
    return str(ports[0]) if ports[0] == ports[1] else f"{ports[0]}-{ports[1]}"


def _bad(where: str, what: str) -> BadInput:
    return BadInput(f"{where}: {what}", field=where)
