"""Every service's list in pages of two is the list: what the real services say of the next page is what is followed."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from keystoneauth1.exceptions import ClientException

from sandbox.settings import PAGE
from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud, transport
from tests.integration.by_hand import Hand

pytestmark = [pytest.mark.sandbox, pytest.mark.timeout(600)]

NAME = f"door-{uuid.uuid4().hex[:8]}"
#: Service, path, key, microversion and query; of each the sandbox or `things` has more than two, where a user may.
LISTS: list[tuple[str, str, str, str, dict[str, Any]]] = [
    ("network", "/networks", "networks", "", {}),
    ("network", "/subnets", "subnets", "", {"ip_version": 4}),
    ("network", "/ports", "ports", "", {}),
    ("network", "/ports", "ports", "", {"device_owner": ["", "network:dhcp", "network:distributed"]}),
    ("network", "/security-groups", "security_groups", "", {}),
    ("network", "/routers", "routers", "", {}),
    ("network", "/floatingips", "floatingips", "", {}),
    ("network", "/fwaas/firewall_groups", "firewall_groups", "", {}),
    ("network", "/fwaas/firewall_policies", "firewall_policies", "", {}),
    ("network", "/fwaas/firewall_rules", "firewall_rules", "", {}),
    ("compute", "/servers/detail", "servers", "", {}),
    ("compute", "/flavors/detail", "flavors", "", {}),
    ("compute", "/os-keypairs", "keypairs", "2.35", {}),
    ("block-storage", "/volumes/detail", "volumes", "", {}),
    ("image", "/images", "images", "", {"status": "active"}),
    ("load-balancer", "/lbaas/loadbalancers", "loadbalancers", "", {}),
    ("load-balancer", "/lbaas/listeners", "listeners", "", {}),
    ("load-balancer", "/lbaas/pools", "pools", "", {}),
    ("load-balancer", "/lbaas/flavors", "flavors", "", {}),
    ("load-balancer", "/lbaas/providers", "providers", "", {}),
    ("orchestration", "/stacks", "stacks", "", {}),
    ("orchestration", "/stacks", "stacks", "", {"tags": NAME, "sort_keys": "created_at", "sort_dir": "asc"}),
    ("orchestration", "/stacks", "stacks", "", {"show_deleted": "true"}),
]
TEMPLATE = {
    "heat_template_version": "2018-08-31",
    "resources": {f"part-{number}": {"type": "OS::Heat::TestResource"} for number in range(3)},
}
MORE = ("ports", "firewall_rules", "security_groups", "keypairs", "stacks")


@pytest.fixture(scope="module")
def owner() -> Cloud:
    return clouds.from_clouds_yaml("owner")


@pytest.fixture(scope="module")
def things(owner: Cloud) -> Iterator[dict[str, list[str]]]:
    """Five of some kinds, with names of this test's own; ids of what was made by kind."""
    made: dict[str, list[str]] = {kind: [] for kind in (*MORE, "networks")}
    try:
        body: dict[str, Any] = {"network": {"name": NAME}}
        made["networks"].append(Hand(owner).post("network", "/networks", body)["network"]["id"])
        for number in range(5):
            name = f"{NAME}-{number}"
            port = {"name": name, "network_id": made["networks"][0]}
            made["ports"].append(Hand(owner).post("network", "/ports", {"port": port})["port"]["id"])
            rule = {"name": name, "protocol": "tcp", "action": "allow"}
            found = Hand(owner).post("network", "/fwaas/firewall_rules", {"firewall_rule": rule})
            made["firewall_rules"].append(found["firewall_rule"]["id"])
            found = Hand(owner).post("network", "/security-groups", {"security_group": {"name": name}})
            made["security_groups"].append(found["security_group"]["id"])
            Hand(owner).post("compute", "/os-keypairs", {"keypair": {"name": name}})
            made["keypairs"].append(name)
            stack = {"stack_name": name, "template": TEMPLATE, "tags": NAME}
            made["stacks"].append(f"{name}/{Hand(owner).post('orchestration', '/stacks', stack)['stack']['id']}")
        for one in made["stacks"]:
            _until_up(owner, one)
        yield made
    finally:
        kinds = {
            "stacks": ("orchestration", "/stacks"),
            "keypairs": ("compute", "/os-keypairs"),
            "firewall_rules": ("network", "/fwaas/firewall_rules"),
            "ports": ("network", "/ports"),
            "security_groups": ("network", "/security-groups"),
            "networks": ("network", "/networks"),
        }
        left = [
            f"{path}/{one}: {problem}"
            for kind, (service, path) in kinds.items()
            for one in made[kind]
            if (problem := _take_away(owner, service, f"{path}/{one}"))
        ]
        assert left == []


