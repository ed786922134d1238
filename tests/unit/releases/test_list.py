"""The list of releases, what is installed for each, and what the pages say of them are the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sandbox.install import python
from tests.compat import __main__ as compat
from tests.unit.docs.pages import ROOT

LISTED = python.releases()


def pinned(name: str) -> dict[str, str]:
    """The first version of each package of a file; where there are two, it is that of Python 3.11."""
    found: dict[str, str] = {}
    for line in (python.REQUIREMENTS / name).read_text().splitlines():
        package, _, version = line.partition(";")[0].strip().partition("==")
        found.setdefault(package, version)
    return found


@pytest.mark.parametrize("release", LISTED)
def test_what_is_installed_is_what_the_list_says(release):
    told, pins = LISTED[release], pinned(LISTED[release]["pins"])
    assert {name: pins[name] for name in ("horizon", "django", "openstacksdk")} == {
        name: told[name] for name in ("horizon", "django", "openstacksdk")
    }


def test_each_release_brings_what_the_tests_import():
    wanted = {line.lower().replace(".", "-") for line in (python.REQUIREMENTS / "releases.in").read_text().split()}
    assert {release: sorted(wanted - set(pinned(told["pins"]))) for release, told in LISTED.items()} == {
        release: [] for release in LISTED
    }


def test_the_page_of_releases_has_them_all():
    rows = re.findall(
        r"^\| (20\S+) \(\w+\) \| (\S+) \| (\S+) \| (\S+) \|$", (ROOT / "docs/releases.md").read_text(), re.MULTILINE
    )
    listed = [(name, told["horizon"], told["django"], told["openstacksdk"]) for name, told in LISTED.items()]
    assert rows == listed


def test_what_is_tried_in_brief_is_there_and_part_of_the_whole():
    brief, whole = compat.chosen_tests(brief=True), compat.chosen_tests(brief=False)
    assert brief and all(Path(one).exists() for one in brief)
    assert all(any(Path(one).is_relative_to(folder) for folder in whole) for one in brief)
    assert {Path(one).name for one in whole} >= {"compat", "panels", "api", "cloud", "environments", "releases"}


def test_the_table_has_a_line_for_each_release():
    row = compat.Outcome("2025.1", ("25.3.2", "4.2.19", "4.4.0", "3.11.2"), 12, 1, 0, 61.4, well=False).row()
    head, line = compat.table([compat.HEAD, row]).splitlines()
    assert line.split() == ["2025.1", "25.3.2", "4.2.19", "4.4.0", "3.11.2", "12", "1", "0", "61"]
    assert head.index("failed") == line.index("1 ", line.index("12 ") + 2)
