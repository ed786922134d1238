"""The door of every view: policy, services, and known errors turned into words."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from tenant_ops_dashboard import audit, policy
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.panels import access, failures, poll

View = Callable[..., HttpResponse]


def guarded(action: str, services: Iterable[str], home: str, title: failures.Words) -> Callable[[View], View]:
    """Let a view run only where the policy allows `action` and the catalogue has `services`.

    `home` is the name of the panel's first page, offered as the way out; `title` heads a refusal.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            failure = _refusal(request, action, services)
            if failure is None:
                try:
                    return view(request, *args, **kwargs)
                except TenantOpsError as error:
                    failure = failures.of(error)
            final = failure.status in (403, 404)
            way = (reverse(home), _("Back to the list")) if final else (request.path, _("Try again"))
            return failures.answer(request, replace(failure, ways=(way,)), title)

        return run

    return decorate


def _refusal(request: HttpRequest, action: str, services: Iterable[str]) -> failures.Failure | None:
    if not access.allowed(request, action):
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            audit.refused(poll.door(request), action, "update", action.partition(":")[0], target_name=request.path)
        return failures.forbidden(policy.why_not(action))
    lacking = access.missing(request, services)
    return failures.lacking(lacking) if lacking else None
