"""What the changes of one clone share: by id or name it is found, and whose it is says whose right that takes."""

from __future__ import annotations

import datetime
from typing import ClassVar

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.changes import Change, Target
from tenant_ops_dashboard.clones.access import DECIDE, REQUEST
from tenant_ops_dashboard.clones.errors import NotAllowed, NotFound
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.sentences import say


class OfOne(Change[Clone]):
    """A change of the clone that `words` name; `does` is what only the project that asked for it does."""

    rule = REQUEST
    kind = "clone"
    does: ClassVar[str] = "changes"

    def __init__(self, cloud: Cloud, words: str, now: datetime.datetime) -> None:
        super().__init__(cloud)
        self.words, self.now = words, now
        self.target = Target("", words[:255])

    def find(self) -> Clone:
        """It, of either project. Raises NotFound, BadInput; NotAllowed without the right that takes on this side."""
        clone = records.clone(self.cloud, self.words)
        self.target = Target(clone.id, clone.name)
        # Somebody else's of this name may have come or gone since it was asked whose it is.
        rule = REQUEST if clone.project_id == self.cloud.project_id else DECIDE
        if not policy.allowed(self.cloud, rule):
            raise NotAllowed(policy.why_not(rule))
        return clone

    def find_held(self) -> Clone:
        """It, where this project asked for it. Raises NotAllowed where another one did, NotFound, BadInput."""
        try:
            clone = records.clone(self.cloud, self.words, "holder")
        except NotFound:
            other = records.clone(self.cloud, self.words)
            raise NotAllowed(
                say(
                    "The project {project_name}, which asked for the clone, {does} it.",
                    project_name=other.project_name,
                    does=self.does,
                )
            ) from None
        self.target = Target(clone.id, clone.name)
        return clone
