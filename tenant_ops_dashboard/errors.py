"""What can go wrong, as one kind of thing: a sentence a user can act on, whoever shows it.

Every error that this plugin raises on purpose is one of these. It says itself how a page answers it and with which code
a command ends; nobody keeps a table of errors.
"""

from __future__ import annotations

from tenant_ops_dashboard.sentences import say


class TenantOpsError(Exception):
    """`sentence` is for a person, `todo` says what helps, `request_id` is OpenStack's (req-...) or ''.

    `answer` is the HTTP status of our own pages, `exit_code` that of a command: 1 it failed, 2 bad input, 3 the cloud
    is out of reach or does not allow it.
    """

    answer = 502
    exit_code = 1
    todo: str = ""

    def __init__(self, sentence: str, request_id: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.request_id = request_id

    @property
    def line(self) -> str:
        """The sentence with the request id, for a terminal or a log."""
        if not self.request_id or self.request_id in str(self):
            return self.sentence
        return say("{sentence} (request {request_id})", sentence=self.sentence, request_id=self.request_id)


class NotFound(TenantOpsError):
    """This project has no such thing; `field` is what named it, '' where it is none that somebody wrote."""

    answer = 404
    exit_code = 2
    todo: str = say("Look at the list: it may have been deleted.")

    def __init__(self, sentence: str, request_id: str = "", field: str = "") -> None:
        super().__init__(sentence, request_id)
        self.field = field


class NotAllowed(TenantOpsError):
    """The policy does not let this user do it."""

    answer = 403
    exit_code = 3


class BadInput(TenantOpsError):
    """What was asked for cannot be; `field` is the one of the form that it is about, '' where it is about none."""

    answer = 422
    exit_code = 2
    todo: str = say("Change what the sentence names.")

    def __init__(self, sentence: str, request_id: str = "", field: str = "") -> None:
        super().__init__(sentence, request_id)
        self.field = field


class InTheWay(TenantOpsError):
    """Something stands in the way now; it can be done later, or once that is gone."""

    answer = 409
