"""`make compat`: what unit tests and pages say on each Horizon of sandbox/requirements/releases.toml, and a table at the end.

Each has an environment of its own below the state folder, which stays for the next time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from sandbox.install import python
from sandbox.settings import PROJECT, settings

#: What touches neither Horizon nor Django nor one of OpenStack's libraries is the same everywhere.
ELSEWHERE = ("sandbox", "sandbox_drivers", "docs", "reachability")
#: With --brief, for `make test`: every page and every operation of the HTTP API, registration, tables, calls, start.
BRIEF = (
    "releases", "panels/test_registration.py", "panels/test_every_page.py", "panels/test_access.py",
    "panels/test_poll.py", "panels/test_markup.py", "templates", "records", "api", "cloud",
)  # fmt: skip
VERSIONS = """
import platform
from importlib import metadata
for name in ("horizon", "django", "openstacksdk"):
    print(metadata.version(name))
print(platform.python_version())
"""
HEAD = ("Release", "Horizon", "Django", "openstacksdk", "Python", "passed", "failed", "skipped", "seconds")


@dataclass(frozen=True)
class Outcome:
    """How the tests went on one release; `versions` are those of Horizon, Django, openstacksdk and Python."""

    release: str
    versions: tuple[str, ...]
    passed: int
    failed: int
    skipped: int
    seconds: float
    well: bool

    def row(self) -> tuple[str, ...]:
        return (
            self.release, *self.versions, str(self.passed), str(self.failed), str(self.skipped), f"{self.seconds:.0f}",
        )  # fmt: skip


def main() -> int:
    """Exits with 1 where a test failed on one of them."""
    listed = list(python.releases())
    parser = argparse.ArgumentParser(prog="python3 -m tests.compat", description=__doc__)
    parser.add_argument("releases", nargs="*", metavar="SERIES", help=f"of {', '.join(listed)}; without one all")
    parser.add_argument("--brief", action="store_true", help="a few telling tests; without a release on the oldest")
    parser.add_argument("--python", default="", help="the interpreter, e.g. python3.13, instead of Debian's own")
    told = parser.parse_args()
    if unknown := set(told.releases) - set(listed):
        parser.error(f"no such release: {', '.join(sorted(unknown))}")
    chosen = told.releases or (listed[:1] if told.brief else listed)
    outcomes = []
    for release in chosen:
        print(f"== OpenStack {release}", flush=True)
        outcomes.append(tried(release, told.brief, told.python))
    print(table([HEAD, *(one.row() for one in outcomes)]), flush=True)
    return 0 if all(one.well for one in outcomes) else 1


def tried(release: str, brief: bool, interpreter: str) -> Outcome:
    """Install a release and run the tests on it."""
    begin = time.monotonic()
    words = ["--release", release, *(["--python", interpreter] if interpreter else [])]
    subprocess.run([sys.executable, "-m", "sandbox", "install", *words], cwd=PROJECT, check=True)
    own = python.release_venv(settings(), release, interpreter) / "bin" / "python"
    versions = subprocess.run([own, "-c", VERSIONS], capture_output=True, text=True, check=True).stdout.split()
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        done = subprocess.run(
            [own, "-m", "pytest", *chosen_tests(brief), "-q", f"--junitxml={report}", "-p", "no:cacheprovider",
             "-W", "ignore", "--numprocesses=logical", "--maxprocesses=8", "--dist=worksteal"],
            cwd=PROJECT,
            env={**os.environ, "COMPAT_RELEASE": release},
        )  # fmt: skip
        counted = dict.fromkeys(("tests", "failures", "errors", "skipped"), 0)
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            for name in counted:
                counted[name] += int(suite.get(name, "0"))
    failed = counted["failures"] + counted["errors"]
    passed = counted["tests"] - failed - counted["skipped"]
    seconds = time.monotonic() - begin
    return Outcome(release, tuple(versions), passed, failed, counted["skipped"], seconds, done.returncode == 0)


def chosen_tests(brief: bool) -> list[str]:
    """The files and folders that pytest is given; never none of them."""
    unit = PROJECT / "tests" / "unit"
    if brief:
        return [str(unit / name) for name in BRIEF]
    folders = [one for one in sorted(unit.iterdir()) if one.name not in ELSEWHERE and any(one.glob("**/test_*.py"))]
    return [str(PROJECT / "tests" / "compat"), *map(str, folders)]


def table(rows: list[tuple[str, ...]]) -> str:
    """Rows below each other, each column as wide as its longest word."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join("  ".join(f"{word:<{width}}" for word, width in zip(row, widths, strict=True)) for row in rows)


if __name__ == "__main__":
    sys.exit(main())
