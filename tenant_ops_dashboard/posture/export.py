"""A posture for other tools and for paper: JSON as the contract has it, CSV, and a page that needs nothing else."""

from __future__ import annotations

import csv as tables
import datetime
import io
import json as texts
from html import escape
from typing import Any

from tenant_ops_dashboard import escape as harmless
from tenant_ops_dashboard.posture.internet import what
from tenant_ops_dashboard.posture.model import Acknowledged, Finding, Posture
from tenant_ops_dashboard.reachability.lint import LEVELS

COLUMNS = (
    "id", "severity", "kind", "project", "project_name", "environment", "object", "name", "why", "fix", "exposed",
    "rules", "acknowledged_by", "acknowledged_reason", "acknowledged_until",
)  # fmt: skip
_STYLE = """
body { font: 11pt/1.4 sans-serif; margin: 2em; color: #000; background: #fff; }
h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 1.5em; }
table { border-collapse: collapse; width: 100%; } th, td { border: 1px solid #999; padding: 4px 6px; text-align: left;
vertical-align: top; overflow-wrap: anywhere; } th { background: #eee; } tr { break-inside: avoid; }
.id { font-family: monospace; font-size: 8pt; } @page { size: A4 landscape; margin: 12mm; }
"""


def written(posture: Posture) -> dict[str, Any]:
    """The contract's form, for JSON."""
    return {
        "taken_at": posture.taken_at, "projects": posture.projects, "ports": posture.ports,
        "findings": [_finding(one) for one in posture.findings],
    }  # fmt: skip


def json(posture: Posture) -> str:
    """The contract's form as text."""
    return texts.dumps(written(posture), indent=2) + "\n"


def csv(posture: Posture) -> str:
    """A line a finding, with the names of COLUMNS above; nothing in it acts in a spreadsheet."""
    out = io.StringIO()
    writer = tables.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in posture.findings:
        told = one.acknowledged
        row = (
            one.id, one.severity, one.kind, one.project, posture.projects.get(one.project, ""), one.environment,
            one.object, one.name, one.why, one.fix, what(one.exposed), " ".join(one.rules),
            told.by if told else "", told.reason if told else "", _time(told) if told else "",
        )  # fmt: skip
        writer.writerow([harmless.cell(harmless.line(text)) for text in row])
    return out.getvalue()


def html(posture: Posture, asked: str = "") -> str:
    """A report to print: one HTML document with its own style, no script and nothing to load.

    `asked` says which findings somebody asked for, where these are not all.
    """
    counts = {level: sum(one.severity == level for one in posture.findings) for level in reversed(LEVELS)}
    names = ", ".join(_shown(name) for name in sorted(posture.projects.values())) or "none"
    told = "".join(f"<tr><th scope='row'>{level}</th><td>{count}</td></tr>" for level, count in counts.items())
    rows = "".join(_row(posture, one) for one in posture.findings)
    heads = "".join(
        f"<th scope='col'>{one}</th>" for one in ("Severity", "What", "Where", "Why", "What helps", "Acknowledged")
    )
    unknown = "".join(f"<li>{_shown(one)}</li>" for one in posture.unknown)
    return (
        "<!DOCTYPE html>\n<html lang='en'><head><meta charset='utf-8'><title>Posture</title>"
        f"<style>{_STYLE}</style></head><body><h1>Posture</h1>"
        f"<p>Taken at {escape(posture.taken_at)}. {posture.ports} ports, of which nothing filters "
        f"{posture.unfiltered}. Projects: {names}.</p>"
        + (f"<p>Not all findings, only: {_shown(asked)}.</p>" if asked else "")
        + f"<table style='width: auto'><caption>Findings by severity</caption><tbody>{told}</tbody></table>"
        f"<h2>Findings</h2>"
        + (f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>" if rows else "<p>There is none.</p>")
        + (f"<h2>What cannot be told</h2><ul>{unknown}</ul>" if unknown else "")
        + "</body></html>\n"
    )


def _row(posture: Posture, one: Finding) -> str:
    told = one.acknowledged
    where = [posture.projects.get(one.project, one.project), one.environment, one.name or one.object]
    seen = f"{told.by}, until {_utc(told):%Y-%m-%d %H:%M} UTC: {told.reason}" if told else ""
    said = one.said or one.why
    through = f"{said} (lets in {what(one.exposed)})" if one.exposed else said
    cells = [one.severity, one.kind, " / ".join(filter(None, where)), through, one.fix, seen]
    body = "".join(f"<td>{_shown(cell)}</td>" for cell in cells[2:])
    kind = f"<td>{escape(cells[1])}<br><span class='id'>{escape(one.id)}</span></td>"
    return f"<tr><th scope='row'>{escape(cells[0])}</th>{kind}{body}</tr>"


def _shown(text: str) -> str:
    return escape(harmless.line(text))


def _time(told: Acknowledged) -> str:
    return _utc(told).strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc(told: Acknowledged) -> datetime.datetime:
    return told.until.astimezone(datetime.UTC)


def _finding(one: Finding) -> dict[str, Any]:
    told = one.acknowledged
    return {
        "id": one.id, "kind": one.kind, "severity": one.severity, "project": one.project, "object": one.object,
        "why": one.why, "fix": one.fix, "exposed": list(one.exposed),
        "acknowledged": {"by": told.by, "reason": told.reason, "until": _time(told)} if told else None,
    }  # fmt: skip
