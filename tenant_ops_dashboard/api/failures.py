"""What went wrong, as JSON: the sentences of the pages, a status, and the headers that HTTP has for it."""

from __future__ import annotations

from django.http import JsonResponse

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import say


class NotServed(TenantOpsError):
    """There is no such address, or it takes no such method."""

    answer = 404
    todo = say("See openapi.json beside the version for what is served.")


class NoSuchMethod(NotServed):
    """The address takes the methods `allowed` alone."""

    answer = 405

    def __init__(self, method: str, allowed: str) -> None:
        super().__init__(say("{method} is not served here; {allowed} is.", method=method, allowed=allowed))
        self.allowed = allowed


class NotLoggedIn(TenantOpsError):
    """Nobody is logged in: no token, or one that Keystone does not take."""

    answer = 401
    todo = say("Send a token of Keystone's for a project in the header X-Auth-Token.")


class TooMany(TenantOpsError):
    """The project has asked as often as it may for now; `wait` are the seconds until it may again."""

    answer = 429
    todo = say("Wait a little, then try again.")
    wait = 0


class TooLong(TenantOpsError):
    """The body of a request is too long."""

    answer = 413
    todo = say("Send less at once.")


class BrokeOff(TenantOpsError):
    """A mistake in this plugin."""

    answer = 500
    todo = say("Give the request id to your operator.")


def answer(error: TenantOpsError, status: int, request_id: str = "") -> JsonResponse:
    """The failure; OpenStack's own request id is told where it has one, else that of this request."""
    told = {
        "sentence": str(error),
        "todo": error.todo,
        "request_id": error.request_id or request_id,
        "field": getattr(error, "field", ""),
    }
    made = JsonResponse({"error": told}, status=status)
    if isinstance(error, TooMany):
        made["Retry-After"] = str(error.wait)
    if isinstance(error, NoSuchMethod):
        made["Allow"] = error.allowed
    if isinstance(error, NotLoggedIn):
        made["WWW-Authenticate"] = "Keystone"
    return made
