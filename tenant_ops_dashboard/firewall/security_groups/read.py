"""From Neutron's rows to a security group as people edit it. Nothing asks the cloud."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.firewall import read
from tenant_ops_dashboard.firewall.rows import text
from tenant_ops_dashboard.firewall.security_groups.model import Base, Draft, Rule, State
from tenant_ops_dashboard.firewall.snapshot import Json, Seen
from tenant_ops_dashboard.sentences import say

#: Fields that are None for 'any' (API reference, security group rules).
_ANY = ("protocol", "remote_ip_prefix", "remote_group_id", "remote_address_group_id")


def groups(seen: Seen) -> list[Json]:
    """The project's own security groups, as Neutron lists them."""
    mine = seen.project_id
    return [one for one in seen.rows("security_groups") if not mine or project(one) in ("", mine)]


def find(seen: Seen, name_or_id: str) -> Json:
    """The group of this name or id. Raises NotFound, BadInput with the ids where several have the name."""
    return read.one_of(groups(seen), name_or_id, say("security group"), "group")


def draft(seen: Seen, name_or_id: str) -> Draft:
    """A draft of a group that changes nothing; its base has the revision and the whole content. Raises as `find`."""
    return unchanged(find(seen, name_or_id))


def unchanged(row: Mapping[str, Any]) -> Draft:
    """A draft that changes nothing of the group of this row."""
    now = state(row)
    return Draft(now, Base(revision(row), now))


def state(row: Mapping[str, Any]) -> State:
    """A group with its rules, ingress first, each side in an order that does not depend on the listing's."""
    rules = sorted((rule(one) for one in row.get("security_group_rules") or ()), key=_order)
    return State(str(row["id"]), text(row.get("name")), tuple(rules))


def rule(row: Mapping[str, Any]) -> Rule:
    """One of Neutron's rules."""
    some = {key: text(row.get(key)).strip() or None for key in _ANY}
    protocol = some["protocol"] and some["protocol"].lower()
    return Rule(
        id=text(row.get("id")) or None, direction="egress" if row.get("direction") == "egress" else "ingress",
        ethertype="IPv6" if row.get("ethertype") == "IPv6" else "IPv4", port_range_min=_port(row.get("port_range_min")),
        port_range_max=_port(row.get("port_range_max")), description=text(row.get("description")),
        **{**some, "protocol": None if protocol == "any" else protocol},
    )  # fmt: skip


def revision(row: Mapping[str, Any]) -> int | None:
    """Neutron's revision of a group, which moves with its rules."""
    number = row.get("revision_number")
    return number if isinstance(number, int) else None


def project(row: Mapping[str, Any]) -> str:
    """Whose the group is."""
    return text(row.get("project_id") or row.get("tenant_id"))


def _port(given: Any) -> int | None:
    return int(given) if given is not None and str(given).lstrip("-").isdigit() else None


def _order(rule: Rule) -> tuple[object, ...]:
    low, high = rule.port_range_min, rule.port_range_max
    remote = rule.remote_ip_prefix or rule.remote_group_id or rule.remote_address_group_id or ""
    protocol = rule.protocol or ""
    return (
        rule.direction != "ingress", rule.ethertype, protocol, -1 if low is None else low, -1 if high is None else high,
        remote, rule.id or "",
    )  # fmt: skip
