"""Intents: what a file may say, and that 'none' and 'every' are meant of all packets."""

import json
from dataclasses import replace

import pytest

from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.firewall import checking, intents
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.reachability.probe import probe
from tests.unit.reachability.cloudmaker import allow, two_tiers

ALLOW = {"expect": "allow", "from": "internet", "to": "port:app", "protocol": "tcp", "dst_port": "80-81"}
DENY = {"expect": "deny", "from": "internet", "to": "port:data"}


def judged(cloud, *given):
    at = Ends(Seen(cloud.raw), Names(None))
    return [one.found for one in intents.check(at.engine, intents.parse(list(given)), at)], at.engine


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"expect": "maybe"}, "intents[1].expect: must be deny or allow"),
        ({"from": None}, "intents[1].from: must name an end"),
        ({"to": 5}, "intents[1].to: must name an end"),
        ({"protocol": "qp"}, "intents[1].protocol: unknown protocol"),
        ({"dst_port": "0-5"}, "intents[1].dst_port: must be a port from 1"),
        ({"dst_port": "90-80"}, "intents[1].dst_port: must be a port from 1"),
        ({"dst_port": 70000}, "intents[1].dst_port: must be a port from 1"),
        ({"dst_port": True}, "intents[1].dst_port: must be a port from 1"),
        ({"protocol": "icmp"}, "intents[1].dst_port: needs a protocol that has ports"),
        ({"protocol": None}, "intents[1].dst_port: needs a protocol that has ports"),
        ({"colour": "red"}, "intents[1].colour: is unknown; known are expect, from"),
        ({"says": ["x"]}, "intents[1].says: must be a text"),
        ({"says": "a\0b"}, "intents[1].says: must be a text"),
    ],
)
def test_a_mistake_is_named_by_its_place(change, said):
    with pytest.raises(BadInput) as caught:
        intents.parse([ALLOW, {**ALLOW, **change}])
    assert str(caught.value).startswith(said)
    assert caught.value.field == said.split(": ")[0]


def test_a_file_is_a_list_of_objects():
    for text, said in (("{", "is no JSON"), ("{}", "must be a list"), ("[1]", r"\[0\]: must be an object")):
        with pytest.raises(BadInput, match=said):
            intents.loads(text)
    many = json.dumps([ALLOW] * 201)
    with pytest.raises(BadInput, match="201 intents"):
        intents.loads(many)
    (read,) = intents.loads(json.dumps([{**ALLOW, "dst_port": 80, "protocol": "TCP"}]))
    assert intents.parse([intents.written(read)]) == (read,)
    assert read.sentence == "internet -> port:app tcp 80 always gets through"
    assert intents.parse([{**ALLOW, "dst_port": 80, "protocol": 6}]) == (read,), "the same protocol, the same intent"


def test_an_end_that_is_not_there_is_named_with_its_intent():
    with pytest.raises(Exception, match=r"intents\[0\].to: This project has no port nope"):
        judged(two_tiers(), {**DENY, "to": "port:nope"})


def test_the_witness_of_what_stays_on_a_link_names_its_sender():
    cloud = two_tiers()
    (found,), engine = judged(cloud, {"expect": "deny", "from": "port:app", "to": "224.0.0.18", "protocol": "112"})
    assert found.holds is False and found.witness["src"] == {"ip": "10.0.1.10", "port": "app"}
    assert probe(engine, found.witness)["forward"] == "allow"


def test_allow_means_every_packet():
    cloud = two_tiers()
    found, _ = judged(cloud, ALLOW)
    assert found[0].holds is True
    cloud.firewall("fw", ["r1-dmz"], ingress=[{"protocol": "tcp", "destination_port": "80"}], egress=[{}])
    (broken,), engine = judged(cloud, ALLOW)
    assert (broken.holds, broken.witness["dst_port"]) == (False, 81)
    assert broken.witness["dst"]["ip"] == "203.0.113.10"
    assert probe(engine, broken.witness)["forward"] == "deny"


@pytest.mark.parametrize("to", ["203.0.113.10", "203.0.113.0/28"])
def test_a_floating_address_is_who_has_it(to):
    cloud = two_tiers()
    open_, shut = ({**ALLOW, "to": to, "dst_port": 80}, {**DENY, "to": to, "protocol": "tcp", "dst_port": 80})
    found, engine = judged(cloud, open_, shut)
    assert [one.holds for one in found] == [True, False]
    assert probe(engine, found[1].witness)["forward"] == "allow"
    cloud.firewall("fw", ["r1-dmz"], ingress=[{"protocol": "tcp", "destination_port": "81"}], egress=[{}])
    found, _ = judged(cloud, open_, shut)
    assert [one.holds for one in found] == [False, True]
    cloud.raw["floatingips"].clear()
    found, _ = judged(cloud, open_, shut)
    assert [one.holds for one in found] == [None, True], "nobody has it, so nothing here tells whether it answers"


def test_nobody_outside_sends_from_an_address_of_ours():
    found, _ = judged(two_tiers(), {**ALLOW, "from": "203.0.113.10", "to": "port:data"})
    assert found[0].holds is False and "Nothing is there to send" in found[0].because


