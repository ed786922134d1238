"""From an HTTP answer to a sentence: every OpenStack service words its errors in its own way."""

from __future__ import annotations

import re
from typing import Any

from tenant_ops_dashboard.cloud import errors

NAMES = {
    "block-storage": "Cinder",
    "compute": "Nova",
    "identity": "Keystone",
    "image": "Glance",
    "key-manager": "Barbican",
    "load-balancer": "Octavia",
    "network": "Neutron",
    "orchestration": "Heat",
}
_KINDS: dict[int, type[errors.CloudError]] = {
    400: errors.BadRequest,
    401: errors.NotAllowed,
    403: errors.NotAllowed,
    404: errors.NotFound,
    409: errors.Conflict,
    413: errors.OverQuota,
}
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
    """The service's own words in an error body (Nova, Neutron, Heat, Octavia, Keystone, Cinder), or ''."""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    if isinstance(error, dict) and error.get("message"):
        return str(error["message"])
    if body.get("faultstring"):
        return str(body["faultstring"])
    for value in body.values():
        if isinstance(value, dict) and value.get("message"):
            return str(value["message"])
        if isinstance(value, str) and value:
            return value
    return ""


def failure(service: str, status: int, words: str, request: str, *, safe: bool) -> errors.CloudError:
    """The error for an answer of 400 and more. `safe` says that nothing can have been changed by it."""
    kind = _KINDS.get(status)
    words = " ".join(words.split())[:LONGEST]
    told = name(service)
    if status in (403, 409, 400) and _QUOTA.search(words):
        kind = errors.OverQuota
    if kind is None:
        kind = errors.CloudError if safe or status < 500 else errors.Uncertain
        sentence = f"{told} failed (HTTP {status})" + (f": {words}" if words else ".")
    elif status == 401:
        sentence = f"{told} does not accept this login any more."
    else:
        sentence = f"{told}: {words}" if words else f"{told} answered with HTTP {status}."
    return kind(sentence, told, status, request, words)
