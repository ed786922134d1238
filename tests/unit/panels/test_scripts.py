"""Our scripts are a bundle of their own on our pages, and no part of Horizon's."""

from __future__ import annotations

import re
from pathlib import Path

import compressor.cache
import pytest
from compressor import storage
from compressor.management.commands import compress
from django.conf import settings as django_settings
from django.core.management import call_command
from django.template import engines
from django.template.loader import render_to_string
from django.template.loaders import filesystem

from tests.unit.panels.reading import read

STATIC = Path(__file__).parents[3] / "static"
ORDER = [
    "js/morph.js", "js/live.js", "js/plan.js", "js/small.js", "js/act.js", "loadbalancers/open.js", "firewall/firewall.js",
    "walkthrough/present.js",
]  # fmt: skip


def scripts(page):
    return [node["src"] for node in page.root.everything() if node.name == "script" and "src" in node.attributes]


@pytest.mark.parametrize("address", ["/tenant_ops/", "/tenant_ops/launch/"])
def test_a_page_has_our_scripts_in_their_order(client, owner, world, address):
    found = scripts(read(client.get(address)))
    assert [src.partition("tenant_ops/")[2] for src in found] == ORDER
    assert all(src.startswith("/static/") for src in found)


def test_none_of_our_files_is_forgotten():
    files = {str(file.relative_to(STATIC / "tenant_ops")) for file in (STATIC / "tenant_ops").rglob("*.js")}
    assert files == set(ORDER)


def test_horizon_s_bundle_has_none_of_them():
    assert [file for file in django_settings.HORIZON_CONFIG["js_files"] if "tenant_ops" in file] == []


@pytest.fixture
def compressed(settings, tmp_path, monkeypatch):
    settings.COMPRESS_ENABLED = True
    settings.COMPRESS_ROOT = settings.STATIC_ROOT = str(tmp_path)
    # What the compressor makes once a process.
    for name, made in (
        ("default_storage", storage.DefaultStorage()),
        ("default_offline_manifest_storage", storage.DefaultOfflineManifestStorage()),
    ):
        monkeypatch.setattr(storage, name, made)
    monkeypatch.setattr(compressor.cache, "default_offline_manifest_storage", storage.default_offline_manifest_storage)
    monkeypatch.setattr(compressor.cache, "_offline_manifest", None)
    return tmp_path


def bundle(root, html):
    (name,) = re.findall(r'src="/static/([^"]+)"', html)
    return (root / name).read_text()


def test_compressed_they_are_one_file_and_nothing_else(compressed):
    html = render_to_string("tenant_ops/_scripts.html", {"STATIC_URL": "/static/"})
    assert html.count("<script") == 1
    text = bundle(compressed, html)
    for file in ORDER:
        first = re.search(r"function (\w+)\(", (STATIC / "tenant_ops" / file).read_text())[1]
        assert f"function {first}(" in text, file
    assert "horizon" not in text


def test_they_are_found_when_compressed_offline(compressed, settings, monkeypatch):
    settings.COMPRESS_OFFLINE = True
    settings.COMPRESS_OFFLINE_CONTEXT = {"STATIC_URL": "/static/"}
    ours = filesystem.Loader(engines["django"].engine, [STATIC.parent / "templates"])
    monkeypatch.setattr(compress.Command, "get_loaders", lambda self: [ours])  # Horizon's own take long
    call_command("compress", force=True, verbosity=0)
    html = render_to_string("tenant_ops/_scripts.html", {"STATIC_URL": "/static/"})
    assert "data-to-every" in bundle(compressed, html)
