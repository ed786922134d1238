"""'Let E reach E on P' on small clouds: which rules are suggested, where they stand, and what cannot be done."""

import json

import pytest

from tenant_ops_dashboard.firewall import checks, words
from tenant_ops_dashboard.firewall import draft as drafts
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.security_groups import checks as group_checks
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.firewall.suggest import suggest
from tests.unit.firewall.applied import applied
from tests.unit.firewall.test_command import run, told, world  # noqa: F401
from tests.unit.reachability.cloudmaker import Cloud, allow

pytestmark = pytest.mark.usefixtures("patient")
ORACLE = ("tcp", (1521, 1521))
ANYTHING = [{"action": "allow"}]


def cloud(profile="ovn", ingress=(), egress=ANYTHING, **group):
    """app1 and app2 in one network, data in another, a firewall group on both interfaces; app1 has a floating address."""
    made = Cloud()
    made.group("app", allow("ingress", "tcp", 8080), allow("egress"))
    made.group("db", allow("ingress", "tcp", 22))
    made.network("ext", "203.0.113.0/24", external=True)
    made.network("dmz", "10.0.1.0/24")
    made.network("db", "10.0.2.0/24")
    made.router("r", ("dmz", "10.0.1.1"), ("db", "10.0.2.1"), external="ext", address="203.0.113.2")
    made.port("app1", "dmz", "10.0.1.10", groups=["app"])
    made.port("app2", "dmz", "10.0.1.13", groups=["app"])
    made.port("data", "db", "10.0.2.10", groups=["db"])
    made.floating("203.0.113.10", "app1", "10.0.1.10", router_id="r")
    egress = None if egress is None else list(egress)
    made.firewall("fw", ["r-dmz", "r-db"], ingress=list(ingress), egress=egress, **group)
    made.raw["meta"] = {"profile": profile}
    return made


def ask(made, sender, receiver, kind=ORACLE, want="allow"):
    return suggest(Ends(Seen(made.raw), Names(None)), sender, receiver, *kind, want)


def sentences(made, boxes, kind="gained"):
    seen = Seen(made.raw)
    return words.sentences(words.Labels(seen, Names(None)), boxes, kind)


def test_on_ovn_the_reply_gets_a_rule_of_its_own():
    found = ask(made := cloud(), "port:app1", "port:data")
    assert found.holds is True and not found.also_opens and not found.cannot
    assert found.rules == (
        "Firewall group fw, ingress, place 1: allow tcp from 10.0.1.10 to 10.0.2.10 port 1521",
        "Firewall group fw, ingress, place 2: allow tcp from 10.0.2.10 port 1521 to 10.0.1.10 port 1024:65535",
        "Security group db, ingress: tcp 1521 from 10.0.1.10/32",
    )
    assert sentences(made, found.traffic.gained) == ["app1 -> data tcp 1521: now open"]


def test_agents_know_the_reply():
    found = ask(cloud("l3-agent"), "port:app1", "port:data")
    assert found.rules == ("Security group db, ingress: tcp 1521 from 10.0.1.10/32",)


def test_a_network_is_one_rule_and_a_group_is_named():
    found = ask(cloud(), "network:dmz", "port:data")
    assert found.rules[0].endswith("allow tcp from 10.0.1.0/24 to 10.0.2.10 port 1521") and len(found.rules) == 3
    assert not found.also_opens
    found = ask(cloud(), "security-group:app", "port:data")
    assert found.rules[-1] == "Security group db, ingress: tcp 1521 from security group app"


def test_an_allow_stands_before_the_deny_that_decides_and_a_deny_before_the_allow():
    rules = [
        {"action": "allow", "protocol": "udp"}, {"action": "deny", "protocol": "tcp", "destination_port": "1000:2000"},
        {"action": "allow"},
    ]  # fmt: skip
    found = ask(cloud(ingress=rules), "port:app1", "port:data")
    assert "ingress, place 2: allow tcp" in found.rules[0] and found.holds is True
    found = ask(cloud(ingress=rules), "port:app1", "port:data", ("tcp", (22, 22)), "deny")
    assert found.rules[0] == "Firewall group fw, ingress, place 3: deny tcp from 10.0.1.10 to 10.0.2.10 port 22"
    assert "are cut" in found.rules[1] and not found.also_closes


