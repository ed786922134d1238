"""Published questions about real clouds, each with the answer that documents and reports give (`source` in each case)."""

import json
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from tenant_ops_dashboard.cli.main import main

CASES = sorted(path.parent for path in Path(__file__).parent.glob("cases/*/expected.json"))


def expected(case):
    return json.loads((case / "expected.json").read_text())


ASKED = [
    pytest.param(case, profile, id=f"{case.name}-{profile}") for case in CASES for profile in expected(case)["profiles"]
]


def words(value):
    return value if isinstance(value, list) else [value]


def denied(answer):
    return [step for step in answer["steps"] if step["decision"] == "deny"]


def spoken(answer, key):
    return [json.dumps(entry) if isinstance(entry, dict) else entry for entry in answer.get(key) or []]


HELD = {
    "verdict": lambda answer, value: answer["verdict"] in (("deny", "no-route") if value == "blocked" else words(value)),
    "reply": lambda answer, value: answer["reply"] == value,
    "forward": lambda answer, value: answer["forward"] == value,
    "rule": lambda answer, value: {step["rule_id"] for step in answer["steps"]} & set(words(value)),
    "deny_port": lambda answer, value: {step["port_id"] for step in denied(answer)} & set(words(value)),
    "deny_layer": lambda answer, value: {step["layer"] for step in denied(answer)} & set(words(value)),
    "step_port": lambda answer, value: {step["port_id"] for step in answer["steps"]} & set(words(value)),
    "fix": lambda answer, value: any(all(word in fix for word in words(value)) for fix in spoken(answer, "fix")),
    "no_fix": lambda answer, value: not any(word in fix for word in words(value) for fix in spoken(answer, "fix")),
    "unknown": lambda answer, value: any(all(word in said for word in words(value)) for said in spoken(answer, "unknown")),
    "unsure": lambda answer, value: bool(answer.get("unknown")) == value,
    "sure": lambda answer, value: (not answer.get("unknown")) == value,
}  # fmt: skip


def call(capsys, *arguments):
    code = main(["reachability", *map(str, arguments)])
    out, err = capsys.readouterr()
    assert code in (0, 1), err
    return out


@pytest.mark.parametrize(("case", "profile"), ASKED)
def test_a_packet_is_judged_as_the_source_says(case, profile, capsys):
    out = call(
        capsys, "probe", "--snapshot", case / "snapshot.json", "--packets", case / "packets.jsonl", "--profile", profile
    )
    for number, (wanted, line) in enumerate(zip(expected(case)["packets"], out.splitlines(), strict=True), 1):
        answer = json.loads(line)
        for key, value in wanted.items():
            value = value.get(profile) if isinstance(value, dict) else value
            assert value is None or HELD[key](answer, value), f"packet {number}: {key} {value}: {line}"


def inside(packet, box):
    def among(address, part):
        if "-" in part:
            low, high = map(ip_address, part.split("-"))
            return low <= ip_address(address) <= high
        return ip_address(address) in ip_network(part)

    def named(protocol):
        first, _, last = str(box["protocol"]).partition("-")
        return protocol == first or (last and int(first) <= {"tcp": 6, "udp": 17, "icmp": 1}[protocol] <= int(last))

    low, _, high = (box.get("dst_port") or "0-65535").partition("-")
    return (
        any(among(packet["src"], part) for part in box["src"])
        and (box["protocol"] in (None, "any") or named(packet["protocol"]))
        and int(low) <= packet["dst_port"] <= int(high or low)
    )


CHECKED = [
    pytest.param(case, profile, check, id=f"{case.name}-{profile}-{check['command']}-{number}")
    for case in CASES
    for profile in expected(case)["profiles"]
    for number, check in enumerate(expected(case).get("checks", []))
]


@pytest.mark.parametrize(("case", "profile", "check"), CHECKED)
def test_what_is_told_of_all_packets_agrees(case, profile, check, capsys):
    arguments = [check["command"], "--snapshot", case / "snapshot.json", "--profile", profile, *check.get("args", [])]
    told = json.loads(call(capsys, *arguments))
    for wanted in check.get("has", []):
        assert [found for found in told if matches(found, wanted)], (wanted, told)
    for unwanted in check.get("hasnt", []):
        assert not [found for found in told if matches(found, unwanted)], unwanted
    boxes = [box for entry in told for box in entry.get("boxes", entry.get("allowed", []))]
    for packet in check.get("in", []):
        assert any(inside(packet, box) for box in boxes), (packet, told)
    for packet in check.get("out", []):
        assert not any(inside(packet, box) for box in boxes), (packet, told)


def matches(found, wanted):
    return found["kind"] == wanted["kind"] and ("rule" not in wanted or wanted["rule"] in found["rules"])
