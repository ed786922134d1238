"""A posture in other tools' hands: nothing in it acts, and nothing is missing."""

from __future__ import annotations

import csv
import datetime
import io
import json
from dataclasses import replace
from html.parser import HTMLParser

from tenant_ops_dashboard.posture import export
from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.model import Acknowledged, Posture
from tests.unit.posture.readings import MINE, look
from tests.unit.posture.test_ids import world

UNTIL = datetime.datetime(2026, 12, 24, 8, 30, tzinfo=datetime.UTC)
HOSTILE = '=HYPERLINK("http://x")<script>alert(1)</script>\u202e\x1b[2J'


def hostile() -> Posture:
    found = world()
    found["security_groups"][0]["name"] = HOSTILE
    posture = assess(look(found, {MINE: HOSTILE}))
    said = Acknowledged(HOSTILE, HOSTILE, UNTIL)
    return replace(
        posture, findings=tuple(replace(one, acknowledged=said) for one in posture.findings), unknown=(HOSTILE,)
    )


def test_json_is_what_the_contract_says() -> None:
    posture = assess(look(world()))
    told = json.loads(export.json(posture))
    assert list(told) == ["taken_at", "projects", "ports", "findings"]
    assert (told["taken_at"], told["projects"], told["ports"]) == ("2026-11-29T12:00:00Z", {MINE: "production"}, 1)
    (one,) = told["findings"]
    assert list(one) == ["id", "kind", "severity", "project", "object", "why", "fix", "exposed", "acknowledged"]
    assert (one["kind"], one["severity"], one["project"], one["object"]) == ("open-to-world", "critical", MINE, "group")
    (box,) = one["exposed"]
    assert (box["port"], box["name"], box["protocol"], box["dst_port"]) == ("web", "web-1", "tcp", "22-22")
    assert box["dst"] == ["203.0.113.5/32"]
    assert one["acknowledged"] is None
    (said,) = json.loads(export.json(hostile()))["findings"]
    assert said["acknowledged"] == {"by": HOSTILE, "reason": HOSTILE, "until": "2026-12-24T08:30:00Z"}


def test_csv_holds_no_formula_and_no_control_character() -> None:
    (row,) = csv.DictReader(io.StringIO(export.csv(hostile())))
    assert not [cell for cell in row.values() if cell.startswith(("=", "+", "-", "@")) or not cell.isprintable()]
    assert (row["severity"], row["exposed"], row["rules"]) == ("critical", "tcp 22", "r1")


def test_the_report_loads_nothing_and_runs_nothing() -> None:
    seen: list[tuple[str, dict[str, str | None]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append((tag, dict(attrs)))

    page = export.html(hostile())
    Reader().feed(page)
    assert not {tag for tag, _ in seen} & {"script", "link", "img", "iframe", "object", "a", "form"}
    assert not [attrs for _, attrs in seen if {"src", "href", "onclick"} & set(attrs)]
    assert "url(" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert "There is none." in export.html(replace(hostile(), findings=()))
