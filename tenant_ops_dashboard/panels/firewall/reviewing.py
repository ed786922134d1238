"""Reviews of several drafts that belong together: where one is applied the next is shown.

The address has what is still to come, `?then=firewall-group:ID&then=security-group:ID`: nothing is kept anywhere, and
what is no such thing there is left out.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

_PAGES = {"firewall-group": "apply", "security-group": "security_group_apply"}


def firewall_group(id_: str) -> str:
    """One to come: the draft of a firewall group."""
    return f"firewall-group:{id_}"


def security_group(id_: str) -> str:
    """One to come: the draft of a security group."""
    return f"security-group:{id_}"


def first(drafts: list[str]) -> str:
    """The review of the first, whose address has the others; empty where there is none."""
    known = [one for one in drafts if _page(one)]
    if not known:
        return ""
    rest = urlencode([("then", other) for other in known[1:]])
    return f"{_page(known[0])}?{rest}" if rest else _page(known[0])


def following(request: HttpRequest, page: str) -> str:
    """The review that comes after this one, else `page`."""
    return first(request.GET.getlist("then")) or page


def to_come(request: HttpRequest) -> int:
    """How many reviews come after this one."""
    return sum(bool(_page(one)) for one in request.GET.getlist("then"))


def _page(draft: str) -> str:
    kind, _colon, id_ = draft.partition(":")
    try:
        return reverse(f"horizon:tenant_ops:firewall:{_PAGES[kind]}", args=[id_])
    except (KeyError, NoReverseMatch):
        return ""