def test_a_direction_without_a_policy_gets_one_and_the_other_is_told():
    made = cloud(egress=None)
    made.raw["firewall_groups"][0]["ingress_firewall_policy_id"] = None
    found = ask(made, "port:app1", "port:data")
    assert found.holds is True
    (draft,) = found.firewall
    assert draft.state.ingress and draft.state.egress and draft.state.ingress.policy is None


def test_what_the_internet_asks_is_one_rule_and_what_else_is_told():
    found = ask(made := cloud(), "internet", "port:app1", ("tcp", (8080, 8080)))
    assert found.rules == ("Firewall group fw, ingress, place 1: allow tcp from any address to 10.0.1.10 port 8080",)
    assert "app2 -> app1 tcp 8080: now open" in sentences(made, found.also_opens), "by the floating address"


def test_closing_to_the_internet_keeps_our_own():
    found = ask(made := cloud(ingress=ANYTHING), "port:app1", "internet", ("tcp", None), "deny")
    assert [one.split(": ")[1] for one in found.rules[:2]] == [
        "allow tcp from 10.0.1.10 to 10.0.2.0/24", "deny tcp from 10.0.1.10 to any address",
    ]  # fmt: skip
    assert sentences(made, found.traffic.lost, "lost") == ["app1 -> internet tcp: now closed"]


def taken(found):
    """Whether an apply of its drafts would take them, and a page could keep them."""
    return (
        not [one for draft in found.firewall for one in checks.problems(draft.state, "ovn")]
        and not [one for draft in found.security_groups for one in group_checks.problems(draft.state)]
        and all(drafts.loads(json.dumps(drafts.written(one))) == one for one in found.firewall)
    )


def test_a_rule_that_two_others_leave_is_added_once_and_not_where_it_stands():
    made = cloud()
    side = {"ethertype": "IPv4", "security_group_id": "app", "remote_ip_prefix": "10.0.1.0/28", "protocol": "tcp"}
    ports = [(1, 100), (1, 50), (23, 100)]
    made.raw["security_groups"][0]["security_group_rules"][:1] = [
        {**side, "id": f"r{low}-{high}", "direction": "ingress", "description": f"of {high}", "port_range_min": low,
         "port_range_max": high} for low, high in ports
    ]  # fmt: skip
    found = ask(made, "port:app2", "port:app1", ("tcp", (22, 22)), "deny")
    assert found.holds is True and taken(found)
    (draft,) = found.security_groups
    ingress = [(r.port_range_min, r.port_range_max) for r in draft.state.rules if r.direction == "ingress"]
    assert sorted(ingress) == [(1, 21), *[(22, 22)] * 4, (23, 50), (23, 100)]


def test_what_neutron_takes_for_no_name_is_left_out_of_a_rules_name():
    made = cloud()
    next(one for one in made.raw["networks"] if one["id"] == "dmz")["name"] = "web\U0001f600\u200f"
    found = ask(made, "network:web\U0001f600\u200f", "port:data")
    assert taken(found) and found.firewall[0].state.ingress.rules[0].name == "network:web to port:data"
    made.raw["firewall_groups"][0] |= {"name": "g" * 255, "ingress_firewall_policy_id": None}
    found = ask(made, "port:app1", "port:data")
    assert found.holds is True and taken(found)


def test_what_an_apply_refuses_is_said_and_no_success():
    made = cloud(ingress=[{"action": "allow", "protocol": "udp", "destination_port": "0:10"}])
    found = ask(made, "port:app1", "port:data")
    assert found.holds is False and "cannot be applied so: ingress.rules[0].destination_port" in found.cannot[0]


