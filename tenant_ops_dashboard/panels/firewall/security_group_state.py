"""A security group as somebody edits it, and what is worked out of the reading and his draft."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from tenant_ops_dashboard.audit.wanted import Wanted
from tenant_ops_dashboard.errors import NotFound, TenantOpsError
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.security_groups import checks, content, draft, read, substitute, undo
from tenant_ops_dashboard.firewall.security_groups.listing import Listed, listing
from tenant_ops_dashboard.firewall.security_groups.model import Draft
from tenant_ops_dashboard.firewall.security_groups.preview import preview
from tenant_ops_dashboard.panels import access, poll, words
from tenant_ops_dashboard.panels.firewall import intents, permissions, presenters
from tenant_ops_dashboard.panels.firewall import state as page_state
from tenant_ops_dashboard.panels.firewall.state import State
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.reachability.lint import Finding, lint
from tenant_ops_dashboard.records import audit, drafts

LAST = 20  # events of the audit trail in which the last apply is looked for


@dataclass(frozen=True)
class Edited:
    """As a firewall group's: this person's draft, else one without a change; `token` is what a form was drawn from."""

    draft: Draft
    version: int
    others: tuple[drafts.Editor, ...]
    unreadable: bool = False

    @property
    def token(self) -> str:
        """The version; of a group whose draft has no change what is in force, too."""
        whole = self.changed or self.unreadable
        return str(self.version) if whole else f"{self.version}-{content.digest(self.draft.state, None)}"

    @property
    def changed(self) -> bool:
        """Whether the draft differs from what it was made from."""
        was = self.draft.base.was
        return was is None or not content.same(self.draft.state, was)


def page(arguments: Any) -> str:
    """The page of a group, from the arguments in an address."""
    return reverse("horizon:tenant_ops:firewall:security_group", args=[arguments["security_group"]])


def edited(request: HttpRequest, found: State, group: str) -> Edited:
    """This person's draft of a group. Raises NotFound where the project has no such group."""
    cloud, now = poll.connect(request), timezone.now()
    row = next((one for one in read.groups(found.seen) if one["id"] == group), None)
    if row is None:
        raise NotFound("This project has no such security group.")
    standing = read.unchanged(row)
    kept = drafts.load_security_group(cloud, group, now) if access.allowed(request, permissions.EDIT) else None
    others = drafts.others(cloud, group, now)
    if kept is None:
        return Edited(standing, 0, others)
    mine = Edited(kept.draft or standing, kept.version, others, kept.draft is None)
    return mine if mine.changed else Edited(standing, kept.version, others, kept.draft is None)


def keep(request: HttpRequest, group: str, change: Callable[[Draft], Draft]) -> None:
    """Change the draft that the page showed and keep it. Raises NotFound, BadDraft, ElsewhereChanged."""
    found = edited(request, page_state.state(request).value, group)
    if request.POST.get("version", "") != found.token:
        raise drafts.ElsewhereChanged(drafts.ELSEWHERE)
    drafts.save(poll.connect(request), group, change(found.draft), found.version, timezone.now())


def rows(request: HttpRequest, found: State) -> tuple[Listed, ...]:
    """The project's groups."""
    made: tuple[Listed, ...] = page_state.worked_out(
        request, f"security groups {found.version}", lambda: listing(found.ends)
    )
    return made


def findings(request: HttpRequest, found: State) -> tuple[Finding, ...]:
    """All findings of a reading, whatever a draft says."""
    made: tuple[Finding, ...] = page_state.worked_out(
        request, f"findings {found.version}", lambda: tuple(lint(found.seen.engine))
    )
    return made


def shown(request: HttpRequest, found: State, mine: Edited) -> dict[str, Any]:
    """The draft's preview in words, for the template; {} without a draft."""
    if not mine.changed:
        return {}
    names = f"security group {found.version} {get_language()} {json.dumps(draft.written(mine.draft))}"
    made: dict[str, Any] = page_state.worked_out(request, names, lambda: _preview(found, mine.draft))
    return made


def intended(request: HttpRequest, found: State, mine: Edited) -> intents.Shown:
    """How the project's intents fare, and what the draft makes of them."""
    wanted = mine.draft.state
    traffic = shown(request, found, mine).get("traffic")
    drafted = intents.Drafted(str(wanted), lambda: substitute.put(found.seen.engine.snapshot, wanted), traffic)
    return intents.judged(request, found, drafted if mine.changed else None, {})


def last(request: HttpRequest, found: State, group: str) -> Draft | None:
    """The draft that takes back the last apply, None where there is none or somebody changed the group since."""
    project = poll.connect(request).project_id
    try:
        with audit.reading():
            events = audit.page([project], Wanted(target=group, verb=undo.VERB), LAST).events
        back = undo.back(events, group)
    except TenantOpsError:
        return None
    row = next((one for one in read.groups(found.seen) if one["id"] == group), None)
    was = back.base.was
    return back if row and was and content.same(was, read.state(row)) else None


def token(back: Draft) -> str:
    """What a form says of the way back that it offers."""
    return content.digest(back.state, None)


def _preview(found: State, wanted: Draft) -> dict[str, Any]:
    ends = found.ends
    group = read.find(found.seen, wanted.state.id)
    try:
        checks.refuse(wanted.state)
        made = preview(ends, wanted, group, findings=False)
    except (BadDraft, ReachabilityError) as error:
        return {"problem": words.told(error)}
    told: dict[str, Any] = {"traffic": made.traffic, **presenters.traffic(ends, made.traffic)}
    warnings = [one.says for one in checks.warnings(wanted.state, wanted.base.was)]
    told["warnings"] = [*dict.fromkeys(warnings), *made.traffic.unknown]
    return told
