"""Volumes of the project that an environment may stand on, and why not on the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tenant_ops_dashboard.cloud import Cloud, lately
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Choice
from tenant_ops_dashboard.sentences import join, say


@dataclass(frozen=True)
class Offer:
    """One volume; `size` in GB, `origin` what it is a copy of, where that is known, `refusal` why it is not taken."""

    id: str
    name: str
    size: int
    origin: str = ""
    refusal: str = ""


def known(cloud: Cloud) -> tuple[Offer, ...]:
    """All volumes of the project, by name: one call, and one more where any is available; once for every handle.

    None where those of lately will do.

    Raises a CloudError.
    """
    return cloud.once("volumes", lambda: lately(cloud, "volumes", tuple, lambda: _known(cloud)))


def choices(offers: Sequence[Offer]) -> tuple[Choice, ...]:
    """Those that may be taken, with name, size and origin; of several of one name with the beginnings of their ids."""
    count = Counter(one.name for one in offers)
    return tuple(
        Choice(
            one.id,
            join(", ", (
                one.name if count[one.name] == 1 else (one.name or say("no name")) + f" ({one.id[:8]})",
                say("{size} GB", size=one.size), one.origin,
            )),
        )
        for one in offers if not one.refusal
    )  # fmt: skip


def chosen(offers: Sequence[Offer], value: str) -> tuple[str, str]:
    """The id of the volume with this name or id and '', or '' and what is wrong with it."""
    found = [one for one in offers if one.id == value] or [one for one in offers if one.name == value]
    if not found:
        return "", say("This project has no volume called '{value}'.", value=value[:60])
    if len(found) > 1:
        ids = ", ".join(one.id for one in found[:10])
        return "", say(
            "{n} volumes are called '{value}': say the id of one, {ids}.", n=len(found), value=value[:60], ids=ids
        )
    return (found[0].id, "") if not found[0].refusal else ("", found[0].refusal)


def _known(cloud: Cloud) -> tuple[Offer, ...]:
    if not cloud.has("block-storage"):
        return ()
    rows = data_volumes.volumes(cloud)
    standing: Sequence[stack.Stack] = ()
    if any(row["status"] == "available" for row in rows):
        standing = stack.environments(cloud)
    owners = {one.id: one.name for one in standing}
    owners |= {volume: one.name for one in standing for volume in one.volumes}
    names = {str(row["id"]): str(row["name"] or row["id"]) for row in rows}
    offers = (
        Offer(row["id"], row["name"], row["size"], _origin(row, names), _refusal(row, owners)) for row in rows
    )  # fmt: skip
    return tuple(sorted(offers, key=lambda one: (one.name, one.id)))


def _origin(row: data_volumes.Volume, names: Mapping[str, str]) -> str:
    if source := row["source_volid"]:
        return say("copy of {names}", names=names.get(source, say("volume {source}", source=source[:8])))
    if row["snapshot_id"]:
        return say("from snapshot {snapshot_id}", snapshot_id=row["snapshot_id"][:8])
    was = row["metadata"].get(data_volumes.NAME, "")
    return say("data of {was}", was=was) if was else ""


def _refusal(row: data_volumes.Volume, owners: Mapping[str, str]) -> str:
    """`owners` are names of environments by their ids and by those of the volumes they stand on."""
    called = row["name"] or row["id"]
    # Of one that is attached its own metadata is enough.
    told = row["metadata"].get(data_volumes.NAME, "") if row["status"] == "in-use" and data_volumes.owner(row) else ""
    if owner := owners.get(row["id"]) or owners.get(data_volumes.owner(row)) or told:
        return say("{called} belongs to the environment {owner}; take a copy of it.", called=called, owner=owner)
    if row["status"] == "in-use":
        return say("{called} is attached to a server (in-use): detach it, or take a copy of it.", called=called)
    if row["status"] != "available":
        return say(
            "{called} is {status}: only a volume that is available can be taken.",
            called=called,
            status=row["status"] or say("in no known state"),
        )
    if data_volumes.mark(row):
        return say(
            "{called} is marked to be deleted with an environment that is gone: keep that one's data first.",
            called=called,
        )
    return ""
