"""A copy that is not where it was handed over to: nobody tells whether it was deleted there or given away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.sentences import say

#: Among a clone's `seconds`: its end has seen the copy, so that what is gone later was deleted by it.
_SEEN = "end"


def asked(clone: Clone) -> bool:
    """Whether its end has still to look where the copy is: one that was handed over and stood there."""
    stood = clone.ready_at is not None and clone.handed_at is not None and clone.renewal is None
    return stood and not clone.kept and clone.outcome == "released" and _SEEN not in clone.seconds


def look(clone: Clone, clouds: tuple[Cloud, ...]) -> Mapping[str, Any]:
    """What its end writes down before it takes anything away: that it saw the copy in one of these projects, or not.

    Cinder answers 404 for what was deleted and for what another project accepted. 'released' would say that nothing is
    left, 'failed' that it was never there: so it is 'orphaned', out of everybody's reach, until somebody of either
    project has looked after it and releases the clone. Raises a CloudError.
    """
    if any(markers.read(one, clone.volume_id) is not None for one in clouds):
        return seen(clone)
    said = say(
        "The volume {volume_id} ({size} GB, data of {source_name}) is not in {project_name} any more: it was "
        "deleted or given away there, and Cinder does not tell which. Nobody can take it back from here: look "
        "after it, then release the clone once more.",
        volume_id=clone.volume_id,
        size=clone.size,
        source_name=clone.offer.source_name,
        project_name=clone.project_name,
    )
    return {"outcome": "orphaned", "reason": said}


def seen(clone: Clone) -> Mapping[str, Any]:
    """What is written down of a copy that is there, before it is taken away."""
    return {"seconds": {**clone.seconds, _SEEN: 0.0}}
