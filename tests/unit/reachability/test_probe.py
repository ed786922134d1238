"""The probe on clouds written by hand: every kind of way, each back end's own rules, and what `fix` names."""

import pytest

from tests.unit.reachability.cloudmaker import EVERYTHING, OUTSIDE, Cloud, allow, two_tiers


def outcome(answer):
    return answer["verdict"], answer["forward"], answer["reply"]


ALLOWED = ("allow", "allow", "allow")
DENIED = ("deny", "deny", "n/a")
LOST = ("no-route", "no-route", "n/a")


def changes(answer):
    return " | ".join(fix["change"] for fix in answer["fix"])


def tcp(low=None, **rule):
    return {"protocol": "tcp", **({"destination_port": str(low)} if low else {}), **rule}


# Ways


def test_same_subnet_needs_both_groups_and_no_router():
    cloud = two_tiers()
    cloud.group("web", allow("ingress", "tcp", 80), allow("egress"))
    cloud.port("web", "dmz", "10.0.1.20", groups=["web"])
    assert outcome(cloud.ask("app", "web", dst_port=80)) == ALLOWED
    answer = cloud.ask("app", "web", dst_port=81)
    assert outcome(answer) == DENIED
    assert [(f["layer"], f["port_id"], f["direction"]) for f in answer["fix"]] == [("security-group", "web", "ingress")]
    assert not any(step["layer"] == "firewall-group" for step in answer["steps"])


def test_fix_names_every_setting_of_both_ends_and_of_the_firewall():
    cloud = two_tiers()
    cloud.group("shut")
    cloud.port("a", "dmz", "10.0.1.30", groups=["shut"])
    cloud.port("b", "db", "10.0.2.30", groups=["shut"])
    cloud.firewall("fw", ["r1-dmz", "r1-db"], ingress=[tcp(22, action="deny")], egress=[])
    answer = cloud.ask("a", "b", dst_port=22)
    assert outcome(answer) == DENIED
    named = {(fix["layer"], fix["port_id"], fix["direction"]) for fix in answer["fix"]}
    assert named == {
        ("security-group", "a", "egress"),
        ("firewall-group", "r1-dmz", "egress"),
        ("firewall-group", "r1-db", "ingress"),
        ("security-group", "b", "ingress"),
        ("firewall-group", "r1-dmz", "ingress"),
    }
    assert "before rule fw-ingress-0" in changes(answer)


def test_the_longest_prefix_wins_over_extra_routes_through_several_routers():
    cloud = two_tiers()
    cloud.network("transit", "10.0.9.0/24", gateway=None)
    cloud.network("far", "10.0.5.0/24")
    cloud.router(
        "r2",
        ("far", "10.0.5.1"),
        ("transit", "10.0.9.2"),
        routes=[{"destination": "10.0.1.0/24", "nexthop": "10.0.9.1"}],
    )
    cloud.port("deep", "far", "10.0.5.10")
    cloud.port("r1-transit", "transit", "10.0.9.1", owner="network:router_interface", device="r1", groups=())
    router = next(r for r in cloud.raw["routers"] if r["id"] == "r1")
    router["routes"] = [
        {"destination": "10.0.0.0/16", "nexthop": "10.0.9.99"},
        {"destination": "10.0.5.0/24", "nexthop": "10.0.9.2"},
    ]
    assert outcome(cloud.ask("app", "deep", dst_port=80)) == ALLOWED
    answer = cloud.ask("data", "deep", dst_port=80)
    assert (answer["forward"], answer["reply"]) == ("allow", "deny"), "r2 has no route back to the database network"


def test_routes_in_a_circle_end_and_say_so():
    cloud = two_tiers()
    cloud.network("transit", "10.0.9.0/24", gateway=None)
    cloud.router("r2", ("transit", "10.0.9.2"), routes=[{"destination": "10.7.0.0/16", "nexthop": "10.0.9.1"}])
    cloud.port("r1-transit", "transit", "10.0.9.1", owner="network:router_interface", device="r1", groups=())
    cloud.raw["routers"][0]["routes"] = [{"destination": "10.7.0.0/16", "nexthop": "10.0.9.2"}]
    answer = cloud.ask("app", "10.7.0.1", dst_port=80)
    assert outcome(answer) == LOST
    assert "circle" in answer["steps"][-1]["why"]


