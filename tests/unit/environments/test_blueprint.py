"""The catalogue, and the template language as far as plans need it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from sandbox_drivers import tier

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import errors, launch
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.environments.template import blueprint, hot
from tests.unit.fake_openstack.world import World

TEMPLATE = "heat_template_version: 2021-04-16\nparameters: {size: {type: number}}\nresources: {}\n"
ABOUT = "title: Mine\nparameters:\n  - {name: size, label: Size, kind: integer, default: '3'}\n"


def write(folder: Path, slug: str, template: str = TEMPLATE, about: str = ABOUT) -> Path:
    place = folder / slug
    place.mkdir()
    (place / "template.yaml").write_text(template)
    (place / "blueprint.yaml").write_text(about)
    return place


SHIPPED = ["tomcat-oracle", "web-jump", "booted-server", "database-server"]


def test_what_needs_a_volume_comes_last_of_what_is_shipped() -> None:
    assert [one.slug for one in blueprint.catalogue()] == SHIPPED


def test_a_file_whose_name_is_a_path_elsewhere_is_no_file_of_a_blueprint(tmp_path: Path) -> None:
    place = write(tmp_path, "mine")
    (place / "..\\..\\evil.yaml").write_text(TEMPLATE)
    with pytest.raises(errors.BadBlueprint, match="a file's name"):
        blueprint.read(place)


@pytest.mark.parametrize("slug", ["tomcat-oracle", "web-jump"])
def test_no_output_acts_without_a_token(slug: str) -> None:
    """Whoever may read a stack reads its outputs; an alarm gets its signed address inside the template."""
    found = blueprint.find(slug)
    assert found is not None
    outputs = hot.parse(found.template)["outputs"]
    attributes = {one["value"]["get_attr"][1] for one in outputs.values() if "get_attr" in one["value"]}
    assert "signal_url" in attributes
    assert "alarm_url" not in repr(outputs)


def test_an_operators_folder_adds_and_replaces(tmp_path: Path) -> None:
    write(tmp_path, "mine")
    write(tmp_path, "web-jump")
    found = {one.slug: one for one in blueprint.catalogue([tmp_path])}
    assert list(found) == ["tomcat-oracle", "web-jump", "mine", "booted-server", "database-server"]
    assert found["web-jump"].title == "Mine"
    assert blueprint.find("mine", [str(tmp_path)]) == found["mine"]
    assert blueprint.find("nope", [tmp_path]) is None


def test_a_file_that_leads_nowhere_costs_its_own_blueprint(tmp_path: Path) -> None:
    write(tmp_path, "mine")
    (write(tmp_path, "broken") / "tier.yaml").symlink_to(tmp_path / "nowhere.yaml")
    assert [one.slug for one in blueprint.catalogue([tmp_path])] == [*SHIPPED[:2], "mine", *SHIPPED[2:]]


def test_a_folder_that_cannot_be_read_costs_its_own_blueprints(tmp_path: Path) -> None:
    write(tmp_path, "mine")
    (tmp_path / "a-file").write_text("")
    found = blueprint.catalogue([tmp_path / "nowhere", tmp_path / "a-file", tmp_path])
    assert [one.slug for one in found] == [*SHIPPED[:2], "mine", *SHIPPED[2:]]


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    place = write(tmp_path, "mine")
    assert blueprint.read(place).title == "Mine"
    (place / "blueprint.yaml").write_text(ABOUT.replace("Mine", "Yours"))
    assert blueprint.read(place).title == "Yours"


@pytest.mark.parametrize(
    ("template", "about", "words"),
    [
        ("resources: [", ABOUT, "not YAML"),
        ("just: text", ABOUT, "no resources"),
        (TEMPLATE, "summary: x", "needs a title"),
        (TEMPLATE, "title: [", "while parsing"),
        (TEMPLATE, ABOUT.replace("name: size", "name: colour"), "no parameter 'colour'"),
        (TEMPLATE, ABOUT.replace("integer", "number"), "unknown kind 'number'"),
        (TEMPLATE, "title: Mine", "parameter size has no default"),
    ],
)
def test_a_bad_one_is_left_out_and_named(tmp_path: Path, template: str, about: str, words: str) -> None:
    place = write(tmp_path, "bad", template, about)
    with pytest.raises(errors.BadBlueprint, match=words) as caught:
        blueprint.read(place)
    assert str(place) in str(caught.value)
    assert [one.slug for one in blueprint.catalogue([tmp_path, tmp_path / "missing"])] == SHIPPED


@pytest.mark.parametrize("slug", SHIPPED)
def test_shipped_templates_hold_together(slug: str) -> None:
    found = blueprint.find(slug)
    assert found is not None
    template = hot.parse(found.template)
    names = set(template["resources"])
    text = found.template
    for kind in ("get_resource: ",):
        used = {part.split("}")[0].strip() for part in text.split(kind)[1:]}
        assert used <= names
    attached = {f"{name}-volume" for name, one in template["resources"].items() if one["type"] == hot.ATTACHMENT}
    attached |= {f"{name}-volume" for name, one in template["resources"].items() if one["type"] == hot.SERVER}
    for name, resource in template["resources"].items():
        meta = (resource.get("metadata") or {}).get("tenant_ops") or {}
        assert meta.get("part_of", name) in names | attached
        assert set(meta.get("arrows") or {}) <= names | attached | {"jump"}
    for one in template["resources"].values():
        if one["type"] == "OS::Octavia::HealthMonitor":
            assert one["properties"].items() >= {"type": "HTTP", "delay": 3, "timeout": 3, "max_retries": 3}.items()
    for made in (template, *(one for one in map(yaml.safe_load, found.files.values()) if "resources" in one)):
        for user_data in _user_data(made, found.files):
            assert user_data.startswith("#cloud-config\n")
            written = yaml.safe_load(user_data)["write_files"][0]
            assert written["path"] == "/etc/tenant-ops/tier.env"
            assert "TENANT_OPS_TIER=" in written["content"]


def _user_data(template: Mapping[str, Any], files: Mapping[str, str]) -> list[str]:
    """What its servers are told, each way that a condition leaves open."""
    servers = [one for one in template["resources"].values() if one["type"] == "OS::Nova::Server"]
    given = [one["properties"]["user_data"] for one in servers if "image" in one["properties"]]
    texts = [one["str_replace"]["template"] if "str_replace" in one else one for one in given]
    either = [part for one in texts for part in (one["if"][1:] if "if" in one and isinstance(one, dict) else [one])]
    return [files[one["get_file"]] if isinstance(one, dict) else one for one in either]


AT = hot.Scope(
    {"name": "shop", "on": True, "list": ["a", "b"]},
    {"is_on": {"equals": [{"get_param": "on"}, True]}},
    {"net": "net-1"},
    {"f": "text"},
)


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ({"get_param": "name"}, "shop"),
        ({"get_param": ["list"]}, ["a", "b"]),
        ({"get_resource": "net"}, "net-1"),
        ({"get_attr": ["net", "x"]}, None),
        ({"get_file": "f"}, "text"),
        ({"list_join": ["-", [{"get_param": "name"}, "lb"]]}, "shop-lb"),
        ({"list_join": ["-", [{"get_attr": ["x"]}, "lb"]]}, None),
        ({"list_concat": [["a"], {"if": ["is_on", ["b"], []]}]}, ["a", "b"]),
        ({"if": [{"not": "is_on"}, 1, 2]}, 2),
        ({"if": [{"not": "is_on"}, 1]}, None),
        ({"if": [{"and": ["is_on", "is_on"]}, 1, 2]}, 1),
        ({"if": [{"or": [{"not": "is_on"}, "unknown"]}, 1, 2]}, 2),
        ({"str_replace": {"template": "$a!", "params": {"$a": {"get_param": "name"}}}}, "shop!"),
        ({"a": [{"get_param": "name"}], "b": {"c": 1}}, {"a": ["shop"], "b": {"c": 1}}),
    ],
)
def test_functions(value: object, result: object) -> None:
    assert hot.resolve(value, AT) == result


def test_groups_have_the_members_they_have_now() -> None:
    found = blueprint.find("tomcat-oracle")
    assert found is not None
    template = hot.parse(found.template)
    at = hot.scope(template, {}, "shop", found.files)
    planned = {one.key: one for one in hot.resources(template, at)}
    assert planned["application-2.server"].meta == {"title": "Application server"}
    assert "application-3" not in planned
    grown = hot.resources(template, hot.scope(template, {}, "shop"), {"application": 3})
    assert "application-3.member" in {one.key for one in grown}


@pytest.mark.parametrize(("asked", "rows"), [({}, 1000), ({"sample_rows": "25"}, 25), ({"sample_rows": "0"}, None)])
@pytest.mark.parametrize("prepared", ["false", "true"])
def test_the_database_server_is_told_its_volume_and_how_many_sample_rows_to_begin_with(
    world: World, cloud: Cloud, asked: dict[str, str], rows: int | None, prepared: str
) -> None:
    made = launch.launch(cloud, Request("shop", "tomcat-oracle", {**asked, "prepared_image": prepared}), (), "token")
    world.heat.finish(made.id)
    server = next(one for one in world.heat.stacks[made.id]["planned"] if one.key == "database")
    told = tier.settings("shop-db", base64.b64encode(server.properties["user_data"].encode()).decode(), {})
    assert (told["listen"], told["volume"], told.get("sample")) == (["tcp:1521"], None, rows)