def test_without_a_firewall_on_the_way_a_rule_is_replaced_by_what_is_left_of_it():
    made = cloud()
    made.raw["security_groups"][0]["security_group_rules"][0] |= {
        "remote_ip_prefix": "10.0.1.0/28", "port_range_max": 8082, "port_range_min": 8078,
    }  # fmt: skip
    found = ask(made, "port:app2", "port:app1", ("tcp", (8080, 8080)), "deny")
    assert found.holds is True and not found.firewall
    (draft,) = found.security_groups
    ingress = {(r.port_range_min, r.port_range_max, r.remote_ip_prefix) for r in draft.state.rules if not r.id}
    assert {(8078, 8079, "10.0.1.0/28"), (8081, 8082, "10.0.1.0/28"), (8080, 8080, "10.0.1.0/29")} <= ingress
    assert not any(prefix == "10.0.1.13/32" for _, _, prefix in ingress)
    assert any("cuts the connections" in one for one in found.rules)


def test_a_rule_that_would_become_too_many_is_said():
    found = ask(cloud(), "port:app2", "port:app1", ("tcp", (8080, 8080)), "deny")
    assert found.holds is False and "more than 16 rules" in found.cannot[0] and not found.security_groups


def test_what_rules_do_not_cure_is_named():
    assert "give 10.0.1.13 a floating address" in ask(cloud(), "internet", "port:app2").cannot[0]
    made = cloud()
    made.raw["subnets"][2]["gateway_ip"] = None
    assert "gateway" in ask(made, "port:app1", "port:data").cannot[0]
    made = cloud()
    made.raw["ports"][-1]["security_groups"] = []
    found = ask(made, "port:app1", "port:data")
    assert "has no security group" in found.cannot[0] and found.holds is False
    assert len(found.firewall) == 1, "what rules do is drafted all the same"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "default"}, "the one that Neutron makes"),
        ({"project_id": "other"}, "not of this project"),
    ],
)  # fmt: skip
def test_groups_of_others_are_left_alone(change, says):
    made = cloud()
    made.raw["firewall_groups"][0] |= change
    made.raw["meta"]["project_id"] = "mine"
    found = ask(made, "port:app1", "port:data")
    assert found.holds is False and says in found.cannot[0] and not found.firewall


def test_a_shared_policy_of_another_project_is_left_alone():
    made = cloud()
    made.raw["meta"]["project_id"] = "mine"
    made.raw["firewall_policies"][0]["project_id"] = "other"
    found = ask(made, "port:app1", "port:data")
    assert "another project's" in found.cannot[0] and not found.firewall


def test_a_policy_that_is_full_on_ovn_is_said():
    made = cloud(ingress=[{"action": "allow", "protocol": "udp", "destination_port": str(n)} for n in range(1, 999)])
    found = ask(made, "port:app1", "port:data")
    assert found.holds is False and "OVN minds 999" in found.cannot[-1]


def test_a_protocol_that_a_firewall_cannot_name_opens_more_and_says_so():
    made = cloud()
    made.raw["security_groups"][1]["security_group_rules"].append(
        {**allow("ingress"), "id": "all", "security_group_id": "db", "ethertype": "IPv4"}
    )
    found = ask(made, "port:app1", "port:data", ("47", None))
    assert found.holds is True and found.also_opens
    assert "allow any protocol from 10.0.1.10 to 10.0.2.10" in found.rules[0]


def test_a_group_on_other_ports_too_is_said():
    found = ask(cloud(), "port:data", "port:app1", ("tcp", (9000, 9000)))
    assert any(one.endswith("is on other ports too: app2.") for one in found.rules)


def test_the_way_behind_a_load_balancer_is_opened_too():
    made = cloud()
    made.port("vip", "dmz", "10.0.1.20", groups=[], owner="Octavia", device="lb-lb", port_security_enabled=True)
    made.add("loadbalancers", id="lb", name="lb", vip_address="10.0.1.20", vip_port_id="vip", provider="amphora",
             admin_state_up=True)  # fmt: skip
    made.add("listeners", id="l", protocol="TCP", protocol_port=80, default_pool_id="p", admin_state_up=True,
             loadbalancers=[{"id": "lb"}])  # fmt: skip
    made.add("pools", id="p", admin_state_up=True)
    made.add("members", id="m", pool_id="p", address="10.0.2.10", protocol_port=1521, admin_state_up=True, weight=1)
    found = ask(made, "port:app1", "port:vip", ("tcp", (80, 80)))
    assert found.holds is not False and not found.cannot
    rules = "\n".join(found.rules)
    assert "from 10.0.1.0/24 to 10.0.2.10 port 1521" in rules and "Security group db, ingress: tcp 1521" in rules
    after, _ = applied(made.raw, found.written())
    again = suggest(Ends(after, Names(None)), "port:app1", "port:vip", "tcp", (80, 80), "allow")
    assert not again.firewall and not again.security_groups
    closed = ask(made, "internet", "port:data", want="deny")
    assert closed.holds is True and "To close that too, close it to port:vip." in closed.rules[-1]
    for other in (("port:vip", ORACLE), ("port:data", ("tcp", (22, 22))), ("network:dmz", ("tcp", None))):
        assert not any("hands requests on" in one for one in ask(made, "internet", *other, want="deny").rules)


