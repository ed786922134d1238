"""The one documented door from this machine to the sandbox's floating IPs: an HTTP proxy on loopback.

It listens on loopback in the machine's own network namespace, then enters the outside namespace, so that each
connection it makes begins there. A browser or curl may use it in two ways:

    curl --proxy http://127.0.0.1:18081 http://203.0.113.7/     (forward proxy, CONNECT included)
    http://127.0.0.1:18081/203.0.113.7/                         (a floating IP as the first part of the path)
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import re
import socket
import sys
from urllib.parse import urlsplit

from sandbox.settings import HOST, PORTS

CLONE_NEWNET = 0x40000000
CONNECT_SECONDS = 4
IDLE_SECONDS = 60
ADDRESS = re.compile(r"^/(\d+\.\d+\.\d+\.\d+)(?::(\d+))?(/.*)?$")


def enter(name: str) -> None:
    """From here on every new socket of this process belongs to the namespace (setns(2))."""
    with open(f"/run/netns/{name}") as f:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(f.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")


def target(method: str, uri: str) -> tuple[str, int, str] | None:
    """Host, port and what to ask there; None where the request names no address."""
    if method == "CONNECT":
        host, _, port = uri.rpartition(":")
        return (host.strip("[]"), int(port), "") if port.isdigit() else None
    if uri.startswith("http://"):
        parts = urlsplit(uri)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return (parts.hostname, parts.port or 80, path) if parts.hostname else None
    found = ADDRESS.match(uri)
    return (found[1], int(found[2] or 80), found[3] or "/") if found else None


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await asyncio.wait_for(reader.read(65536), IDLE_SECONDS):
            writer.write(data)
            await writer.drain()
    except (OSError, TimeoutError):
        pass
    finally:
        writer.close()


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), IDLE_SECONDS)
        method, uri, _ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        where = target(method, uri)
        if where is None:
            return refuse(writer, 400, "Ask for http://ADDRESS/ through this proxy, or for /ADDRESS/ from it.")
        host, port, path = where
        try:
            remote = await asyncio.wait_for(asyncio.open_connection(host, port), CONNECT_SECONDS)
        except TimeoutError:
            return refuse(writer, 504, f"{host}:{port} did not answer within {CONNECT_SECONDS} seconds.")
        except OSError as e:
            return refuse(writer, 502, f"{host}:{port} cannot be reached: {e.strerror or e}.")
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            headers = [
                h for h in head.split(b"\r\n")[1:-2] if not h.lower().startswith((b"proxy-", b"connection:", b"host:"))
            ]
            lines = [
                f"{method} {path} HTTP/1.1".encode(),
                f"Host: {host}:{port}".encode(),
                *headers,
                b"Connection: close",
            ]
            remote[1].write(b"\r\n".join(lines) + b"\r\n\r\n")
        await asyncio.gather(pump(reader, remote[1]), pump(remote[0], writer))
    except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


def refuse(writer: asyncio.StreamWriter, status: int, sentence: str) -> None:
    body = (sentence + "\n").encode()
    head = f"HTTP/1.1 {status} Door\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
    writer.write(head.encode() + b"Connection: close\r\n\r\n" + body)


async def main(name: str) -> None:
    listener = socket.create_server((HOST, PORTS["door"]), backlog=512)
    if os.path.exists(f"/run/netns/{name}"):
        enter(name)
    server = await asyncio.start_server(serve, sock=listener)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
