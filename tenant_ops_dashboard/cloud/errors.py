"""What can go wrong between us and OpenStack. Each is a sentence to act on, with a request id."""

from __future__ import annotations


class CloudError(Exception):
    """`service` is a service's common name ('Heat'), `status` the HTTP status or 0 where there was no answer.

    `request_id` is OpenStack's own (req-...), '' where it gave none; `detail` is the service's own message.
    """

    todo = "Try again; if it stays, give the request id to your operator."

    def __init__(
        self, sentence: str, service: str = "", status: int = 0, request_id: str = "", detail: str = ""
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.service = service
        self.status = status
        self.request_id = request_id
        self.detail = detail or sentence


class Unreachable(CloudError):
    """No answer, or none in time."""

    todo = "Try again in a moment; if it stays, tell your operator which service does not answer."


class Uncertain(Unreachable):
    """A change was sent and its answer was lost: it may have happened. Look it up before repeating it."""

    todo = "Look whether it happened before you repeat it."


class ServiceMissing(CloudError):
    """The catalogue of this region has no such service."""

    todo = "Ask your operator to add the service to the catalogue of this region."


class NotAllowed(CloudError):
    """The token is not accepted (401) or the roles do not allow it (403)."""

    todo = "Log in again; if it stays, ask for the role that the sentence names."


class NotFound(CloudError):
    """There is no such thing, or this project does not see it."""

    todo = "Look at the list: it may have been deleted."


class Conflict(CloudError):
    """Something else stands in the way: a change in progress, a name in use, a thing still needed."""

    todo = "Wait until the change in progress has ended, then try again."


class OverQuota(CloudError):
    """The project's quota does not allow more."""

    todo = "Delete something, or ask your operator for more quota."


class BadRequest(CloudError):
    """OpenStack does not accept what was asked."""

    todo = "Change what the sentence names."
