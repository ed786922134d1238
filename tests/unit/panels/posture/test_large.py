"""A cloud of 10,000 ports and 5,000 rules: the page once its reading is in memory."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest

from tenant_ops_dashboard.posture.look import Look
from tenant_ops_dashboard.posture.model import Finding, Posture
from tenant_ops_dashboard.reachability.lint import LEVELS
from tenant_ops_dashboard.records import posture as records
from tenant_ops_dashboard.records import posture_scope as readings
from tests.unit.fake_openstack.server import Login

pytestmark = pytest.mark.django_db
PAGE = "/tenant_ops/posture/"
SECONDS = 3.0


def made(findings: int) -> Posture:
    """So many findings of 200 projects, each with what it lets through."""
    dice = random.Random(7)

    def uuid() -> str:
        return f"{dice.getrandbits(128):032x}"

    projects = {uuid(): f"project-{number}" for number in range(200)}
    rules = [uuid() for _ in range(5000)]
    told = []
    for number in range(findings):
        project, id_ = dice.choice(list(projects)), uuid()
        boxes = tuple(
            {"port": id_, "name": f"server-{number}", "protocol": "tcp", "src": ["0.0.0.0/0"], "dst": ["10.0.0.9/32"],
             "dst_port": f"{port}-{port}", "src_port": "0-65535", "rules": [{"rule_id": dice.choice(rules)}]}
            for port in dice.sample(range(1, 65535), 3)
        )  # fmt: skip
        told.append(Finding(
            uuid()[:20], "open-to-world", dice.choice(LEVELS), project, id_,
            f"the internet reaches port {id_}: tcp 22", f"limit rule {dice.choice(rules)} to the addresses that need it",
            f"server-{number}", f"shop-{number % 50}", tuple(dice.sample(rules, 2)), boxes,
        ))  # fmt: skip
    told.sort(key=lambda one: -LEVELS.index(one.severity))
    return Posture("2026-11-29T12:00:00Z", projects, 10_000, 12, tuple(told), ("a row",) * 30)


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch, world: Any, log_in: Any) -> Posture:
    posture = made(20_000)
    reading = readings.Reading(posture, "RegionOne", "*", None, "digest")
    look = Look({"meta": {"taken_at": posture.taken_at}}, dict(posture.projects), "cloud")
    monkeypatch.setattr(readings, "read", lambda *asked: (reading, look))
    log_in("admin", "member", "reader")
    world.wire.anybody = Login("project", frozenset({"admin", "member", "reader"}))
    return posture


def test_the_page_is_there_within_three_seconds_and_says_all(client: Any, large: Posture) -> None:
    client.get(PAGE, {"all_projects": "true"})
    # Of this process: what others on the machine take is no part of it.
    for query in ({}, {"text": "server-19999"}, {"severity": "critical", "page": "40"}):
        began = time.process_time()
        answer = client.get(PAGE, {"all_projects": "true", **query})
        took = time.process_time() - began
        assert answer.status_code == 200
        assert took < SECONDS, took
        assert answer.content.count(b'<tr id="finding-') in (1, 50)


def test_more_than_any_page_needs_is_cut_and_told() -> None:
    bounded = readings._bounded(made(readings.MOST + 5))
    assert len(bounded.findings) == readings.MOST
    assert bounded.unknown[0].startswith("5 more findings")
    assert records.counts(bounded).ports == 10_000


def test_the_reading_fits_into_the_cache(client: Any, large: Posture, caplog: pytest.LogCaptureFixture) -> None:
    client.get(PAGE, {"all_projects": "true"})
    assert "too large" not in caplog.text
