"""The haproxy of an amphora: its folder, its configuration, its process.

<base path>/<first 8 of the amphora's id>/ holds amphora.json {amphora, compute} and, below the load balancer's id, what
the amphora's own agent would keep in /var/lib/octavia. Standard library only.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

from sandbox_drivers import guest, links, places, records

CONNECTIONS = 2000  # what the templates ask for by default, 50000 a listener, exceeds the file descriptors of a process
HARD_STOP = "30s"
# Of two amphorae one has the VIP, and both listen on it, as Octavia's own image is made.
NOT_YET = 'for one in 4 6; do echo 1 >/proc/sys/net/ipv$one/ip_nonlocal_bind; done; exec "$@"'
PING_WRAPPER = "/var/lib/octavia/ping-wrapper.sh"
PING = Path(__file__).parent / "ping.py"


class Amphora:
    def __init__(self, base_path: str | Path, amphora_id: str) -> None:
        self.id = amphora_id
        self.base = Path(base_path) / amphora_id[:8]

    @classmethod
    def all(cls, base_path: str | Path) -> Iterator[Amphora]:
        for path in sorted(Path(base_path).glob("*/amphora.json")):
            with contextlib.suppress(FileNotFoundError, ValueError, KeyError):
                yield cls(base_path, json.loads(path.read_text())["amphora"])

    @property
    def compute(self) -> str:
        """The id of the server it is. Empty where nothing was recorded yet."""
        try:
            return str(json.loads((self.base / "amphora.json").read_text())["compute"])
        except (FileNotFoundError, ValueError, KeyError):
            return ""

    def remember(self, compute: str) -> None:
        self.base.mkdir(mode=0o755, parents=True, exist_ok=True)
        new = self.base / "amphora.json.new"
        new.write_text(json.dumps({"amphora": self.id, "compute": compute}))
        new.replace(self.base / "amphora.json")

    def booted(self) -> bool:
        return bool(self.compute) and guest.exists(self.compute)

    @property
    def peer(self) -> str:
        """Its name among haproxy's peers, as Octavia renders it (`base64_sha1_string` of its common/utils.py)."""
        digest = hashlib.sha1(self.id.encode(), usedforsecurity=False).digest()
        return re.sub("^-", "x", base64.b64encode(digest, b"_-").decode().rstrip("="))

    def socket(self) -> Path:
        """haproxy's statistics socket; haproxy refuses a path of more than 97 characters, so the name is one."""
        return self.base / "s"

    def load_balancers(self) -> list[str]:
        return sorted(p.parent.name for p in self.base.glob("*/haproxy.cfg"))

    def config(self, lb: str) -> Path:
        return self.base / lb / "haproxy.cfg"

    def pid(self, lb: str) -> int | None:
        """The running haproxy of a load balancer."""
        return self.process(self.base / lb / f"{lb}.pid", "haproxy")

    def process(self, file: Path, name: str) -> int | None:
        """The process of the id in a file, if it is one of that name in this amphora's namespace."""
        try:
            pid = int(file.read_text().split()[0])
            if Path(f"/proc/{pid}/comm").read_text().strip() != name:
                return None
            here = (places.NAMESPACES / guest.netns(self.compute)).stat()
            return pid if Path(f"/proc/{pid}/ns/net").stat().st_ino == here.st_ino else None
        except (OSError, ValueError, IndexError):
            return None

    def configure(self, lb: str, text: str) -> None:
        """Checks a configuration with haproxy itself, then makes it the current one. Raises GuestError."""
        folder = self.config(lb).parent
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        new = folder / "haproxy.cfg.new"
        new.write_text(text)
        try:
            links.run(places.haproxy(), "-c", "-f", str(new), "-L", self.peer)
            new.replace(self.config(lb))
        finally:
            new.unlink(missing_ok=True)

    def run(self, lb: str, reload: bool = True) -> None:
        """Starts haproxy; a running one hands its sockets and states to the new one, unless `reload` is false."""
        with records.locked(self.base / "lock"):
            old = self.pid(lb)
            if old and not reload:
                return
            command = [
                places.haproxy(),
                "-D",
                "-f",
                str(self.config(lb)),
                "-p",
                str(self.base / lb / f"{lb}.pid"),
                "-L",
                self.peer,
            ]
            if old:
                self._save_states(lb)
                command += ["-x", str(self.socket()), "-sf", str(old)]
            links.run(places.IP, "netns", "exec", guest.netns(self.compute), "/bin/sh", "-c", NOT_YET, "sh", *command)

    def _save_states(self, lb: str) -> None:
        """A reload then goes on with what the health checks knew, as the amphora's agent arranges it too."""
        with contextlib.suppress(OSError):
            (self.base / lb / "servers-state").write_text(ask(self.socket(), "show servers state"))

    def stop(self, lb: str) -> None:
        """Ends haproxy and forgets the configuration."""
        with records.locked(self.base / "lock"):
            pid = self.pid(lb)
            shutil.rmtree(self.base / lb, ignore_errors=True)
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)

    def forget(self) -> None:
        for lb in self.load_balancers():
            self.stop(lb)
        shutil.rmtree(self.base, ignore_errors=True)


def ask(path: Path, question: str) -> str:
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(5)
        s.connect(str(path))
        s.sendall(question.encode() + b"\n")
        return b"".join(iter(lambda: s.recv(65536), b"")).decode()


def own_paths(text: str, amphora: Amphora, base_path: str, certificates: str) -> str:
    """The paths a real amphora has, as this one has them. The base first: what replaces it holds it too."""
    return text.replace(base_path, str(amphora.base)).replace(certificates, str(amphora.base / "certs"))


def adapt(text: str, amphora: Amphora, base_path: str, certificates: str) -> str:
    """Octavia's configuration for an amphora that is a namespace: its own folder, no syslog, fewer connections."""
    text = own_paths(text, amphora, base_path, certificates)
    text = re.sub(r"\b(maxconn|fullconn) (\d+)", lambda m: f"{m[1]} {min(int(m[2]), CONNECTIONS)}", text)
    text = re.sub(r"^ *log /run.*\n", "", text, flags=re.MULTILINE)
    if PING_WRAPPER in text:
        # nobody could read the check's script only where every folder above it is open to all
        text = re.sub(r"^ *user nobody\n", "", text.replace(PING_WRAPPER, str(PING)), flags=re.MULTILINE)
    lines = rf"\1stats socket {amphora.socket()}\2 expose-fd listeners\n\1hard-stop-after {HARD_STOP}"
    return re.sub(r"^( *)stats socket \S+(.*)$", lines, text, count=1, flags=re.MULTILINE)
