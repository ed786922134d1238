"""Readers: whatever stands there becomes a value of the asked type and size."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from hypothesis import given, settings

from tenant_ops_dashboard.cloud import values
from tenant_ops_dashboard.environments import services
from tenant_ops_dashboard.loadbalancers import read
from tests.unit.fake_openstack import garbage


@pytest.mark.parametrize(
    ("given_", "text"),
    [
        ("shop", "shop"), (None, ""), (True, ""), (7, "7"), (1.5, "1.5"), (["a"], ""), ({"a": 1}, ""), (10**4000, ""),
        ("x" * 5000, "x" * 3999 + "…"), ("a\u202eb\x1b[2Jc\x00", "a\ufffdb\ufffd[2Jc\ufffd"), ("zwölf 東京\n", "zwölf 東京\n"),
    ],
)  # fmt: skip
def test_a_text(given_: Any, text: str) -> None:
    assert values.text(given_) == text


@pytest.mark.parametrize(
    ("given_", "number"),
    [
        (7, 7), ("7", 7), ("7.9", 7), (None, -1), (True, -1), ("x", -1), (float("nan"), -1), (float("inf"), -1),
        (1e300, -1), (10**400, -1), ("9" * 5000, -1), (-3, -1), ([7], -1),
    ],
)  # fmt: skip
def test_a_number(given_: Any, number: int) -> None:
    assert values.number(given_, -1) == number


@pytest.mark.parametrize(
    ("given_", "moment"),
    [
        ("2026-11-21T06:00:00", "2026-11-21T06:00:00+00:00"),
        ("2026-11-21T06:00:00Z", "2026-11-21T06:00:00+00:00"),
        ("2026-11-21T06:00:00.5+02:00", "2026-11-21T04:00:00.500000+00:00"),
        ("0001-01-01T00:00:00+14:00", None), ("9999-12-31T23:59:59-12:00", None), ("soon", None), ("", None),
        (1e300, None), (7, None), (None, None), ("2026-13-45T99:00:00", None), ("1" * 1000, None), ([], None),
    ],
)  # fmt: skip
def test_a_moment(given_: Any, moment: str | None) -> None:
    found = values.moment(given_)
    assert (found.isoformat() if found else None) == moment


def test_lists_and_mappings() -> None:
    assert values.listing("abc") == values.listing({"a": 1}) == values.listing(None) == []
    assert values.listing(["a"] * 10, 3) == ["a"] * 3
    assert values.mapping(["a"]) == values.mapping("a") == {}
    assert values.mapping({7: "a", None: "b", (): "c", "d": 1}) == {"7": "a", "d": 1}
    assert values.texts({"a": 1, "b": ["x"], "c": "y"}) == {"a": "1", "c": "y"}
    assert values.network("10.20.1.0/24") == "10.20.1.0/24"
    assert values.network(["10.20.1.0"]) == values.network("10.20.1.0/240") == values.network(7) == ""


def test_a_row_has_every_field_and_keeps_the_others() -> None:
    assert values.row({"a": None, "more": [1]}, {"a": values.text, "b": values.number}) == {
        "a": "",
        "b": 0,
        "more": [1],
    }
    assert values.row(None, {"a": values.text}) == {"a": ""}
    assert values.rows([None, {"id": ""}, {"id": "x"}, 7], {"id": values.text}) == [{"id": "x"}]


SHAPES = [
    *(shape for name, shape in vars(services).items() if name.isupper() and not name.startswith("_")),
    *read.SHAPES.values(),
]


@settings(max_examples=300, deadline=None, derandomize=True)
@given(garbage.json)
def test_whatever_json_holds_has_the_asked_type(value: Any) -> None:
    assert isinstance(values.text(value), str)
    assert isinstance(values.number(value), int)
    assert values.real(value) is None or abs(values.real(value)) < float("inf")  # type: ignore[arg-type]
    assert isinstance(values.moment(value), datetime.datetime | None)
    assert all(isinstance(key, str) for key in values.mapping(value))
    assert all(isinstance(item, str) for item in values.texts(value).values())
    for shape in SHAPES:
        row = values.row(value, shape)
        assert set(shape) <= set(row)
        json.dumps(row, default=str)
        again = values.row(row, shape)
        assert {name: again[name] for name in shape} == {name: row[name] for name in shape}
