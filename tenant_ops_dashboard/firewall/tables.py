"""Rules as a table: CSV out and in, and JSON in as a list of rules."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from typing import Any

from tenant_ops_dashboard import escape
from tenant_ops_dashboard.firewall import draft as drafts
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Rule
from tenant_ops_dashboard.sentences import bare, join, say

COLUMNS = (
    "name", "enabled", "action", "protocol", "ip_version", "source_ip_address", "source_port",
    "destination_ip_address", "destination_port", "description",
)  # fmt: skip
MOST_TEXT = 2_000_000  # characters: far above what the most rules of one policy take
_FLAGS = {"true": True, "yes": True, "1": True, "": True, "false": False, "no": False, "0": False}
_ANY = ("", "any", "-")


def to_csv(rules: Iterable[Rule]) -> str:
    """Rules in order as CSV with a line of names; none of its cells is a formula to a spreadsheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for rule in rules:
        writer.writerow([escape.cell(_shown(getattr(rule, column))) for column in COLUMNS])
    return out.getvalue()


def read(text: str) -> tuple[Rule, ...]:
    """Rules from what somebody pasted or chose: JSON (a list of rules), CSV or tab-separated, in order, without ids.

    A table needs a line of names; its other columns may be missing. Raises BadDraft, which names line and column.
    """
    if len(text) > MOST_TEXT:
        raise BadDraft(
            "rules", say("have {n} characters, at most {most_text} can be read.", n=len(text), most_text=MOST_TEXT)
        )
    text = text.removeprefix("\ufeff").strip()
    if not text:
        raise BadDraft("rules", say("are empty: paste a line of names and a line for each rule."))
    given = _json(text) if text[0] in "[{" else _table(text)
    told = {"group": {"ports": []}, "ingress": {"rules": [row for _, row in given]}}
    try:
        made = drafts.parse(told).state.ingress
    except BadDraft as error:
        raise BadDraft(*_where(error, [place for place, _ in given])) from None
    return made.rules if made else ()


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _json(text: str) -> list[tuple[str, Any]]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise BadDraft("rules", say("are no JSON.")) from None
    rows = found.get("rules", found) if isinstance(found, Mapping) else found
    if not isinstance(rows, list):
        raise BadDraft("rules", say("must be a list of rules."))
    return [(say("rule {number}", number=number), _without_id(row)) for number, row in enumerate(rows, 1)]


def _without_id(row: Any) -> Any:
    return {key: value for key, value in row.items() if key != "id"} if isinstance(row, Mapping) else row


def _table(text: str) -> list[tuple[str, dict[str, Any]]]:
    first = text.partition("\n")[0]
    separator = max("\t;,", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=separator, strict=True)
    try:
        found = [(reader.line_num, row) for row in reader if any(one.strip() for one in row)]
    except csv.Error as error:
        where = say("line {number}", number=reader.line_num)
        raise BadDraft(where, say("is no CSV: {error}.", error=error)) from None
    if len(found) < 2:
        raise BadDraft("rules", say("are none: paste a line of names and a line for each rule."))
    (_, names), *rows = found
    names = [name.strip().lower() for name in names]
    if strange := [name for name in names if name not in COLUMNS]:
        raise BadDraft(
            say("line {number}", number=1),
            say("'{name}' is no column; known are {known}.", name=strange[0][:60], known=", ".join(COLUMNS)),
        )
    if len(set(names)) < len(names):
        raise BadDraft(say("line {number}", number=1), say("names a column twice."))
    for line, row in rows:
        if len(row) > len(names) and any(one.strip() for one in row[len(names) :]):
            raise BadDraft(
                say("line {number}", number=line),
                say("has {cells} cells, and there are {columns} columns.", cells=len(row), columns=len(names)),
            )
    return [(say("line {number}", number=line), _row(dict(zip(names, row, strict=False)), line)) for line, row in rows]


def _row(told: Mapping[str, str], number: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, cell in told.items():
        value = escape.uncell(cell.strip())
        if key == "enabled":
            if value.lower() not in _FLAGS:
                raise BadDraft(say("line {number}, enabled", number=number), say("must be true or false."))
            made[key] = _FLAGS[value.lower()]
        elif key == "ip_version":
            made[key] = {"": 4, "4": 4, "6": 6, "ipv4": 4, "ipv6": 6}.get(value.lower(), value)
        elif key in ("name", "description", "action") or value.lower() not in _ANY:
            made[key] = value
    return made


def _where(error: BadDraft, places: list[str]) -> tuple[str, str]:
    """'ingress.rules[3].action' as people count: 'line 5, action' in a table, 'rule 4, action' in JSON."""
    field = error.field.removeprefix("ingress.rules")
    what = bare(error.sentence, error.field)
    if not field.startswith("["):
        return "rules", what
    number, _, column = field[1:].partition("]")
    return join(", ", filter(None, (places[int(number)], column.lstrip(".")))), what
