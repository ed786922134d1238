"""A snapshot as it would be with a security group's draft in force: its rules are other ones, all else is as it is.

`put` takes and gives a snapshot, so that several drafts, and one of a firewall group, are looked at together:
`put(put(firewall.substitute.substitute(seen, draft.state, group).after, first), second)`.
"""

from __future__ import annotations

from dataclasses import replace

from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.security_groups.draft import rule_written
from tenant_ops_dashboard.firewall.security_groups.model import Rule, State
from tenant_ops_dashboard.reachability.errors import BadInput
from tenant_ops_dashboard.reachability.fields import Fields
from tenant_ops_dashboard.reachability.model import GroupRule, Snapshot
from tenant_ops_dashboard.reachability.readers import read_security_group
from tenant_ops_dashboard.sentences import say


def place(group: str, number: int) -> str:
    """The id in a preview of a rule that Neutron does not have yet: its group's id, and its place in the draft."""
    return f"{group}.rules[{number}]"


def put(snapshot: Snapshot, state: State) -> Snapshot:
    """Put a draft's state in the place of the group that has its id.

    A rule that is there already keeps its id, another one has its `place`. Raises BadDraft for a group that the
    snapshot has not, and for a rule that cannot be read.
    """
    old = snapshot.security_groups.get(state.id)
    if old is None:
        raise BadDraft(
            "security_group.id", say("This project has no security group {state_id}.", state_id=state.id[:60])
        )
    known = {one.id: one for one in old.rules}
    rules = tuple(_rule(rule, number, state.id, known) for number, rule in enumerate(state.rules))
    made = replace(old, name=state.name or old.name, rules=rules)
    return replace(snapshot, security_groups={**snapshot.security_groups, state.id: made})


def _rule(rule: Rule, number: int, group: str, known: dict[str, GroupRule]) -> GroupRule:
    where = f"rules[{number}]"
    made = _read(rule, group, where)
    before = known.get(rule.id or "")
    if before is not None and before == replace(made, id=before.id):
        return before
    return replace(made, id=place(group, number))


def _read(rule: Rule, group: str, where: str) -> GroupRule:
    row = {**rule_written(rule), "id": where}
    try:
        return read_security_group(Fields({"id": group, "security_group_rules": [row]}, where)).rules[0]
    except BadInput as error:
        field, _, rest = error.what.partition(" ")
        raise BadDraft(f"{where}.{field.rstrip(':')}" if field.rstrip(":") in row else where, rest) from None
