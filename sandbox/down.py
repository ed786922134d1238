"""Ends what the sandbox started, and nothing else."""

from __future__ import annotations

from sandbox import catalogue, guests, process, progress, saved
from sandbox.errors import SandboxError
from sandbox.services import mariadb, ovn
from sandbox.settings import Settings

FOUNDATION = {"mariadb", "rabbitmq", "epmd"}


def down(s: Settings) -> None:
    """Services first, all at once; then the servers; then OVN, the message bus and the database."""
    ovn_names = {p.name for p in ovn.processes(s)} if s.ovs_bin.exists() else set()
    with progress.step("Services"):
        process.clear(s)
        process.stop_all(s, [n for n in process.known(s) if n not in FOUNDATION | ovn_names])
    if s.data_plane:
        with progress.step("Servers"):
            guests.sweep(s)
    with progress.step("OVN, RabbitMQ, MariaDB"):
        ovn.stop(s)
        process.stop_all(s, ["rabbitmq", "mariadb"])
        process.stop(s, "epmd")  # RabbitMQ says goodbye to it


def reset(s: Settings) -> None:
    """Back to the seeded state: stops, restores, and leaves the start to `up`."""
    if not saved.exists(s):
        raise SandboxError("There is no seeded state to go back to.", "Run 'make demo' once to its end.")
    down(s)
    with progress.step("Seeded state"):
        saved.restore_files(s)
        for service in catalogue.FOUNDATION[:1]:
            for p in service.processes(s):
                process.start(s, p)
        if not process.wait(lambda: mariadb.answers(s), 60):
            raise SandboxError("MariaDB did not start.", f"See {s.log}/mariadb.log.")
        saved.restore_databases(s)
