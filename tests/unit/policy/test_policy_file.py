"""The policy file: what it may ask of a person, and what counts while it is broken."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenant_ops_dashboard import policy

GOOD = '"environments:launch": "role:member"\n'
BROKEN = {
    "no YAML": '"environments:launch": [role:member\n',
    "a list": "- environments:launch\n",
    "words": "role:member\n",
    "empty": "",
    "a rule of no word": '"environments:launch":\n',
    "a rule that is a number": '"environments:launch": 7\n',
    "a rule that is a table": '"environments:launch": {role: member}\n',
    "a rule that is no check": '"environments:launch": "member"\n',
    "a rule cut off": '"environments:launch": "role:member or"\n',
    "half a rule": '"environments:launch": "role:member or lead"\n',
    "brackets that stay open": '"environments:launch": "(role:member"\n',
    "a circle": '"environments:launch": "rule:a"\n"a": "rule:b"\n"b": "rule:a"\n',
    "no text": b"\xff\xfe\x00",
}


@dataclass(frozen=True)
class Person:
    user_id: str = "user-1"
    project_id: str | None = "project-1"
    roles: frozenset[str] = frozenset({"member"})
    user_domain_id: str | None = "people"
    project_domain_id: str | None = "projects"
    domain_id: str | None = None
    system_scope: str | None = None
    is_admin_project: bool = True


IN_PROJECT = Person()
IN_DOMAIN = Person(project_id=None, project_domain_id=None, domain_id="projects")
IN_SYSTEM = Person(project_id=None, project_domain_id=None, system_scope="all")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "policy.yaml"


def write(file: Path, content: str | bytes) -> None:
    """Put in place of the old one, as configuration management does."""
    new = file.with_suffix(".new")
    new.write_bytes(content.encode() if isinstance(content, str) else content)
    new.replace(file)


def launches(file: Path, person: Person = IN_PROJECT) -> bool:
    return policy.allowed(person, "environments:launch", file)


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_that_was_never_good_denies_and_says_so(file: Path, content: str | bytes) -> None:
    write(file, content)
    assert not launches(file)
    assert "policy file cannot be read" in policy.why_not("environments:launch", file)


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_the_last_good_rules_stay_in_force(file: Path, content: str | bytes) -> None:
    write(file, GOOD)
    assert launches(file)
    write(file, content)
    assert launches(file)
    assert not launches(file, Person(roles=frozenset({"reader"})))
    assert "as shipped" in policy.why_not("environments:launch", file)
    write(file, '"environments:launch": "role:lead"\n')
    assert not launches(file), "a good file counts again at once"


@pytest.mark.parametrize(
    "rule",
    ["role:%", "role:%(project_id)d", "%(project_id)s:x", "project_id.x:%(user_id)s", "http://127.0.0.1:9/"],
)
def test_a_rule_that_breaks_off_denies_and_says_so(file: Path, caplog: pytest.LogCaptureFixture, rule: str) -> None:
    write(file, f'{GOOD}"environments:delete": "{rule}"\n')
    assert not policy.allowed(IN_PROJECT, "environments:delete", file)
    assert any("environments:delete" in one.message and str(file) in one.message for one in caplog.records)
    assert launches(file), "the other rules stand"


def test_a_missing_file_denies_and_a_file_taken_away_changes_nothing(file: Path) -> None:
    assert not launches(file)
    write(file, GOOD)
    assert launches(file)
    file.unlink()
    assert launches(file)


def test_a_file_that_may_not_be_read_is_as_a_broken_one(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, GOOD)
    read = Path.read_text

    def refuse(path: Path, *args: object, **options: object) -> str:
        if path == file:
            raise PermissionError(13, "Permission denied", str(path))
        return read(path, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "read_text", refuse)
    assert not launches(file)
    assert "cannot be read" in policy.why_not("environments:launch", file)


def test_each_change_for_the_worse_is_logged_once(file: Path, caplog: pytest.LogCaptureFixture) -> None:
    def told() -> list[str]:
        return [
            one.message for one in caplog.records if one.name == "tenant_ops.policy" and one.levelno == logging.ERROR
        ]

    write(file, GOOD)
    launches(file)
    write(file, BROKEN["no YAML"])
    for _ in range(3):
        launches(file)
    assert len(told()) == 1
    assert str(file) in told()[0]
    assert "read before stay in force" in told()[0]
    write(file, BROKEN["a circle"])
    for _ in range(3):
        launches(file)
    assert len(told()) == 2
    file.unlink()
    launches(file)
    launches(file)
    assert len(told()) == 3


def test_only_comments_deny_everything_and_are_no_fault(file: Path) -> None:
    write(file, '# "environments:launch": "role:member"\n')
    assert not launches(file)
    assert "as shipped" in policy.why_not("environments:launch", file)


def test_rules_may_be_written_in_the_older_form(file: Path) -> None:
    write(file, '"environments:launch": [["role:member", "project_id:project-1"], ["role:lead"]]\n')
    assert launches(file)
    assert not launches(file, Person(project_id="project-2"))


def test_nobody_and_everybody_are_no_faults(file: Path) -> None:
    write(file, '"environments:launch": "!"\n"environments:read": ""\n"environments:care": "@"\n')
    assert not launches(file)
    assert policy.allowed(IN_PROJECT, "environments:read", file)
    assert policy.allowed(IN_PROJECT, "environments:care", file)


@pytest.mark.parametrize(
    ("rule", "who"),
    [
        ("domain_id:projects", {"domain"}),
        ("project_domain_id:projects", {"project"}),
        ("user_domain_id:people", {"project", "domain", "system"}),
        ("system_scope:all", {"system"}),
        ("system:all", {"system"}),
        ("project_id:project-1", {"project"}),
        ("project_id:%(project_id)s", {"project"}),
        ("domain_id:%(domain_id)s", {"domain"}),
        ("user_id:%(user_id)s", {"project", "domain", "system"}),
        ("is_admin_project:True", {"project", "domain", "system"}),
        ("role:member and not project_id:project-1", {"domain", "system"}),
    ],
)
def test_rules_may_ask_what_the_token_is_for(file: Path, rule: str, who: set[str]) -> None:
    write(file, f'"environments:launch": "{rule}"\n')
    people = {"project": IN_PROJECT, "domain": IN_DOMAIN, "system": IN_SYSTEM}
    assert {name for name, person in people.items() if launches(file, person)} == who


def test_another_admin_project_is_none(file: Path) -> None:
    write(file, '"environments:launch": "is_admin_project:True"\n')
    assert not launches(file, Person(is_admin_project=False))
