"""What a change of a group's own settings does to traffic, and which ports it may be on: said before it is done."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import checks, interfaces, preview
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Draft, State
from tenant_ops_dashboard.panels import words
from tenant_ops_dashboard.panels.firewall import presenters
from tenant_ops_dashboard.panels.firewall.state import Edited
from tenant_ops_dashboard.panels.firewall.state import State as Reading
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.sentences import join

Json = dict[str, Any]


def effect(found: Reading, state: State, group: Json | None) -> Json:
    """For the template: `gained` and `lost` in words, `warnings`, or the `problem` that no answer can be given for."""
    ends = found.ends
    try:
        made = preview.preview(ends, Draft(state), group, findings=False)
    except (TenantOpsError, ReachabilityError) as error:
        return {"problem": words.told(error)}
    told = presenters.traffic(ends, made.traffic)
    says = dict.fromkeys(one.says for one in checks.warnings(state, ends.engine.told))
    told["warnings"], told["unknown"] = [*says, *made.traffic.unknown], bool(made.traffic.unknown)
    return told


def asks(told: Json) -> bool:
    """Whether it takes something away, or nobody can tell: people see that before it is done."""
    return bool(told.get("problem") or told.get("lost") or told.get("unknown"))


def ports(found: Reading, group_id: str = "") -> tuple[list[tuple[str, str]], list[interfaces.Interface]]:
    """The ports that may be chosen, as choices of a form; and the others, each with its reason."""
    offered = interfaces.offered(found.ends, group_id)
    return [(one.id, one.words) for one in offered if not one.why], [one for one in offered if one.why]


def refuse(chosen: list[str], choices: list[tuple[str, str]], others: list[interfaces.Interface]) -> None:
    """Raises BadDraft for a port that is not among the choices any more, or never was."""
    there, why = dict(choices), {one.id: join(" ", (one.words, one.why)) for one in others}
    for id_ in chosen:
        if id_ not in there:
            gone_ = _("%s is not there any more: choose among those that are offered now.") % id_
            raise BadDraft("group.ports", why.get(id_, gone_))


def stands(found: Reading, ids: tuple[str, ...]) -> list[str]:
    """What people call a group's ports; one that is gone is said to be."""
    rows = {str(one["id"]): one for one in found.seen.rows("ports")}
    return [interfaces.called(found.seen, rows[one]) if one in rows else gone(one) for one in ids]


def gone(id_: str) -> str:
    """A port that somebody removed."""
    return _("port %s, which is not there any more") % id_


def settings(found: Reading, edited: Edited) -> list[str]:
    """What a draft changes of the group itself, in words: name, state, ports."""
    was, now = edited.draft.base.was, edited.draft.state.group
    if was is None:
        return []
    told = []
    if was.group.name != now.name:
        told.append(_("It is called %(new)s, until now %(old)s.") % {"new": now.name, "old": was.group.name})
    if was.group.admin_state_up != now.admin_state_up:
        off = checks.down(found.seen.engine.told)
        told.append(_("Switched on.") if now.admin_state_up else _("Switched off. %s") % off)
    added = tuple(one for one in now.ports if one not in was.group.ports)
    left = tuple(one for one in was.group.ports if one not in now.ports)
    told += [_("Attached: %s") % one for one in stands(found, added)]
    told += [_("Detached: %s") % one for one in stands(found, left)]
    return told
