"""docs/install.md, followed to the letter in an environment of its own: in, and out again with nothing left behind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.install import python
from sandbox.settings import PROJECT, settings
from tests.packaging import build

PAGE = (PROJECT / "docs/install.md").read_text()
RELEASES = python.releases()
#: The oldest one, unless `make compat` says which.
RELEASE = RELEASES[os.environ.get("COMPAT_RELEASE") or min(RELEASES)]
#: What belongs to a host or a cloud, and is not there.
NOT_HERE = ("systemctl ", "rm /etc/systemd/", "tenant-ops --os-cloud NAME doctor")
SETTINGS = """
import os
from pathlib import Path
SECRET_KEY = "of the test"
COMPRESS_OFFLINE = True
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["HORIZON_DATABASE"]}}
"""
PANELS = """
import django, horizon
django.setup()
from django.urls import reverse
from django.conf import settings
reverse("login")
assert settings.TENANT_OPS_BUDGET == 10
print([panel.slug for panel in horizon.get_dashboard("tenant_ops").get_panels()])
"""
#: Every page's begin with 'to-', a panel's own with two letters of its own, such as 'lb-'.
CLASS = re.compile(r"\.[a-z]{2}-[a-z-]+").findall
#: Which table has how many rows is the matter; how often a number was given is not.
COUNTERS = "sqlite_sequence"


class Horizon:
    """A Horizon from a wheel, alone in its environment, as an operator has it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.venv, self.database = folder, folder / "venv", folder / "horizon.sqlite3"
        uv = python.uv(settings())
        requirements = python.REQUIREMENTS / RELEASE["pins"]
        self.do([uv, "venv", "--quiet", "--seed", "--python", sys.executable, str(self.venv)])
        self.do(
            [uv, "pip", "install", "--quiet", "--python", str(self.venv / "bin/python"), "-r", str(requirements),
             "--build-constraints", str(python.BUILD)]
        )  # fmt: skip
        self.site = next(self.venv.glob("lib/python*/site-packages"))
        (self.site / "openstack_dashboard/local/local_settings.py").write_text(SETTINGS)

    def shell(self, text: str) -> str:
        """Lines of a page, as one script that ends at the first failure."""
        return self.do(["bash", "-euo", "pipefail", "-c", text])

    def do(self, words: list[str]) -> str:
        environment = {
            **os.environ,
            "PATH": f"{self.venv}/bin:{os.environ['PATH']}",
            "DJANGO_SETTINGS_MODULE": "openstack_dashboard.settings",
            "HORIZON_DATABASE": str(self.database),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }
        done = subprocess.run(words, cwd=self.folder, env=environment, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, f"{words[-1]}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return done.stdout

    def files(self) -> dict[str, str]:
        """Every file below the environment with what it holds, and empty folders; what Python compiled only if its source is gone."""
        found = {}
        for path in sorted(self.venv.rglob("*")):
            name = str(path.relative_to(self.venv))
            if path.is_symlink():
                found[name] = str(path.readlink())
            elif path.is_dir():
                found |= {} if any(path.iterdir()) or path.name == "__pycache__" else {f"{name}/": ""}
            elif path.name == "manifest.json":  # of what is compressed, in whatever order
                found[name] = str(sorted(json.loads(path.read_text()).items()))
            elif path.suffix != ".pyc":
                found[name] = hashlib.sha1(path.read_bytes()).hexdigest()
            elif not (path.parent.parent / f"{path.name.partition('.')[0]}.py").exists():
                found[name] = "compiled"
        return found

    def unstyled(self) -> list[str]:
        """Our files of styles not all of whose classes are in what Horizon compiled."""
        compiled = "".join(path.read_text() for path in (self.site / "static/dashboard/css").glob("*.css"))
        rules = (PROJECT / "static/tenant_ops").glob("*/_rules.scss")
        panels = [path for path in rules if path.parent.name != "scss"]
        assert len(panels) == 6
        pages = (PROJECT / "static/tenant_ops/scss").glob("*.scss")
        anywhere = {name for path in pages for name in CLASS(path.read_text())}
        # What every page's file has, too, says nothing of whether a panel's own came along.
        assert [path.parent.name for path in panels if not set(CLASS(path.read_text())) - anywhere] == []
        files = [*panels, PROJECT / "static/tenant_ops/scss/_page.scss"]
        return [str(one) for one in files if not set(CLASS(one.read_text())) <= set(CLASS(compiled))]

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """Every row of every table."""
        with sqlite3.connect(self.database) as database:
            names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {
                name: sorted(database.execute(f'SELECT * FROM "{name}"').fetchall(), key=repr)
                for name in names
                if name != COUNTERS
            }


def steps(heading: str) -> Iterator[str]:
    """The blocks of a section, as they are told for a Horizon from a wheel."""
    section = PAGE[PAGE.index(f"## {heading}") :]
    section = section[: section.index("\n## ", 4)] if "\n## " in section[4:] else section
    for block in re.findall(r"(?:^ {7,}\S.*\n)+", section, re.MULTILINE):
        lines = [line.strip() for line in block.splitlines() if not line.strip().startswith(NOT_HERE)]
        if lines and not lines[0].startswith("from openstack_dashboard.local"):
            yield "\n".join(lines).replace("python manage.py", "python -m django")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build(folder)
    return next(folder.glob("*.whl"))


def test_what_comes_goes_again_and_nothing_of_it_stays(tmp_path: Path, wheel: Path) -> None:
    horizon = Horizon(tmp_path)
    horizon.shell("\n".join(f"python -m django {what}" for what in ("collectstatic --noinput", "migrate --noinput")))
    horizon.shell("python -m django compress --force")
    files, rows = horizon.files(), horizon.rows()

    horizon.shell("\n".join(steps("In six steps")).replace("pip install tenant-ops-dashboard", f"pip install {wheel}"))
    there = set(horizon.files()) - set(files)
    assert {one for one in there if "tenant_ops" in one and "/static/" in one}
    assert any(one.endswith("local/enabled/_9000_tenant_ops.py") for one in there)
    assert horizon.unstyled() == []
    assert [name for name in horizon.rows() if "tenant_ops" in name]
    assert "environment list" in horizon.shell(
        "tenant-ops environment list --help; python -m django tenant_ops_care --help"
    )

    horizon.shell("\n".join(steps("Taking it out again")))
    left = horizon.files()
    assert sorted(set(left) - set(files)) == []
    assert sorted(name for name in files if left.get(name) != files[name]) == []
    assert horizon.rows() == rows


def test_what_a_kolla_image_is_told_to_do_switches_it_on(tmp_path: Path, wheel: Path) -> None:
    """The lines of the Dockerfile, in an environment laid out as Kolla's; no image of Kolla is here."""
    horizon, etc = Horizon(tmp_path), tmp_path / "etc"
    (horizon.venv / "lib/python3").symlink_to(horizon.site.parent.name)
    (etc / "local_settings.d").mkdir(parents=True)
    snippets = horizon.site / "openstack_dashboard/local/local_settings.d"
    shutil.rmtree(snippets)
    snippets.symlink_to(etc / "local_settings.d")
    shutil.copy(wheel, tmp_path)
    page = (PROJECT / "docs/releases.md").read_text()
    for block in re.findall(r"^    RUN (SITE=.*(?:\n     && .*)+)", page, re.MULTILINE):
        told = block.replace("tenant-ops-dashboard", f"/tmp/{wheel.name}").replace("\\\n", "")
        for there, here in (
            ("/tmp/", f"{tmp_path}/"),
            ("/var/lib/kolla/venv", horizon.venv),
            ("/etc/openstack-dashboard", etc),
            ("/requirements/upper-constraints.txt", python.REQUIREMENTS / RELEASE["pins"]),
        ):
            told = told.replace(there, str(here))
        shutil.copy(wheel, tmp_path)
        horizon.shell(told)
        assert "'environments'" in horizon.do(["python", "-c", PANELS])
        for file in (*snippets.glob("_9000*"), *snippets.parent.glob("enabled/_90*")):
            file.unlink()
        horizon.shell("pip uninstall --yes tenant-ops-dashboard")