def test_in_through_a_floating_address_the_rules_see_the_fixed_one():
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], ingress=[tcp(80, destination_ip_address="10.0.1.10")], egress=[])
    for target in ("203.0.113.10", "app"):
        answer = cloud.ask(OUTSIDE, target, dst_port=80)
        assert outcome(answer) == ALLOWED
        assert answer["steps"][0]["layer"] == "nat"
    assert outcome(cloud.ask(OUTSIDE, "10.0.1.10", dst_port=80)) == LOST
    assert outcome(cloud.ask(OUTSIDE, "data", dst_port=80)) == LOST


def test_a_target_without_route_still_names_its_closed_group():
    cloud = two_tiers()
    cloud.group("shut", allow("egress"))
    cloud.port("dark", "db", "10.0.2.40", groups=["shut"])
    answer = cloud.ask(OUTSIDE, "dark", dst_port=443)
    assert outcome(answer) == LOST
    assert {fix["layer"] for fix in answer["fix"]} == {"route", "security-group"}


@pytest.mark.parametrize("profile", ["ovn", "l3-agent"])
def test_what_a_floating_address_alone_would_not_do_is_named(profile):
    cloud = two_tiers()
    cloud.group("shut", allow("egress"))
    cloud.port("hidden", "db", "10.0.2.20", groups=["shut"])
    cloud.firewall("fw", ["r1-db"], ingress=[tcp(80)], egress=[tcp()])

    def layers():
        answer = cloud.ask(OUTSIDE, "hidden", dst_port=22, profile=profile)
        return answer["verdict"], {one["layer"] for one in answer["fix"]}

    assert layers() == ("no-route", {"route", "firewall-group", "security-group"})
    cloud.floating("203.0.113.20", "hidden", "10.0.2.20", router_id="r1")
    assert layers() == ("deny", {"firewall-group", "security-group"})


@pytest.mark.parametrize(("sender", "seen"), [("app", "203.0.113.10"), ("data", "203.0.113.2")])
def test_out_with_source_translation(sender, seen):
    cloud = two_tiers()
    answer = cloud.ask(sender, "8.8.8.8", "udp", 53)
    assert outcome(answer) == ALLOWED
    assert any(seen in step["why"] for step in answer["steps"])


def test_through_anothers_floating_address_the_group_sees_the_translated_source():
    cloud = two_tiers()
    cloud.group("by-router", allow("ingress", "tcp", 80, remote="203.0.113.2/32"), allow("egress"))
    cloud.raw["ports"][-2]["security_groups"] = ["by-router"]
    assert outcome(cloud.ask("data", "203.0.113.10", dst_port=80)) == ALLOWED
    assert outcome(cloud.ask("data", "10.0.1.10", dst_port=80)) == DENIED


def test_port_forwarding_rewrites_the_port():
    cloud = two_tiers()
    forwarding = {
        "id": "pf", "protocol": "tcp", "external_port": 2222, "internal_port": 22, "internal_port_id": "data",
        "internal_ip_address": "10.0.2.10",
    }  # fmt: skip
    cloud.floating("203.0.113.20", router_id="r1", port_forwardings=[forwarding])
    cloud.group("ssh", allow("ingress", "tcp", 22), allow("egress"))
    cloud.raw["ports"][-1]["security_groups"] = ["ssh"]
    assert outcome(cloud.ask(OUTSIDE, "203.0.113.20", dst_port=2222)) == ALLOWED
    assert outcome(cloud.ask(OUTSIDE, "203.0.113.20", dst_port=22)) == LOST


def test_anti_spoofing_and_address_pairs():
    cloud = two_tiers()
    cloud.port("pair", "dmz", "10.0.1.50", pairs=["10.0.1.60"])
    assert outcome(cloud.ask({"port": "pair", "ip": "10.0.1.60"}, "app", dst_port=80)) == ALLOWED
    answer = cloud.ask({"port": "pair", "ip": "10.0.1.61"}, "app", dst_port=80)
    assert outcome(answer) == DENIED
    assert answer["fix"][0]["layer"] == "anti-spoof"
    cloud.port("free", "dmz", "10.0.1.70", groups=(), port_security_enabled=False)
    assert cloud.ask({"port": "free", "ip": "10.0.1.71"}, "app", dst_port=80)["forward"] == "allow"


