"""From Neutron's rows to a group as people edit it. Rows are those of a snapshot; nothing asks the cloud."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.firewall.errors import Hidden
from tenant_ops_dashboard.firewall.model import DIRECTIONS, Base, Direction, Draft, Group, Policy, State
from tenant_ops_dashboard.firewall.rows import text as _text
from tenant_ops_dashboard.firewall.snapshot import Json, Seen
from tenant_ops_dashboard.sentences import about, say


def groups(seen: Seen) -> list[Json]:
    """The project's own firewall groups, as Neutron lists them."""
    return [one for one in seen.rows("firewall_groups") if _project(one) in ("", seen.project_id or _project(one))]


def find(seen: Seen, name_or_id: str) -> Json:
    """The group of this name or id. Raises NotFound, BadInput with the ids where several have the name."""
    return one_of(groups(seen), name_or_id, say("firewall group"), "group")


def one_of(rows: Iterable[Json], name_or_id: str, kind: str, field: str) -> Json:
    """The row with this id, else the only one with this name. Raises NotFound, BadInput naming `field`."""
    known = list(rows)
    by_id = [one for one in known if one["id"] == name_or_id]
    found = by_id or [one for one in known if name_or_id and one.get("name") == name_or_id]
    if not found:
        raise NotFound(
            about(field, say("This project has no {kind} called {name}.", kind=kind, name=name_or_id[:60])), field=field
        )
    if len(found) > 1:
        ids = ", ".join(sorted(str(one["id"]) for one in found))
        words = say(
            "{n} {kinds} are called {name}; use an id: {ids}.",
            n=len(found),
            kinds=f"{kind}s",
            name=name_or_id[:60],
            ids=ids,
        )
        raise BadInput(about(field, words), field=field)
    return found[0]


def draft(seen: Seen, name_or_id: str) -> Draft:
    """A draft of a group that changes nothing; its base has every revision and the whole content. Raises as `find`."""
    row = find(seen, name_or_id)
    now = state(seen, row)
    revisions = {one["id"]: _revision(one) for one in seen.rows("firewall_rules")}
    policies = {one["id"]: _revision(one) for one in seen.rows("firewall_policies")}
    numbers = {one: policies.get(policy_id(row, one) or "") for one in DIRECTIONS}
    return Draft(
        now, Base(_revision(row), **numbers, rules={r.id: revisions[r.id] for r in now.rules if r.id}, was=now)
    )


def state(seen: Seen, row: Mapping[str, Any]) -> State:
    """A group with the rules of both policies. Raises Hidden where this project is not shown one of them."""
    return State(group(row), *(_policy(seen, row, one) for one in DIRECTIONS))


def group(row: Mapping[str, Any]) -> Group:
    """A group by itself."""
    ports = tuple(str(one) for one in row.get("ports") or ())
    return Group(str(row["id"]), _text(row.get("name")), bool(row.get("admin_state_up", True)), ports)


def policy_id(row: Mapping[str, Any], direction: Direction) -> str | None:
    """The id of a group's policy of a direction."""
    return row.get(f"{direction}_firewall_policy_id") or None


def _policy(seen: Seen, row: Mapping[str, Any], direction: Direction) -> Policy | None:
    wanted = policy_id(row, direction)
    if wanted is None:
        return None
    found = next((one for one in seen.rows("firewall_policies") if one["id"] == wanted), None)
    if found is None:
        raise Hidden(
            say(
                "The {direction} policy {wanted} of this group is not shown to this project.",
                direction=direction,
                wanted=wanted,
            )
        )
    known = seen.rules
    if missing := [one for one in found.get("firewall_rules") or () if one not in known]:
        raise Hidden(
            say(
                "Rule {missing} of the {direction} policy is not shown to this project.",
                missing=missing[0],
                direction=direction,
            )
        )
    return Policy(wanted, _text(found.get("name")), tuple(known[one] for one in found.get("firewall_rules") or ()))


def _project(row: Mapping[str, Any]) -> str:
    return _text(row.get("project_id") or row.get("tenant_id"))


def _revision(row: Mapping[str, Any]) -> int | None:
    number = row.get("revision_number")
    return number if isinstance(number, int) else None
