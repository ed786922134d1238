"""What became of making a firewall group: a failure, and when it is tried again; a group that is still on its way.

It is kept in the store that the caller gave, by region, project and environment; where that forgets, it is tried anew.
"""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.sentences import say

FIRST, LONGEST = 30, 900  # seconds until the second try, and between two at most
KEPT = 86400


@dataclass(frozen=True)
class Failure:
    """`sentence` says why, with OpenStack's request id where it gave one; `again` is when it is tried next."""

    sentence: str
    tries: int
    again: datetime.datetime

    @property
    def due(self) -> bool:
        return now() >= self.again

    @property
    def words(self) -> str:
        """Why, and when it is tried again."""
        end = "" if self.sentence.endswith((".", "!", "?")) else "."
        return say(
            "It could not be made: {sentence}{end} It is tried again after {again:%H:%M:%S} UTC.",
            sentence=self.sentence,
            end=end,
            again=self.again,
        )


def now() -> datetime.datetime:
    """The time of now."""
    return datetime.datetime.now(datetime.UTC)


def failure(cloud: Cloud, environment_id: str) -> Failure | None:
    """The last try, where it failed; no call to OpenStack."""
    kept = cloud.store.get(_key(cloud, environment_id, "failure"))
    try:
        return Failure(_words(kept[0]), int(kept[1]), datetime.datetime.fromisoformat(kept[2])) if kept else None
    except (LookupError, TypeError, ValueError):
        # Another release, or somebody else, wrote it.
        return None


def failed(cloud: Cloud, environment_id: str, sentence: str, request_id: str = "") -> None:
    """Remember it; the pause until the next try doubles with each."""
    before = failure(cloud, environment_id)
    tries = before.tries + 1 if before else 1
    again = now() + datetime.timedelta(seconds=min(LONGEST, FIRST * 2 ** min(tries - 1, 10)))
    words = (
        say("{sentence} (request {request_id})", sentence=sentence, request_id=request_id)
        if request_id and request_id not in sentence
        else sentence
    )
    cloud.store.set(_key(cloud, environment_id, "failure"), (words, tries, again.isoformat()), KEPT)


def begun(cloud: Cloud, environment_id: str, group_id: str) -> None:
    """A group was made whose end was not seen yet."""
    cloud.store.set(_key(cloud, environment_id, "begun"), group_id, KEPT)


def open_(cloud: Cloud, environment_id: str) -> str:
    """The id of the group whose end was not seen yet, or ''."""
    return str(cloud.store.get(_key(cloud, environment_id, "begun")) or "")


def ended(cloud: Cloud, environment_id: str) -> None:
    """The group's end was seen."""
    cloud.store.delete(_key(cloud, environment_id, "begun"))


def forget(cloud: Cloud, environment_id: str) -> None:
    """It stands, or somebody wants it tried now."""
    cloud.store.delete(_key(cloud, environment_id, "failure"))


def _key(cloud: Cloud, environment_id: str, what: str) -> str:
    parts = "\0".join((cloud.options.region, cloud.project_id, environment_id, what))
    return "tenant_ops.firewall." + hashlib.sha256(parts.encode()).hexdigest()


def _words(kept: object) -> str:
    return kept if isinstance(kept, str) else str(kept)
