"""Acknowledge a finding, take that back, keep a reading as reviewed: asked of the policy, audited, kept."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import BadInput, NotAllowed, NotFound
from tenant_ops_dashboard.posture.access import ACKNOWLEDGE, REVIEW
from tenant_ops_dashboard.posture.model import Finding, Posture
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records.posture import Review, Word
from tenant_ops_dashboard.sentences import about, say

#: Whoever says something of another project's posture takes this rule, too.
CHANGE_ALL = "posture:change_all"
LONGEST = 600
YEAR = datetime.timedelta(days=366)
_SPAN = re.compile(r"^(\d{1,5})\s?(h|d|w)$")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def until(text: str, now: datetime.datetime, zone: datetime.tzinfo = datetime.UTC) -> datetime.datetime:
    """A time, or a span from `now` on: '30d'. A time without an offset is one of `zone`.

    Raises BadInput that names the field: what cannot be read, is past, or is more than a year away.
    """
    said = text.strip()
    try:
        if span := _SPAN.match(said):
            found = now + datetime.timedelta(**{_UNITS[span[2]]: int(span[1])})
        else:
            # In an address a '+' that nobody wrote out is a space.
            found = datetime.datetime.fromisoformat(re.sub(r" (\d\d:?\d\d)$", r"+\1", said) if "T" in said else said)
            found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(datetime.UTC)
    except (ValueError, OverflowError) as error:
        raise BadInput(
            about(
                "until",
                say(
                    "write a time as 2026-12-24T08:30 ({zone}, or with an offset such as +01:00), or a span: 12h, "
                    "30d, 8w.",
                    zone=zone,
                ),
            ),
            field="until",
        ) from error
    if found <= now:
        raise BadInput(
            about("until", say("this is past; an acknowledgement counts until a time to come.")), field="until"
        )
    if found > now + YEAR:
        raise BadInput(
            about("until", say("this is more than a year away; acknowledge it for a year at most.")), field="until"
        )
    return found


def reason(text: str) -> str:
    """What was written, in one line. Raises BadInput that names the field."""
    said = " ".join(text.replace("\0", "").split()).encode("utf-8", "replace").decode()
    if not said:
        raise BadInput(
            about("reason", say("say why this may stand; whoever reviews it next reads that.")), field="reason"
        )
    if len(said) > LONGEST:
        raise BadInput(about("reason", say("this is longer than {longest} letters.", longest=LONGEST)), field="reason")
    return said


def find(posture: Posture, id_: str) -> Finding:
    """A finding of a reading. Raises NotFound."""
    found = next((one for one in posture.findings if one.id == id_), None)
    if found is None:
        raise NotFound(
            say("No finding that is there now, and that you may see here, has the id {id_!r}.", id_=id_[:80])
        )
    return found


class Acknowledge(Change[Word]):
    """Somebody's word that a finding of this reading may stand, until a time."""

    name = "posture.acknowledge"
    rule = ACKNOWLEDGE
    action = "update"
    kind = "finding"

    def __init__(
        self, cloud: Cloud, posture: Posture, id_: str, reason: str, until: str, now: datetime.datetime,
        zone: datetime.tzinfo = datetime.UTC,
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.posture, self.reason, self.typed, self.now, self.zone = posture, reason, until, now, zone
        self.target = Target(id_[:64])

    def prepare(self) -> Word | None:
        self.found = find(self.posture, self.target.id)
        self.target = _target(self.cloud, self.found.id, self.found.project, self.found.name)
        elsewhere(self.cloud, self.found.project)
        self.reason, self.until = reason(self.reason), until(self.typed, self.now, self.zone)
        word = records.current([self.found.project], self.found.id, self.now)
        self.before = _known(self.cloud, word)
        self.after = {"reason": self.reason, "until": self.until.isoformat(), "by": self.cloud.user_name}
        return word if word and records.same(word, self.cloud.user_name, self.reason, self.until) else None

    def send(self) -> Word:
        return records.acknowledge(
            self.cloud, self.found.project, self.found.id, self.reason, self.until, self.now
        )  # fmt: skip

    def settled(self, made: Word) -> bool:
        word = records.current([self.found.project], self.found.id, self.now)
        return word is not None and _told(word) == self.after


class Withdraw(Change[Word]):
    """It counts no more; that it was said stays known."""

    name = "posture.withdraw"
    rule = ACKNOWLEDGE
    action = "update"
    kind = "finding"

    def __init__(self, cloud: Cloud, projects: Sequence[str] | None, id_: str, now: datetime.datetime) -> None:
        super().__init__(cloud)
        self.projects, self.now = projects, now
        self.target = Target(id_[:64])

    def prepare(self) -> Word | None:
        word = records.newest(self.projects, self.target.id)
        if word is None:
            raise NotFound(say("Nobody acknowledged such a finding that you may see here."))
        self.word = word
        self.target = _target(self.cloud, word.finding, word.project)
        elsewhere(self.cloud, word.project)
        counts = records.current([word.project], word.finding, self.now)
        self.before, self.after = _known(self.cloud, counts), {}
        return None if counts else word

    def send(self) -> Word:
        records.withdraw(self.cloud, self.word.project, self.word.finding, self.now)
        return records.newest([self.word.project], self.word.finding) or self.word

    def settled(self, made: Word) -> bool:
        return records.current([self.word.project], self.word.finding, self.now) is None


class KeepReview(Change[tuple[Review, bool]]):
    """A reading is kept as reviewed: drift is told against it from now on."""

    name = "posture.review"
    rule = REVIEW
    action = "create"
    kind = "review"

    def __init__(
        self, cloud: Cloud, scope: str, posture: Posture, digest: str, packed: bytes, now: datetime.datetime
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.scope, self.posture, self.digest, self.packed, self.now = scope, posture, digest, packed, now
        # A reading of several projects has a scope that is no project's id.
        self.project = "" if scope == cloud.project_id or scope[:1] in ("*", "+") else scope
        self.target = Target("", scope, self.project)

    def prepare(self) -> None:
        elsewhere(self.cloud, self.scope)
        counts = records.counts(self.posture)
        self.after = {"taken_at": self.posture.taken_at, **counts.levels, "acknowledged": counts.acknowledged}

    def send(self) -> tuple[Review, bool]:
        kept, new = records.review(
            self.cloud, self.scope, self.posture, self.digest, self.packed, self.now
        )  # fmt: skip
        self.target = Target(str(kept.id), self.scope, self.project)
        return kept, new

    def settled(self, made: tuple[Review, bool]) -> bool:
        return bool(records.packed(self.cloud.region, self.scope, made[0].id))


def acknowledge(
    cloud: Cloud, posture: Posture, id_: str, reason: str, until: str, now: datetime.datetime,
    zone: datetime.tzinfo = datetime.UTC,
) -> Word:  # fmt: skip
    """Acknowledge a finding of this reading; the same word again is the first one.

    Raises NotAllowed, NotFound for an id that the reading has not, BadInput that names `reason` or `until`, NotKept.
    """
    with records.kept():
        return perform(Acknowledge(cloud, posture, id_, reason, until, now, zone))


def withdraw(cloud: Cloud, projects: Sequence[str] | None, id_: str, now: datetime.datetime) -> Word:
    """Take back what was said of a finding of these projects (None: of any); the last word of it.

    Raises NotAllowed, NotFound, NotKept.
    """
    with records.kept():
        return perform(Withdraw(cloud, projects, id_, now))


def review(
    cloud: Cloud, scope: str, posture: Posture, digest: str, packed: bytes, now: datetime.datetime
) -> tuple[Review, bool]:  # fmt: skip
    """Keep this reading as reviewed; False where the same person has just kept the same. Raises NotAllowed, NotKept."""
    with records.kept():
        return perform(KeepReview(cloud, scope, posture, digest, packed, now))


def _told(word: Word) -> dict[str, str]:
    return {"reason": word.reason, "until": word.until.isoformat(), "by": word.by}


def _known(cloud: Cloud, word: Word | None) -> dict[str, str]:
    """What the audit trail tells of an older word: it is read in the login's project, whosever the finding is."""
    if word is None:
        return {}
    return _told(word) if word.project == cloud.project_id else {"until": word.until.isoformat()}


def _target(cloud: Cloud, finding: str, project: str, name: str = "") -> Target:
    """A finding in the audit trail; another project's is named there by its id alone."""
    return Target(finding, name) if project == cloud.project_id else Target(finding, project=project)


def elsewhere(cloud: Cloud, project: str) -> None:
    """What is not the login's own project's takes a rule of its own. Raises NotAllowed."""
    if project != cloud.project_id and not policy.allowed(cloud, CHANGE_ALL):
        raise NotAllowed(
            say(
                "Your roles do not allow this beyond your own project; as shipped it takes the role 'admin' (policy "
                "rule {change_all}).",
                change_all=CHANGE_ALL,
            )
        )
