"""What the walkthrough made, told from what others called the same: a name alone is nobody's.

Its stack has a mark of its own (`shop.MARK`), the data says which stack it was made for, a copy carries its clone's id,
and the clone says what it was asked for. `known` are ids of stacks that the records name, for the time when Heat has
forgotten them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from tenant_ops_dashboard.clones import markers
from tenant_ops_dashboard.clones.model import Clone, Offer
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import listing
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.walkthrough.acts.copies import BRIEF, CLONE, TERMS
from tenant_ops_dashboard.walkthrough.acts.shop import NAME, ours
from tenant_ops_dashboard.walkthrough.store import PURPOSE, Store

COPIES = (CLONE, BRIEF)
DATA = f"{NAME}-data"
Volume = dict[str, Any]
Ids = Collection[str]


def stacks(cloud: Cloud) -> list[stack.Stack]:
    """Its environment's stacks, going ones too: one call."""
    return [one for one in stack.all_named(cloud, NAME) if ours(one)]


def gone(cloud: Cloud, known: Ids) -> list[Environment]:
    """Those whose stack is gone and of which something is left. Raises a CloudError."""
    return [one for one in listing.all_leftovers(cloud) if one.name == NAME and _was_ours(cloud, one.id, known)]


def data(cloud: Cloud, known: Ids) -> list[Volume]:
    """Data of its environment, whether that stands or is gone: two calls, and one for each stack that is gone."""
    alive = {one.id for one in stacks(cloud)}
    found = [one for one in data_volumes.volumes(cloud) if one.get("name") == DATA and data_volumes.owner(one)]
    owners = {data_volumes.owner(one) for one in found}
    mine = {id_ for id_ in owners if id_ in alive or _was_ours(cloud, id_, known)}
    return [one for one in found if data_volumes.owner(one) in mine]


def clones(cloud: Cloud, store: Store) -> list[Clone]:
    """Live clones that it asked for, of what this project offers, wherever they are."""
    return [one for one in store.clones.live(cloud) if one.name in COPIES and _asked(cloud, one)]


def copies(cloud: Cloud, there: Cloud, store: Store) -> list[Volume]:
    """Volumes of its clones in the project `there`, also of those that no record knows: one call."""
    return [
        one for one in data_volumes.volumes(there) if one.get("name") in COPIES and _is_copy(cloud, there, store, one)
    ]


def built(there: Cloud, volumes: list[Volume]) -> list[stack.Stack]:
    """Test environments that stand on these copies: a call for each name."""
    ids = {str(one["id"]) for one in volumes}
    found = [one for name in COPIES for one in stack.all_named(there, name)]
    return [one for one in found if stack.TAG in one.tags and one.volumes & ids]


def offers(cloud: Cloud, store: Store, known: Ids) -> list[Offer]:
    """What this project offers of its data; also of data that is gone, on the walkthrough's own terms."""
    named = [one for one in store.clones.offers(cloud) if one.called(NAME) or one.called(DATA)]
    if not named:
        return []
    mine, there = {one["id"] for one in data(cloud, known)}, {one["id"] for one in data_volumes.volumes(cloud)}
    return [one for one in named if one.source_id in mine or (one.source_id not in there and _on_our_terms(one))]


def _on_our_terms(one: Offer) -> bool:
    told = one.terms
    return (told.approve, told.longest, told.most) == (TERMS.approve, TERMS.longest, TERMS.most)


def _was_ours(cloud: Cloud, id_: str, known: Ids) -> bool:
    found = None if id_ in known else stack.gone(cloud, id_)
    return id_ in known or (found is not None and ours(found))


def _asked(cloud: Cloud, one: Clone) -> bool:
    return one.purpose == PURPOSE and one.offer.project_id == cloud.project_id


def _is_copy(cloud: Cloud, there: Cloud, store: Store, row: Volume) -> bool:
    id_ = markers.of(row)
    known = store.clones.by_id(there, id_) if id_ else None
    return bool(id_) and (known is None or _asked(cloud, known))
