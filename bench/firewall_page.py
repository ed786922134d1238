"""Measures a firewall group's page and prints JSON: `python -m bench.firewall_page [--quick]`.

The real views, in a process with the test settings, before the cloud at the HTTP level of the unit tests: milliseconds
of processor time and bytes of the whole page, of one edit (what a script sends) and of what the page asks afterwards.
The calls are those that OpenStack would get.
"""

# ruff: noqa: E402 (Django is set up before what needs it is imported)
from __future__ import annotations

import argparse
import json
import logging
import os
import random
import statistics
import sys
import time
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it also runs as a script
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django
import pytest

django.setup()

from django.core.cache import cache
from django.test import Client
from django.test.utils import setup_databases, setup_test_environment
from openstack_auth import user as auth_user
from openstack_auth import utils as auth_utils
from openstack_dashboard import api
from openstack_dashboard.test.test_data import keystone_data, utils

from bench.firewall import NEAR
from bench.policies import policy
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.panels import belonging
from tenant_ops_dashboard.records.models import FirewallDraft
from tests.unit.fake_openstack import server as fake
from tests.unit.fake_openstack.world import World
from tests.unit.firewall import standing

SCRIPT = {"X-Requested-With": "XMLHttpRequest"}
LATER = "?part=later"


def wired(patched: pytest.MonkeyPatch, rules: int, seed: int) -> str:
    """A standing environment whose group has so many rules, half of them in either direction; the group's id."""
    world = World()
    world.wire_all(patched)
    patched.setattr(launch, "SETTLE_SECONDS", 0.0)
    patched.setattr(launch, "LOOK_SECONDS", 0.0)
    standing.shop(world, world.cloud())
    (group,) = world.things.kept["firewall_groups"].values()
    rng = random.Random(seed)
    for number, side in enumerate(("ingress", "egress")):
        held = world.things.kept["firewall_policies"][group[f"{side}_firewall_policy_id"]]
        for rule in policy(max(0, rules // 2 - len(held["firewall_rules"])), seed + number):
            ends = ("source_ip_address", "destination_ip_address")
            near = {key: rng.choice(NEAR) for key in ends if rule[key] and rng.random() < 0.6}
            made = world.things.add("firewall_rules", **{**rule, **near, "id": f"{side}-{rule['id']}", "name": ""})
            held["firewall_rules"].append(made["id"])
    somebody = _somebody()
    patched.setattr(auth_utils, "get_user", lambda request: somebody)
    patched.setattr(auth_utils, "get_project_list", lambda **known: [])
    patched.setattr(auth_utils, "get_system_access", lambda **known: False)
    patched.setattr(api.keystone, "keystoneclient", mock.MagicMock())
    world.calls()
    Page.world = world
    return str(group["id"])


def _somebody() -> Any:
    catalogue = [
        {"type": one, "name": one, "endpoints": [{"interface": "public", "region": "RegionOne", "url": url}]}
        for one, url in fake.SERVICES.items()
    ]
    people = utils.TestData(keystone_data.data)
    found = auth_user.User(
        id="1", token=people.token, user="owner", user_domain_id="default", tenant_id="project",
        tenant_name="production", service_catalog=catalogue,
        roles=[{"id": one, "name": one} for one in ("member", "reader")],
        authorized_tenants=[], enabled=True, endpoint="http://identity.test", services_region="RegionOne",
    )  # fmt: skip
    found._is_system_user = False
    return found


class Page:
    """One group's page in a browser."""

    world: World

    def __init__(self, group: str) -> None:
        self.address = f"/tenant_ops/firewall/group/{group}/"
        self.client = Client(headers={belonging.HEADER: "project@RegionOne"})

    def get(self, what: str = "", **headers: str) -> tuple[float, int, int]:
        """Milliseconds, bytes and calls of one answer."""
        return self._timed(lambda: self.client.get(self.address + what, headers=headers))

    def edit(self, do: str) -> tuple[float, int, int]:
        """One edit as the page's script sends it."""
        version = self.version()
        told = {"version": version, "direction": "ingress", "do": do}
        return self._timed(lambda: self.client.post(f"{self.address}edit/", told, headers=SCRIPT))

    def version(self) -> str:
        text = self.client.get(self.address).content.decode()
        return text.split('name="version" value="', 1)[1].split('"', 1)[0]

    def _timed(self, ask: Any) -> tuple[float, int, int]:
        self.world.calls()
        began = time.process_time()
        answer = ask()
        took = (time.process_time() - began) * 1000
        if answer.status_code != 200:
            sys.exit(f"{answer.request['PATH_INFO']} was answered with {answer.status_code}: {answer.content[:300]!r}")
        return took, len(answer.content), len(self.world.calls())


def measure(rules: int, edits: int) -> dict[str, Any]:
    """One group: the first page, then edits, each with what the page asks afterwards."""
    with pytest.MonkeyPatch.context() as patched:
        cache.clear()
        FirewallDraft.objects.all().delete()
        page = Page(wired(patched, rules, 1))
        first = page.get()
        again = page.get()
        told: list[tuple[float, int, int]] = []
        later: list[tuple[float, int, int]] = []
        rng = random.Random(rules)
        for _ in range(edits):
            place = rng.randrange(1, rules // 2 - 1)
            told.append(page.edit(rng.choice((f"up:{place}", f"off:{place}", f"down:{place}"))))
            later.append(page.get(f"state/{LATER}", **SCRIPT))
    return {"page first": shown([first]), "page again": shown([again]), "edit": shown(told), "later": shown(later)}


def shown(told: list[tuple[float, int, int]]) -> dict[str, Any]:
    times, sizes, calls = zip(*told, strict=True)
    return {
        "milliseconds": round(statistics.median(times)), "worst": round(max(times)),
        "bytes": round(statistics.median(sizes)), "calls": max(calls),
    }  # fmt: skip


def main() -> None:
    """Run everything and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer edits")
    edits = 3 if parser.parse_args().quick else 12
    logging.disable(logging.CRITICAL)
    setup_test_environment()
    setup_databases(verbosity=0, interactive=False)
    sys.stdout.write(json.dumps({"page": {str(one): measure(one, edits) for one in (100, 1_000)}}, indent=1) + "\n")


if __name__ == "__main__":
    main()