def test_nothing_to_do_is_said():
    found = ask(cloud(ingress=ANYTHING), "port:app1", "port:data", ("tcp", (22, 22)))
    assert found.holds is True and "nothing is to be changed" in found.rules[0] and not found.firewall


def test_the_command(world, capsys):  # noqa: F811
    ends = ("--from", "tier:shop/dmz", "--to", "tier:shop/database", "--protocol", "tcp")
    found = told(capsys, "suggest", *ends, "--port", "22")
    assert found["holds"] is True and found["firewall"][0]["group"]["name"] == "shop-fw"
    assert set(found) == {
        "firewall", "security_groups", "rules", "preview", "also_opens", "also_closes", "cannot", "unknown", "holds",
    }  # fmt: skip
    assert set(found["preview"]) == {"gained", "lost", "breaks_replies"} and found["preview"]["gained"]
    found = told(capsys, "suggest", *ends, "--port", "1521", "--close")
    assert found["holds"] is True and found["preview"]["lost"] and "deny" in json.dumps(found["firewall"])
    found = told(capsys, "suggest", "--from", "internet", *ends[2:], "--port", "22", code=1)
    assert found["holds"] is False and found["cannot"]
    assert not [call for call in world.calls() if not call.startswith("GET")]
    for words_, field in ((("--port", "0"), "port"), (("--port", "22", "--protocol", "x"), "protocol")):
        assert run("suggest", *ends, *words_) == 2
        assert capsys.readouterr().err.startswith(f"{field}:")
    assert run("suggest", *ends[:2], "--to", "tier:shop/nothing", "--protocol", "tcp") in (2, 3)
    assert capsys.readouterr().err.startswith("to:")


@pytest.mark.parametrize("profile", ["ovn", "l3-agent", "l2-agent"])
def test_what_only_ipv6_has_is_let_through_by_ipv6(profile):
    made = cloud(profile, ingress=[])
    made.raw["security_groups"][0]["security_group_rules"].append(
        {**allow("egress"), "id": "out-6", "security_group_id": "app", "ethertype": "IPv6"}
    )
    for network, number, port in (("dmz", 1, "app1"), ("db", 2, "data")):
        subnet = {"id": f"{network}-6", "network_id": network, "cidr": f"2001:db8:{number}::/64", "host_routes": []}
        made.add("subnets", **subnet, gateway_ip=f"2001:db8:{number}::1")
        fixed = [{"subnet_id": f"{network}-6", "ip_address": f"2001:db8:{number}::1"}]
        made.add("ports", id=f"r-{network}-6", network_id=network, device_id="r", security_groups=[],
                 device_owner="network:router_interface", fixed_ips=fixed)  # fmt: skip
        row = next(one for one in made.raw["ports"] if one["id"] == port)
        row["fixed_ips"].append({"subnet_id": f"{network}-6", "ip_address": f"2001:db8:{number}::10"})
    found = ask(made, "port:app1", "port:data", ("ipv6-icmp", None))
    assert found.holds is True and not found.cannot
    assert "Security group db, ingress: IPv6 ipv6-icmp from 2001:db8:1::10/128" in found.rules
    assert "no such packet" in ask(made, "port:app1", "port:app2", ("ipv6-icmp", None)).cannot[0]
    assert ask(made, "2001:db8:1::10", "2001:db8:2::10", (None, None)).holds is True
