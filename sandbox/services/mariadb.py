"""MariaDB, on a socket in the run folder only."""

from __future__ import annotations

import getpass

from sandbox import process
from sandbox.process import Process
from sandbox.services.base import Service, write
from sandbox.settings import Settings


def configure(s: Settings) -> None:
    options = {
        "datadir": s.data / "mariadb",
        "socket": s.run / "mariadb.sock",
        "pid-file": s.run / "mariadb.pid",
        "user": getpass.getuser(),
        "innodb_flush_log_at_trx_commit": 0,
        "innodb_doublewrite": 0,
        "innodb_buffer_pool_size": "64M",
        "max_connections": 600,
        "performance_schema": "OFF",
        "character-set-server": "utf8mb4",
    }
    lines = [
        "[mysqld]",
        "skip-networking",
        "skip-name-resolve",
        "skip-log-bin",
        *(f"{k}={v}" for k, v in options.items()),
    ]
    write(s.conf / "mariadb.cnf", "\n".join(lines) + "\n")


def initialise(s: Settings) -> None:
    """Makes the data folder where there is none."""
    if not (s.data / "mariadb" / "mysql").exists():
        process.run(s, "mariadb-install", [
            "mariadb-install-db", f"--defaults-file={s.conf}/mariadb.cnf", f"--datadir={s.data}/mariadb",
            "--auth-root-authentication-method=socket", f"--auth-root-socket-user={getpass.getuser()}",
            "--skip-test-db",
        ])  # fmt: skip


def client(s: Settings, *arguments: str) -> list[str]:
    """The command-line client, as the one who owns the server."""
    return ["mariadb", "--no-defaults", f"--socket={s.run}/mariadb.sock", *arguments]


def grant(s: Settings, names: list[str]) -> None:
    """Databases, and the one user that all services share."""
    statements = [f"CREATE DATABASE IF NOT EXISTS {name} CHARACTER SET utf8mb4;" for name in names]
    statements += [
        f"CREATE USER IF NOT EXISTS sandbox@localhost IDENTIFIED BY '{s.passwords['mariadb']}';",
        "GRANT ALL ON *.* TO sandbox@localhost;",
    ]
    process.run(s, "mariadb-install", client(s, "-e", " ".join(statements)))


def answers(s: Settings) -> bool:
    return (s.run / "mariadb.sock").exists() and process.succeeds(s, client(s, "-e", "SELECT 1"))


def processes(s: Settings) -> list[Process]:
    return [Process("mariadb", ["/usr/sbin/mariadbd", f"--defaults-file={s.conf}/mariadb.cnf"])]


SERVICE = Service("mariadb", configure, processes)
