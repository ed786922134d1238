"""What a group's page works out of a reading and a draft, and keeps: the matrix, traffic gained and lost, badges.

An edit is answered with `after_edit`; the rest is asked for by the page's next look.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenant_ops_dashboard.environments.firewall_group import group as marks
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.firewall import checks, draft, matrix, preview, read, words
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.matrix import Layer
from tenant_ops_dashboard.firewall.model import DIRECTIONS
from tenant_ops_dashboard.firewall.named import Named
from tenant_ops_dashboard.firewall.substitute import substitute
from tenant_ops_dashboard.panels.firewall import intents, picture, presenters, state
from tenant_ops_dashboard.panels.firewall.state import Edited, State
from tenant_ops_dashboard.panels.words import told
from tenant_ops_dashboard.reachability.drafts import badges
from tenant_ops_dashboard.reachability.errors import ReachabilityError

Json = dict[str, Any]


def shown(request: HttpRequest, found: State, edited: Edited, layer: Layer) -> Json:
    """For the template: `row`, `picture`, `columns`, `matrix`, `unknown`, `preview`, `badges`, `intents`.

    `drafted` says that the matrix is of the draft: of one that cannot be it is of what is in force.
    """
    names = f"{layer} {_names(request, found, edited)}"
    made: Json = state.worked_out(request, names, lambda: _shown(found, edited, layer))
    id_ = edited.draft.state.group.id
    row = next(one for one in rows(request, found, findings=False) if one.id == id_)
    return {**made, **after_edit(request, found, edited), "row": row}


def after_edit(request: HttpRequest, found: State, edited: Edited) -> Json:
    """What of `shown` an edit is answered with: `preview`, `intents`."""
    told = preview_of(request, found, edited)
    return {"preview": told, "intents": intents.shown(request, found, edited, told.get("traffic"))}


def preview_of(request: HttpRequest, found: State, edited: Edited) -> Json:
    """What the draft bar says: `gained`, `lost`, `warnings`, `calls`, or `problem`; nothing without a change."""
    if not edited.changed:
        return {}
    names = f"preview {_names(request, found, edited)}"
    made: Json = state.worked_out(request, names, lambda: _previewed(found, edited))
    return made


def rows(request: HttpRequest, found: State, findings: bool = True) -> tuple[presenters.GroupRow, ...]:
    """The project's groups. Their findings take the longest of all: they are of a reading, whatever a draft says."""
    what = f"list {found.version} {get_language()} {findings}"
    made: tuple[presenters.GroupRow, ...] = state.worked_out(
        request, what, lambda: presenters.groups(found.ends, findings)
    )
    return made


def _names(request: HttpRequest, found: State, edited: Edited) -> str:
    """All that a group's page is worked out of: no two drafts of a person have one version."""
    user: Any = request.user
    whose = f"{user.id} {edited.token}" if edited.changed else ""
    return f"{found.version} {get_language()} {edited.draft.state.group.id} {whose}"


def _previewed(found: State, edited: Edited, keep: bool = False) -> Json:
    try:
        return _preview(found, edited, read.find(found.seen, edited.draft.state.group.id), keep)
    except (BadDraft, ReachabilityError) as error:
        return {"problem": told(error)}


def _shown(found: State, edited: Edited, layer: Layer) -> Json:
    ends, wanted = found.ends, edited.draft
    group = read.find(found.seen, wanted.state.group.id)
    made: Json = {"badges": _badges(found, edited)}
    engine = ends.engine
    if edited.changed:
        with suppress(BadDraft, ReachabilityError):  # the preview says why; the matrix is of what is in force
            engine = engine.like(substitute(found.seen, wanted.state, group).after)
    made["drafted"] = engine is not ends.engine
    owner = marks.owner(group)
    environment = owner if owner in found.names.environments else ""
    cells, labels = matrix.matrix(ends, environment, layer, engine), words.Labels(found.seen, ends.names)
    made["columns"], made["matrix"] = presenters.squares(cells, labels)
    prefix = f"{found.names.environments[environment]}-" if environment else ""
    made["picture"] = picture.draw(ends, wanted.state.group, matrix.places(ends, environment), cells, labels, prefix)
    made["unknown"] = tuple(dict.fromkeys(one for cell in cells for one in cell.unknown))[: presenters.MOST]
    return made


def of_every_group(request: HttpRequest, found: State, edited: Edited) -> Json:
    """The preview where policies keep their ids, so that every group on them changes."""
    names = f"every {_names(request, found, edited)}"
    made: Json = state.worked_out(request, names, lambda: _previewed(found, edited, keep=True))
    return made


def _preview(found: State, edited: Edited, group: Json, keep: bool = False) -> Json:
    ends = found.ends
    made = preview.preview(ends, edited.draft, group, findings=False, keep=keep)
    told: Json = {"calls": made.calls, "traffic": made.traffic, **presenters.traffic(ends, made.traffic)}
    unknown = made.traffic.unknown
    if unknown:
        unknown = list(map(Named(found.seen, words.Labels(found.seen, ends.names), edited.draft.state), unknown))
    profile = ends.engine.told
    told["warnings"] = [
        *_refused(edited, profile), *_surprises(edited, profile), *unknown, *_others(found, made, keep),
    ]  # fmt: skip
    return told


def _refused(edited: Edited, profile: str) -> list[str]:
    """The first thing for which an apply refuses the draft: it is said before somebody tries."""
    return [
        _("It cannot be applied so: %s") % told(one) for one in islice(checks.problems(edited.draft.state, profile), 1)
    ]


def _surprises(edited: Edited, profile: str) -> list[str]:
    """What the draft makes surprising on this back end, and was not so before."""
    was = edited.draft.base.was
    known = {one.says for one in checks.warnings(was, profile)} if was else set()
    return [
        says
        for says in dict.fromkeys(one.says for one in checks.warnings(edited.draft.state, profile))
        if says not in known
    ]


def _others(found: State, made: preview.Preview, keep: bool) -> list[str]:
    rows = {str(one["id"]): str(one.get("name") or one["id"]) for one in found.seen.rows("firewall_groups")}
    names = ", ".join(rows.get(one, one) for one in made.touches.groups)
    if names and keep:
        return [_("%s changes as well: the policy is in force there, too.") % names]
    return [_("%s keeps the policy as it is: this group gets a version of its own.") % names] if names else []


def _badges(found: State, edited: Edited) -> dict[tuple[str, int], tuple[presenters.Mark, ...]]:
    told: dict[tuple[str, int], tuple[presenters.Mark, ...]] = {}
    for direction in DIRECTIONS:
        policy = edited.draft.state.policy(direction)
        rules = [draft.rule_written(rule) for rule in policy.rules] if policy else []
        try:
            for badge in badges(rules, found.seen.engine.profile):
                key = (direction, -1 if badge.place is None else badge.place)
                told[key] = (*told.get(key, ()), presenters.mark(badge))
        except (ReachabilityError, BadInput):
            continue  # what cannot be read is said by the preview
    return told
