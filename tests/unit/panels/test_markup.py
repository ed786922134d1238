"""Pages of ours pass under `default-src 'self'`: no inline script, style or handler, no address elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.unit.panels.reading import read
from tests.unit.panels.test_show import member_down
from tests.unit.panels.walk import SHOW

STATIC = Path(__file__).parents[3] / "static" / "tenant_ops"
PAGES = (
    "/tenant_ops/",
    "/tenant_ops/launch/",
    SHOW,
    f"{SHOW}?events=all",
    f"{SHOW}delete/",
    f"{SHOW}rollback/",
    f"{SHOW}restart/database/",
    "/tenant_ops/walkthrough/",
    "/tenant_ops/walkthrough/scenario/orchestration/step/launch/",
    "/tenant_ops/walkthrough/scenario/orchestration/step/launch/present/",
    "/tenant_ops/walkthrough/reset/",
    "/tenant_ops/doctor/",
)


def building(world, made):
    world.heat.build(made.id, 14)


def failed(world, made):
    world.heat.fail(made.id, "application-1.server", "No valid host was found.")


def warning(world, made):
    world.heat.finish(made.id)
    member_down(world)


def good(world, made):
    world.heat.finish(made.id)


CASES = (good, warning, building, failed)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(client, owner, world, begun, address, case):
    case(world, begun)
    for node in read(client.get(address)).one("#tenant-ops").everything():
        assert node.name not in ("script", "style", "iframe", "object", "embed", "link")
        assert not [name for name in node.attributes if name == "style" or name.startswith("on")]
        assert not (node.get("href") or "").startswith("javascript:")
        assert not (node.get("src") or "").startswith(("http:", "https:", "//", "data:"))
        assert not (node.get("action") or "").startswith(("http:", "https:", "//"))
        assert node.get("target") != "_blank" or "noopener" in node["rel"]


@pytest.mark.parametrize("address", PAGES)
def test_every_id_is_there_once_and_every_field_has_a_label(client, owner, shop, address):
    page = read(client.get(address))
    nodes = page.one("#tenant-ops").everything()
    ids = [node["id"] for node in nodes if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    labels = {node["for"] for node in nodes if node.name == "label" and "for" in node.attributes}
    fields = [n for n in nodes if n.name in ("input", "select") and n.get("type") not in ("hidden", "radio")]
    assert {node["id"] for node in fields} <= labels


@pytest.mark.parametrize("file", sorted(STATIC.rglob("*.scss")) + sorted(STATIC.rglob("*.js")), ids=lambda f: f.name)
def test_static_files_are_plain_ascii(file):
    # Sass marks a compiled file with other characters by a byte order mark, which breaks the rule that follows it
    # once Horizon joins the files.
    assert file.read_bytes().isascii()


@pytest.mark.parametrize("file", sorted(STATIC.rglob("*.scss")), ids=lambda f: f.name)
def test_colours_come_from_the_theme(file):
    literal = re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\((?!0, 0, 0,)", file.read_text())
    assert set(literal) <= {"#000", "#fff"}