def test_several_fixed_addresses_and_ipv6():
    cloud = two_tiers()
    cloud.network("dmz", "2001:db8:1::/64", subnet="dmz-6")
    cloud.port("dual", "dmz", "10.0.1.80", "2001:db8:1::80")
    cloud.port("six", "dmz", "2001:db8:1::81")
    assert outcome(cloud.ask("dual", "six", dst_port=80)) == ALLOWED
    assert outcome(cloud.ask("dual", "six", "icmp")) == ALLOWED
    cloud.group("four", allow("ingress"), allow("egress"))
    cloud.port("only4", "dmz", "2001:db8:1::82", groups=["four"])
    assert outcome(cloud.ask("dual", "only4", dst_port=80)) == DENIED


def test_provider_network_without_a_router_is_reached_directly():
    cloud = two_tiers()
    cloud.network("lan", "192.0.2.0/24", **{"provider:physical_network": "physnet1"})
    cloud.port("plc", "lan", "192.0.2.9")
    assert outcome(cloud.ask(OUTSIDE, "192.0.2.9", dst_port=502)) == ALLOWED
    assert outcome(cloud.ask("plc", "8.8.8.8", dst_port=53)) == ALLOWED


def test_an_appliance_as_next_hop_is_unknown_not_guessed():
    cloud = two_tiers()
    cloud.network("lab", "10.0.8.0/24", gateway="10.0.8.5")
    cloud.port("fwvm", "lab", "10.0.8.5")
    cloud.port("client", "lab", "10.0.8.10")
    answer = cloud.ask("client", "app", dst_port=80)
    assert answer["verdict"] == "no-route"
    assert "fwvm" in answer["unknown"][0]


# Groups


def test_remote_groups_leave_out_address_pairs_on_ovn_only():
    cloud = two_tiers()
    cloud.group("clients", allow("egress"))
    cloud.group("service", allow("ingress", "tcp", 80, group="clients"), allow("egress"))
    cloud.port("client", "dmz", "10.0.1.90", groups=["clients"], pairs=["10.0.1.91"])
    cloud.port("service", "dmz", "10.0.1.92", groups=["service"])
    sender = {"port": "client", "ip": "10.0.1.91"}
    assert outcome(cloud.ask("client", "service", dst_port=80)) == ALLOWED
    assert outcome(cloud.ask(sender, "service", dst_port=80, profile="ovn")) == DENIED
    assert outcome(cloud.ask(sender, "service", dst_port=80, profile="l3-agent")) == ALLOWED


def test_a_stateless_group_needs_rules_for_replies():
    cloud = two_tiers()
    cloud.group("bare", allow("ingress", "tcp", 80), stateless := allow("egress", "udp"), stateful=False)
    cloud.port("bare", "dmz", "10.0.1.93", groups=["bare"])
    answer = cloud.ask("app", "bare", dst_port=80)
    assert outcome(answer) == ("deny", "allow", "deny")
    assert answer["fix"][0]["port_id"] == "bare"
    stateless["protocol"] = "tcp"
    cloud.raw["security_groups"][-1]["security_group_rules"][1]["protocol"] = "tcp"
    assert outcome(cloud.ask("app", "bare", dst_port=80)) == ALLOWED


def test_icmp_types_codes_and_messages_without_reply():
    cloud = two_tiers()
    ping = {**allow("ingress", "icmp", 8), "port_range_max": 0}
    cloud.group("ping", ping, allow("egress"))
    cloud.port("ping", "dmz", "10.0.1.94", groups=["ping"])
    assert outcome(cloud.ask("app", "ping", "icmp")) == ALLOWED
    assert outcome(cloud.ask("app", "ping", "icmp", icmp_type=8, icmp_code=1)) == DENIED
    assert outcome(cloud.ask("ping", "app", "icmp", icmp_type=3, icmp_code=1)) == ("allow", "allow", "n/a")


# Back ends


def test_ovn_replies_enter_a_subnet_only_by_a_rule_but_leave_it_without_one():
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], ingress=[], egress=[tcp(1521)])
    answer = cloud.ask("app", "data", dst_port=1521)
    assert outcome(answer) == ("deny", "allow", "deny")
    assert answer["fix"][0]["direction"] == "ingress"
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-db"], ingress=[tcp(1521)], egress=[])
    assert outcome(cloud.ask("app", "data", dst_port=1521)) == ALLOWED


