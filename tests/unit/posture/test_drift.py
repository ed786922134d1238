"""What changed since a review: the same traffic as a comparison of everything gives, and findings by their ids."""

from __future__ import annotations

import copy
import random
from typing import Any

import pytest

from tenant_ops_dashboard.posture import drift as drifting
from tenant_ops_dashboard.posture.drift import drift
from tenant_ops_dashboard.posture.touched import Touched
from tenant_ops_dashboard.posture.words import line
from tenant_ops_dashboard.reachability.diff import diff
from tests.unit.posture.readings import large, look, made_again
from tests.unit.posture.test_ids import world

Json = dict[str, Any]


def edit(found: Json, rng: random.Random) -> str:
    """Change one thing of a cloud as somebody may; says what."""
    kind = rng.choice(("rule", "group", "member", "remote", "port", "floating", "pair", "route", "order", "unsecured"))
    ports = [one for one in found["ports"] if one["device_owner"] == "compute:nova"]
    port, group = rng.choice(ports), rng.choice(found["security_groups"])
    if kind == "rule":
        rule = rng.choice(found["firewall_rules"])
        rule["action"] = "deny" if rule["action"] == "allow" else "allow"
    elif kind == "order":
        rng.choice(found["firewall_policies"])["firewall_rules"].reverse()
    elif kind == "group":
        group["security_group_rules"] = group["security_group_rules"][: rng.randint(0, 2)]
    elif kind == "remote":
        group["security_group_rules"].append(
            {"id": f"new-{rng.random()}", "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp",
             "remote_group_id": rng.choice(found["security_groups"])["id"]}
        )  # fmt: skip
    elif kind == "member":
        port["security_groups"] = [group["id"]]
    elif kind == "port":
        found["ports"].remove(port)
        found["floatingips"] = [one for one in found["floatingips"] if one["port_id"] != port["id"]]
    elif kind == "floating":
        found["floatingips"].append(
            {"id": "new-fip", "floating_ip_address": "203.0.200.9", "floating_network_id": "ext", "port_id": port["id"],
             "fixed_ip_address": port["fixed_ips"][0]["ip_address"], "port_forwardings": []}
        )  # fmt: skip
    elif kind == "pair":
        port["allowed_address_pairs"] = [{"ip_address": "10.0.77.77", "mac_address": port["mac_address"]}]
    elif kind == "route":
        hop = rng.choice(ports)["fixed_ips"][0]["ip_address"]
        rng.choice(found["routers"])["routes"] = [{"destination": "192.0.2.0/24", "nexthop": hop}]
    else:
        port["port_security_enabled"] = False
        port["security_groups"] = []
    return kind


def plain(boxes: Any) -> set[str]:
    return {repr(sorted((key, value) for key, value in box.items() if key not in ("from", "name"))) for box in boxes}


@pytest.mark.parametrize("seed", range(12))
def test_what_is_compared_is_all_that_changed(seed: int) -> None:
    rng = random.Random(seed)
    before = large(seed % 4, 14)
    for one in before["firewall_groups"]:
        one["ports"] = [port for port in one["ports"] if rng.random() < 0.6]
    now = copy.deepcopy(before)
    what = [edit(now, rng) for _ in range(rng.randint(1, 2))]
    was, is_now = look(before), look(now)
    found = drift(was, is_now)
    expected = diff(was.seen.engine, is_now.seen.engine)
    for side, told in (("gained", found.gained), ("lost", found.lost)):
        wanted = [{"port": entry["port"], **box} for entry in expected for box in entry[side]]
        assert plain(told) == plain(wanted), (side, what)


def test_other_names_ids_and_orders_are_no_drift() -> None:
    before = large(1)
    now = made_again(before)
    for key in ("ports", "security_groups", "networks", "routers", "subnets", "floatingips"):
        now[key].reverse()
        for row in now[key]:
            row["name"] = f"renamed {row['id']}"
    was, is_now = look(before), look(now)
    assert not Touched(was.seen.engine, is_now.seen.engine).ports
    found = drift(was, is_now)
    assert (found.gained, found.lost, found.new, found.gone) == ((), (), (), ())


def test_a_rule_that_was_narrowed_is_told_as_traffic_and_as_findings() -> None:
    found = drift(look(world()), look(world(remote_ip_prefix="198.51.100.0/24")))
    assert found.gained == ()
    (lost,) = {(box["from"], box["port"], box["name"], box["protocol"], box["dst_port"]) for box in found.lost}
    assert lost == (None, "web", "web-1", "tcp", "22-22")
    assert [one.kind for one in found.gone] == ["open-to-world"]
    assert [one.kind for one in found.new] == ["reached-from-internet"]
    assert found.since == found.taken_at == "2026-11-29T12:00:00Z"


def test_where_it_would_be_too_much_what_is_left_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    before = large(2)
    now = copy.deepcopy(before)
    now["security_groups"][0]["security_group_rules"] = []
    monkeypatch.setattr(drifting, "PAIRS", 3)
    found = drift(look(before), look(now))
    assert found.lost
    assert any("not compared" in one for one in found.unknown)


def test_a_name_turns_nothing_that_stands_behind_it() -> None:
    box = {"port": "id", "name": "web\u202e", "protocol": "tcp", "dst_port": "22-22", "src": ["192.0.2.0/24"]}
    assert line(box) == "192.0.2.0/24 -> web\\u202e tcp 22"
