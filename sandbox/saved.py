"""The seeded state, kept beside the live one, so that 'make reset' takes seconds and not minutes."""

from __future__ import annotations

import shutil

from sandbox import process
from sandbox.services import mariadb
from sandbox.settings import Settings

KEPT = ("images", "fernet", "credential", "management-network", "service-user")
CLEARED = ("cinder/volumes", "backup", "nova", "rabbitmq", "guests", "horizon", "gnocchi")
#: What was done to the saved state, and is not known to be done once that is back.
STAMPS = ("identity", "seeded")


def save(s: Settings) -> None:
    """Dumps every database and copies OVN's northbound; the services may be running."""
    folder = s.state / "seeded"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    dump = f"mariadb-dump --no-defaults --socket={s.run}/mariadb.sock --all-databases --single-transaction"
    process.run(s, "saved", ["sh", "-c", f"{dump} > {folder}/databases.sql"])
    process.run(
        s, "saved", ["sh", "-c", f"{s.ovs_bin}/ovsdb-client backup unix:{s.run}/ovn-nb.sock > {folder}/northbound.db"]
    )
    for name in KEPT:
        source = s.data / name
        if source.is_dir():
            shutil.copytree(source, folder / name)
        elif source.exists():
            shutil.copy(source, folder / name)
    for name in STAMPS:
        shutil.copy(s.state / "stamps" / name, folder / f"stamp-{name}")


def exists(s: Settings) -> bool:
    return (s.state / "seeded" / "northbound.db").exists()


def restore_files(s: Settings) -> None:
    """With everything stopped: all data goes, what was saved comes back; the databases follow once MariaDB runs."""
    folder = s.state / "seeded"
    for name in CLEARED:
        shutil.rmtree(s.data / name, ignore_errors=True)
    for name in KEPT:
        source, here = folder / name, s.data / name
        if source.is_dir():
            shutil.rmtree(here, ignore_errors=True)
            shutil.copytree(source, here)
        elif source.exists():
            shutil.copy(source, here)
    for name in STAMPS:
        stamp, kept = s.state / "stamps" / name, folder / f"stamp-{name}"
        stamp.unlink(missing_ok=True)
        if kept.exists():
            shutil.copy(kept, stamp)
    shutil.rmtree(s.data / "ovn", ignore_errors=True)
    (s.data / "ovn").mkdir()
    shutil.copy(folder / "northbound.db", s.data / "ovn" / "northbound.db")


def restore_databases(s: Settings) -> None:
    client = " ".join(mariadb.client(s))
    process.run(s, "saved", ["sh", "-c", f"{client} < {s.state}/seeded/databases.sql"])