def test_ovn_a_stateless_group_on_the_answering_port_takes_the_exemption_away():
    cloud = two_tiers()
    cloud.group("bare", *EVERYTHING, stateful=False)
    cloud.raw["ports"][-1]["security_groups"] = ["bare"]
    cloud.firewall("fw", ["r1-db"], ingress=[tcp(1521)], egress=[])
    assert outcome(cloud.ask("app", "data", dst_port=1521)) == ("deny", "allow", "deny")


def test_ovn_ignores_the_admin_state_and_drops_without_policies():
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-db"], admin_state_up=False)
    assert outcome(cloud.ask("app", "data", dst_port=1521)) == DENIED
    assert outcome(cloud.ask("app", "data", dst_port=1521, profile="l3-agent")) == ALLOWED


def test_ovn_position_1000_never_matches_and_999_is_unknown():
    cloud = two_tiers()
    rules = [tcp(1, action="deny")] * 999 + [tcp(80), tcp(81)]
    cloud.firewall("fw", ["r1-db"], ingress=rules, egress=[tcp()])
    tie = cloud.ask("app", "data", dst_port=80)
    assert tie["verdict"] == "deny" and "999" in tie["unknown"][0]
    late = cloud.ask("app", "data", dst_port=81)
    assert late["verdict"] == "deny" and late["unknown"] == []


def test_both_interfaces_are_an_intersection_on_ovn_and_a_union_on_the_l3_agent():
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz", "r1-db"], ingress=[tcp(1521), tcp(source_port="1521")], egress=[])
    assert cloud.ask("app", "data", dst_port=1521)["verdict"] == "deny"
    assert outcome(cloud.ask("app", "data", dst_port=1521, profile="l3-agent")) == ALLOWED
    assert outcome(cloud.ask("app", "data", dst_port=1522, profile="l3-agent")) == DENIED


def test_l3_agent_two_groups_on_one_router_leave_one_default_open_and_say_so():
    cloud = two_tiers()
    cloud.firewall("first", ["r1-dmz"], ingress=[tcp(80)], egress=[])
    cloud.firewall("second", ["r1-db"], ingress=[tcp(1521)], egress=[tcp()])
    answer = cloud.ask(OUTSIDE, "app", dst_port=22, profile="l3-agent")
    assert answer["verdict"] == "allow"
    assert "applied last" in answer["unknown"][0]
    certain = cloud.ask(OUTSIDE, "app", dst_port=80, profile="l3-agent")
    assert certain["verdict"] == "allow" and certain["unknown"] == []


def test_l3_agent_a_group_that_is_down_drops_everything():
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-db"], ingress=[tcp()], egress=[tcp()], admin_state_up=False)
    assert outcome(cloud.ask("app", "data", dst_port=1521, profile="l3-agent")) == DENIED


def test_l2_agent_ignores_addresses_and_disabled_and_filters_server_ports_only():
    cloud = two_tiers()
    rules = [tcp(1521, enabled=False, source_ip_address="192.0.2.1")]
    cloud.firewall("fw", ["data", "r1-dmz"], ingress=rules, egress=[])
    assert outcome(cloud.ask("app", "data", dst_port=1521, profile="l2-agent")) == ALLOWED
    assert outcome(cloud.ask("app", "data", dst_port=1522, profile="l2-agent")) == DENIED
    assert outcome(cloud.ask("app", "data", dst_port=1522, profile="ovn"))[1] == "deny"


# Load balancers


def balanced(**listener):
    cloud = two_tiers()
    cloud.group("lb", allow("ingress", "tcp", 80), allow("egress"))
    cloud.group("app-sg", allow("ingress", "tcp", 8080, remote="10.0.1.5/32"), allow("egress"))
    cloud.port("vip", "dmz", "10.0.1.100", owner="Octavia", groups=["lb"], device="lb-1")
    cloud.port("amphora", "dmz", "10.0.1.5", groups=["lb"], pairs=["10.0.1.100"], device="amp-1")
    cloud.port("member", "dmz", "10.0.1.101", groups=["app-sg"])
    cloud.floating("203.0.113.30", "vip", "10.0.1.100", router_id="r1")
    cloud.add("loadbalancers", id="lb1", vip_address="10.0.1.100", vip_port_id="vip", provider="amphora")
    cloud.add("pools", id="pool1", loadbalancer_id="lb1")
    fields = {"protocol": "HTTP", "protocol_port": 80, "default_pool_id": "pool1", "loadbalancer_id": "lb1", **listener}
    cloud.add("listeners", id="listener1", **fields)
    cloud.add("members", id="m1", pool_id="pool1", address="10.0.1.101", protocol_port=8080, subnet_id="dmz-net")
    return cloud


