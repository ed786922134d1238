"""From an HTTP answer to a sentence: every OpenStack service words its errors in its own way."""

from __future__ import annotations

import datetime
import email.utils
import re
from collections.abc import Mapping
from typing import Any

import requests
import urllib3

from tenant_ops_dashboard.cloud import errors, transport
from tenant_ops_dashboard.sentences import about, say, say_many

NAMES = {
    "alarming": "Aodh",
    "block-storage": "Cinder",
    "compute": "Nova",
    "identity": "Keystone",
    "image": "Glance",
    "key-manager": "Barbican",
    "load-balancer": "Octavia",
    "metric": "Gnocchi",
    "network": "Neutron",
    "orchestration": "Heat",
    "tenant-ops": "Tenant Ops",
}
_KINDS: dict[int, type[errors.CloudError]] = {
    400: errors.BadRequest,
    401: errors.LoginEnded,
    403: errors.NotAllowed,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.OverQuota,
    429: errors.SlowDown,
}
# A read is tried again where a proxy says that nobody is there.
GONE = (502, 503, 504)
_SLOW = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
_QUOTA = re.compile(r"quota|limit exceeded|maximum number", re.IGNORECASE)
_REQUEST_ID = ("x-openstack-request-id", "x-compute-request-id")
LONGEST = 600


def name(service: str) -> str:
    """The service's common name: 'Heat' for 'orchestration'."""
    return NAMES.get(service, service)


def request_id(headers: Any) -> str:
    """OpenStack's request id, or ''."""
    return next((str(headers[key]) for key in _REQUEST_ID if headers.get(key)), "")


def message(body: Any) -> str:
    """The service's own words in an error body (Nova, Neutron, Heat, Octavia, Keystone, Cinder, our own), or ''."""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    if isinstance(error, dict) and (error.get("message") or error.get("sentence")):
        return str(error.get("message") or error["sentence"])
    # Octavia's hooks say it apart from their title, Glance ends its words as a page does.
    for key in ("faultstring", "description", "message"):
        if isinstance(body.get(key), str) and body[key]:
            return str(body[key]).partition("<br")[0]
    for value in body.values():
        if isinstance(value, dict) and value.get("message"):
            return str(value["message"])
        if isinstance(value, str) and value:
            return value
    return ""


def failure(
    service: str, status: int, words: str, request: str, *, safe: bool, wait: float | None = None
) -> errors.CloudError:
    """The error for an answer of 400 and more. `safe` says that nothing can have been changed by it.

    `wait` is what its Retry-After says, in seconds, None where it has none.
    """
    kind = _KINDS.get(status)
    words = " ".join(words.split())[:LONGEST]
    told = name(service)
    if status in (403, 409, 400) and _QUOTA.search(words):
        kind = errors.OverQuota
    if status == 413 and wait is not None:
        kind = errors.SlowDown
    if kind is None:
        if safe:
            kind = errors.Unreachable if status in GONE else errors.CloudError
        else:
            kind = errors.Uncertain if status >= 500 else errors.CloudError
        sentence = (
            say("{told} failed (HTTP {status}): {words}", told=told, status=status, words=words)
            if words
            else say("{told} failed (HTTP {status}).", told=told, status=status)
        )
    elif kind is errors.LoginEnded:
        sentence = say("{told} does not accept this login any more.", told=told)
    elif kind is errors.SlowDown:
        sentence = (
            say_many(
                "{told} asked to slow down: try again in {n} second.",
                "{told} asked to slow down: try again in {n} seconds.",
                round(wait),
                told=told,
            )
            if wait
            else say("{told} asked to slow down.", told=told)
        )
    else:
        sentence = (
            about(told, words) if words else say("{told} answered with HTTP {status}.", told=told, status=status)
        )
    made = kind(sentence, told, status, request, words)
    if isinstance(made, errors.SlowDown):
        made.wait = wait
    return made


