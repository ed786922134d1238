"""FWaaS v2 on the router's ports, with real packets: stateless on OVN, so that replies need rules of their own."""

from __future__ import annotations

import pytest

from .conftest import clear_firewall, inside, tcp, until

pytestmark = pytest.mark.sandbox


@pytest.fixture
def group(lab):
    """A firewall group with two empty policies on both of the router's inner ports."""
    n = lab.cloud.network
    policies = {d: n.create_firewall_policy(name=lab.name(d)) for d in ("ingress", "egress")}
    made = n.create_firewall_group(
        name=lab.name("group"), ports=lab.router_ports(),
        ingress_firewall_policy_id=policies["ingress"].id, egress_firewall_policy_id=policies["egress"].id,
    )  # fmt: skip
    until(lambda: n.get_firewall_group(made).status == "ACTIVE", "the firewall group becoming ACTIVE")
    yield policies
    clear_firewall(lab)


def allow(lab, policy, **fields):
    n = lab.cloud.network
    rule = n.create_firewall_rule(name=lab.name("rule"), action="allow", ip_version=4, protocol="tcp", **fields)
    n.insert_rule_into_policy(policy.id, firewall_rule=rule.id)


def test_an_empty_policy_blocks_and_each_rule_opens_what_it_says(lab, request):
    database = lab.address["db-1"]
    app = inside(lab.name("app-1"))

    def reaches():
        return tcp(app, database, 1521)

    until(reaches, "the application reaching the database")
    policies = request.getfixturevalue("group")
    until(lambda: not reaches(), "two empty policies blocking everything")
    allow(lab, policies["egress"], source_ip_address="10.77.1.0/24", destination_port="1521")
    allow(lab, policies["ingress"], destination_ip_address="10.77.2.0/24", destination_port="1521")
    assert not reaches(), "the reply enters the DMZ through the ingress policy, which has no rule for it"
    allow(lab, policies["ingress"], source_ip_address="10.77.2.0/24", source_port="1521")
    until(reaches, "the reply's own rule opening the way")