def test_a_virtual_address_is_followed_to_its_members_from_the_balancers_own_port():
    answer = balanced().ask(OUTSIDE, "203.0.113.30", dst_port=80)
    assert outcome(answer) == ALLOWED
    assert answer["members"] == [{"id": "m1", "verdict": "allow"}]
    assert any(step["port_id"] == "member" and step["rule_id"] == "app-sg-0" for step in answer["steps"])


def test_octavia_keeps_virtual_ports_down_and_they_answer_all_the_same():
    cloud = balanced()
    for port in cloud.raw["ports"]:
        if port["id"] == "vip":
            port["admin_state_up"] = False
    assert outcome(cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80)) == ALLOWED
    cloud.raw["ports"] = [port for port in cloud.raw["ports"] if port["id"] != "amphora"]
    cloud.raw["security_groups"][-1]["security_group_rules"][0]["remote_ip_prefix"] = "10.0.1.0/24"
    answer = cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80)
    assert outcome(answer) == ALLOWED and "own servers" in answer["unknown"][0]


def test_a_member_that_refuses_the_balancer_is_named():
    cloud = balanced()
    cloud.raw["security_groups"][-1]["security_group_rules"][0]["remote_ip_prefix"] = "10.0.1.100/32"
    answer = cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80)
    assert outcome(answer) == DENIED
    assert "10.0.1.5" in changes(answer) and answer["fix"][0]["port_id"] == "member"


def test_a_health_monitor_asks_with_its_own_protocol():
    cloud = balanced()
    cloud.add("healthmonitors", id="hm1", type="HTTP", pools=[{"id": "pool1"}])
    assert outcome(cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80)) == ALLOWED
    monitor = cloud.raw["healthmonitors"][0]
    for kind, words in (("PING", "ICMP type 8"), ("SCTP", "sctp")):
        monitor["type"] = kind
        answer = cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80)
        assert outcome(answer) == DENIED
        assert words in changes(answer)
    monitor["type"] = "UDP-CONNECT"
    assert outcome(cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80)) == ALLOWED, "silence is a good answer to it"
    monitor["type"] = "SCTP"
    monitor["admin_state_up"] = False
    assert outcome(cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80)) == ALLOWED


def test_a_member_in_another_subnet_is_reached_from_the_balancers_port_there():
    cloud = balanced()
    member = cloud.raw["members"][0]
    cloud.port("leg", "db", "10.0.2.60", groups=["lb"], device="amp-1")
    cloud.port("far", "db", "10.0.2.61", groups=["app-sg"])
    member.update(address="10.0.2.61", subnet_id="db-net")
    answer = cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80)
    assert outcome(answer) == DENIED
    assert "10.0.2.60" in changes(answer)


def test_allowed_cidrs_of_the_listener_count():
    cloud = balanced(allowed_cidrs=["198.51.100.0/24"])
    assert outcome(cloud.ask(OUTSIDE, "203.0.113.30", dst_port=80)) == ALLOWED
    answer = cloud.ask("192.0.2.200", "203.0.113.30", dst_port=80)
    assert outcome(answer) == DENIED
    assert "allowed_cidrs of listener listener1" in changes(answer)
    assert outcome(cloud.ask(OUTSIDE, "203.0.113.30", dst_port=81)) == DENIED


def test_a_port_with_the_whole_way_down():
    cloud = Cloud()
    cloud.group("open", *EVERYTHING)
    cloud.network("n", "10.0.0.0/24")
    cloud.port("a", "n", "10.0.0.10")
    cloud.port("b", "n", "10.0.0.11", admin_state_up=False)
    answer = cloud.ask("a", "b", dst_port=80)
    assert outcome(answer) == DENIED
    assert "admin_state_up of port b" in changes(answer)
