"""`python -m sandbox`: up, down, status, reset, logs, outside, inside, servers, tell."""

from __future__ import annotations

import argparse
import fcntl
import subprocess
import sys

from sandbox import progress
from sandbox.errors import SandboxError
from sandbox.settings import Settings, settings


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m sandbox", description="A real OpenStack on this machine.")
    commands = p.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="install, start, seed; finishes or mends whatever is missing")
    up.add_argument("--tests", action="store_true", help="also install what the tests need")
    only = commands.add_parser("install", help="only install")
    only.add_argument("--tests", action="store_true")
    only.add_argument("--unit", action="store_true", help="what the unit tests need, without the cloud")
    only.add_argument("--servers", action="store_true", help="the image of servers that are whole systems, alone")
    only.add_argument("--docs", action="store_true", help="what the pages of docs/ need, without the cloud")
    only.add_argument("--release", metavar="SERIES", help="an older Horizon for its unit tests, e.g. 2025.1")
    only.add_argument("--python", metavar="PYTHON", default="", help="the interpreter of that, e.g. python3.13")
    commands.add_parser("down", help="end everything the sandbox started")
    status = commands.add_parser("status", help="every service: up, port, memory")
    status.add_argument("-f", "--format", choices=["table", "json"], default="table")
    commands.add_parser("reset", help="back to the seeded state")
    logs = commands.add_parser("logs", help="the last lines of every log, or all of one")
    logs.add_argument("name", nargs="?")
    outside = commands.add_parser("outside", help="run a command on the external network")
    outside.add_argument("words", nargs=argparse.REMAINDER)
    inside = commands.add_parser("inside", help="run a command in a server")
    inside.add_argument("server")
    inside.add_argument("words", nargs=argparse.REMAINDER)
    tell = commands.add_parser("tell", help="make a server slow SECONDS, fail, die or heal")
    tell.add_argument("server")
    tell.add_argument("words", nargs="+")
    commands.add_parser("servers", help="the servers that run, and what they listen on")
    return p


def main() -> int:
    arguments = parser().parse_args()
    s = settings()
    try:
        return run(s, arguments)
    except SandboxError as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("sandbox: interrupted; run the same command again to finish it.", file=sys.stderr)
        return 130


def run(s: Settings, arguments: argparse.Namespace) -> int:
    """One command; those that change something hold a lock, so that two never run at once."""
    from sandbox import down, guests, install, status, up

    command = arguments.command
    if command in ("up", "down", "reset", "install"):
        s.state.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in ("log", "data", "conf", "stamps"):
            (s.state / folder).mkdir(exist_ok=True)
        s.run.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (s.state / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SandboxError(
                    "Another 'make demo', 'make stop' or 'make reset' is at work.", "Wait until it ends."
                ) from None
            if command == "install" and arguments.release:
                install.release(s, arguments.release, arguments.python)
            elif command == "install" and arguments.servers:
                install.servers(s)
            elif command == "install" and arguments.docs:
                install.docs(s)
            elif command == "install":
                install.unit(s) if arguments.unit else install.everything(s, {}, arguments.tests)
            if command in ("down", "reset"):
                getattr(down, command)(s)
            if command in ("up", "reset"):
                up.up(s, tests=getattr(arguments, "tests", False))
        return 0
    if command == "status":
        return status.show(s, arguments.format)
    if command == "logs":
        return logs(s, arguments.name)
    words = [w for w in getattr(arguments, "words", []) if w != "--"] if command != "tell" else arguments.words
    if command == "outside":
        guests.outside(s, words or ["sh"])
    if command == "inside":
        guests.inside(s, arguments.server, words or ["sh"])
    if command == "tell":
        guests.tell(s, arguments.server, words)
    if command == "servers":
        guests.show(s)
    return 0


def logs(s: Settings, name: str | None) -> int:
    if name:
        path = s.log / f"{name}.log"
        if not path.exists():
            raise SandboxError(
                f"There is no log named {name}.",
                f"There are: {', '.join(sorted(p.stem for p in s.log.glob('*.log')))}.",
            )
        return subprocess.run(["cat", str(path)]).returncode
    for path in sorted(s.log.glob("*.log")):
        progress.say(f"==> {path.stem}")
        subprocess.run(["tail", "-n", "5", str(path)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
