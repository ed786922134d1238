"""What each of Heat's actions, in each of its states, means for an environment: one table that everything asks. Pure.

Heat uses UPDATE for a retry, ROLLBACK for a launch and for a change, CHECK and SNAPSHOT for what changes nothing: so
an application may serve in nearly all of them. What never reached CREATE_COMPLETE alone holds nothing; where it cannot
be told, it may hold data and is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tenant_ops_dashboard.environments.model import Status
from tenant_ops_dashboard.sentences import say

Again = Literal["", "update", "delete"]
ACTIONS = (
    "INIT", "CREATE", "ADOPT", "UPDATE", "ROLLBACK", "CHECK", "SUSPEND", "RESUME", "SNAPSHOT", "RESTORE", "DELETE",
)  # fmt: skip
STATES = ("IN_PROGRESS", "COMPLETE", "FAILED")


@dataclass(frozen=True)
class Meaning:
    """`status` and `words` are the environment's as far as Heat tells; `words` is half a sentence, '' for nothing.

    `stands`: it may serve, so proofs, health and address are asked of the services. `leaving`: it is being taken away.
    `may_have_data`: its volume may hold some. `moving`: Heat is at work on it. `again` is how Heat is asked to go on
    where it failed or stands still: by an update, by a delete, or '' where it takes neither. `rolls_back`: all of it
    may be taken away as a launch that never came up.
    """

    status: Status
    words: str = ""
    stands: bool = True
    leaving: bool = False
    may_have_data: bool = True
    moving: bool = False
    again: Again = "update"
    rolls_back: bool = False

    @property
    def changes(self) -> bool:
        """Whether what Heat does now may make a promise fail for a while."""
        return self.moving and self.status == "building"


def of(action: str, state: str, was_up: bool = True) -> Meaning:
    """The meaning of a status such as CREATE and COMPLETE; `was_up` tells a change's ROLLBACK from a launch's."""
    if action == "ROLLBACK" and not was_up:
        return _ROLLED_BACK_LAUNCH.get(state) or _ROLLED_BACK_LAUNCH["IN_PROGRESS"]
    return _TABLE.get((action, state)) or _UNKNOWN.get(state) or _UNKNOWN["IN_PROGRESS"]


def _moving(words: str, status: Status = "building", again: Again = "update") -> Meaning:
    return Meaning(status, words, moving=True, again=again)


_WELL = Meaning("good")
_COMING = Meaning("building", stands=False, may_have_data=False, moving=True, rolls_back=True)
_NEVER = Meaning("failed", say("The launch failed"), stands=False, may_have_data=False, rolls_back=True)
_GOING = Meaning("deleting", stands=False, leaving=True, moving=True, again="delete")
_GONE = replace(_GOING, moving=False)
_NOT_GONE = Meaning("failed", say("It could not be taken away"), stands=False, leaving=True, again="delete")
_SUSPENDED = say("It is suspended, and Heat takes no change of it before it is resumed (openstack stack resume)")

_TABLE: dict[tuple[str, str], Meaning] = {
    ("INIT", "IN_PROGRESS"): _COMING,
    ("INIT", "COMPLETE"): _COMING,
    ("INIT", "FAILED"): _NEVER,
    ("CREATE", "IN_PROGRESS"): _COMING,
    ("CREATE", "COMPLETE"): _WELL,
    ("CREATE", "FAILED"): _NEVER,
    ("ADOPT", "IN_PROGRESS"): _moving(say("Heat takes over what stands")),
    ("ADOPT", "COMPLETE"): _WELL,
    ("ADOPT", "FAILED"): Meaning("warning", say("Heat could not take over what stands")),
    ("UPDATE", "IN_PROGRESS"): _moving(say("Heat is changing it")),
    ("UPDATE", "COMPLETE"): _WELL,
    ("UPDATE", "FAILED"): Meaning("warning", say("The last change failed")),
    ("ROLLBACK", "IN_PROGRESS"): _moving(say("Heat takes its last change back")),
    ("ROLLBACK", "COMPLETE"): Meaning("warning", say("The last change was rolled back")),
    ("ROLLBACK", "FAILED"): Meaning("warning", say("The last change could not be rolled back")),
    ("CHECK", "IN_PROGRESS"): _moving(say("Heat checks it"), "good"),
    ("CHECK", "COMPLETE"): _WELL,
    ("CHECK", "FAILED"): Meaning("warning", say("Heat's last check failed")),
    ("SUSPEND", "IN_PROGRESS"): _moving(say("Heat suspends it"), again=""),
    ("SUSPEND", "COMPLETE"): Meaning("warning", _SUSPENDED, again=""),
    ("SUSPEND", "FAILED"): Meaning(
        "warning", say("It could not be suspended (openstack stack resume undoes it)"), again=""
    ),
    ("RESUME", "IN_PROGRESS"): _moving(say("Heat resumes it")),
    ("RESUME", "COMPLETE"): _WELL,
    ("RESUME", "FAILED"): Meaning("warning", say("It could not be resumed")),
    ("SNAPSHOT", "IN_PROGRESS"): _moving(say("Heat takes a snapshot of it"), "good"),
    ("SNAPSHOT", "COMPLETE"): _WELL,
    ("SNAPSHOT", "FAILED"): Meaning("warning", say("Its last snapshot failed")),
    ("RESTORE", "IN_PROGRESS"): _moving(say("Heat brings it back from a snapshot")),
    ("RESTORE", "COMPLETE"): _WELL,
    ("RESTORE", "FAILED"): Meaning("warning", say("It could not be brought back from its snapshot")),
    ("DELETE", "IN_PROGRESS"): _GOING,
    ("DELETE", "COMPLETE"): _GONE,
    ("DELETE", "FAILED"): _NOT_GONE,
}
# Heat takes all of a launch away, but for the volume: that it keeps, so it may hold what an adopted one held.
_ROLLED_BACK_LAUNCH = {
    "IN_PROGRESS": _GOING,
    "COMPLETE": Meaning("failed", say("The launch failed and was rolled back"), stands=False, leaving=True, again=""),
    "FAILED": replace(_NOT_GONE, words="The launch failed and could not be rolled back"),
}
# An action of a Heat that is newer than this table.
_UNKNOWN = {
    "IN_PROGRESS": _moving(say("Heat is at work on it")),
    "COMPLETE": _WELL,
    "FAILED": Meaning("warning", say("Heat's last action failed")),
}
