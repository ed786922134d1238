"""Which tier a server plays: from its user data, its metadata or, failing both, its name.

The user data is a `#cloud-config` whose `write_files` holds /etc/tenant-ops/tier.env, alone or as a part of what Heat
wraps around it; a script that writes such lines is understood too.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import email
import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from sandbox_drivers import sample

FILE = "/etc/tenant-ops/tier.env"
METADATA = "sandbox:listen"
LINE = re.compile(r"^\s*(?:export\s+)?TENANT_OPS_([A-Z]+)=[\"']?([^\"'\n]*?)[\"']?\s*$", re.MULTILINE)
LISTEN = re.compile(r"^(http|tcp|ssh):(\d{1,5})$")
AMPHORA = re.compile(r"^amphora-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
LARGEST = 1 << 20

Tier = dict[str, Any]


def settings(name: str, user_data: str | None, metadata: Mapping[str, str]) -> Tier:
    """{"listen": ["http:8080", …], "database": "10.0.2.10:1521" or None, "volume": "/dev/vdb" or None}.

    With "sample": how many rows an empty volume gets, only where the user data asks for some. With "mask"
    ({"script": base64, "nonce": …}): it masks its volume and listens to nothing.
    A volume is named by its device alone (TENANT_OPS_VOLUME); who names it by its id gets the first one.
    `user_data` is base64 as Nova keeps it. Malformed user data counts as none: a real server would boot with it too.
    """
    lines = environment(decoded(user_data)) if user_data else {}
    if "MASK" in lines:
        mask = {"script": lines["MASK"], "nonce": lines.get("NONCE", "")}
        return {"listen": [], "database": None, "volume": lines.get("VOLUME") or None, "mask": mask}
    wanted = metadata.get(METADATA)
    if wanted is not None:
        listen = [word for word in wanted.replace(",", " ").split() if valid(word)]
    elif lines.get("TIER"):
        listen = _listen(lines["TIER"].lower(), lines.get("PORT", ""))
    else:
        listen = by_name(name)
    found: Tier = {"listen": listen, "database": lines.get("DATABASE") or None, "volume": lines.get("VOLUME") or None}
    if (rows := lines.get("SAMPLE", "")).isdecimal() and int(rows[:9]):
        found["sample"] = min(int(rows[:9]), sample.MOST)
    return found


def valid(word: str) -> bool:
    found = LISTEN.match(word)
    return found is not None and 0 < int(found[2]) < 65536


def _listen(tier: str, port: str) -> list[str]:
    number = port if port.isdigit() and 0 < int(port) < 65536 else ""
    if tier == "database":
        return [f"tcp:{number or 1521}"]
    if tier == "jump":
        return [f"ssh:{number or 22}"]
    return sorted({f"http:{number or 8080}", "http:80"})


def by_name(name: str) -> list[str]:
    """What a server listens on that does not say: amphorae run haproxy only."""
    if AMPHORA.match(name):
        return []
    if name.startswith("db"):
        return ["tcp:1521"]
    return ["ssh:22"] if name.startswith("jump") else ["http:80", "http:8080"]


def decoded(user_data: str) -> bytes:
    """User data as the server would see it: base64 taken off, unzipped."""
    try:
        return _unzipped(base64.b64decode(user_data))
    except (binascii.Error, ValueError):
        return b""


def _unzipped(data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return gzip.decompress(data)[:LARGEST]
    except (OSError, EOFError, zlib.error):
        return b""


def environment(data: bytes) -> dict[str, str]:
    """The TENANT_OPS_ lines of the tier file, without that prefix; the last one of a name counts."""
    found: dict[str, str] = {}
    for part in parts(data):
        files = [text for path, text in written_files(part) if path == FILE]
        for text in files or [part]:
            found.update(LINE.findall(text))
    return {key: value.strip() for key, value in found.items()}


def parts(data: bytes) -> Iterator[str]:
    """The texts of a MIME message, nested ones included, or the whole where it is none."""
    head = data[:2048].lower()
    if b"content-type:" not in head or b"multipart/" not in head:
        yield data.decode(errors="replace")
        return
    for part in email.message_from_bytes(data).walk():
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            yield _unzipped(content).decode(errors="replace")


def written_files(part: str) -> Iterator[tuple[str, str]]:
    """Path and content of each entry of `write_files` in a cloud-config (cloud-init's cc_write_files encodings)."""
    if not part.lstrip().startswith("#cloud-config"):
        return
    try:
        config = yaml.safe_load(part)
    except yaml.YAMLError:
        return
    entries = config.get("write_files") if isinstance(config, dict) else None
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict):
            yield str(entry.get("path", "")), _content(entry.get("content") or "", str(entry.get("encoding", "")))


def _content(content: str | bytes, encoding: str) -> str:
    data = content if isinstance(content, bytes) else str(content).encode()
    words = set(re.split(r"[+\s]+", encoding.lower()))
    if words & {"b64", "base64"}:
        with contextlib.suppress(binascii.Error, ValueError):
            data = base64.b64decode(data)
    return (_unzipped(data) if words & {"gz", "gzip"} else data).decode(errors="replace")
