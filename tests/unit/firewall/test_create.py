"""A firewall group is created whole or not at all, once for each command, and told at the field that is wrong."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from tenant_ops_dashboard import changes
from tenant_ops_dashboard.firewall import create, current
from tenant_ops_dashboard.firewall.errors import BadDraft, NoGroup, NotApplied
from tenant_ops_dashboard.firewall.model import State
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.conftest import Scene
from tests.unit.firewall.test_apply import LOST, lose


def wanted(scene: Scene, name: str = "inner", start: Any = "open", ports: Any = None) -> State:
    return create.wanted(name, tuple(scene.ports[2:] if ports is None else ports), start)


@pytest.mark.parametrize(("start", "names"), [("empty", []), ("open", ["all IPv4", "all IPv6"])])
def test_a_group_stands_with_policies_and_ports(scene: Scene, start: Any, names: list[str]) -> None:
    made = create.create(scene.cloud, wanted(scene, start=start), "for the back office")
    assert (made.verified, made.existing) == (True, False)
    row = scene.kept["firewall_groups"][made.id]
    assert (row["name"], row["ports"], row["description"]) == ("inner", scene.ports[2:], "for the back office")
    for direction in ("ingress", "egress"):
        policy = scene.policies[row[f"{direction}_firewall_policy_id"]]
        assert [scene.rules[id_]["name"] for id_ in policy["firewall_rules"]] == names
        assert policy["name"].startswith(f"inner-{direction}-")
    calls = scene.written()
    assert calls[-1].endswith("firewall_groups"), "the group is last: nothing is in force before"
    assert sum("firewall_groups" in call for call in calls) == 1


def test_the_rules_of_another_group_are_copied_and_its_environments_mark_is_not(scene: Scene) -> None:
    mark = "Environment 00000000-0000-0000-0000-000000000003"
    scene.rules[next(iter(scene.rules))]["description"] = mark
    made = create.create(scene.cloud, wanted(scene, start=scene.draft().state))
    copied = current.read(FirewallApi(scene.cloud), made.id).state
    assert [one.name for one in copied.rules] == ["web", "app", "out"]
    assert not any(one.description for one in copied.rules)
    assert {one.id for one in copied.rules}.isdisjoint(one.id for one in scene.draft().state.rules)


def test_the_same_command_is_the_first_one_again(scene: Scene) -> None:
    first = create.create(scene.cloud, wanted(scene))
    scene.world.calls()
    again = create.create(scene.cloud, wanted(scene))
    assert (again.id, again.existing, scene.written()) == (first.id, True, [])


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": "edge"}, "group.name", "already"), ({"name": ""}, "group.name", "empty"),
        ({"name": "default"}, "group.name", "Neutron makes"), ({"name": "a "}, "group.name", "blank"),
        ({"name": "😀"}, "group.name", "emoji"), ({"ports": ("edge",)}, "group.ports[0]", "firewall group edge"),
        ({"ports": ("nobody",)}, "group.ports[0]", "no port"), ({"id": "fire-1"}, "group.id", "apply"),
        ({"name": "a" * 256}, "group.name", "at most 255"), ({"ports": ("x", "x")}, "group.ports", "twice"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_its_field(scene: Scene, change: dict[str, Any], field: str, words: str) -> None:
    if change.get("ports") == ("edge",):
        change = {"ports": (scene.ports[0],)}
    state = wanted(scene)
    state = dataclasses.replace(state, group=dataclasses.replace(state.group, **change))
    with pytest.raises(BadDraft, match=words) as found:
        create.create(scene.cloud, state)
    assert found.value.field == field
    assert scene.written() == []


@pytest.mark.parametrize(
    ("owner", "words"),
    [("compute:nova", "server's port"), ("network:router_gateway", "router's gateway"), ("network:dhcp", "no router")],
)
def test_a_port_that_the_back_end_does_not_take_is_told_before(scene: Scene, owner: str, words: str) -> None:
    port = scene.things.add("ports", device_owner=owner, device_id="d", network_id="n")["id"]
    scene.world.calls()
    with pytest.raises(BadDraft, match=words):
        create.create(scene.cloud, wanted(scene, ports=[port]))
    assert scene.written() == []


@pytest.mark.parametrize("many", ["firewall_groups", "firewall_policies", "firewall_rules"])
def test_a_quota_that_is_used_up_is_told_before(scene: Scene, many: str) -> None:
    scene.things.quota[many] = len(scene.kept[many])
    with pytest.raises((BadDraft, NotApplied), match=r"quota|Quota"):
        create.create(scene.cloud, wanted(scene))
    assert len(scene.kept["firewall_groups"]) == 1
    assert scene.count() == (2, 3)


@pytest.mark.parametrize("at", ["rules", "policies", "groups"])
@pytest.mark.parametrize("what", [403, 409, 500, "lost"])
def test_what_fails_on_the_way_leaves_nothing(
    scene: Scene, at: str, what: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(create, "PAUSE", 0.0)
    monkeypatch.setattr(create.Create, "patience", 0.0)
    before = scene.count()
    scene.world.wire.trouble[f"POST .*firewall_{at}"] = [LOST if what == "lost" else what]
    with pytest.raises(NotApplied, match="was not created"):
        create.create(scene.cloud, wanted(scene))
    assert scene.count() == before
    assert len(scene.kept["firewall_groups"]) == 1
    assert create.create(scene.cloud, wanted(scene)).verified, "and it can be done again"


@pytest.mark.parametrize("path", ["firewall_rules", "firewall_policies", "firewall_groups"])
def test_what_was_made_although_its_answer_was_lost_is_taken_over(scene: Scene, path: str) -> None:
    lose(scene, "POST", path)
    made = create.create(scene.cloud, wanted(scene))
    assert made.verified
    assert [one["name"] for one in scene.kept["firewall_groups"].values()] == ["edge", "inner"]
    assert scene.count() == (4, 7)


def test_of_two_sent_at_once_one_stands(scene: Scene) -> None:
    """Neutron takes a name twice where no port is in the way."""
    mine = create.Create(scene.cloud, wanted(scene, ports=[]))
    mine.prepare()
    other = create.create(scene.cloud, wanted(scene, ports=[]))
    with scene.cloud.changing("firewall.create"):
        made = mine.send()
    assert (made.id, made.existing) == (other.id, True)
    assert [one["name"] for one in scene.kept["firewall_groups"].values()] == ["edge", "inner"]


def test_a_reader_creates_nothing(scene: Scene) -> None:
    with pytest.raises(Exception, match="firewall:edit"):
        create.create(scene.world.cloud("reader", name="auditor"), wanted(scene))
    assert scene.written() == []


def test_a_group_that_cannot_be_looked_at_is_no_success(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", logger="tenant_ops.audit")
    change = create.Create(scene.cloud, wanted(scene))
    original = change.send

    def send() -> create.Created:
        scene.world.wire.trouble["GET .*firewall_groups"] = [503, 503]
        return original()

    change.send = send  # type: ignore[method-assign]
    made = changes.perform(change)
    assert not made.verified
    assert json.loads(caplog.records[-1].message)["outcome"] == "pending"


def test_a_cloud_without_fwaas_says_so() -> None:
    with pytest.raises(NoGroup, match="has no firewall groups"):
        create.create(World(firewall=False).cloud(), create.wanted("inner", (), "empty"))
