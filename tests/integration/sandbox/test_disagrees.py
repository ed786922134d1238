"""The sandbox is as unlike a developer's beliefs as clouds are: short pages, decoys, a second region, missing roles."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.settings import OTHER_REGION, PAGE, WEBROOT, url
from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.certificates import stored
from tenant_ops_dashboard.certificates.model import id_of
from tenant_ops_dashboard.cloud import Cloud
from tests.integration.by_hand import Hand

pytestmark = pytest.mark.sandbox
#: A few more than a page has.
MANY = PAGE + 3
LISTS = (
    ("network", "/security-groups", "security_groups"), ("network", "/ports", "ports"),
    ("load-balancer", "/lbaas/loadbalancers", "loadbalancers"), ("compute", "/servers", "servers"),
    ("compute", "/flavors", "flavors"), ("block-storage", "/volumes", "volumes"), ("image", "/images", "images"),
)  # fmt: skip


def tenant_ops(cloud: str, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("tenant-ops")), "--os-cloud", cloud, *words]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def developer() -> Cloud:
    return clouds.from_clouds_yaml("developer", timeout=60)


@pytest.fixture(scope="module")
def many(developer: Cloud) -> Iterator[set[str]]:
    """Security groups of which no page holds all."""
    session, address = developer.session, developer.endpoint("network") + "/security-groups"
    names = [f"it-many-{number:02}" for number in range(MANY)]
    ids = []
    with session.changing("a test's security groups"):
        for name in names:
            answer = session.post(address, json={"security_group": {"name": name}})
            ids.append(answer.json()["security_group"]["id"])
        yield set(names)
        for id_ in ids:
            session.delete(f"{address}/{id_}")


def test_no_page_is_longer_than_said(developer: Cloud, many: set[str]) -> None:
    lengths = {path: len(developer.get(service, path, limit=1000)[key]) for service, path, key in LISTS}
    assert {path: length for path, length in lengths.items() if length > PAGE} == {}
    assert lengths["/security-groups"] == PAGE


def test_a_list_longer_than_a_page_is_told_whole(many: set[str]) -> None:
    done = tenant_ops("developer", "firewall", "security-group", "list", "-f", "json")
    assert done.returncode == 0, done.stderr
    assert many <= {one["name"] for one in json.loads(done.stdout)}


def test_the_key_manager_has_pages_of_its_own(developer: Cloud) -> None:
    hand = Hand(developer)
    made = {str(hand.post("key-manager", "/secrets", {"name": f"many-{one}"})["secret_ref"]) for one in range(MANY)}
    try:
        assert len(developer.get("key-manager", "/secrets", limit=1000)["secrets"]) == PAGE
        assert made <= {one.ref for one in stored.known(developer)}
    finally:
        for ref in made:
            hand.delete("key-manager", f"/secrets/{id_of(ref)}")


def test_another_regions_services_are_away_and_said_to_be() -> None:
    done = tenant_ops("owner", "--os-region-name", OTHER_REGION, "environment", "list", "-f", "json")
    assert (done.returncode, done.stdout) == (3, "")
    assert "Heat" in done.stderr and "Traceback" not in done.stderr


def test_a_login_to_a_domain_is_told_what_it_lacks() -> None:
    done = tenant_ops("domain", "environment", "list", "-f", "json")
    assert (done.returncode, done.stdout) == (3, "")
    assert "project" in done.stderr and "Traceback" not in done.stderr


def test_a_role_that_is_missing_is_named_before_anything_is_made() -> None:
    done = tenant_ops("without-octavia", "environment", "launch", "it-none", "-f", "json")
    assert (done.returncode, done.stdout) == (3, "")
    assert "load-balancer_member" in done.stderr and "Traceback" not in done.stderr
    assert tenant_ops("without-octavia", "environment", "show", "it-none").returncode != 0


def test_of_decoys_none_is_proposed() -> None:
    done = tenant_ops("developer", "environment", "plan", "it-none", "-f", "json")
    assert done.returncode == 0, done.stderr
    chosen = {one["name"]: one["value"] for one in json.loads(done.stdout)["choices"]}
    told = {name: chosen[name] for name in ("image", "application_flavor", "database_flavor", "external_network")}
    assert told == {
        "image": "debian-12", "application_flavor": "small", "database_flavor": "medium", "external_network": "EXT-NET",
    }  # fmt: skip
    assert chosen.get("lb_provider", "amphora") in ("", "amphora"), "OVN balances no HTTP"


def test_decoys_are_first(developer: Cloud) -> None:
    def first(service: str, path: str, key: str, **query: Any) -> str:
        return str(developer.get(service, path, **query)[key][0]["name"])

    assert first("image", "/images", "images", sort="name:asc") == "a-debian-11"
    assert first("image", "/images", "images") != "debian-12", "the newest is a decoy as well"
    assert first("compute", "/flavors/detail", "flavors", sort_key="name") == "a-tiny"
    assert first("network", "/networks", "networks", sort_key="name", sort_dir="asc") == "a-shared"


def test_horizon_is_below_a_path_of_its_own() -> None:
    answer = requests.get(url("horizon").removesuffix(WEBROOT) + "/auth/login/", allow_redirects=False, timeout=60)
    assert answer.headers["Location"] == f"{WEBROOT}/"
    page = requests.get(url("horizon", "/auth/login/"), timeout=60)
    assert page.status_code == 200 and f'{WEBROOT}/static/' in page.text
