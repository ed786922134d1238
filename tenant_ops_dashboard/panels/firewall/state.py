"""What the panel knows: one reading of the project's network for all who look, and each person's own draft."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.firewall_group import group as marks
from tenant_ops_dashboard.environments.firewall_group import versions
from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.firewall import content, draft, glance, read
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.memo import Memo
from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.firewall.names import Known, Names
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.panels import access, poll
from tenant_ops_dashboard.panels.firewall import permissions
from tenant_ops_dashboard.panels.store import shared
from tenant_ops_dashboard.records import applies, drafts

NAME = "firewall"
PARTS = "firewall parts"
RECENT = 900.0  # seconds that a reading is good enough to preview an edit on; an apply reads all anew
COMPUTED = 300  # seconds that what was worked out of one reading and one draft is kept

# Rows with the engine over them, which takes longer to make than a preview. Project and version name them whole.
_SEEN: Memo[Seen] = Memo(4)


@dataclass(frozen=True)
class State:
    """Neutron's and Octavia's rows as they were listed, with the names people know; `version` changes with any.

    Networks, routers, names and load balancers are of `since` or later (`firewall.glance`).
    """

    seen: Seen
    names: Known
    version: str
    since: datetime.datetime

    @property
    def ends(self) -> Ends:
        """For questions; nothing more is asked of the cloud."""
        return Ends(self.seen, Names(None, self.names))


@dataclass(frozen=True)
class Edited:
    """A group as somebody edits it: his draft, or one without a change where he has none.

    `version` 0 is none kept; `token` says to a form what it was drawn from. One that another release wrote is
    `unreadable`, and is shown as none.
    """

    draft: Draft
    version: int
    others: tuple[drafts.Editor, ...]
    unreadable: bool = False

    @cached_property
    def token(self) -> str:
        """The version; of a group whose draft has no change what is in force, too."""
        whole = self.changed or self.unreadable
        return str(self.version) if whole else f"{self.version}-{content.digest(draft.written(self.draft))}"

    @cached_property
    def changed(self) -> bool:
        """Whether the draft differs from what it was made from."""
        return self.draft.state != self.draft.base.was


def state(request: HttpRequest) -> poll.Snapshot[State]:
    """The reading, from the cache or from OpenStack. Raises a CloudError where not even an older one is known."""
    return _with_engine(poll.snapshot(request, NAME, lambda cloud: load(cloud, poll.key(request, PARTS))))


def recent(request: HttpRequest) -> poll.Snapshot[State]:
    """The reading that an edit is looked at with: what pages were drawn from a moment ago. Raises as `state`."""
    found = poll.recent(request, NAME, RECENT)
    return state(request) if found is None else _with_engine(found)


def _with_engine(found: poll.Snapshot[State]) -> poll.Snapshot[State]:
    seen = found.value.seen
    name = f"{found.value.version} {seen.project_id}"
    return replace(found, value=replace(found.value, seen=_SEEN.get(name) or _SEEN.put(name, seen)))


def older(found: poll.Snapshot[State]) -> datetime.datetime | None:
    """Of when that is which moves slowly, where it is older than the rest."""
    apart = found.as_of - found.value.since
    return found.value.since if apart > datetime.timedelta(seconds=1) else None


def etag(request: HttpRequest, found: poll.Snapshot[State], version: str) -> str:
    """As `poll.etag`; once a minute a page says anew of when that is which moves slowly."""
    since = older(found)
    return poll.etag(request, found, f"{version} {since:%d %H:%M}" if since else version)


def forget(request: HttpRequest) -> None:
    """After a change of our own: the next look asks Neutron."""
    poll.forget(request, NAME)
    shared.delete(poll.key(request, PARTS))


@contextlib.contextmanager
def forgotten(request: HttpRequest) -> Iterator[None]:
    """Around a change of our own: however it ends, and if nobody knows how, the next look asks Neutron."""
    try:
        yield
    finally:
        forget(request)


def load(cloud: Cloud, place: str) -> State:
    """The reading; `place` is where the cache keeps what moves slowly. Raises a CloudError."""
    seen, names, parts = glance.glance(cloud, shared.get(place, dict) or {}, timezone.now())
    shared.set(place, parts, glance.OLD)
    told = {key: rows for key, rows in seen.raw.items() if key != "meta"}
    version = json.dumps([told, repr(names), seen.raw["meta"]["profile"]], sort_keys=True)
    return State(seen, names, hashlib.sha256(version.encode()).hexdigest(), glance.since(parts))


def edited(request: HttpRequest, found: State, group_id: str) -> Edited:
    """This person's draft of a group. Raises NotFound where the project has no such group, BadDraft."""
    cloud, now = poll.connect(request), timezone.now()
    standing = read.draft(found.seen, group_id)
    if standing.state.group.id != group_id:
        raise NotFound("This project has no such firewall group.")
    kept = drafts.load(cloud, group_id, now) if access.allowed(request, permissions.EDIT) else None
    others = drafts.others(cloud, group_id, now)
    if kept is None:
        return Edited(standing, 0, others)
    # One without a change follows what is in force.
    edits = kept.draft is not None and kept.draft.state != kept.draft.base.was
    mine = kept.draft if kept.draft is not None and edits else standing
    return Edited(mine, kept.version, others, kept.draft is None)


def drafted(request: HttpRequest) -> frozenset[str]:
    """The ids of groups that this person has a draft of."""
    return drafts.mine(poll.connect(request))


def worked_out(request: HttpRequest, what: str, make: Callable[[], Any]) -> Any:
    """What `make` gives, kept for everybody in the project; `what` names all that it depends on."""
    place = poll.key(request, f"firewall {hashlib.sha256(what.encode()).hexdigest()}")
    found = shared.get(place, dict)
    if found is None:
        found = {"made": make()}
        shared.set(place, found, COMPUTED)
    return found["made"]


def newest(request: HttpRequest, found: State, group_id: str) -> str:
    """The id of the last apply of a group that can be undone, '' where there is none.

    It is the one that was recorded and is in force, else what the version before it says of itself.
    """
    cloud, row = poll.connect(request), read.find(found.seen, group_id)
    owner = marks.owner(row)
    now = read.draft(found.seen, group_id).state
    taken = datetime.datetime.fromisoformat(str(found.seen.raw["meta"]["taken_at"]))
    if recorded := applies.newest(cloud, group_id, now, taken, marks.mark(owner) if owner else ""):
        return recorded.apply
    rows = found.seen.rows("firewall_policies")
    kept = [one for row in rows if (one := versions.mark(row)) and one.group == group_id and not one.undone]
    last = max(kept, key=lambda one: one.number, default=None)
    return last.apply if last else ""
