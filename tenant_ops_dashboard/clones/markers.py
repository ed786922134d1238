"""What in the cloud belongs to a clone: it carries the clone's id, whoever made it and wherever it is now."""

from __future__ import annotations

from typing import Any

from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud, NotFound, values
from tenant_ops_dashboard.cloud.values import Shape, text, texts
from tenant_ops_dashboard.environments import services

CLONE = "tenant_ops_clone"
#: Which of a clone's copies it is; the first one says nothing.
GENERATION = "tenant_ops_generation"
#: Of a snapshot of the copy, which it can go back to.
BASELINE = "tenant_ops_baseline"
#: On a golden copy, besides: the id of the offer that it is kept for.
GOLDEN = "tenant_ops_golden"
TRANSFER: Shape = {"id": text, "name": text, "volume_id": text, "created_at": text}
_SNAPSHOT: Shape = {**services.SNAPSHOT, "metadata": texts, "created_at": text}
Row = dict[str, Any]


def of(row: Row) -> str:
    """The id of the clone that a volume says it belongs to, or ''."""
    return str((row.get("metadata") or {}).get(CLONE) or "")


def kept_for(row: Row) -> str:
    """The id of the offer that a volume says it is the golden copy of, or ''."""
    return str((row.get("metadata") or {}).get(GOLDEN) or "")


def marks(clone: Clone) -> dict[str, str]:
    """The metadata of what is made for a clone now, from its first moment."""
    generation = {GENERATION: str(clone.generation)} if clone.generation else {}
    return {CLONE: clone.id, **generation, **({GOLDEN: clone.offer.id} if clone.kept else {})}


def volumes(cloud: Cloud, clone: Clone, every: bool = False) -> list[Row]:
    """The clone's volumes in the login's project, oldest first: one call. Raises a CloudError.

    Those of the copy that is being made, never the one that it replaces; with `every` all that there are.

    Anybody in the project may write a mark on any volume: what counts is one that Cinder made of the source,
    or of the clone's snapshot of it; of one that is made of a golden copy, what was made of that alone.
    """
    asked = {"metadata": f"{{'{CLONE}': '{clone.id}'}}"}
    found = values.rows(cloud.pages("block-storage", "/volumes/detail", "volumes", **asked), services.VOLUME)
    # A Cinder that does not know the filter gives all of them.
    mine = [one for one in found if of(one) == clone.id and _made_of(one, clone) and (every or _now(one, clone))]
    return sorted(mine, key=lambda one: (one["created_at"], one["id"]))


def held(cloud: Cloud, clone: Clone, every: bool = True) -> list[Row]:
    """The same, and what the record names: its holder may have taken the mark off. One call, and one for each."""
    found = volumes(cloud, clone, every)
    named = {clone.volume_id, *(one for one in _renewed(clone) if every)} - {"", *(one["id"] for one in found)}
    rows = [read(cloud, one) for one in sorted(named)]
    return [*found, *(one for one in rows if one is not None)]


def read(cloud: Cloud, volume_id: str) -> Row | None:
    """One volume, None where it is gone: one call. Raises a CloudError."""
    try:
        row = cloud.get("block-storage", f"/volumes/{volume_id}")["volume"]
    except NotFound:
        return None
    return values.row(row, services.VOLUME)


def handed(cloud: Cloud, clone: Clone) -> bool:
    """Whether the login's project has the very copy that was made for the clone: one call. Raises a CloudError.

    Whoever asked for the clone may write its mark on an older copy of the same source: that one is not it.
    """
    return any(one["id"] == clone.volume_id for one in volumes(cloud, clone))


def snapshots(cloud: Cloud, clone: Clone, every: bool = False) -> list[Row]:
    """The clone's snapshots of the source, as `volumes`, oldest first: one call. Raises a CloudError."""
    asked = {"metadata": f"{{'{CLONE}': '{clone.id}'}}"}
    found = values.rows(cloud.pages("block-storage", "/snapshots/detail", "snapshots", **asked), _SNAPSHOT)
    mine = [one for one in found if of(one) == clone.id and one["volume_id"] == clone.offer.source_id]
    mine = [one for one in mine if every or _now(one, clone)]
    return sorted(mine, key=lambda one: (one["created_at"], one["id"]))


def baselines(cloud: Cloud, clone: Clone) -> list[Row]:
    """The snapshots that the copy can go back to, oldest first: one call. Raises a CloudError."""
    known = cloud.pages("block-storage", "/snapshots/detail", "snapshots", volume_id=clone.volume_id)
    mine = [one for one in values.rows(known, _SNAPSHOT) if one["volume_id"] == clone.volume_id]
    mine = [one for one in mine if one["metadata"].get(BASELINE) == clone.id]
    return sorted(mine, key=lambda one: (one["created_at"], one["id"]))


def transfers(cloud: Cloud, volume_id: str) -> list[Row]:
    """The transfers of a volume that wait, as its giver's project sees them: one call. Raises a CloudError."""
    found = values.rows(cloud.pages("block-storage", "/volume-transfers/detail", "transfers"), TRANSFER)
    return [one for one in found if one["volume_id"] == volume_id]


def _made_of(row: Row, clone: Clone) -> bool:
    new = clone.renewal
    if goldens := {clone.golden_id, new.golden_id if new else ""} - {""}:
        return row["source_volid"] in goldens
    snapshots_ = {clone.snapshot_id, new.snapshot_id if new else ""} - {""}
    return row["snapshot_id"] in snapshots_ or row["source_volid"] == clone.offer.source_id


def _now(row: Row, clone: Clone) -> bool:
    """Whether it is of the copy that is being made."""
    stands = clone.renewal.replaces if clone.renewal else ""
    return marked(row, clone) and row["id"] != stands


def marked(row: Row, clone: Clone) -> bool:
    """Whether what it says is the number of the clone's latest copy."""
    return str((row.get("metadata") or {}).get(GENERATION) or "0") == str(clone.generation)


def _renewed(clone: Clone) -> tuple[str, ...]:
    return (clone.renewal.volume_id, clone.renewal.replaces) if clone.renewal else ()
