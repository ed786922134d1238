"""No answer depends on the order in which the cloud lists its objects."""

import json

import pytest

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.snapshot import build_snapshot

from .test_cases import CASES


def told(raw, profile, packets):
    """Verdict by verdict, and whether something is not known."""
    engine = Engine(build_snapshot(raw), profile)
    answers = [probe(engine, packet) for packet in packets]
    return [(one["verdict"], one["forward"], one["reply"], bool(one["unknown"])) for one in answers]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_lists_the_other_way_round_give_the_same_answers(case):
    raw = json.loads((case / "snapshot.json").read_text())
    turned = {key: value[::-1] if isinstance(value, list) else value for key, value in raw.items()}
    packets = [json.loads(line) for line in (case / "packets.jsonl").read_text().splitlines()]
    for profile in ("ovn", "l3-agent", "l2-agent"):
        assert told(raw, profile, packets) == told(turned, profile, packets), profile
