"""An offer, its terms, and a clone with everything that is known of it. Times are in UTC, sizes in GB."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from tenant_ops_dashboard.clones.renewal import Renewal
from tenant_ops_dashboard.clones.reverting import Reverting

State = Literal[
    "requested", "approved", "copying", "masking", "preparing", "ready", "refreshing", "expiring", "releasing",
    "released", "denied", "failed", "parked", "orphaned",
]  # fmt: skip
#: What the machine does next; '' where it waits for a person, or nothing is left to do.
Step = Literal[
    "", "check", "freeze", "copy", "mask", "hand-over", "keep", "serve", "build", "swap", "undo", "detach", "revert",
    "attach", "end",
]  # fmt: skip
Approve = Literal["auto", "ask"]
#: What is made of a copy: the volume alone, a database server on it, or a test environment whose database it is.
Get = Literal["volume", "server", "environment"]
#: Of a source that a server uses: as the back end gives it; its server paused meanwhile; or stopped.
Consistency = Literal["running", "paused", "stopped"]
#: The copy becomes the asking project's; or it stays with its owner, and a server of his gives access to it.
Deliver = Literal["handed-over", "served"]
STATES: tuple[State, ...] = get_args(State)
STEPS: tuple[Step, ...] = get_args(Step)
#: Nothing of it is in the cloud any more.
ENDED: frozenset[State] = frozenset({"released", "denied", "failed"})


@dataclass(frozen=True)
class Terms:
    """The owner's rules. `to` are ids or names of projects as he wrote them, a name being one of his domain.

    `longest` are seconds from ready to the end; `most` is how many clones there may be at once. `mask` is the script
    that every copy goes through before anybody gets it, '' for none. `golden` are the seconds after which the copy
    that is kept ready with the owner is made anew, 0 for none. `deliver` is how who asked gets his. `ids` are name and
    id of those projects that were named and that the owner's login saw. `environment` is the name of the environment
    whose data it is, '' where a volume was offered by itself: no rule, but told with them.
    """

    to: tuple[str, ...]
    approve: Approve = "ask"
    longest: int = 8 * 3600
    most: int = 5
    consistency: Consistency = "running"
    mask: str = ""
    golden: int = 0
    deliver: Deliver = "handed-over"
    ids: tuple[tuple[str, str], ...] = ()
    environment: str = ""


@dataclass(frozen=True)
class Offer:
    """A volume that other projects may have copies of. `domain_id` is that of the owner's project.

    `trust_id` is the owner's authority for the service user: for as long as the offer stands. `bootable` is whether it
    was a system disk when it was offered, which a server starts from.
    """

    id: str
    region: str
    project_id: str
    project_name: str
    domain_id: str
    user_id: str
    user_name: str
    source_id: str
    source_name: str
    size: int
    terms: Terms
    trust_id: str
    at: datetime.datetime
    withdrawn_at: datetime.datetime | None = None
    withdrawn_by: str = ""
    bootable: bool = False

    @property
    def open(self) -> bool:
        return self.withdrawn_at is None

    def called(self, words: str) -> bool:
        """Whether these are the id or name of its volume, or the name of the environment whose data it is."""
        return bool(words) and words in (self.source_id, self.source_name, self.terms.environment)

    def is_for(self, project_id: str, project_name: str, domain_id: str) -> bool:
        """Whether this project may ask: by its id, or by its name where it is of the owner's domain and no id is known.

        Whoever makes a project anew under the name of one that is gone gets nothing that was offered to that one; an
        owner's project that is called so since has the data itself.
        """
        known = dict(self.terms.ids)
        if project_id == self.project_id:
            return False
        if project_id in self.terms.to or project_id in known.values():
            return True
        named = bool(domain_id) and domain_id == self.domain_id and project_name in self.terms.to
        return named and project_name not in known


@dataclass(frozen=True)
class Clone:
    """One copy, from the request to its end; the project and the person are those who asked.

    `state` is what people see, `step` what the machine does next, `outcome` what it will be once all of it is taken
    away. `says` is a sentence about now: what is waited for, why it failed, what is left where. `lease` are seconds
    from ready; `expires_at` None until then, and while it is pinned. `seconds` are those of each step that is done.
    `data_at` is how old the data is, `handed_at` since when the asking
    project has it. `trust_id` is the asking project's authority for the service user, `own_trust`
    whether it was given for this clone alone. `tries` counts copies that failed; `began` is when the step began.
    `nonce` is the word by which the server `mask_server_id` tells that it masked the copy.
    `blueprint`, the `answers` to its questions, `environment_id`, `server_id` (its database server) and `address` are
    of the environment where a server or an environment is what was to `get`. Of a clone that is served `server_id` and
    `address` are of the owner's server, and `network_id` is the network that he shares. `generation` counts the copies
    that were begun, `renewal` is the one that is being made to replace the one that stands, `refreshed_at` when that
    was done last. A `revertible` one keeps a snapshot of the copy as it was handed over, `baseline_id`; `reverting` is
    what is known while it goes back to that. `golden_id` is the golden copy that it is made of, '' where that is the
    source. `reminded_at` is when it was told that it ends soon. `version` counts its changes.
    """

    id: str
    offer: Offer
    region: str
    project_id: str
    project_name: str
    user_id: str
    user_name: str
    name: str
    lease: int
    purpose: str
    trust_id: str
    own_trust: bool
    asked_at: datetime.datetime
    state: State = "requested"
    step: Step = ""
    outcome: State = "released"
    says: str = ""
    decided_at: datetime.datetime | None = None
    decided_by: str = ""
    reason: str = ""
    began: datetime.datetime | None = None
    data_at: datetime.datetime | None = None
    handed_at: datetime.datetime | None = None
    ready_at: datetime.datetime | None = None
    expires_at: datetime.datetime | None = None
    ended_at: datetime.datetime | None = None
    pinned_by: str = ""
    snapshot_id: str = ""
    nonce: str = ""
    mask_server_id: str = ""
    volume_id: str = ""
    size: int = 0
    tries: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)
    get: Get = "volume"
    blueprint: str = ""
    answers: tuple[tuple[str, str], ...] = ()
    environment_id: str = ""
    server_id: str = ""
    address: str = ""
    network_id: str = ""
    generation: int = 0
    renewal: Renewal | None = None
    refreshed_at: datetime.datetime | None = None
    revertible: bool = False
    baseline_id: str = ""
    reverting: Reverting | None = None
    golden_id: str = ""
    reminded_at: datetime.datetime | None = None
    version: int = 0

    @property
    def ended(self) -> bool:
        """Whether nothing of it is in the cloud any more."""
        return self.state in ENDED

    @property
    def kept(self) -> bool:
        """Whether it is a golden copy: one that stays with the owner, for others to be made of it."""
        return self.project_id == self.offer.project_id

    @property
    def served(self) -> bool:
        """Whether it stays with its owner, who gives access to it; a golden copy nobody gets."""
        return self.offer.terms.deliver == "served" and not self.kept

    @property
    def moving(self) -> bool:
        """Whether the machine has something to do for it now, and a person looks on."""
        return self.step != "" and self.state not in ("parked", "orphaned")
