"""A security group's rule as rules of a firewall."""

import pytest

from tenant_ops_dashboard.firewall import copying
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.snapshot import Seen
from tests.unit.firewall.test_suggest import cloud
from tests.unit.reachability.cloudmaker import allow


def copy(rule, direction="ingress", name="web"):
    made = cloud()
    made.raw["security_groups"].append(
        {"id": "web", "name": name, "security_group_rules": [
            {"id": "one", "security_group_id": "web", "ethertype": "IPv4", **rule}]}
    )  # fmt: skip
    made.group("empty")
    made.raw["ports"][-1]["security_groups"].append("web")
    seen = Seen(made.raw)
    (offered,) = [one for one in copying.offered(seen, direction) if one.group.id == "web"]
    return copying.as_firewall(seen, offered, "ovn")


def ends(rules):
    return [(one.source_ip_address, one.destination_ip_address, one.destination_port) for one in rules]


def test_what_comes_to_a_member_comes_into_its_subnet():
    assert ends(copy(allow("ingress", "tcp", 443))) == [(None, "10.0.2.10", "443")]
    assert ends(copy(allow("egress", "tcp", 443), "egress")) == [("10.0.2.10", None, "443")]


def test_a_name_that_neutron_takes_for_a_group_and_not_for_a_rule_is_made_one():
    (rule,) = copy(allow("ingress", "tcp", 443), name=" web\U0001f600 " + "x" * 250)
    assert rule.name == f"of  web {'x' * 247}"


def test_a_remote_group_is_its_members_addresses():
    rules = copy({**allow("ingress", "tcp", 1521), "remote_group_id": "app"})
    assert ends(rules) == [("10.0.1.10", "10.0.2.10", "1521"), ("10.0.1.13", "10.0.2.10", "1521")]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({"protocol": "gre"}, "cannot name the protocol gre"),
        ({"protocol": "icmp", "port_range_min": 8, "port_range_max": 0}, "ICMP types"),
        ({"protocol": "sctp", "port_range_min": 8, "port_range_max": 8}, "ports of sctp"),
        ({"ethertype": "IPv6"}, "no port with an IPv6 address"),
        ({"remote_group_id": "empty"}, "has no IPv4 address"),
    ],
)
def test_what_a_firewall_cannot_say_is_refused(rule, says):
    with pytest.raises(BadDraft, match=says):
        made = {**allow("ingress"), **rule}
        copy(made)
