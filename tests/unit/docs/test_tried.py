"""What docs/tried.md says was tried is what the sandbox and the tests have."""

from __future__ import annotations

import re

from sandbox import settings
from tests.unit.docs.pages import ROOT

PAGE = (ROOT / "docs/tried.md").read_text()
PINS = ("cloud", "horizon")
#: What the sandbox is made with, and is no service.
LIBRARIES = ("openstacksdk", "python-", "pymysql", "uwsgi", "cliff", "django-compressor", "gunicorn", "pymemcache", "whitenoise", "pycadf")


def table(heading: str) -> list[list[str]]:
    """The rows of a section's table, without its head."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    assert len(rows) > 1, heading
    return rows[1:]


def pinned(kind: str) -> dict[str, str]:
    """Versions by package, of one of the sandbox's environments."""
    text = (ROOT / f"sandbox/requirements/{kind}.txt").read_text()
    return dict(re.findall(r"^([\w-]+)==(\S+)", text, re.MULTILINE))


def asked(kind: str) -> list[str]:
    """The packages that are asked for by name."""
    return re.findall(r"^([\w-]+)", (ROOT / f"sandbox/requirements/{kind}.in").read_text(), re.MULTILINE)


def test_versions_are_those_of_the_sandbox() -> None:
    told = {package.strip("`"): version for _, package, version in table("Versions")}
    known = {name: version for kind in PINS for name, version in pinned(kind).items()}
    assert told == {name: known[name] for name in told}


def test_no_service_of_the_sandbox_is_left_out() -> None:
    told = {package.strip("`") for _, package, _version in table("Versions")}
    services = {one for kind in PINS for one in asked(kind) if not one.startswith(LIBRARIES)}
    assert services == told


def test_each_line_names_a_test_that_is_there() -> None:
    for heading in ("What the tests do", "What was only reasoned"):
        for *_, named in table(heading):
            files = re.findall(r"`(tests/[^`]+)`", named)
            assert files and all((ROOT / one).exists() for one in files), (heading, named)


def test_figures_are_those_of_the_sandbox() -> None:
    rows = {what: tried for what, tried, _by in table("What the tests do")}
    assert rows["pages"].startswith(f"{settings.PAGE} things at most")
    assert rows["Horizon"].startswith(f"below `{settings.WEBROOT}/`")
