"""The image of servers that are whole systems: asked for once, kept, made with what blueprints install."""

from __future__ import annotations

import dataclasses
import re

import pytest
import yaml

from sandbox import __main__ as sandbox
from sandbox import settings
from sandbox.errors import SandboxError
from sandbox.install import machines, stamps
from tenant_ops_dashboard.environments.template import blueprint


@pytest.mark.parametrize(
    ("asked", "kept", "real"),
    [("", False, False), ("1", False, True), ("", True, True), ("0", True, False)],
)
def test_it_is_asked_for_and_stays_so(tmp_path, monkeypatch, asked, kept, real):
    monkeypatch.setenv("SANDBOX_STATE", str(tmp_path))
    monkeypatch.setenv("REAL", asked)
    if kept:
        (tmp_path / "real").touch()
    found = settings.settings.__wrapped__()
    assert found.real is real
    assert found.environment["SANDBOX_REAL"] == ("1" if real else "0")
    assert found.environment["SANDBOX_IMAGE"] == str(tmp_path / "image"), "a server's own image may ask for it"


def test_it_brings_what_user_data_would_fetch():
    files = [text for one in blueprint.catalogue() for name, text in one.files.items() if "user-data" in name]
    wanted = set(re.findall(r"--no-install-recommends (?:\"\$\w+\" )?([a-z0-9-]+)$", "\n".join(files), re.MULTILINE))
    wanted |= set(re.findall(r"^ *get ([a-z-]+)$", "\n".join(files), re.MULTILINE)) - {"postgresql-common"}
    assert wanted == {"libpostgresql-jdbc-java", "nginx", "postgresql"}
    assert {"libpostgresql-jdbc-java", "nginx-light", "postgresql", "tomcat10"} == set(machines.BLUEPRINTS)


def test_cloud_init_waits_for_no_network():
    told = yaml.safe_load(machines.CLOUD_INIT.replace("\\n", "\n"))
    assert told["datasource_list"] == ["NoCloud"]
    assert told["network"] == {"config": "disabled"}


def test_an_image_that_is_as_wanted_is_kept(s, monkeypatch):
    monkeypatch.setattr(type(s), "data_plane", True)
    s.nspawn.parent.mkdir(parents=True)
    s.nspawn.touch()
    made = []
    monkeypatch.setattr(machines.process, "run", lambda s, name, command: made.append(name))
    machines.install(s)
    machines.install(s)
    assert made == ["image"]
    assert not stamps.due(s, "image", *machines.command(s))


def test_it_is_made_without_the_rest_of_the_sandbox(monkeypatch, tmp_path):
    monkeypatch.setenv("SANDBOX_STATE", str(tmp_path))
    made = []
    monkeypatch.setattr(machines, "install", lambda s: made.append(s.image))
    found = settings.settings.__wrapped__()
    assert sandbox.run(found, sandbox.parser().parse_args(["install", "--servers"])) == 0
    assert made == [tmp_path / "image"]


def test_without_real_packets_it_says_so(s, monkeypatch):
    monkeypatch.setattr(type(s), "data_plane", False)
    monkeypatch.setattr(type(s), "data_plane_missing", "it needs root")
    with pytest.raises(SandboxError, match="it needs root"):
        machines.install(dataclasses.replace(s, real=True))
