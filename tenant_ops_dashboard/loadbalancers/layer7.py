"""Layer 7 policies: which are tried first, what each does and asks for, and which take nothing at all. Pure.

A request must meet all rules of a policy, and the first policy that takes it decides. In an amphora HAProxy tries every
REJECT before any redirect, and those before any REDIRECT_TO_POOL, whatever their positions (Octavia's user guide,
'Layer 7 Load Balancing'). It leaves out what is switched off, policies without a rule, and those that lead to a
pool which is switched off (octavia, haproxy/combined_listeners/templates/macros.j2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from tenant_ops_dashboard.loadbalancers.model import Listener, Policy, Pool, Rule
from tenant_ops_dashboard.loadbalancers.read import Row
from tenant_ops_dashboard.loadbalancers.refresh import Seen
from tenant_ops_dashboard.octavia import status, transport
from tenant_ops_dashboard.sentences import join, say

_TURNS = {"REJECT": 0, "REDIRECT_TO_URL": 1, "REDIRECT_PREFIX": 1}
_AMPHORAE = ("amphora", "amphorav2", "octavia")
_COMPARED: Mapping[tuple[str, bool], Callable[[str, str], str]] = {
    ("EQUAL_TO", False): lambda what, value: say("{what} is {value}", what=what, value=value),
    ("EQUAL_TO", True): lambda what, value: say("{what} is not {value}", what=what, value=value),
    ("STARTS_WITH", False): lambda what, value: say("{what} starts with {value}", what=what, value=value),
    ("STARTS_WITH", True): lambda what, value: say("{what} does not start with {value}", what=what, value=value),
    ("ENDS_WITH", False): lambda what, value: say("{what} ends with {value}", what=what, value=value),
    ("ENDS_WITH", True): lambda what, value: say("{what} does not end with {value}", what=what, value=value),
    ("CONTAINS", False): lambda what, value: say("{what} contains {value}", what=what, value=value),
    ("CONTAINS", True): lambda what, value: say("{what} does not contain {value}", what=what, value=value),
    ("REGEX", False): lambda what, value: say("{what} matches the regular expression {value}", what=what, value=value),
    ("REGEX", True): lambda what, value: say(
        "{what} does not match the regular expression {value}", what=what, value=value
    ),
}
_WHAT: Mapping[str, Callable[[str], str]] = {
    "HOST_NAME": lambda key: say("the host name"),
    "PATH": lambda key: say("the path"),
    "FILE_TYPE": lambda key: say("the file type"),
    "HEADER": lambda key: say("header {key}", key=key),
    "COOKIE": lambda key: say("cookie {key}", key=key),
    "SSL_VERIFY_RESULT": lambda key: say("the result of verifying the client's certificate"),
    "SSL_DN_FIELD": lambda key: say("field {key} of the client certificate's name", key=key),
}


def policies(seen: Seen, balancer_id: str, provider: str, pools: Mapping[str, Pool]) -> dict[str, tuple[Policy, ...]]:
    """A load balancer's policies by listener id, in the order in which its provider tries them."""
    found: dict[str, list[Policy]] = {}
    for row in seen.lists.policies_of(balancer_id):
        known = seen.rules.get(str(row["id"]))
        rules = None if known is None or known.rows is None else tuple(map(_rule, known.rows))
        found.setdefault(row["listener_id"], []).append(_policy(row, rules, pools))
    turns = _TURNS if provider in _AMPHORAE else {}
    # Sorting is stable: those of a turn stay as their positions have them.
    return {id_: tuple(sorted(many, key=lambda one: turns.get(one.action, len(turns)))) for id_, many in found.items()}


def otherwise(listener: Listener) -> str:
    """What becomes of requests that no policy takes, or of all where there is none; '' where that needs no words."""
    default = next((one for one in listener.pools if one.id == listener.default_pool_id), None)
    if listener.protocol == transport.PROMETHEUS:
        return say("It answers itself, at /metrics, with the load balancer's own figures; it has no pool.")
    if not listener.policies:
        return "" if default is not None else say("It has no pool, so nobody is served.")
    if default is None or not default.enabled:
        return say(
            "What none of these policies takes is answered with an error (503): there is no default pool to go to."
        )
    return say("What none of these policies takes goes to pool {pool}.", pool=default.name or default.id)


def _policy(row: Row, rules: tuple[Rule, ...] | None, pools: Mapping[str, Pool]) -> Policy:
    enabled = bool(row["admin_state_up"])
    pool = pools.get(row["redirect_pool_id"])
    return Policy(
        id=str(row["id"]), name=row["name"], told=_does(row, pool), idle=_idle(row, rules, pool), action=row["action"],
        position=row["position"], enabled=enabled,
        # Octavia leaves those that were made with their load balancer OFFLINE, though they act.
        state=status.listener((), row["provisioning_status"], enabled, "ONLINE"),
        operating=row["operating_status"], provisioning=row["provisioning_status"], pool_id=row["redirect_pool_id"],
        url=row["redirect_url"], prefix=row["redirect_prefix"], code=row["redirect_http_code"], rules=rules,
    )  # fmt: skip


def _does(row: Row, pool: Pool | None) -> str:
    """What a policy does with a request that it takes."""
    action, code = row["action"], row["redirect_http_code"] or 302
    if action == "REJECT":
        return say("refuses the request")
    if action == "REDIRECT_TO_POOL":
        name = (pool.name if pool else "") or row["redirect_pool_id"]
        return say("hands it to pool {name}", name=name)
    if action == "REDIRECT_TO_URL":
        return say("sends the client to {url} (HTTP {code})", url=row["redirect_url"], code=code)
    if action == "REDIRECT_PREFIX":
        return say(
            "sends the client to the same path at {prefix} (HTTP {code})", prefix=row["redirect_prefix"], code=code
        )
    return str(action)


def _idle(row: Row, rules: Sequence[Rule] | None, pool: Pool | None) -> str:
    """Why a policy takes no request; '' where nothing says so."""
    if not row["admin_state_up"]:
        return say("it is switched off")
    if not row["rules"]:
        return say("it has no rule")
    if rules and not any(one.enabled for one in rules):
        return say("all its rules are switched off")
    if pool is not None and not pool.enabled:
        return say("its pool is switched off")
    return ""


def _rule(row: Row) -> Rule:
    return Rule(
        id=str(row["id"]), told=_asks(row), type=row["type"], compare_type=row["compare_type"], key=row["key"],
        value=row["value"], invert=row["invert"], enabled=row["admin_state_up"], operating=row["operating_status"],
        provisioning=row["provisioning_status"],
    )  # fmt: skip


def _asks(row: Row) -> str:
    """A rule in words."""
    if row["type"] == "SSL_CONN_HAS_CERT":
        return say("the client shows no certificate") if row["invert"] else say("the client shows a certificate")
    what = _WHAT.get(row["type"], lambda key: join(" ", (row["type"], key)))(row["key"])
    compared = _COMPARED.get((row["compare_type"], row["invert"]))
    return compared(what, row["value"]) if compared else join(" ", (what, row["compare_type"], row["value"]))
