"""What does not fit together: things marked as of a clone that no record knows, and clones without their volume."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.clones import markers, served
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.sentences import say

#: States of which the volume stands in the asking project.
_THERE = ("ready",)


@dataclass(frozen=True)
class Orphan:
    """A `kind` of thing ('volume', 'server', 'network', 'security-group', 'clone', 'golden copy') with its id and name.

    `clone` is the id that it names.
    """

    kind: str
    id: str
    name: str
    clone: str
    says: str


def find(
    cloud: Cloud, known: Iterable[Mapping[str, Any]], offers: Iterable[Mapping[str, Any]] = ()
) -> tuple[Orphan, ...]:  # fmt: skip
    """What is in the login's project and in no record, and the other way round: four calls. Raises a CloudError.

    `known` are clones that have not ended, `offers` all that the API tells, as it writes them.
    """
    records = {str(one["id"]): one for one in known}
    golden = {str(it["id"]): it for one in offers if one["golden"] for it in one["golden"]["copies"] or ()}
    kept = {it["volume_id"] for it in golden.values()}
    volumes = data_volumes.volumes(cloud)
    found = [
        Orphan("volume", one["id"], one["name"], clone, say("No clone that is known has this volume: delete it."))
        for one in volumes
        if (clone := markers.of(one) or markers.kept_for(one))
        and clone not in records
        and clone not in golden
        and one["id"] not in kept
    ]
    found += [
        Orphan(
            kind, row["id"], row["name"], clone, say("No clone that is known has this {kind}: delete it.", kind=kind)
        )
        for kind, row, clone in served.everything(cloud)
        if clone not in records and clone not in golden
    ]
    here = {one["id"] for one in volumes}
    for id_, one in golden.items():
        if one["state"] in _THERE and one["volume_id"] not in here:
            said = say(
                "Its volume {volume_id} is gone: the next request has another one made first.",
                volume_id=one["volume_id"],
            )
            found.append(Orphan("golden copy", id_, "", id_, said))
    for id_, one in records.items():
        volume, mine = str(one.get("volume_id") or ""), one.get("project_id") == cloud.project_id
        there = one.get("state") in _THERE or (one.get("state") == "orphaned" and one.get("ready_at") and volume)
        if there and mine and volume not in here:
            said = say(
                "Its volume {volume} is gone: somebody deleted it or gave it away. Release the clone.", volume=volume
            )
            found.append(Orphan("clone", id_, str(one.get("name") or ""), id_, said))
    return tuple(found)
