"""What is there: the versions, and the document that describes them. Neither takes a login."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse

from tenant_ops_dashboard.api import failures
from tenant_ops_dashboard.api.operation import open_to_all, read_only
from tenant_ops_dashboard.sentences import say

FILE = Path(__file__).parent / "openapi.json"
UPDATED = "2026-11-29T00:00:00Z"


@functools.cache
def document() -> dict[str, Any]:
    """The API as OpenAPI describes it."""
    found: dict[str, Any] = json.loads(FILE.read_text())
    return found


@open_to_all
@read_only
def versions(request: HttpRequest) -> HttpResponse:
    """The versions, as OpenStack's services tell theirs."""
    home = request.build_absolute_uri(reverse("horizon:tenant_ops:api_version"))
    links = [{"rel": "self", "href": home}, {"rel": "describedby", "href": f"{home}openapi.json"}]
    return JsonResponse({"versions": [{"id": "v1.0", "status": "CURRENT", "updated": UPDATED, "links": links}]})


@open_to_all
@read_only
def openapi(request: HttpRequest) -> HttpResponse:
    """The document, with the address it was asked at as its server."""
    home = request.build_absolute_uri(reverse("horizon:tenant_ops:api_version"))
    return JsonResponse({**document(), "servers": [{"url": home.rstrip("/")}]})


@open_to_all
def nothing(request: HttpRequest, **parts: str) -> HttpResponse:
    """Whatever else stands below the API's address."""
    raise failures.NotServed(say("There is nothing at this address."))