INSIDE = {**ALLOW, "from": "port:app", "to": "port:data"}


def test_allow_means_the_reply_as_well():
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], ingress=[{"protocol": "tcp", "source_port": "80"}], egress=[{}])
    (broken,), engine = judged(cloud, INSIDE)
    assert broken.holds is False
    assert broken.because.startswith("tcp 81 from 10.0.1.10 to 10.0.2.10 to data: its reply does not return")
    answer = probe(engine, broken.witness)
    assert (answer["forward"], answer["reply"]) == ("allow", "deny")
    # For 'never' it counts that packets arrive, although nothing comes back.
    assert judged(cloud, {**INSIDE, "expect": "deny", "dst_port": 81})[0][0].holds is False


def test_clients_that_ask_from_reserved_ports_are_promised_nothing():
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], ingress=[{"protocol": "tcp", "destination_port": "1024:65535"}], egress=[{}])
    assert judged(cloud, INSIDE)[0][0].holds is True
    cloud.raw["firewall_rules"][0]["destination_port"] = "1025:65535"
    (broken,), _ = judged(cloud, INSIDE)
    assert (broken.holds, broken.witness["src_port"]) == (False, 1024)


def test_deny_means_no_packet_and_names_the_rules_that_let_one_through():
    cloud = two_tiers()
    assert judged(cloud, DENY)[0][0].holds is True
    cloud.floating("203.0.113.11", "data", "10.0.2.10", router_id="r1")
    cloud.firewall(
        "fw", ["r1-db"], ingress=[{"protocol": "udp", "destination_port": "5000", "source_ip_address": "192.0.2.9"}]
    )
    (broken,), engine = judged(cloud, DENY)
    assert broken.holds is False
    assert broken.witness["src"] == {"ip": "192.0.2.9"}
    assert (broken.witness["protocol"], broken.witness["dst_port"]) == ("udp", 5000)
    assert [one["rule_id"] for one in broken.rules] == ["fw-ingress-0", "open-0"]
    assert "firewall-group rule fw-ingress-0" in broken.because
    assert probe(engine, broken.witness)["forward"] == "allow"
    narrow = {**DENY, "protocol": "udp", "dst_port": "1-4999"}
    assert judged(cloud, narrow, {**narrow, "dst_port": "5000"})[0][0].holds is True


def test_the_projects_own_unused_addresses_are_not_the_internet():
    cloud = two_tiers()
    cloud.floating("203.0.113.11", "data", "10.0.2.10", router_id="r1")
    cloud.firewall("fw", ["r1-db"], ingress=[{"source_ip_address": "10.0.1.0/24"}], egress=[{}])
    assert judged(cloud, DENY)[0][0].holds is True
    assert judged(cloud, {**DENY, "from": "10.0.1.0/24"})[0][0].holds is False


def test_every_sender_has_to_get_through_to_every_target():
    cloud = two_tiers()
    cloud.group("app-only", allow("ingress", "tcp", 1521, remote="10.0.1.10/32"), allow("egress"))
    cloud.port("web", "dmz", "10.0.1.11")
    cloud.port("store", "db", "10.0.2.11", groups=["app-only"])
    wish = {"expect": "allow", "from": "network:dmz", "to": "network:db", "protocol": "tcp", "dst_port": "1521"}
    (broken,), _ = judged(cloud, wish)
    assert (broken.holds, broken.witness["src"]["port"], broken.witness["dst"]["port"]) == (False, "web", "store")
    assert judged(cloud, {**wish, "from": "port:app"})[0][0].holds is True


def test_ends_with_nothing_in_them_keep_no_promise():
    cloud = two_tiers()
    cloud.group("nobody")
    found, _ = judged(cloud, {**ALLOW, "to": "security-group:nobody"}, {**DENY, "from": "security-group:nobody"})
    assert [one.holds for one in found] == [False, True]
    assert "Nothing is there" in found[0].because
    assert "Nothing is there" in found[1].because


def test_a_range_of_the_projects_own_means_the_servers_in_it():
    cloud = two_tiers()
    wish = {"expect": "allow", "from": "port:app", "to": "10.0.2.0/24", "protocol": "tcp", "dst_port": "1521"}
    assert judged(cloud, wish)[0][0].holds is True
    cloud.firewall("fw", ["r1-db"], ingress=[], egress=[])
    assert judged(cloud, wish)[0][0].holds is False
    assert judged(cloud, {**wish, "expect": "deny"})[0][0].holds is True
    (empty,) = judged(cloud, {**wish, "from": "10.0.2.128/25"})[0]
    assert (empty.holds, "Nothing is there" in empty.because) == (False, True)


