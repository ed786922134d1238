"""What every service module has in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.process import Process
from sandbox.settings import HOST, PORTS, REGION, Settings, url

# Seconds a daemon has for what it is doing when it is told to end; most of them sleep five between looks at the bus.
GRACE = {"graceful_shutdown_timeout": 3}
Sections = Mapping[str, Mapping[str, object]]


@dataclass(frozen=True)
class Service:
    """`configure` writes files, `schema` are commands that make or upgrade its databases, `processes` what runs."""

    name: str
    configure: Callable[[Settings], None]
    processes: Callable[[Settings], Sequence[Process]]
    schema: Callable[[Settings], Sequence[tuple[Sequence[str], Mapping[str, str]]]] = lambda s: ()
    databases: tuple[str, ...] = ()


def write(path: Path, text: str) -> None:
    """Writes a file that only its owner can read: configuration holds passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=True)
    path.write_text(text)


def ini(path: Path, sections: Sections) -> None:
    """Writes an oslo.config file."""
    lines: list[str] = []
    for name, options in sections.items():
        lines.append(f"[{name}]")
        lines += [
            f"{key} = {str(value).lower() if isinstance(value, bool) else value}" for key, value in options.items()
        ]
    write(path, "\n".join(lines) + "\n")


def connection(s: Settings, name: str) -> str:
    """SQLAlchemy's address of a database over MariaDB's socket."""
    return f"mysql+pymysql://sandbox:{s.passwords['mariadb']}@localhost/{name}?unix_socket={s.run}/mariadb.sock&charset=utf8mb4"


def database(s: Settings, name: str) -> dict[str, object]:
    """oslo.db's options; services start beside MariaDB, not after it: look for it every second, not every tenth."""
    return {"connection": connection(s, name), "max_retries": -1, "retry_interval": 1}


def transport(s: Settings) -> str:
    return f"rabbit://sandbox:{s.passwords['rabbitmq']}@{HOST}:{PORTS['rabbitmq']}/"


def credentials(s: Settings, user: str) -> dict[str, object]:
    """keystoneauth's password options of a service user."""
    return {
        "auth_type": "password",
        "auth_url": url("keystone", "/v3"),
        "username": user,
        "password": s.passwords[user],
        "project_name": "service",
        "user_domain_name": "Default",
        "project_domain_name": "Default",
        "region_name": REGION,
    }


def auth_token(s: Settings, user: str) -> dict[str, object]:
    """keystonemiddleware's options: who checks the tokens of this API's callers."""
    return {
        "www_authenticate_uri": url("keystone", "/v3"),
        "service_token_roles_required": True,
        "service_token_roles": "service",
        **credentials(s, user),
    }


def common(s: Settings) -> dict[str, dict[str, object]]:
    return {
        "oslo_concurrency": {"lock_path": s.data / "locks"},
        "oslo_messaging_notifications": {"driver": "noop"},
        # services start beside RabbitMQ, not after it: look for it every second, not ever more rarely
        "oslo_messaging_rabbit": {"heartbeat_timeout_threshold": 60, "rabbit_interval_max": 1},
    }


def api(s: Settings, name: str, module: str, threads: int, arguments: str = "", **environment: str) -> Process:
    """A WSGI API under one uWSGI process.

    uWSGI closes each connection of its own HTTP socket; without the header clients see resets.
    """
    options = {
        "module": f"{module}:application",
        "http-socket": f"{HOST}:{PORTS[name]}",
        "processes": 1,
        "threads": threads,
        "enable-threads": True,
        "die-on-term": True,
        "need-app": True,
        "buffer-size": 65535,
        # glanceclient sends chunks of 1 MiB and pauses at a slow disk: the defaults, 1 MiB and 4 s, are too little
        "chunked-input-limit": 4 << 20,
        "chunked-input-timeout": 120,
        "virtualenv": s.cloud_venv,
        "disable-logging": True,
        "skip-atexit-teardown": True,  # the end of the process tears down as well, and at once
        "add-header": "Connection: close",
    }
    if arguments:
        options["pyargv"] = arguments
    path = s.conf / "uwsgi" / f"{name}.ini"
    ini(path, {"uwsgi": options})
    return Process(name, [s.cloud_command("uwsgi"), "--ini", str(path)], PORTS[name], environment)
