"""What a reader may copy from a page is taken by what he gives it to."""

from __future__ import annotations

import ast
import re
import shlex
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import get_commands, load_command_class

from sandbox.__main__ import parser as sandbox_parser
from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.environments import follow, launch
from tests.unit.docs.pages import PAGES, ROOT, examples, prose
from tests.unit.fake_openstack.world import World

#: What begins like a command: a server's words on its console, and the form that all commands have.
NO_COMMANDS = ("tenant-ops mask", "tenant-ops [--os-cloud NAME] GROUP")


def commands(program: str) -> Iterator[Any]:
    """Each example line of a program, without its prompt, its comment and what a pipe makes of it."""
    for page, line in examples():
        found = re.match(rf"(?:\$ )?(?:ExecStart=)?(?:\S*/)?{program}( .*)", line)
        if found and not line.startswith(NO_COMMANDS):
            yield pytest.param(found[1].strip(), id=f"{page.stem}: {found[1].strip()[:60]}")


def words(line: str) -> list[str]:
    taken = re.split(r"\s(?:\||>|&&)\s|;", re.sub(r"\s#.*", "", line))[0]
    return shlex.split(taken)


def required(line: str) -> str:
    """A synopsis without what stands in brackets, the innermost first."""
    shorter = re.sub(r"\[[^\[\]]*\]", "", line)
    return line if shorter == line else required(shorter)


@pytest.mark.parametrize("line", commands("tenant-ops"))
def test_a_command_is_taken(line: str) -> None:
    app = main.TenantOps()
    *verbs, last = required(line).split()
    if "|" in last and not last.startswith("-"):
        for one in last.split("|"):
            app.command_manager.find_command([*verbs, one])
        return
    _given, left = app.parser.parse_known_args(words(required(line)))
    factory, name, rest = app.command_manager.find_command(left)
    parser = factory(app, None).get_parser(name)
    parser.parse_args(rest)
    told = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", re.sub(r"\s#.*|\"[^\"]*\"", "", line)))
    assert told - set(parser._option_string_actions) <= set(app.parser._option_string_actions)


@pytest.mark.parametrize("line", commands("manage.py"))
def test_a_management_command_is_taken(line: str) -> None:
    name, *rest = words(line)
    load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(rest)


def test_management_commands_that_are_named_are_there() -> None:
    told = {name for page in PAGES for name in re.findall(r"manage\.py (tenant_ops_\w+)", prose(page))}
    assert told
    assert sorted(told - set(get_commands())) == []


@pytest.mark.parametrize("line", commands("make"))
def test_a_target_is_there(line: str) -> None:
    targets = re.findall(r"^([\w ]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert words(line)[0] in " ".join(targets).split()


def test_what_the_sandbox_is_told_is_taken() -> None:
    lines = {line for page in PAGES for line in re.findall(r"`python3 -m sandbox ([^`\[]+?)(?: \[.*)?`", prose(page))}
    assert len(lines) > 5
    for line in lines:
        sandbox_parser().parse_args(shlex.split(line.partition("|")[0].replace("\\", "")))


def test_the_example_in_python_launches_an_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    page = prose(ROOT / "docs/environments.md")
    block = re.search(r"(?:^    .*\n|^\n)+(?=\nErrors|Errors)", page[page.index("## In Python") :], re.MULTILINE)
    assert block
    code = textwrap.dedent(block[0])
    world, seen = World(), dict[str, Any]()
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name: world.cloud(packet_proofs=False))
    monkeypatch.setattr(launch, "SETTLE_SECONDS", 0.0)
    monkeypatch.setattr(follow.time, "sleep", lambda seconds: "made" in seen and world.heat.finish(seen["made"].id))
    exec(compile(ast.parse(code), "docs/environments.md", "exec"), seen)
    assert seen["details"].environment.name == "shop"
    assert "good" in {proof.state for proof in seen["proofs"]}
