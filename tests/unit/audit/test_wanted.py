"""What may be asked of the audit trail, and what is told of anything else."""

from __future__ import annotations

import datetime

import pytest

from tenant_ops_dashboard.audit.wanted import Wanted
from tenant_ops_dashboard.errors import BadInput

NOW = datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.UTC)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-11-29T08:30", "2026-11-29T08:30:00+00:00"),
        ("2026-11-29T08:30:00Z", "2026-11-29T08:30:00+00:00"),
        ("2026-11-29T08:30+01:00", "2026-11-29T07:30:00+00:00"),
        ("2026-11-29T08:30 01:00", "2026-11-29T07:30:00+00:00"),
        ("2026-11-29", "2026-11-29T00:00:00+00:00"),
        ("30m", "2026-11-29T11:30:00+00:00"),
        ("12h", "2026-11-29T00:00:00+00:00"),
        ("7d", "2026-11-22T12:00:00+00:00"),
        ("2w", "2026-11-15T12:00:00+00:00"),
    ],
)
def test_a_time_or_an_age(said: str, meant: str) -> None:
    found = Wanted.of({"since": said}, NOW)
    assert found.since is not None
    assert found.since.astimezone(datetime.UTC).isoformat() == meant
    assert Wanted.of(found.words()) == found


@pytest.mark.parametrize("field", ["since", "until"])
@pytest.mark.parametrize("said", ["yesterday", "7", "-1d", "7y", "999999w", "2026-13-01", "2026-11-29T99:00", "1;drop"])
def test_what_is_no_time_is_told_at_its_field(field: str, said: str) -> None:
    with pytest.raises(BadInput, match=f"^{field}: Write a time as") as told:
        Wanted.of({field: said}, NOW)
    assert told.value.field == field


def test_an_outcome_is_one_of_four() -> None:
    with pytest.raises(BadInput, match="success, failure, pending, unknown"):
        Wanted.of({"outcome": "good"})
    assert Wanted.of({"outcome": "unknown"}).words() == {"outcome": "unknown"}


def test_what_is_too_long_is_told() -> None:
    with pytest.raises(BadInput, match="target: this is longer"):
        Wanted.of({"target": "x" * 121})


def test_nothing_asked_for_is_everything() -> None:
    assert Wanted.of({"page": "2", "target": "  "}).all
    assert Wanted.of({}).words() == {}
