"""The list of firewall groups: what each lets through in one line, and whose findings are whose."""

import pytest

from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.listing import listing
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.firewall.words import Labels, sentences, what
from tests.unit.reachability.cloudmaker import two_tiers

MARK = "Environment 00000000-0000-0000-0000-000000000003"
BOX = {"src": ["0.0.0.0/0"], "dst": ["203.0.113.10/32"], "protocol": "tcp", "dst_port": "80-80", "src_port": "0-65535"}
ENDS = {"from": None, "port": "app"}


def listed(cloud, profile="ovn"):
    cloud.raw["meta"] = {"profile": profile}
    return {one.name: one for one in listing(Ends(Seen(cloud.raw), Names(None)))}


def test_what_the_internet_reaches_is_said_in_a_line():
    cloud = two_tiers()
    rules = [{"protocol": "tcp", "destination_port": port} for port in ("22", "80", "443", "8080")]
    cloud.firewall("web", ["r1-dmz"], ingress=rules[1:2], egress=[{}], description=MARK)
    cloud.firewall("db", ["r1-db"], ingress=rules, egress=[{}])
    found = listed(cloud)
    assert found["web"].says == "The internet reaches app tcp 80."
    assert found["db"].says == "The internet reaches nothing behind it."
    assert (found["web"].ingress_rules, found["web"].egress_rules, found["web"].ports) == (1, 1, ("r1-dmz",))
    assert (found["web"].environment, found["db"].environment) == (MARK.split()[1], "")
    cloud.raw["firewall_policies"][0]["firewall_rules"] = cloud.raw["firewall_policies"][2]["firewall_rules"]
    assert listed(cloud)["web"].says == "The internet reaches app tcp 22, app tcp 80, app tcp 443 and 1 more."


def test_what_some_of_the_internet_reach_is_said_with_who_they_are():
    cloud = two_tiers()
    rules = [
        {"protocol": "tcp", "destination_port": "22", "source_ip_address": "198.51.100.7"},
        {"protocol": "tcp", "destination_port": "80"},
        {"protocol": "udp", "source_ip_address": "10.0.2.0/24"},
    ]  # fmt: skip
    cloud.firewall("web", ["r1-dmz"], ingress=rules, egress=[{}])
    said = listed(cloud)["web"].says
    assert said == "The internet reaches app tcp 80, app tcp 22 from 198.51.100.7/32."


def test_what_a_snapshot_cannot_tell_is_no_plain_word():
    cloud = two_tiers()
    cloud.firewall("web", ["r1-dmz"], ingress=[{"protocol": "tcp"}], egress=[{}])
    next(one for one in cloud.raw["ports"] if one["id"] == "app")["security_groups"] = ["another-project's"]
    cloud.raw["meta"] = {"profile": "ovn", "scope": "project"}
    (found,) = listing(Ends(Seen(cloud.raw), Names(None)))
    assert found.says == "As far as it is known the internet reaches nothing behind it."


def test_groups_that_filter_nothing_or_everything_say_so():
    cloud = two_tiers()
    cloud.firewall("bare", ["r1-dmz"])
    cloud.firewall("idle", [], ingress=[{}], egress=[{}])
    found = listed(cloud)
    assert found["bare"].says == "It has no policy, so it lets nothing through."
    assert found["idle"].says == "It is on no port, so it filters nothing."
    assert listed(cloud, "l3-agent")["bare"].says == "It has no policy, so it filters nothing."
    assert "unused" in {one.kind for one in found["idle"].findings}
    assert "unused" not in {one.kind for one in found["bare"].findings}


def test_a_project_without_groups_has_an_empty_list():
    assert listed(two_tiers()) == {}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "tcp 80"),
        ({"dst_port": "80-81"}, "tcp 80-81"),
        ({"dst_port": "0-65535"}, "tcp"),
        ({"protocol": "any", "dst_port": "0-65535"}, "any protocol"),
        ({"protocol": "47", "dst_port": "0-65535"}, "protocol 47"),
        ({"protocol": "2-57", "dst_port": "0-65535"}, "protocol 2-57"),
        ({"protocol": "icmp", "icmp_type": "8-8", "icmp_code": "0-255"}, "icmp type 8"),
        ({"protocol": "icmp", "icmp_type": "0-255", "icmp_code": "0-255"}, "icmp"),
    ],
)
def test_protocols_and_ports_in_words(change, said):
    assert what({**BOX, **change}) == said


def test_boxes_in_words():
    seen = Seen(two_tiers().raw)
    labels = Labels(seen, Names(None))
    for change, said in (
        ({}, "internet -> app tcp 80: now open"),
        ({"src": ["0.0.0.0-10.0.1.0", "10.0.2.0-255.255.255.255"]}, "internet -> app tcp 80: now open"),
        ({"src": ["192.0.2.0/24"]}, "internet (192.0.2.0/24) -> app tcp 80: now open"),
        ({"src": ["10.0.1.128/25"]}, "outside with an address of this project's subnets (10.0.1.128/25) -> app tcp 80: now open"),
        ({"from": "data", "src": ["10.0.2.10/32"]}, "data -> app tcp 80: now open"),
        ({"port": None, "from": "app", "dst": ["0.0.0.0/0"]}, "app -> internet tcp 80: now open"),
        ({"src_port": "0-1023"}, "internet -> app tcp 80 (from port 0-1023): now open"),
        ({"src_port": "1024-65535"}, "internet -> app tcp 80: now open"),
    ):  # fmt: skip
        assert sentences(labels, [{**BOX, **ENDS, **change}]) == [said]
    halves = [{**BOX, **ENDS, "src_port": one} for one in ("0-49999", "50000-65535")]
    assert sentences(labels, halves, "lost") == ["internet -> app tcp 80: now closed"]
