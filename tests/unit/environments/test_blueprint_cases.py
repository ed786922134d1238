"""What a plan counts of blueprints as people write them, from `blueprint_cases/`: a folder and its `expected.json` each.

Of a plan: `set` (answers), `adds` (what it must say of these quotas), `absent` (quotas it may not name), `ok` (true where
it is not given), `unknown` and `problem` (words that it must say), `networks` (how many the project has beside).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tests.unit.fake_openstack.world import World

CASES = sorted(Path(__file__).parent.joinpath("blueprint_cases").glob("*/expected.json"))
PLANS = [
    pytest.param(case.parent, expected["blueprint"], wanted, id=f"{case.parent.name}-{number}")
    for case in CASES
    for expected in [json.loads(case.read_text())]
    for number, wanted in enumerate(expected["plans"])
]


@pytest.mark.parametrize(("case", "slug", "wanted"), PLANS)
def test_a_plan_counts_what_heat_makes(
    case: Path, slug: str, wanted: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    world = World()
    for number in range(wanted.get("networks", 0)):
        world.things.add("networks", name=f"tenant-{number}")
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: world.cloud(**options))
    answers = [word for name, value in wanted["set"].items() for word in ("--set", f"{name}={value}")]
    folder = ["--folder", str(case / "blueprint")]
    code = main.main(["environment", "plan", "shop", "--blueprint", slug, *folder, *answers, "-f", "json"])
    told = json.loads(capsys.readouterr().out)
    adds = {line["resource"]: line["adds"] for line in told["quotas"]}
    assert {name: adds.get(name) for name in wanted["adds"]} == wanted["adds"], (adds, told["unknown"])
    assert not set(adds) & set(wanted.get("absent", ()))
    ok = wanted.get("ok", True)
    assert (told["ok"], code == 0) == (ok, ok), (told["problems"], told["unknown"])
    for words in wanted.get("unknown", ()):
        assert any(words in said for said in told["unknown"]), told["unknown"]
    assert bool(told["unknown"]) == bool(wanted.get("unknown")), told["unknown"]
    for words in wanted.get("problem", ()):
        assert any(words in said for said in told["problems"].values()), told["problems"]
    if told["unknown"]:
        assert True not in [line["fits"] for line in told["quotas"]]


def test_every_case_names_its_source() -> None:
    assert CASES
    assert all(json.loads(case.read_text())["source"] for case in CASES)
