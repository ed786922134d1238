"""What can go wrong between us and OpenStack. Each is a sentence to act on, with a request id."""

from __future__ import annotations

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import say


class CloudError(TenantOpsError):
    """`service` is a service's common name ('Heat'), `status` the HTTP status or 0 where there was no answer.

    `request_id` is OpenStack's own (req-...), '' where it gave none; `detail` is the service's own message.
    """

    todo = say("Try again; if it stays, give the request id to your operator.")

    def __init__(
        self, sentence: str, service: str = "", status: int = 0, request_id: str = "", detail: str = ""
    ) -> None:
        super().__init__(sentence, request_id)
        self.service = service
        self.status = status
        self.detail = detail or sentence


class Unreachable(CloudError):
    """No answer, or none in time."""

    answer = 504
    exit_code = 3
    todo = say("Try again in a moment; if it stays, tell your operator which service does not answer.")


class TimedOut(Unreachable):
    """No answer in the time that one call or the whole request may take; what was to be changed was not."""


class SlowDown(Unreachable):
    """The service limits how often it may be asked (429, or 413 with Retry-After); nothing was changed.

    `wait` are the seconds it told to wait, None where it told none.
    """

    answer = 503
    todo = say("Wait a little, then try again.")
    wait: float | None = None


class Uncertain(Unreachable):
    """A change was sent and its answer was lost: it may have happened. Look it up before repeating it."""

    todo = say("Look whether it happened before you repeat it.")


class Unreadable(CloudError):
    """The answer is none that a program can read."""

    todo = say("Tell your operator; the request id says which answer it was.")


class ServiceMissing(CloudError):
    """The catalogue of this region has no such service."""

    answer = 503
    exit_code = 3
    todo = say("Ask your operator to add the service to the catalogue of this region.")


class NoCatalogue(ServiceMissing):
    """Keystone gave this login no service at all: nothing is missing in the cloud, the login has no place in it."""

    answer = 403
    todo = say(
        "Ask for a role in this project, then log in again. If you have one, ask your operator whether the project is"
        " enabled and the catalogue has endpoints for it."
    )


class NoProject(CloudError):
    """The login is for a domain, for the system or for nothing, where a project's things are asked for."""

    answer = 403
    exit_code = 3
    todo = say("Choose a project in the menu at the top of the page; if there is none, ask to be added to one.")


class NotAllowed(CloudError):
    """The roles do not allow it (403), or the login is not accepted at all."""

    answer = 403
    exit_code = 3
    todo = say("Log in again; if it stays, ask for the role that the sentence names.")


class LoginEnded(NotAllowed):
    """The token is not accepted any more (401): it has expired or was taken back."""

    todo = say("Log in again.")


class NotFound(CloudError):
    """There is no such thing, or this project does not see it."""

    todo = say("Look at the list: it may have been deleted.")


class Conflict(CloudError):
    """Something else stands in the way: a change in progress, a name in use, a thing still needed."""

    answer = 409
    todo = say("Wait until the change in progress has ended, then try again.")


class OverQuota(CloudError):
    """The project's quota does not allow more."""

    todo = say("Delete something, or ask your operator for more quota.")


class BadRequest(CloudError):
    """OpenStack does not accept what was asked; `status` is 0 where it was not even asked."""

    todo = say("Change what the sentence names.")

    @property
    def exit_code(self) -> int:  # type: ignore[override]
        """2 where what was typed is at fault."""
        return 1 if self.status else 2
