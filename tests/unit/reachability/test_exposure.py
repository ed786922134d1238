"""Exposure and diff: exact boxes, disjoint, with their rules."""

import json

from tenant_ops_dashboard.reachability.diff import diff
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.exposure import exposure
from tenant_ops_dashboard.reachability.probe import probe
from tests.unit.reachability.cloudmaker import allow, two_tiers


def web():
    cloud = two_tiers()
    rules = [allow("ingress", "tcp", 80), allow("ingress", "tcp", 443, remote="198.51.100.0/24"), allow("egress")]
    cloud.group("web", *rules)
    next(port for port in cloud.raw["ports"] if port["id"] == "app")["security_groups"] = ["web"]
    return cloud


def boxes(entries, port):
    return [box for entry in entries if entry["port"] == port for box in entry["boxes"]]


def short(box):
    return box["src"], box["dst"], box["protocol"], box.get("dst_port")


def test_what_the_internet_reaches_is_listed_with_its_rules():
    cloud = web()
    deny = {"protocol": "tcp", "source_ip_address": "198.51.100.128/25", "action": "deny"}
    cloud.firewall("fw", ["r1-dmz"], ingress=[deny, {"protocol": "tcp"}], egress=[])
    entries = exposure(Engine(cloud.snapshot()))
    assert [entry["port"] for entry in entries] == ["app"]
    found = {json.dumps(short(box)): [rule["rule_id"] for rule in box["rules"]] for box in boxes(entries, "app")}
    public = ["203.0.113.10/32"]
    assert found == {
        json.dumps((["0.0.0.0-198.51.100.127", "198.51.101.0-255.255.255.255"], public, "tcp", "80-80")): ["fw-ingress-1", "web-0"],
        json.dumps((["198.51.100.0/25"], public, "tcp", "443-443")): ["fw-ingress-1", "web-1"],
    } or found == {
        json.dumps((["0.0.0.0-198.51.99.255", "198.51.101.0-255.255.255.255"], public, "tcp", "80-80")): ["fw-ingress-1", "web-0"],
        json.dumps((["198.51.100.0/25"], public, "tcp", "80-80")): ["fw-ingress-1", "web-0"],
        json.dumps((["198.51.100.0/25"], public, "tcp", "443-443")): ["fw-ingress-1", "web-1"],
    }  # fmt: skip


def test_a_source_network_limits_the_boxes():
    engine = Engine(web().snapshot())
    found = {json.dumps(short(box)) for box in boxes(exposure(engine, "192.0.2.0/24"), "app")}
    assert found == {json.dumps((["192.0.2.0/24"], ["203.0.113.10/32"], "tcp", "80-80"))}


def test_the_reply_to_an_own_subnet_does_not_go_out_again():
    cloud = two_tiers()
    cloud.group("web", allow("ingress", "tcp", 22, remote="10.0.1.0/24"), allow("ingress", "tcp", 80), allow("egress"))
    next(port for port in cloud.raw["ports"] if port["id"] == "app")["security_groups"] = ["web"]
    engine = Engine(cloud.snapshot())
    found = {(box["dst_port"], *box["src"]): box["reply"] for box in boxes(exposure(engine), "app")}
    others = ("0.0.0.0-10.0.0.255", "10.0.2.0-255.255.255.255")
    assert found == {
        ("22-22", "10.0.1.0/24"): "deny", ("80-80", "10.0.1.0/24"): "deny", ("80-80", *others): "allow",
    }  # fmt: skip
    packet = {"src": {"ip": "10.0.1.77"}, "dst": {"ip": "203.0.113.10"}, "protocol": "tcp", "dst_port": 22}
    answer = probe(engine, packet)
    assert (answer["forward"], answer["reply"]) == ("allow", "deny")


def test_between_two_ports_and_from_a_group():
    cloud = web()
    engine = Engine(cloud.snapshot())
    one = boxes(exposure(engine, "port:data", "port:app"), "app")
    assert (["10.0.2.10/32"], ["10.0.1.10/32"], "tcp", "80-80") in [short(box) for box in one]
    assert exposure(engine, "security-group:open", "port:app") == exposure(engine, "port:data", "port:app")


def test_towards_the_internet():
    cloud = web()
    cloud.firewall("fw", ["r1-dmz"], ingress=[], egress=[{"protocol": "udp", "destination_port": "53"}])
    entries = exposure(Engine(cloud.snapshot()), "port:app", "internet")
    assert [(*short(box), box["reply"]) for box in entries[0]["boxes"]] == [
        (["10.0.1.10/32"], ["0.0.0.0/0"], "udp", "53-53", "deny")
    ]


def test_a_port_forwarding_shows_its_external_port():
    cloud = web()
    forwarding = {
        "protocol": "tcp",
        "external_port": 8080,
        "internal_port": 80,
        "internal_ip_address": "10.0.1.10",
        "internal_port_id": "app",
    }
    cloud.floating("203.0.113.40", router_id="r1", port_forwardings=[forwarding])
    found = [short(box) for box in boxes(exposure(Engine(cloud.snapshot())), "app")]
    assert (["0.0.0.0/0"], ["203.0.113.40/32"], "tcp", "8080-8080") in found


def test_a_difference_names_only_what_changed():
    cloud = web()
    before = Engine(cloud.snapshot())
    cloud.raw["security_groups"][-1]["security_group_rules"][0]["port_range_max"] = 81
    after = Engine(cloud.snapshot())
    found = diff(before, after, "internet")
    assert [entry["port"] for entry in found] == ["app"]
    assert [short(box) for box in found[0]["gained"]] == [(["0.0.0.0/0"], ["203.0.113.10/32"], "tcp", "81-81")]
    assert found[0]["lost"] == []
    assert diff(after, after) == []
    back = diff(after, before, "internet")
    assert [short(box) for box in back[0]["lost"]] == [short(box) for box in found[0]["gained"]]


def test_a_lost_reply_is_lost_traffic():
    cloud = two_tiers()
    before = Engine(cloud.snapshot())
    cloud.firewall("fw", ["r1-dmz"], ingress=[], egress=[{"protocol": "tcp"}])
    found = diff(before, Engine(cloud.snapshot()), "port:app", "port:data")
    assert found[0]["gained"] == []
    assert {"2-57", "icmp"} <= {box["protocol"] for box in found[0]["lost"]}, "tcp and udp lie between 2 and 57"
