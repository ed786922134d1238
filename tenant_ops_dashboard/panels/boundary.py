"""What holds for every request of the plugin, around every view: the reader's time zone, and a session left alone.

Horizon activates a time zone for whole pages only and never takes it back, and its session is written back, as it was
read, with every request. A poll that waits for OpenStack would so undo a switch of project made meanwhile, and keep a
session alive that nobody uses.
"""

from __future__ import annotations

import functools
import zoneinfo
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import patch_vary_headers

View = Callable[..., HttpResponse]
AnyView = TypeVar("AnyView", bound=View)
_POLL = "tenant_ops_poll"


def poll(view: AnyView) -> AnyView:
    """Mark a view that a page asks again and again by itself."""
    setattr(view, _POLL, True)
    return view


def is_poll(view: object) -> bool:
    """Whether a view was marked so."""
    return bool(getattr(view, _POLL, False))


def decorate(patterns: Iterable[Any]) -> None:
    """Put the boundary around every view of these URL patterns and of those below them."""
    for pattern in patterns:
        if getattr(pattern, "callback", None):
            pattern.callback = _bounded(pattern.callback)
        decorate(getattr(pattern, "url_patterns", ()))


def is_script(request: HttpRequest) -> bool:
    """Whether one of our scripts asks, not a person who goes to a page."""
    return request.headers.get("X-Requested-With") == "XMLHttpRequest"


def _bounded(view: View) -> View:
    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        by_itself = is_script(request) or is_poll(view)
        if by_itself:
            _seal(request)
        timezone.activate(_zone(request))
        try:
            response = view(request, *args, **kwargs)
        finally:
            timezone.deactivate()
        if by_itself:
            patch_vary_headers(response, ("Cookie",))
        return response

    return run


def _zone(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """The reader's zone: Horizon keeps it in the session or in a cookie, which may hold anything."""
    chosen = request.session.get("django_timezone") or request.COOKIES.get("django_timezone") or settings.TIME_ZONE
    try:
        return zoneinfo.ZoneInfo(str(chosen))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return zoneinfo.ZoneInfo(settings.TIME_ZONE)


class _Sealed:
    """Mixed into a request's session: it can be read and changed, and neither is known to whoever saves sessions.

    Django's middleware leaves alone what has no `accessed`: it saves nothing, sets no cookie and takes none away.
    """

    modified = property(lambda self: False, lambda self, value: None)

    @property
    def accessed(self) -> bool:
        raise AttributeError("The session of a request that a script made is not saved.")

    @accessed.setter
    def accessed(self, value: bool) -> None:
        """Reading is nobody's business."""

    def save(self, must_create: bool = False) -> None:
        """Nothing is saved."""


def _seal(request: HttpRequest) -> None:
    request.session.__class__ = _sealed(type(request.session))


@functools.cache
def _sealed(kind: type) -> type:
    return kind if issubclass(kind, _Sealed) else type(f"Sealed{kind.__name__}", (_Sealed, kind), {})
