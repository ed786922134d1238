"""What can go wrong with an environment; each error is a sentence a user can act on."""

from __future__ import annotations

from collections.abc import Mapping


class EnvironmentsError(Exception):
    """`request_id` is OpenStack's, '' where no service was involved; `todo` says what helps."""

    todo = ""

    def __init__(self, sentence: str, request_id: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.request_id = request_id


class PlanProblems(EnvironmentsError):
    """The plan is not good; `problems` maps a field ('name', a parameter, '' for the whole) to a sentence."""

    todo = "Nothing was created. Mend what is named and launch again."

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(" ".join(f"{field}: {said}" if field else said for field, said in problems.items()))
        self.problems = dict(problems)


class NotValid(PlanProblems):
    """A field's value cannot be used."""


class QuotaExceeded(PlanProblems):
    """The launch does not fit into the project's quota."""

    todo = "Nothing was created. Delete something, or ask your operator for more quota."


class NotFound(EnvironmentsError):
    """This project has no such environment."""

    todo = "Look at the list: it may have been deleted."


class NotAllowed(EnvironmentsError):
    """The policy does not let this user do it."""


class Blocked(EnvironmentsError):
    """Something that is not the environment's own stands in the way; the sentence names it."""


class DataStays(EnvironmentsError):
    """It is being taken away, but its data is not marked to go with it."""

    todo = "Delete it with its data once more, or delete the volume once it is gone."


class BadBlueprint(EnvironmentsError):
    """A blueprint's files cannot be used."""


class NotConfigured(EnvironmentsError):
    """The operator has not set up what this needs."""

    todo = "Ask your operator; the settings are documented with the plugin."
