"""Every process of the sandbox: up or not, its port, its memory."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from sandbox import catalogue, clouds, process
from sandbox.settings import Settings, url


@dataclass(frozen=True)
class Row:
    """`memory` is the proportional set size of the process and its children, in MiB (proc(5), smaps_rollup)."""

    service: str
    process: str
    state: str
    port: int | None
    memory: float
    processes: int


def rows(s: Settings) -> list[Row]:
    children = _children()
    found = []
    for service, p in catalogue.processes(s):
        pid = process.pid_of(s, p.name)
        family = _family(pid, children) if pid else []
        answering = bool(pid) and (p.port is None or (process.answers if p.http else process.listening)(p.port))
        state = "up" if answering else ("does not answer" if pid else "down")
        found.append(Row(service.name, p.name, state, p.port, round(sum(map(_memory, family)), 1), len(family)))
    return found


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        found.setdefault(parent, []).append(int(folder.name))
    return found


def _family(pid: int, children: dict[int, list[int]]) -> list[int]:
    return [pid] + [p for child in children.get(pid, []) for p in _family(child, children)]


def _memory(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def show(s: Settings, form: str) -> int:
    """Prints the table or JSON; 0 where everything is up, 1 otherwise."""
    found = rows(s)
    ok = all(row.state == "up" for row in found)
    if form == "json":
        logins = {name: s.passwords[name] for name in clouds.PEOPLE} if s.clouds_yaml.exists() else {}
        print(json.dumps({
            "up": ok, "horizon": url("horizon"), "door": url("door") if s.data_plane else "",
            "data_plane": s.data_plane,
            "telemetry": s.telemetry, "state": str(s.state), "clouds": str(s.clouds_yaml), "logins": logins,
            "memory": round(sum(row.memory for row in found), 1), "processes": [asdict(row) for row in found],
        }, indent=1))  # fmt: skip
        return 0 if ok else 1
    print(f"{'service':12} {'process':32} {'state':16} {'port':>6} {'MiB':>8}")
    for row in found:
        print(f"{row.service:12} {row.process:32} {row.state:16} {row.port or '':>6} {row.memory:8.1f}")
    print(f"{'':12} {'in all':32} {'up' if ok else 'not up':16} {'':>6} {sum(row.memory for row in found):8.1f}")
    if not s.data_plane:
        print(f"Without real packets: {s.data_plane_missing}.")
    return 0 if ok else 1
