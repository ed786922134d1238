"""What can go wrong with a firewall, each a sentence to act on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tenant_ops_dashboard.errors import BadInput, InTheWay, NotAllowed, NotFound, TenantOpsError
from tenant_ops_dashboard.sentences import about, clause, join, say

if TYPE_CHECKING:
    from tenant_ops_dashboard.firewall.content import Difference
    from tenant_ops_dashboard.firewall.standing import Compared


class BadDraft(BadInput):
    """A draft that cannot be read, or that Neutron would refuse or open wide; `field` is the path in it."""

    todo = say("Change what the sentence names: nothing was sent.")

    def __init__(self, field: str, what: str) -> None:
        super().__init__(about(field, what) if field else what, field=field)


class Unreadable(TenantOpsError):
    """Neutron's or Octavia's rows are not what their API reference says, so that nothing exact can be said."""

    todo = say("Take a snapshot with `tenant-ops reachability snapshot` and show it to an administrator.")

    def __init__(self, what: str) -> None:
        super().__init__(say("What the cloud lists cannot be read: {what}.", what=what))


class NoGroup(NotFound):
    """No firewall group of this name or id; `missing` says that Neutron has no FWaaS v2 at all."""

    def __init__(self, name: str, missing: bool = False) -> None:
        super().__init__(
            say("This cloud's Neutron has no firewall groups (FWaaS v2).") if missing else
            say("This project has no firewall group {name!r}.", name=name)
        )  # fmt: skip


class SeveralGroups(BadInput):
    """A name that several firewall groups have."""

    def __init__(self, name: str, ids: Sequence[str]) -> None:
        super().__init__(
            say(
                "{n} firewall groups are called {name!r}: say the id of one, {ids}.",
                n=len(ids),
                name=name,
                ids=", ".join(ids),
            )
        )


class NothingToUndo(NotFound):
    """No earlier version is kept."""

    todo = say("Apply a draft of how it was: an apply prints it under 'before'.")


class Changed(InTheWay):
    """What an edit was made from was changed meanwhile. Nothing of the edit is in force.

    `differences` are what is not as it was; `by` is the version that stands there now, with its time, where that tells.
    """

    todo = say("Look at what changed, and rebase the draft onto it.")

    def __init__(
        self, differences: Sequence[Difference], by: dict[str, Any] | None = None, sentence: str = ""
    ) -> None:  # fmt: skip
        words = join("; ", [one.words for one in differences[:3]]) or say("its revision moved")
        more = say(" and {n} more", n=len(differences) - 3) if len(differences) > 3 else ""
        super().__init__(
            sentence
            or say(
                "The firewall changed since this draft was made ({words}{more}); nothing was sent.",
                words=words,
                more=more,
            )
        )
        self.differences = tuple(differences)
        self.by = by

    @property
    def told(self) -> dict[str, Any]:
        """For programs."""
        changed = [{"where": one.where, "rule": one.rule, "how": one.how} for one in self.differences]
        return {"conflict": {"changed": changed, "by": self.by}}


class BreaksIntents(InTheWay):
    """A draft breaks intents that held. Nothing of it is in force."""

    todo = say("Change the draft; or say why it is to be applied all the same, which the audit trail keeps.")

    def __init__(self, broken: Sequence[Compared]) -> None:
        told = [(clause(one.standing.intent.sentence), one.after.because) for one in broken[:3]]
        words = join("; ", [say("{intent} ({because})", intent=intent, because=why) for intent, why in told])
        more = say("; and {n} more", n=len(broken) - 3) if len(broken) > 3 else ""
        super().__init__(
            say("The draft breaks what must hold, so nothing was applied: {words}{more}.", words=words, more=more)
        )
        self.broken = tuple(broken)

    @property
    def told(self) -> dict[str, Any]:
        """For programs."""
        return {"intents": [one.written() for one in self.broken]}


class HalfDone(InTheWay):
    """Of a change that is several steps some are in force, and they could not be taken back."""

    todo = say(
        "Apply the same draft again to finish it, or undo it. Until then no more gets through than before or after."
    )

    def __init__(self, why: str, then: str) -> None:
        super().__init__(
            say(
                "It is in force in part: {why} What was in force already could not be put back: {then}",
                why=why,
                then=then,
            )
        )


class NotApplied(InTheWay):
    """It could not be done, and the firewall is as it was; `exit_code` and `answer` are those of the cause."""

    def __init__(self, sentence: str, cause: Exception) -> None:
        super().__init__(sentence, getattr(cause, "request_id", ""))
        self.exit_code = getattr(cause, "exit_code", 1)
        self.answer = getattr(cause, "answer", 502)
        self.todo = getattr(cause, "todo", "")


class Hidden(NotAllowed):
    """A group holds something that this project is not shown, so that nothing exact can be said of it."""

    todo = say("Ask whoever owns it, or an administrator, to share it with this project.")