def lost(error: BaseException, service: str, *, safe: bool, seconds: float) -> errors.CloudError:
    """The error where there was no answer, or but a part of one, within `seconds`.

    A change is certain not to have happened only where no connection ever came to be.
    """
    told = name(service)
    causes = tuple(transport.chain(error))
    unsent = transport.unsent(error)
    # urllib3 counts a connection that was refused as one that took too long.
    if any(isinstance(one, _SLOW) and not isinstance(one, urllib3.exceptions.NewConnectionError) for one in causes):
        sentence = say_many(
            "{told} did not answer within a second.",
            "{told} did not answer within {n} seconds.",
            max(1, round(seconds)),
            told=told,
        )
        return (errors.TimedOut if safe or unsent else errors.Uncertain)(sentence, told)
    if unsent:
        return errors.Unreachable(say("{told} cannot be reached.", told=told), told, detail=_last(causes))
    kind = errors.Unreachable if safe else errors.Uncertain
    if any(isinstance(one, transport.TooLong) for one in causes):
        return kind(say("{told}'s answer is too long.", told=told), told)
    return kind(
        say("The connection to {told} was lost before its answer was whole.", told=told), told, detail=_last(causes)
    )


def of_octaviaclient(error: Exception, *, safe: bool) -> errors.CloudError:
    """What python-octaviaclient raised, as the same kinds of error."""
    code = int(getattr(error, "code", 0) or 0)
    request = str(getattr(error, "request_id", "") or "").replace("n/a", "")
    if not code:
        return unreadable("load-balancer", safe=safe)
    return failure("load-balancer", code, str(getattr(error, "message", error)), request, safe=safe)


def body(response: requests.Response, service: str, *, safe: bool) -> Answer:
    """What an answer of less than 400 says; a body that is a list is under ''.

    Raises Unreachable, for a change Uncertain, where it is no JSON: cut off, or another's page.
    """
    if not response.content.strip():
        return Answer(service, {}, safe)
    try:
        found = response.json()
    except RecursionError as error:
        # JSON so deep that Python's reader gives up; only a tenant's own template or output is.
        deep: type[errors.CloudError] = errors.Unreadable if safe else errors.Uncertain
        words = say("{name}'s answer is nested too deeply to be read.", name=name(service))
        raise deep(words, name(service), response.status_code, request_id(response.headers)) from error
    except ValueError as error:
        raise unreadable(service, response, safe=safe) from error
    return Answer(service, found if isinstance(found, dict) else {} if found is None else {"": found}, safe)


def unreadable(service: str, response: requests.Response | None = None, *, safe: bool) -> errors.Unreachable:
    """The error for an answer of less than 400 that is no JSON."""
    told, headers = name(service), {} if response is None else response.headers
    html = "html" in str(headers.get("Content-Type"))
    said = (
        say("{told}'s answer cannot be read: something else answers in its place.", told=told)
        if html
        else say("{told}'s answer cannot be read: it is no JSON, or was cut off.", told=told)
    )
    kind = errors.Unreachable if safe else errors.Uncertain
    status = 0 if response is None else response.status_code
    return kind(said, told, status, request_id(headers))


class Answer(dict[str, Any]):
    """An answer's body: a dictionary in which something that is missing is a CloudError, for a change an Uncertain."""

    def __init__(self, service: str, found: Mapping[str, Any], safe: bool = True) -> None:
        super().__init__(found)
        self._service, self._safe = service, safe

    def __reduce__(self) -> tuple[Any, ...]:
        return Answer, (self._service, dict(self), self._safe)

    def __missing__(self, key: str) -> Any:
        told = name(self._service)
        kind = errors.CloudError if self._safe else errors.Uncertain
        raise kind(say("{told} answered without '{key}'.", told=told, key=key), told)


def problem(response: requests.Response) -> str:
    """The service's own words in an answer of 400 and more, or ''."""
    try:
        found = response.json()
    except (ValueError, RecursionError):
        return "" if "html" in response.headers.get("Content-Type", "") else response.text[:200]
    return message(found)


def date(headers: Mapping[str, str]) -> datetime.datetime | None:
    """What time it was where the answer was given, None where that does not tell."""
    try:
        told = email.utils.parsedate_to_datetime(str(headers.get("Date") or ""))
    except ValueError:
        return None
    return told if told.tzinfo else told.replace(tzinfo=datetime.UTC)


def wait(headers: Mapping[str, str]) -> float | None:
    """The seconds that Retry-After tells to wait (a number or a date), None where it tells nothing."""
    told = str(headers.get("Retry-After") or "").strip()
    if told.isdigit():
        return float(told[:9])
    try:
        until = email.utils.parsedate_to_datetime(told)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=datetime.UTC)
    return max(0.0, (until - datetime.datetime.now(datetime.UTC)).total_seconds())


def _last(causes: tuple[BaseException, ...]) -> str:
    return str(causes[-1])[:LONGEST]
