"""How a page's edit becomes the next version of its reader's draft."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.firewall import state
from tenant_ops_dashboard.panels.firewall.state import Edited, State
from tenant_ops_dashboard.records import drafts


def page(arguments: Mapping[str, Any]) -> str:
    """The page of a group, from the arguments in an address."""
    return reverse("horizon:tenant_ops:firewall:group", args=[arguments["group"]])


def kept(
    request: HttpRequest, found: State, group: str, change: Callable[[Draft], Draft]
) -> tuple[Edited, Edited]:  # fmt: skip
    """Change the draft that the page showed and keep it: the group as it was edited before, and as it is now.

    A draft begins with its first change. The form says which `version` it was drawn from. Raises NotFound, BadDraft,
    ElsewhereChanged.
    """
    before = state.edited(request, found, group)
    if request.POST.get("version", "") != before.token:
        raise drafts.ElsewhereChanged(drafts.ELSEWHERE)
    made = change(before.draft)
    version = drafts.save(poll.connect(request), group, made, before.version, timezone.now())
    return before, Edited(made, version, before.others)


def keep(request: HttpRequest, group: str, change: Callable[[Draft], Draft]) -> Draft:
    """As `kept`, with the reading of a moment ago; the draft as it is now."""
    return kept(request, state.recent(request).value, group, change)[1].draft
