"""The snapshot reader: strict, one line, with file, object and field; no traceback for any input."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenant_ops_dashboard.reachability import BadInput
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.snapshot import COLLECTIONS, build_snapshot, read_snapshot
from tests.unit.reachability.cloudmaker import two_tiers


def refused(change):
    """What the reader says after `change` has been made to a good snapshot."""
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], ingress=[{"protocol": "tcp"}], egress=[])
    change(cloud.raw)
    with pytest.raises(BadInput) as error:
        read_snapshot(json.dumps(cloud.raw), "cloud.json")
    assert "\n" not in str(error.value)
    return str(error.value)


def first(kind, **fields):
    return lambda raw: raw[kind][0].update(fields)


def in_group(**fields):
    return lambda raw: raw["security_groups"][0]["security_group_rules"][0].update(fields)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (in_group(remote_group_id="gone"), "security_groups open: security_group_rules open-0: remote_group_id names gone"),
        (in_group(protocol="tcp", port_range_min=90, port_range_max=80), "security_groups open: security_group_rules[0] open-0: port_range_min is above"),
        (in_group(protocol="teleport"), "open-0: protocol is unknown: unknown protocol 'teleport'"),
        (in_group(remote_ip_prefix="10.0.0.1/33"), "open-0: remote_ip_prefix must be a CIDR"),
        (in_group(direction="sideways"), "open-0: direction must be ingress or egress"),
        (first("subnets", cidr="10.0.0.7/24"), "subnets ext-net: cidr has host bits set: 10.0.0.7/24"),
        (first("subnets", network_id="gone"), "subnets ext-net: network_id names gone, which is not among the networks"),
        (first("ports", fixed_ips="none"), "ports r1-dmz: fixed_ips must be a list"),
        (first("ports", fixed_ips=[{"ip_address": "x", "subnet_id": "y"}]), "ports r1-dmz: fixed_ips[0]: ip_address must be an IP"),
        (first("ports", security_groups=["gone"]), "ports r1-dmz: security_groups names gone"),
        (first("firewall_groups", ingress_firewall_policy_id="gone"), "firewall_groups fw: ingress_firewall_policy_id names gone"),
        (first("firewall_policies", firewall_rules=["gone"]), "firewall_policies fw-ingress: firewall_rules names gone"),
        (first("firewall_rules", destination_port="90:80"), "firewall_rules fw-ingress-0: destination_port is upside down"),
        (first("floatingips", port_id="gone"), "floatingips fip-203.0.113.10: port_id names gone"),
        (lambda raw: raw["ports"].append(raw["ports"][0]), "ports r1-dmz: id stands there twice"),
        (lambda raw: raw["ports"].append({"name": "x"}), "ports [4]: id is missing"),
        (lambda raw: raw.update(ports={}), "cloud.json: ports must be a list"),
        (lambda raw: raw.update(meta={"profile": "magic"}), "meta: profile must be one of ovn, l3-agent, l2-agent"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_one_line(change, said):
    told = refused(change)
    assert told.startswith("cloud.json: ") and said in told


@pytest.mark.parametrize(
    "text", ["", "{", '{"ports": [', "[]", "7", "nul", '{"a":' * 5000, "[" * 100_000, '{"x": 1e999}x']
)
def test_what_is_no_json_object_is_refused(text):
    with pytest.raises(BadInput, match=r"^cut\.json: "):
        read_snapshot(text, "cut.json")


def test_a_projects_own_view_may_name_what_it_cannot_see():
    cloud = two_tiers()
    cloud.raw["security_groups"][0]["security_group_rules"][0]["remote_group_id"] = "of-another-project"
    snapshot = build_snapshot({**cloud.raw, "meta": {"scope": "project"}})
    assert snapshot.partial


def test_names_full_of_markup_and_control_characters_do_no_harm():
    cloud = two_tiers()
    cloud.raw["ports"][0]["name"] = "<script>alert(1)</script>\n\x1b[31m"
    cloud.raw["ports"][0]["network_id"] = "gone\nwith a second line\x1b[0m"
    with pytest.raises(BadInput) as error:
        build_snapshot(cloud.raw, "cloud.json")
    assert str(error.value).isprintable()


LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 70_000), st.floats(allow_nan=True), st.text(max_size=8),
    st.sampled_from(["10.0.0.0/24", "10.0.0.1", "::1", "tcp", "ingress", "dmz", "app", "r1", "fw", "open", "1:2", "2:1"]),
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from([*COLLECTIONS, "meta"]), VALUES), st.binary(max_size=40))
def test_no_input_makes_a_traceback(raw, noise):
    for text in (json.dumps(raw), noise.decode("latin-1")):
        try:
            Engine(read_snapshot(text, "fuzz.json"))
        except BadInput as error:
            assert str(error).startswith("fuzz.json") and "\n" not in str(error)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_spoilt_field_of_a_good_snapshot_makes_a_traceback(data):
    cloud = two_tiers()
    cloud.firewall("fw", ["r1-dmz"], ingress=[{"protocol": "tcp"}], egress=[])
    kind = data.draw(st.sampled_from([key for key, items in cloud.raw.items() if items]))
    item = data.draw(st.sampled_from(cloud.raw[kind]))
    if kind == "security_groups" and data.draw(st.booleans()):
        item = data.draw(st.sampled_from(item["security_group_rules"]))
    item[data.draw(st.sampled_from(sorted(item)))] = data.draw(VALUES)
    try:
        build_snapshot(json.loads(json.dumps(cloud.raw)), "fuzz.json")
    except BadInput as error:
        assert str(error).startswith("fuzz.json: ") and "\n" not in str(error)
