"""`tenant-ops environment plan|launch NAME --template FILE`: a template from the caller's own disk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.environments import launch as launching
from tests.unit.fake_openstack.world import World

Out = pytest.CaptureFixture[str]
TEMPLATE = """
heat_template_version: 2018-08-31
parameters: {many: {type: number}, image: {type: string, default: gone}}
resources:
  nets: {type: OS::Heat::ResourceGroup, properties: {count: {get_param: many}, resource_def: {type: Own::Net}}}
  box: {type: OS::Nova::Server, properties: {image: {get_param: image}, flavor: small, networks: [{network: EXT-NET}]}}
  odd: {type: OS::Sahara::Cluster}
"""
ENVIRONMENT = "resource_registry: {'Own::Net': 'OS::Neutron::Net'}\nparameters: {many: 2}\n"


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: made.cloud(**options))
    monkeypatch.setattr(launching, "SETTLE_SECONDS", 0.0)
    return made


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "mine.yaml").write_text(TEMPLATE)
    (tmp_path / "env.yaml").write_text(ENVIRONMENT)
    return tmp_path


def run(home: Path, verb: str, *more: str) -> int:
    return main.main(["environment", verb, "shop", "--template", str(home / "mine.yaml"), "-f", "json", *more])


def test_a_plan_tells_what_can_be_told_and_what_cannot(world: World, home: Path, capsys: Out) -> None:
    assert run(home, "plan", "--environment", str(home / "env.yaml"), "--parameter", "many=3") == 1
    out = capsys.readouterr()
    told = json.loads(out.out)
    assert {line["resource"]: line["adds"] for line in told["quotas"]}["network"] == 3
    assert told["blueprint"] == "imported"
    assert "What odd takes cannot be told: OS::Sahara::Cluster is not known here." in told["cannot_tell"]
    assert set(told["unknown"]) < set(told["cannot_tell"])
    assert told["changed"] == ["image: this cloud has no 'gone', which the template names; debian-12 stands in for it."]
    assert "debian-12 stands in for it" in out.err


def test_a_launch_makes_it(world: World, home: Path, capsys: Out) -> None:
    assert run(home, "launch", "--environment", str(home / "env.yaml")) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["name"], told["blueprint"], told["status"]) == ("shop", "imported", "building")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "many: Give a value."),
        (("--set", "many=x"), "many: Give a number."),
        (("--blueprint", "web-jump"), "Say --template or --blueprint, not both."),
        (("--environment", "/nowhere/env.yaml"), "environment: /nowhere/env.yaml cannot be read"),
    ],
)
def test_bad_input_is_a_line_and_exit_code_2(
    world: World, home: Path, capsys: Out, words: tuple[str, ...], said: str
) -> None:
    assert run(home, "launch", *words) == 2
    assert said in capsys.readouterr().err
    assert world.heat.stacks == {}


def test_an_environment_file_belongs_to_a_template(world: World, capsys: Out) -> None:
    assert main.main(["environment", "plan", "shop", "--environment", "env.yaml"]) == 2
    assert "--environment belongs to a --template." in capsys.readouterr().err


def test_a_template_that_is_none_has_its_place(world: World, home: Path, capsys: Out) -> None:
    (home / "mine.yaml").write_text(TEMPLATE + "  extra: [1]\n")
    assert run(home, "plan") == 2
    assert "resources.extra: must be a mapping with a type." in capsys.readouterr().err