def _take_away(owner: Cloud, service: str, path: str) -> str:
    """Delete it, for a minute where its service is away; what stands in the way, or ''."""
    deadline = time.monotonic() + 60
    while True:
        try:
            Hand(owner).delete(service, path)
        except ClientException as error:
            if time.monotonic() > deadline:
                return str(error)
            time.sleep(1)
        else:
            return ""


def _until_up(owner: Cloud, stack: str) -> None:
    deadline = time.monotonic() + 120
    while owner.get("orchestration", f"/stacks/{stack}")["stack"]["stack_status"] != "CREATE_COMPLETE":
        assert time.monotonic() < deadline
        time.sleep(0.5)


def _names(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(str(one.get("id") or one.get("name") or one["keypair"]["name"]) for one in rows)


class Counted:
    """How many requests went out."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.addresses: list[str] = []
        send = transport.Adapter.send

        def counting(adapter: Any, request: Any, **options: Any) -> Any:
            self.addresses.append(str(request.url))
            return send(adapter, request, **options)

        monkeypatch.setattr(transport.Adapter, "send", counting)


@pytest.mark.parametrize("person", ["owner", "operator"])
@pytest.mark.parametrize("asked", LISTS, ids=lambda one: f"{one[0]}{one[1]}{'?' + '&'.join(one[4]) if one[4] else ''}")
def test_pages_of_two_are_the_whole(
    things: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, asked: tuple[str, str, str, str, dict[str, Any]],
    person: str,
) -> None:  # fmt: skip
    service, path, key, microversion, query = asked
    cloud = clouds.from_clouds_yaml(person)
    if service in ("network", "load-balancer") and key not in ("flavors", "providers"):
        query = {**query, "project_id": cloud.project_id}
    counted = Counted(monkeypatch)
    deadline = time.monotonic() + 60
    while True:
        counted.addresses.clear()
        whole = cloud.pages(service, path, key, microversion, **query)
        assert 1 <= len(counted.addresses) <= 1 + len(whole) // PAGE, "no more pages than the cloud makes of it"
        pages = cloud.pages(service, path, key, microversion, limit=2, **query)
        # Others work in the sandbox too: only a difference that stays is one.
        if _names(whole) == _names(pages):
            break
        assert time.monotonic() < deadline, (_names(whole), _names(pages))
        time.sleep(1)
    if key in MORE and (person == "owner" or key not in ("keypairs",)):
        assert len(pages) >= 5
        assert len(counted.addresses) >= 4
    if "project_id" in query:
        assert {one.get("project_id") for one in pages} <= {cloud.project_id}


@pytest.mark.parametrize(
    "query",
    [{}, {"nested_depth": 2}, {"nested_depth": 2, "sort_dir": "desc"}, {"sort_dir": "desc"}],
    ids=lambda one: "&".join(one) or "all",
)
def test_a_stack_s_events_in_pages_of_two_are_all_and_in_order(
    owner: Cloud, things: dict[str, list[str]], query: dict[str, Any]
) -> None:
    path = f"/stacks/{things['stacks'][0]}/events"
    whole = [one["id"] for one in owner.get("orchestration", path, **query)["events"]]
    assert len(whole) >= 8
    assert [one["id"] for one in owner.pages("orchestration", path, "events", limit=2, **query)] == whole
    assert [one["id"] for one in owner.first("orchestration", path, "events", 3, **query)] == whole[:3]


def test_a_trust_is_found_among_those_of_keystone(owner: Cloud) -> None:
    found = owner.pages("identity", "/OS-TRUST/trusts", "trusts", trustor_user_id=owner.user_id)
    assert _names(found) == _names(owner.get("identity", "/OS-TRUST/trusts", trustor_user_id=owner.user_id)["trusts"])


def test_users_in_pages_of_two_are_all() -> None:
    operator = clouds.from_clouds_yaml("operator")
    whole = operator.pages("identity", "/users", "users")
    assert len(whole) > 2
    assert _names(operator.pages("identity", "/users", "users", limit=2)) == _names(whole)
