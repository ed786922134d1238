"""Cells of the matrix: each layer alone, and both together is never more than either."""

import pytest

from tenant_ops_dashboard.firewall import matrix as matrices
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.matrix import matrix
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import Seen
from tests.unit.reachability.cloudmaker import allow, two_tiers


@pytest.fixture
def ends():
    """The database's group takes tcp 1521 and 22, the firewall group on its network tcp 1521 and 80."""
    cloud = two_tiers()
    cloud.group("database", *(allow("ingress", "tcp", port) for port in (22, 1521)), allow("egress"))
    cloud.raw["ports"][-1]["security_groups"] = ["database"]
    rules = [{"protocol": "tcp", "destination_port": port} for port in ("80", "1521")]
    cloud.firewall("fw", ["r1-db"], ingress=rules, egress=[{}])
    return Ends(Seen(cloud.raw), Names(None))


def ports(ends, layer, source="dmz", target="db"):
    (cell,) = [one for one in matrix(ends, layer=layer) if (one.source, one.target) == (source, target)]
    assert cell.unknown == ()
    return [(one["from"], one["name"], one["protocol"], one.get("dst_port")) for one in cell.boxes]


def test_each_layer_alone_and_both(ends):
    assert ports(ends, "both") == [("app", "data", "tcp", "1521-1521")]
    assert ports(ends, "groups") == [("app", "data", "tcp", one) for one in ("22-22", "1521-1521")]
    assert ports(ends, "firewall") == [("app", "data", "tcp", one) for one in ("80-80", "1521-1521")]


def test_nobody_is_a_pair_with_himself(ends):
    for one in ends.seen.rows("ports"):
        one["port_security_enabled"] = False
    ends.seen.raw["ports"].append({**ends.seen.rows("ports")[-1], "id": "data2", "name": "data2", "fixed_ips": [
        {"subnet_id": "db-net", "ip_address": "10.0.2.11"}
    ]})  # fmt: skip
    (cell,) = [one for one in matrix(ends) if (one.source, one.target) == ("db", "db")]
    assert {(one["from"], one["port"]) for one in cell.boxes} == {("data", "data2"), ("data2", "data")}
    assert cell.pairs == 2
    (other,) = [one for one in matrix(ends) if (one.source, one.target) == ("dmz", "db")]
    assert other.pairs == 2


def test_the_internet_is_a_row_and_a_column(ends):
    cells = matrix(ends)
    names = ["internet", "dmz", "db"]
    wanted = [(one, other) for one in names for other in names if (one, other) != ("internet", "internet")]
    assert [(one.source, one.target) for one in cells] == wanted
    assert (None, "app", "2-57", "0-65535") in ports(ends, "both", "internet", "dmz")
    assert ports(ends, "both", "internet", "db") == []
    assert {one[1] for one in ports(ends, "both", "dmz", "internet")} == {"outside"}


def test_networks_of_one_name_are_told_apart_by_id(ends):
    for one in ends.seen.rows("networks"):
        one["name"] = "net"
    assert {one.source for one in matrix(ends)} == {"internet", "dmz", "db"}
    assert {one["id"] for one in ends.seen.rows("networks")} >= {"dmz", "db"}


def test_a_port_in_no_group_is_open_where_the_firewall_is_looked_at_alone(ends):
    ends.seen.rows("ports")[-1]["security_groups"] = []
    assert ports(ends, "both") == []
    assert len(ports(ends, "firewall")) == 2


def test_more_pairs_than_can_be_looked_at_are_told(ends, monkeypatch):
    monkeypatch.setattr(matrices, "PAIRS", 0)
    cells = {(one.source, one.target): one for one in matrix(ends)}
    assert "too complex" in cells["dmz", "db"].unknown[0]
    assert cells["dmz", "db"].boxes == ()
    assert cells["internet", "dmz"].boxes
