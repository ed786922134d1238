"""What the wheel, the source archive and the extras `test` and `docs` must hold, and that no migration is missing. Run by `make lint`."""

from __future__ import annotations

import configparser
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "tenant_ops_dashboard"


def wanted() -> set[str]:
    """Every tracked file below the package and the three folders that are linked into it, as the package sees it."""
    listed = subprocess.run(
        ["git", "ls-files", "tenant_ops_dashboard", "static", "templates", "enabled"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    files = {f for f in listed if (PROJECT / f).is_file() and not (PROJECT / f).is_symlink()}
    return {f if f.startswith("tenant_ops_dashboard/") else f"tenant_ops_dashboard/{f}" for f in files}


def differing() -> list[str]:
    """What an extra of setup.cfg and its file in sandbox/requirements name differently: they are the same list."""
    setup = configparser.ConfigParser()
    setup.read(PROJECT / "setup.cfg")
    folder = PROJECT / "sandbox" / "requirements"
    shared = set((folder / "horizon.in").read_text().split())
    found = []
    for name in ("test", "docs"):
        extra = set(setup["options.extras_require"][name].split()) - {"tenant-ops-dashboard[horizon]"}
        lines = (folder / f"{name}.in").read_text().splitlines()
        pinned = {line for line in lines if line and not line.startswith("-")}
        found += [f"setup.cfg's extra {name} lacks {one}" for one in sorted(pinned - extra)]
        found += [f"sandbox/requirements/{name}.in lacks {one}" for one in sorted(extra - pinned - shared)]
    return found


def build(folder: Path) -> None:
    """From a clean copy of what git tracks, so that a stale build folder cannot help."""
    copy = folder / "copy"
    subprocess.run(["git", "checkout-index", "--all", f"--prefix={copy}/"], cwd=PROJECT, check=True)
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stdout + done.stderr)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        build(folder)
        wheel = set(zipfile.ZipFile(next(folder.glob("*.whl"))).namelist())
        with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
            source = {n.partition("/")[2] for n in archive.getnames()}
    missing = [f"wheel lacks {f}" for f in sorted(wanted() - wheel)]
    missing += [
        f"source archive lacks {f}" for f in ("setup.cfg", "setup.py", "MANIFEST.in", "LICENSE") if f not in source
    ]
    if not any(f.endswith("LICENSE") for f in wheel):
        missing.append("wheel lacks LICENSE")
    missing += differing()
    stray = [f"wheel has {f}" for f in sorted(wheel) if f.startswith(("tests/", "sandbox/"))]
    for problem in missing + stray:
        print(problem)
    migrations = subprocess.run(
        [sys.executable, "-m", "django", "makemigrations", "--check", "--dry-run"],
        cwd=PROJECT,
        env={"DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True,
    )  # fmt: skip
    if migrations.returncode:
        print(migrations.stdout + migrations.stderr)
    return 1 if missing or stray or migrations.returncode else 0


if __name__ == "__main__":
    sys.exit(main())
