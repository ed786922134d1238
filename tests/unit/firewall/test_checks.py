"""What is refused before anything is sent, each at its field, and what is said all the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard.firewall import checks, current, limits
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Draft, Group, Policy, Rule, State
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tests.unit.firewall.conftest import SSH, Scene

FIELDS: list[tuple[dict[str, Any], str, str]] = [
    ({"source_ip_address": "10.0.0"}, "source_ip_address", "no address"),
    ({"source_ip_address": "10.0.0.0/33"}, "source_ip_address", "no address"),
    ({"source_ip_address": "10.0.0.0/255.0.0.0"}, "source_ip_address", "no address"),
    ({"destination_ip_address": "fe80::1%eth0", "ip_version": 6}, "destination_ip_address", "no address"),
    ({"destination_ip_address": "2001:db8::/32"}, "destination_ip_address", "IPv6, and the rule is for IPv4"),
    ({"source_ip_address": "10.0.0.1", "ip_version": 6}, "source_ip_address", "IPv4, and the rule is for IPv6"),
    ({"destination_port": "0"}, "destination_port", "Begin at 1"),
    ({"destination_port": "0:10"}, "destination_port", "Begin at 1"),
    ({"destination_port": "00"}, "destination_port", "Begin at 1"),
    ({"source_port": "90:80"}, "source_port", "say 80:90"),
    ({"source_port": "65536"}, "source_port", "65535"),
    ({"source_port": "1:70000"}, "source_port", "65535"),
    ({"source_port": "80-90"}, "source_port", "8000:8080"),
    ({"source_port": "-1"}, "source_port", "8000:8080"),
    ({"source_port": "1:2:3"}, "source_port", "8000:8080"),
    ({"source_port": "٣"}, "source_port", "8000:8080"),
    ({"protocol": None, "destination_port": "80"}, "destination_port", "tcp or udp only"),
    ({"protocol": "icmp", "destination_port": "80"}, "destination_port", "tcp or udp only"),
    ({"protocol": "sctp", "destination_port": "80"}, "destination_port", "tcp or udp only"),
    ({"protocol": "esp"}, "protocol", "must be one of"),
    ({"protocol": "6"}, "protocol", "must be one of"),
    ({"protocol": "dccp"}, "protocol", "every protocol"),
    ({"name": "a\tb"}, "name", "tab"),
    ({"name": "a\nb"}, "name", "tab"),
    ({"name": "web "}, "name", "blank"),
    ({"name": "  "}, "name", "blank"),
    ({"name": "web \U0001f525"}, "name", "emoji"),
    ({"name": "a\ud800"}, "name", "emoji"),
    ({"name": "\u202egnp"}, "name", "nobody sees"),
    ({"name": "\ue000"}, "name", "rare"),
]
FINE: list[dict[str, Any]] = [
    {"name": "<script>"}, {"name": "שלום עולם"}, {"name": "a  b"}, {"name": ""}, {"source_ip_address": "10.0.0.5/24"}, {"destination_port": "1:65535"},
    {"source_ip_address": "2001:db8::/32", "ip_version": 6}, {"destination_port": None, "protocol": "ipv6-icmp", "ip_version": 6},
    {"destination_port": None, "protocol": None}, {"destination_port": None, "protocol": "sctp"},
]  # fmt: skip


def state(*rules: Rule, **group: Any) -> State:
    return State(Group(**{"id": "g", "name": "edge", "ports": ("p",), **group}), None, Policy(None, "", rules))


@pytest.mark.parametrize(("fields", "field", "said"), FIELDS)
def test_a_field_that_neutron_refuses_or_opens_wide_is_named(fields: dict[str, Any], field: str, said: str) -> None:
    wrong = replace(replace(SSH, destination_port=None), **fields)
    with pytest.raises(BadDraft) as found:
        checks.refuse(state(SSH, wrong), "ovn")
    assert found.value.field == f"egress.rules[1].{field}"
    assert said in found.value.sentence


@pytest.mark.parametrize("fields", FINE)
def test_what_neutron_takes_and_keeps_so_is_taken(fields: dict[str, Any]) -> None:
    checks.refuse(state(replace(SSH, **fields)), "ovn")


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = replace(SSH, name=" ", protocol="icmp", source_ip_address="x")
    fields = [one.field.rpartition(".")[2] for one in checks.problems(state(wrong, name="a\t"), "ovn")]
    assert fields == ["name", "name", "source_ip_address", "destination_port"]


def test_only_ovn_has_its_own_limits() -> None:
    rules = (replace(SSH, protocol="dccp", destination_port=None),) * 1000
    checks.refuse(state(*rules), "l3-agent")
    checks.refuse(state(*(SSH,) * 999), "ovn")
    with pytest.raises(BadDraft, match=r"egress\.rules: has 1000 rules"):
        checks.refuse(state(*(SSH,) * 1000), "ovn")


def test_what_may_surprise_is_said_and_not_refused() -> None:
    odd = replace(SSH, source_ip_address="10.0.0.5/24")
    told = {one.field: one.says for one in checks.warnings(state(odd, admin_state_up=False, ports=()), "ovn")}
    assert set(told) == {
        "ingress", "group.ports", "group.admin_state_up", "egress.rules[0].source_ip_address", "egress.rules",
    }  # fmt: skip
    assert "all ingress traffic" in told["ingress"]
    assert "10.0.0.0/24" in told["egress.rules[0].source_ip_address"]
    assert "IPv6" in told["egress.rules"]
    empty = State(Group("g", "edge", True, ("p",)), Policy(None, "", ()), None)
    assert [one.field for one in checks.warnings(empty, "ovn")] == ["ingress", "egress"]


def refused(scene: Scene, wanted: State) -> BadDraft:
    api = FirewallApi(scene.cloud)
    with pytest.raises(BadDraft) as found:
        limits.refuse(api, current.read(api, "edge"), wanted)
    assert scene.written() == []
    return found.value


@pytest.mark.parametrize(
    ("owner", "said"),
    [("compute:nova", "a server's port"), ("network:router_gateway", "a router's gateway"), ("", "no router has")],
)
def test_a_port_that_the_back_end_does_not_take_is_named(scene: Scene, owner: str, said: str) -> None:
    other = scene.things.add("ports", device_owner=owner)["id"]
    group = replace(scene.draft().state.group, ports=(*scene.ports, other))
    error = refused(scene, replace(scene.draft().state, group=group))
    assert (error.field, said in error.sentence) == ("group.ports[3]", True)


def test_a_port_of_another_group_or_of_another_project_is_named(scene: Scene) -> None:
    scene.things.add("firewall_groups", name="inner", ports=[scene.ports[2]])
    group = replace(scene.draft().state.group, ports=tuple(scene.ports))
    assert "in the firewall group inner" in refused(scene, replace(scene.draft().state, group=group)).sentence
    foreign = scene.things.add("ports", device_owner="network:router_interface", project_id="else")["id"]
    group = replace(group, ports=(foreign,))
    assert "no port of this project" in refused(scene, replace(scene.draft().state, group=group)).sentence


@pytest.mark.parametrize(
    ("kind", "said"), [("firewall_rule", "firewall rules"), ("firewall_policy", "firewall policies")]
)
def test_a_quota_that_is_too_small_is_told_before(scene: Scene, kind: str, said: str) -> None:
    scene.things.quota[kind] = 1
    error = refused(scene, scene.with_ssh().state)
    assert error.field == "ingress.rules"
    assert f"1 more of the quota for {said}, and" in error.sentence


def test_room_in_the_quota_is_made_of_what_is_only_kept(scene: Scene) -> None:
    scene.apply(scene.with_ssh("first"))
    scene.things.quota["firewall_policy"] = len(scene.policies)
    assert scene.apply(scene.with_ssh("second")).verified
    assert len(scene.policies) == scene.things.quota["firewall_policy"]


def test_the_default_group_takes_ports_only(scene: Scene) -> None:
    scene.group_row["name"] = "default"
    api = FirewallApi(scene.cloud)
    now = current.read(api, "default")
    assert now.state.ingress is not None
    limits.refuse(api, now, replace(now.state, group=replace(now.state.group, ports=tuple(scene.ports))))
    more = replace(now.state, ingress=replace(now.state.ingress, rules=()))
    named, down = (
        replace(now.state, group=replace(now.state.group, **one)) for one in ({"name": "x"}, {"admin_state_up": False})
    )
    for wanted, field in ((more, "ingress.rules"), (named, "group.name"), (down, "group.admin_state_up")):
        with pytest.raises(BadDraft) as found:
            limits.refuse(api, now, wanted)
        assert found.value.field == field
    scene.group_row["name"] = "edge"
    assert refused(scene, replace(now.state, group=replace(now.state.group, name="default"))).field == "group.name"


def test_a_policy_that_another_project_shares_is_edited_there(scene: Scene) -> None:
    row = scene.policies[scene.group_row["ingress_firewall_policy_id"]]
    wanted = scene.with_ssh().state
    row.update(project_id="else", shared=True)
    for id_ in row["firewall_rules"]:
        scene.rules[id_].update(project_id="else", shared=True)
    scene.world.wire.logins.clear()
    admin = scene.world.cloud("admin", "member", name="operator")
    api = FirewallApi(admin)
    now = current.read(api, "edge")
    assert now.state.ingress is not None
    assert [rule.name for rule in now.state.ingress.rules] == ["web", "app"], "it is shown all the same"
    with pytest.raises(BadDraft, match="shared with this one"):
        limits.refuse(api, now, wanted)


def test_others_that_a_policy_is_in_force_on_are_told(scene: Scene) -> None:
    old = scene.group_row["ingress_firewall_policy_id"]
    scene.things.add("firewall_groups", name="inner", ingress_firewall_policy_id=old)
    now = current.read(FirewallApi(scene.cloud), "edge")
    (told,) = limits.warnings(now, scene.with_ssh().state)
    assert (told.field, "inner" in told.says) == ("ingress", True)
    assert limits.warnings(now, now.state) == ()


def test_a_draft_of_another_group_is_refused(scene: Scene) -> None:
    wanted = scene.with_ssh()
    group = replace(wanted.state.group, id="another")
    with pytest.raises(BadDraft, match=r"group\.id"):
        scene.apply(Draft(replace(wanted.state, group=group), wanted.base))


def test_without_a_policy_the_back_ends_differ() -> None:
    group = State(Group("g", "g", True, ("p",)))
    assert [one.says.partition(":")[2] for one in checks.warnings(group, "ovn")] == [
        f" all {one} traffic of its ports is blocked." for one in ("ingress", "egress")
    ]
    (told,) = checks.warnings(group, "l3-agent")
    assert (told.field, "all traffic passes" in told.says) == ("group", True)
