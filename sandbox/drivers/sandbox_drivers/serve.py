"""What runs in a guest and plays its tier: serve.py FOLDER DESCRIPTOR.

FOLDER holds guest.json (see records.py), read at the start and again at each SIGHUP; one byte goes to DESCRIPTOR when
everything listens. Standard library only, one thread, one selector: it is started without site-packages, a dozen times.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from sandbox_drivers.database import DatabaseTier
from sandbox_drivers.loop import Loop, Stream
from sandbox_drivers.web import WebTier

SSH_BANNER = b"SSH-2.0-sandbox jump host\r\n"
BACKLOG = 1024


def say(text: str) -> None:
    print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}", flush=True)


def listener(port: int) -> socket.socket:
    """A listening socket for IPv6 and IPv4, or for IPv4 alone where the kernel has no IPv6."""
    families = [socket.AF_INET6, socket.AF_INET] if socket.has_ipv6 else [socket.AF_INET]
    for family in families:
        try:
            s = socket.socket(family)
        except OSError:
            continue
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        s.bind(("::" if family == socket.AF_INET6 else "0.0.0.0", port))
        s.listen(BACKLOG)
        s.setblocking(False)
        return s
    raise OSError("This kernel has neither IPv6 nor IPv4.")


class Server:
    """All of a guest's listeners over one loop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.loop = Loop()
        self.web = WebTier(self.loop)
        self.database = DatabaseTier(self.loop, say)
        self.sockets: dict[str, socket.socket] = {}

    def read(self) -> None:
        """Takes over what the record says now; without a record the guest is being removed, and nothing changes."""
        try:
            record: dict[str, Any] = json.loads((self.folder / "guest.json").read_text())
        except FileNotFoundError:
            return
        tier = record["tier"]
        self.web.configure(record["name"], tier.get("database"), record["fault"])
        self.database.configure(record["name"], volume(record), record["fault"], tier.get("sample", 0))
        wanted = set(tier.get("listen") or [])
        for gone in set(self.sockets) - wanted:
            self.loop.forget(self.sockets.pop(gone))
        for word in sorted(wanted - set(self.sockets)):
            kind, _, port = word.partition(":")
            self.sockets[word] = listener(int(port))
            self.loop.watch(self.sockets[word], read=lambda kind=kind, s=self.sockets[word]: self.accept(kind, s))
            say(f"listening: {word}")

    def accept(self, kind: str, s: socket.socket) -> None:
        for _ in range(64):
            try:
                connection, _address = s.accept()
            except BlockingIOError:
                return
            except OSError:
                self.loop.drop_oldest()
                return
            stream = Stream(self.loop, connection)
            if kind == "http":
                self.web.welcome(stream)
            elif kind == "tcp":
                self.database.welcome(stream)
            else:
                stream.send(SSH_BANNER)


def volume(record: dict[str, Any]) -> str | None:
    """The raw file that holds the rows: the volume the tier names, else the first that is attached."""
    volumes: dict[str, str] = record["volumes"]
    named = record["tier"].get("volume")
    return volumes.get(named) or next((volumes[device] for device in sorted(volumes)), None)


def started(descriptor: str) -> None:
    os.write(int(descriptor), b"1")
    os.close(int(descriptor))


def main(folder: str, descriptor: str) -> None:
    server = Server(Path(folder))
    record = json.loads((server.folder / "guest.json").read_text())
    if "mask" in record["tier"]:
        from sandbox_drivers import mask  # SQLite, which no other guest needs in its memory

        # a mask may take longer than whoever started this waits
        started(descriptor)
        mask.run(server.folder, record["tier"]["mask"], volume(record), lambda line: print(line, flush=True))
        return
    signal.signal(signal.SIGHUP, lambda *_: server.loop.soon(server.read))
    signal.signal(signal.SIGTERM, lambda *_: server.loop.soon(server.loop.stop))
    server.read()
    started(descriptor)
    server.loop.run()
    say("ended")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as error:
        say(f"cannot serve: {error}")
        sys.exit(1)
