"""What stands before every view: where its page belongs, policy, services, and known errors turned into words."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve, reverse
from django.utils.translation import gettext as _

from tenant_ops_dashboard import audit, cloud, policy
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.panels import access, belonging, boundary, failures, poll
from tenant_ops_dashboard.panels.forms import HIDDEN

View = Callable[..., HttpResponse]
Page = Callable[[Mapping[str, Any]], str]
# What was typed travels in an address no longer than this.
LONGEST = 2000
# What a page says of itself is of that page: the next one says its own.
UNTYPED = ("csrfmiddlewaretoken", belonging.FIELD, "token", "do", "version", "previewed", "broken")


def guarded(
    action: str, services: Iterable[str], home: str, title: failures.Words, page: Page | None = None,
    changes: bool = True,
) -> Callable[[View], View]:  # fmt: skip
    """Let a view run for its page's own project, where the policy allows `action` and the catalogue has `services`.

    `home` is the name of the panel's first page, offered as the way out; `title` heads a refusal. `page` tells, from
    the arguments in an address, which page it is of: the way out of a view that itself takes no GET. What was to be
    changed and failed before a change began is audited here, unless the view `changes` nothing, whatever its method.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            back = _asks(request, page(kwargs) if page else reverse(home))
            uncertain = False
            with audit.written() as told:
                failure = belonging.refusal(request, back, reverse(home)) or _refusal(request, action, services)
                if failure is None:
                    try:
                        return view(request, *args, **kwargs)
                    except TenantOpsError as error:
                        failure, uncertain = failures.of(error), isinstance(error, cloud.Uncertain)
            if changes and not told and request.method not in belonging.SAFE:
                _tell(request, action, failure, uncertain)
            # What may have happened is looked up before it is asked for again.
            if uncertain:
                back = page(kwargs) if page else reverse(home)
            final = failure.status in (403, 404)
            way = (reverse(home), _("Back to the list")) if final else (back, _("Try again"))
            return failures.answer(request, replace(failure, ways=failure.ways or (way,)), title)

        return run

    return decorate


def takes_get(request: HttpRequest) -> bool:
    """Whether this request's address is a page of its own: it takes GET, and is no part that a page asks for."""
    return _takes_get(request.resolver_match.func if request.resolver_match else None)


def decorate(patterns: Iterable[Any]) -> None:
    """Give who opens a button's address a page with the way back: a login that ended leads there, and a bookmark."""
    for pattern in patterns:
        if getattr(pattern, "callback", None):
            pattern.callback = _led_back(pattern.callback)
        decorate(getattr(pattern, "url_patterns", ()))


def _led_back(view: View) -> View:
    @functools.wraps(view)
    def run(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if response.status_code != 405 or request.method != "GET" or boundary.is_script(request):
            return response
        failure = failures.Failure(
            _("Nothing was changed: only a button leads to this address."),
            _("Go to its page and press the button again. If your login had ended, it was not carried out."),
            state="warning", status=405, ways=((_page_above(request), _("To its page")),),
        )  # fmt: skip
        made = failures.answer(request, failure, _("Nothing was changed"))
        made["Allow"] = response["Allow"]
        return made

    return run


def _page_above(request: HttpRequest) -> str:
    """The nearest page that this address lies below."""
    prefix, path = request.path.removesuffix(request.path_info), request.path_info
    while path != "/":
        path = f"{path.rstrip('/').rpartition('/')[0]}/"
        try:
            if _takes_get(resolve(path).func):
                break
        except Resolver404:
            continue
    return f"{prefix}{path}"


def _takes_get(view: Any) -> bool:
    if boundary.is_poll(view):
        return False
    while view is not None:
        # Django's require_http_methods tells nobody but its own closure.
        names = getattr(getattr(view, "__code__", None), "co_freevars", ())
        if "request_method_list" in names:
            return "GET" in view.__closure__[names.index("request_method_list")].cell_contents
        view = getattr(view, "__wrapped__", None)
    return True


def _asks(request: HttpRequest, page: str) -> str:
    """The page that asks for what this request does, with what was typed on it; it takes GET."""
    if not takes_get(request):
        return page
    if request.method in belonging.SAFE:
        return request.get_full_path()
    asked = [(name, one) for name, some in request.GET.lists() if name not in request.POST for one in some]
    told = [
        (name, one) for name, some in request.POST.lists() if name not in UNTYPED and not name.startswith(HIDDEN)
        for one in some
    ]  # fmt: skip
    for query in (urlencode([*asked, *told]), urlencode(asked)):
        if query and len(query) <= LONGEST:
            return f"{request.path}?{query}"
    return request.path


def _tell(request: HttpRequest, action: str, failure: failures.Failure, uncertain: bool) -> None:
    user: Any = request.user
    if user.project_id:
        audit.record(
            poll.connect(request), "update", action.partition(":")[0], "", request.path,
            "unknown" if uncertain else "failure", request_id=failure.request_id, reason=failure.sentence,
            project_id=belonging.project(request),
        )  # fmt: skip


def _refusal(request: HttpRequest, action: str, services: Iterable[str]) -> failures.Failure | None:
    if not access.allowed(request, action):
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            audit.refused(poll.connect(request), action, "update", action.partition(":")[0], target_name=request.path)
        return failures.forbidden(policy.why_not(action))
    lacking = access.missing(request, services)
    if not lacking:
        return None
    nothing = access.uncatalogued(request)
    return failures.of(nothing) if nothing else failures.lacking(lacking)
