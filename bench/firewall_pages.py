"""What the firewall's pages cost beside neutron-fwaas-dashboard's, in one run; how soon packets know of an apply.

Both are served by the same processes and look at the same project. A page is opened anew after everything kept of the
one before has run out, so each asks OpenStack for all it needs.
"""

from __future__ import annotations

import os
import statistics
import time
from typing import Any

import openstack
import requests

from bench import served
from tests.integration.firewall.field import field_of
from tests.integration.firewall.random_drafts import Drafts

ROUNDS = 3
DRAFTS = 10
OURS = ("firewall/", "firewall/group/{group}/", "firewall/probe/")
THEIRS = (
    "firewalls_v2/", "firewalls_v2/?tab=fwtabs__policies", "firewalls_v2/?tab=fwtabs__rules",
    "firewalls_v2/firewallgroup/{group}/",
)  # fmt: skip


def measure(name: str) -> dict[str, Any]:
    """Pages of the firewall group of the environment `name`, which stands."""
    cloud = openstack.connect(cloud="owner", api_timeout=60)
    group = next(one.id for one in cloud.network.firewall_groups() if one.name == f"{name}-fw")
    rules = len(list(cloud.network.firewall_rules()))
    with served.horizon(enabled=served.FWAAS_DASHBOARD) as horizon:
        session = horizon.log_in("owner")
        pages = {
            path: _opened(horizon, session, root + path.format(group=group))
            for root, paths in (("/tenant_ops/", OURS), ("/project/", THEIRS))
            for path in paths
        }
    return {"rules": rules, "pages": pages, "apply": applied()}


def applied() -> dict[str, Any]:
    """Seconds from the call of an apply to the first packet that only the new version lets through."""
    with field_of(f"bench-{os.getpid()}") as field:
        found = Drafts(field, seed=1).run(DRAFTS)
    return {
        "drafts": found.drafts,
        "seconds_to_the_first_packet": round(statistics.median(found.first), 2),
        "worst": round(max(found.first), 2),
        "packets_during": found.during,
        "not_as_previewed": len(found.wrong),
    }


def _opened(horizon: served.Served, session: requests.Session, path: str) -> dict[str, Any]:
    times, calls, answer = [], [], session.get(horizon.address + path, timeout=120)
    for _ in range(ROUNDS):
        time.sleep(3)
        horizon.calls()
        began = time.perf_counter()
        answer = session.get(horizon.address + path, timeout=120)
        times.append((time.perf_counter() - began) * 1000)
        calls.append(len(horizon.calls()))
    return {
        "status": answer.status_code,
        "calls": statistics.median(calls),
        "milliseconds": round(statistics.median(times)),
        "bytes": len(answer.content),
    }
