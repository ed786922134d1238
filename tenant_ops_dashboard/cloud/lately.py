"""What was read for the same person a moment ago, for pages that ask again while he types."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import TypeVar

from tenant_ops_dashboard.cloud.handle import Cloud

T = TypeVar("T")

#: Seconds for which what was read is left for the next look.
KEPT = 30


def lately(cloud: Cloud, name: str, kind: type[T], make: Callable[[], T]) -> T:
    """What `make` reads; where `options.lately` allows it, what it read up to KEPT seconds ago through this store.

    It is shared by the logins of one person with the same roles in one project and region, and by nobody else; `kind`
    is what it must be, whoever wrote it. A handle without a store that others share reads anew.

    Raises what `make` raises.
    """
    store = cloud.options.store
    if store is None:
        return make()
    place = _place(cloud, name)
    if cloud.options.lately:
        found = store.get(place)
        if isinstance(found, kind):
            return found
    made = make()
    store.set(place, made, KEPT)
    return made


def _place(cloud: Cloud, name: str) -> str:
    parts = json.dumps((cloud.region, cloud.project_id, cloud.user_id, sorted(cloud.roles), name))
    return "tenant_ops.lately." + hashlib.sha256(parts.encode()).hexdigest()
