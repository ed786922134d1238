"""One operation of the API: who may, what is read of the request, and its answer or its failure as JSON."""

from __future__ import annotations

import functools
import json
import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.api import caller, failures, limits
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import BadInput, NotAllowed, TenantOpsError
from tenant_ops_dashboard.panels import boundary
from tenant_ops_dashboard.sentences import about, say

Json = dict[str, Any]
_LOG = logging.getLogger("tenant_ops.api")
#: Bytes of a body, at most: an event with all the fields of a large change.
LONGEST = 64 * 1024


@dataclass(frozen=True)
class Asked:
    """A request of somebody who may: his cloud, what stands behind the '?', the body (JSON), the address without '?'.

    `parts` are those of the address.
    """

    cloud: Cloud
    words: Mapping[str, str]
    body: Json
    address: str
    parts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """`do` gives a body, or a body and its status; `rule` is the policy rule it takes, `parameters` what may be asked.

    `seconds` is what all calls to OpenStack may take, where that is longer than a page's. `do` raises TenantOpsError.
    """

    do: Callable[[Asked], Json | tuple[Json, int]]
    rule: str
    parameters: frozenset[str] = frozenset()
    seconds: float | None = None


def resource(**operations: Operation) -> Callable[..., HttpResponse]:
    """The view of one address: its operations by HTTP method, as `resource(get=..., post=...)`."""
    known = {method.upper(): one for method, one in operations.items()}
    allowed = ", ".join(sorted(known))

    def view(request: HttpRequest, **parts: str) -> HttpResponse:
        # A HEAD is a GET whose body the server leaves out.
        method = "GET" if request.method == "HEAD" else str(request.method)
        if method not in known:
            raise failures.NoSuchMethod(method, allowed)
        return _run(request, known[method], parts)

    return open_to_all(view)


def read_only(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that takes GET and HEAD, and nothing else."""

    @functools.wraps(view)
    def run(request: HttpRequest, **parts: str) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise failures.NoSuchMethod(str(request.method), "GET")
        return view(request, **parts)

    return run


def open_to_all(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view that has to do with no session: nothing is written into it, and no form's token is asked for.

    Whatever it raises is JSON; every answer has a request id and is kept by nobody.
    """

    def run(request: HttpRequest, **parts: str) -> HttpResponse:
        request_id = f"req-{uuid.uuid4()}"
        try:
            answer = view(request, **parts)
        except TenantOpsError as error:
            answer = failures.answer(error, error.answer, request_id)
        except Exception:  # noqa: BLE001 (a program gets no page of HTML, whatever broke)
            _LOG.exception("%s %s broke off (%s)", request.method, request.path, request_id)
            answer = failures.answer(
                failures.BrokeOff(say("This broke off; the dashboard's log says why.")), 500, request_id
            )
        answer["X-Openstack-Request-Id"] = request_id
        answer["Cache-Control"] = "no-store"
        answer["Vary"] = "X-Auth-Token"
        return answer

    return csrf_exempt(boundary.poll(run))


def switch(words: Mapping[str, str], name: str) -> bool:
    """A parameter that is true or false. Raises BadInput that names it."""
    told = words.get(name, "false").lower()
    if told not in ("true", "false"):
        raise BadInput(about(name, say("this is true or false.")), field=name)
    return told == "true"


def whole(told: str, name: str, usual: int, most: int) -> int:
    """A parameter that is a number from 1 to `most`, `usual` where it is missing. Raises BadInput that names it."""
    if not told:
        return usual
    if not (told.isascii() and told.isdigit()) or len(told) > len(str(most)) or not 1 <= int(told) <= most:
        raise BadInput(about(name, say("this is a whole number from 1 to {most}.", most=most)), field=name)
    return int(told)


def text(body: Json, name: str, longest: int) -> str:
    """A text of a body, '' where it is missing. Raises BadInput that names it."""
    found = body.get(name, "")
    if not isinstance(found, str) or len(found) > longest:
        raise BadInput(about(name, say("this is a text of at most {longest} letters.", longest=longest)), field=name)
    return found


def _run(request: HttpRequest, operation: Operation, parts: Mapping[str, str]) -> HttpResponse:
    cloud = caller.cloud(request, operation.seconds)
    limits.spend(cloud.project_id)
    if not policy.allowed(cloud, operation.rule):
        raise NotAllowed(policy.why_not(operation.rule))
    asked = Asked(cloud, _words(request, operation.parameters), _body(request), _address(request), parts)
    found = operation.do(asked)
    body, status = found if isinstance(found, tuple) else (found, 200)
    return JsonResponse(body, status=status)


def _words(request: HttpRequest, known: frozenset[str]) -> dict[str, str]:
    for name, values in request.GET.lists():
        if name not in known:
            may = say("it may be {known}", known=", ".join(sorted(known))) if known else say("nothing may be asked")
            raise BadInput(about(name[:60], say("this is no parameter here; {may}.", may=may)), field=name[:60])
        if len(values) > 1:
            raise BadInput(about(name, say("this stands here more than once.")), field=name)
    return {name: value for name, value in request.GET.items() if isinstance(value, str)}


def _body(request: HttpRequest) -> Json:
    if request.method in ("GET", "HEAD", "DELETE"):
        return {}
    try:
        length = int(request.headers.get("Content-Length") or 0)
        raw = request.read(LONGEST + 1) if length <= LONGEST else b" " * (LONGEST + 1)
        if len(raw) > LONGEST:
            raise failures.TooLong(say("The body is longer than {longest} bytes.", longest=LONGEST))
        found = json.loads(raw)
        # No lone surrogates and no NaN: neither can be written again for the next one who reads.
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadInput(say("The body is no JSON."), field="body") from error
    if not isinstance(found, dict):
        raise BadInput(say("The body is no JSON object."), field="body")
    return found


def _address(request: HttpRequest) -> str:
    return request.build_absolute_uri(request.path)