def test_traffic_to_the_outside_is_checked_too():
    cloud = two_tiers()
    out = {"expect": "allow", "from": "port:app", "to": "internet", "protocol": "tcp", "dst_port": "443"}
    assert judged(cloud, out)[0][0].holds is True
    rules = [{"protocol": "tcp", "destination_ip_address": "0.0.0.0/1"}]
    cloud.firewall("fw", ["r1-dmz"], ingress=[{}], egress=rules)
    (broken, denied), engine = judged(cloud, out, {**out, "expect": "deny"})
    assert (broken.holds, denied.holds) == (False, False)
    assert probe(engine, broken.witness)["verdict"] == "deny"
    assert probe(engine, denied.witness)["verdict"] == "allow"
    assert probe(engine, replace_port(denied.witness, 80))["verdict"] == "allow"


def replace_port(packet, port):
    return {**packet, "dst_port": port}


def test_icmp_and_any_protocol_have_witnesses_that_can_be_asked():
    cloud = two_tiers()
    ping = {"expect": "deny", "from": "internet", "to": "port:app", "protocol": "icmp"}
    found, engine = judged(cloud, ping, {**ping, "protocol": None})
    for one in found:
        assert one.holds is False
        assert probe(engine, one.witness)["forward"] == "allow"
    assert found[0].witness["protocol"] == 1
    assert found[1].witness["protocol"] == "tcp"


def test_too_complex_is_an_answer_and_no_promise(monkeypatch):
    monkeypatch.setattr(checking, "PAIRS", 0)
    (found,), _ = judged(two_tiers(), {**DENY, "from": "port:app"})
    assert found.holds is None
    assert "too complex" in found.because
    assert replace(found, holds=True).because == found.because


def test_all_together_look_at_so_many_pairs_and_the_first_ones_are_answered():
    """Two hundred intents between large networks keep nobody's page busy for minutes."""
    at = Ends(Seen(two_tiers().raw), Names(None))
    wished = intents.parse([{**DENY, "from": "port:app"}, {**DENY, "from": "port:app"}, ALLOW])
    room = checking.Room(1)
    first, second, from_outside = (one.found for one in intents.check(at.engine, wished, at, room))
    alone = [one.found for one in intents.check(at.engine, wished, at)]
    assert (room.left, first, from_outside) == (0, alone[0], alone[2])
    assert second.holds is None
    assert "for all intents of a project" in second.because


def test_a_floating_address_is_the_machine_that_answers_at_it():
    wish = {"from": "internet", "to": "203.0.113.10", "protocol": "tcp", "dst_port": "80"}
    (closed, open_, shut), engine = judged(
        two_tiers(), {**DENY, **wish}, {**ALLOW, **wish}, {**DENY, **wish, "to": "203.0.113.0/24"}
    )
    assert [one.holds for one in (closed, open_, shut)] == [False, True, False]
    assert probe(engine, closed.witness)["forward"] == "allow"
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], ingress=[], egress=[])
    (closed, open_), _ = judged(cloud, {**DENY, **wish}, {**ALLOW, **wish})
    assert [closed.holds, open_.holds] == [True, False]


def test_an_end_of_one_version_is_not_reached_by_another_one():
    """A server of both versions: nothing of IPv4 comes in, and no packet of the set is of IPv6."""
    cloud = two_tiers()
    cloud.network("both", "10.0.4.0/24")
    cloud.raw["subnets"].append({
        **cloud.raw["subnets"][-1], "id": "both-6", "cidr": "2001:db8:4::/64", "ip_version": 6, "gateway_ip": None,
    })  # fmt: skip
    cloud.port("dual", "both", "10.0.4.10")
    cloud.raw["ports"][-1]["fixed_ips"].append({"subnet_id": "both-6", "ip_address": "2001:db8:4::10"})
    wish = {"from": "198.51.100.0/24", "to": "port:dual", "protocol": "tcp", "dst_port": "80"}
    assert judged(cloud, {**ALLOW, **wish})[0][0].holds is False
    assert judged(cloud, {**ALLOW, **wish, "from": "port:dual", "to": "198.51.100.0/24"})[0][0].holds is False


def test_a_server_on_the_external_network_reaches_the_internet_though_nobody_answers_a_broadcast():
    cloud = two_tiers()
    cloud.port("vm", "ext", "203.0.113.40")
    wish = {"from": "port:vm", "to": "internet", "protocol": "tcp", "dst_port": "443"}
    (always, never), _ = judged(cloud, {**wish, "expect": "allow"}, {**wish, "expect": "deny"})
    assert (always.holds, never.holds) == (True, False)


@pytest.mark.parametrize("profile", ["l3-agent", "l2-agent"])
def test_what_is_not_known_of_other_packets_leaves_an_intent_its_answer(profile):
    """The agents let what looks like a DHCP request out without a rule: that is UDP, and says nothing about TCP."""
    cloud = two_tiers()
    cloud.group("narrow", allow("ingress"))
    cloud.port("shut", "db", "10.0.2.11", groups=["narrow"])
    cloud.raw["meta"] = {"profile": profile}
    wish = {"expect": "deny", "from": "port:shut", "to": "internet"}
    (tcp, any_), _ = judged(cloud, {**wish, "protocol": "tcp"}, wish)
    assert (tcp.holds, any_.holds) == (True, None)
    assert "DHCP" in any_.because
