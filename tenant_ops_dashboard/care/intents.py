"""A look at a project's intents without viewers: how each fares is written down, and its environment warns."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import look
from tenant_ops_dashboard.records import intents

#: Seconds between two looks at a project while rounds follow each other: each lists all of its network.
EVERY = 60.0


def check(cloud: Cloud, folders: Sequence[str | Path] = ()) -> int:
    """Check all that stand, and forget what is of environments that are gone; how many are broken.

    One call where nothing stands, else those of a snapshot and two. Raises a CloudError, Unreadable.
    """
    if not cloud.has("network"):
        return 0
    stacks = stack.environments(cloud) if cloud.has("orchestration") else ()
    blueprints = {one.id: one.launched for one in stacks}
    intents.tidy(cloud.project_id, blueprints, lambda id_: stack.gone(cloud, id_) is not None, folders)
    known = intents.on(intents.of(cloud.project_id, standing.up(stacks), folders))
    if not known:
        return 0
    at = datetime.datetime.now(datetime.UTC)
    ends = Ends(look(cloud), Names(cloud))
    found = standing.judge(ends.engine, ends, known)
    intents.keep(cloud.project_id, known, found, at)
    return sum(one.holds is False for one in found)
