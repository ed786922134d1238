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
from tenant_ops_dashboard.records import drafts


def page(arguments: Mapping[str, Any]) -> str:
    """The page of a group, from the arguments in an address."""
    return reverse("horizon:tenant_ops:firewall:group", args=[arguments["group"]])


def keep(request: HttpRequest, group: str, change: Callable[[Draft], Draft]) -> Draft:
    """Change the draft that the page showed and keep it; a draft begins with its first change.

    The form says which `version` it was drawn from. Raises NotFound, BadDraft, ElsewhereChanged.
    """
    found = state.edited(request, state.state(request).value, group)
    if request.POST.get("version", "") != found.token:
        raise drafts.ElsewhereChanged(drafts.ELSEWHERE)
    made = change(found.draft)
    drafts.save(poll.connect(request), group, made, found.version, timezone.now())
    return made
