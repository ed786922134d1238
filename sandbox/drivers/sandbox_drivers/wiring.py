"""What a server needs of the network, in plain words, and the two ways to give it: packets, or a bound port alone."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from sandbox_drivers import guest, links, places
from sandbox_drivers.places import GuestError

CHASSIS_ROW = "sandbox"
BIND_SECONDS = 15
Port = dict[str, Any]


def port(vif: Any) -> Port:
    """A port as `links.plug` takes it, from Nova's network model of a virtual interface."""
    subnets = vif["network"]["subnets"]
    return {
        "id": vif["id"],
        "mac": vif["address"],
        "tap": vif.get("devname") or "tap" + vif["id"][:11],
        "mtu": vif["network"].get_meta("mtu"),
        "addresses": [f"{ip['address']}/{s['cidr'].split('/')[1]}" for s in subnets for ip in s["ips"]],
        "gateways": [s["gateway"]["address"] for s in subnets if s["gateway"] and s["gateway"]["address"]],
        "routes": [[r["cidr"], r["gateway"]["address"]] for s in subnets for r in s["routes"]],
    }


def volumes(block_device_info: Any) -> dict[str, str]:
    """The raw file of each attached data volume by its device; the disk a server boots from is none."""
    info = block_device_info or {}
    root = info.get("root_device_name")
    found = {}
    for mapping in info.get("block_device_mapping") or []:
        path = volume_path(mapping.get("connection_info"))
        device = mapping.get("mount_device")
        if path and device and device != root:
            found[device] = path
    return found


def volume_path(connection_info: Any) -> str | None:
    """The raw file a Cinder attachment points to (initialize_connection of dirvol)."""
    return ((connection_info or {}).get("data") or {}).get("device_path")


class Packets:
    """With a data plane a server is a guest: a namespace whose ports OVN binds by itself."""

    up = staticmethod(guest.up)
    ensure = staticmethod(guest.ensure)
    down = staticmethod(guest.down)
    ended = staticmethod(guest.ended)
    plug = staticmethod(guest.plug)
    unplug = staticmethod(guest.unplug)
    attach = staticmethod(guest.attach)
    detach = staticmethod(guest.detach)
    kill = staticmethod(guest.kill)
    console = staticmethod(guest.console)
    prune = staticmethod(guest.prune)


class Paper:
    """Without a data plane a server is a state, and its ports are bound to the chassis' row by hand."""

    def __init__(self) -> None:
        self.ports: dict[str, set[str]] = {}
        self.lines: dict[str, list[str]] = {}

    def up(self, uuid: str, name: str, tier: Any, ports: Iterable[Port], volumes: Any = None) -> None:
        self.lines.setdefault(uuid, []).append(f"power on: {name} (no data plane)")
        for p in ports:
            self.plug(uuid, p)

    ensure = up

    def down(self, uuid: str, forget: bool = False) -> None:
        for port_id in list(self.ports.get(uuid, ())):
            self.unplug(uuid, port_id)
        if forget:
            self.ports.pop(uuid, None)
            self.lines.pop(uuid, None)

    def ended(self, uuid: str) -> bool:
        return False

    def plug(self, uuid: str, port: Port) -> None:
        """Raises GuestError where the port does not come up in the southbound database within 15 seconds."""
        self.ports.setdefault(uuid, set()).add(port["id"])
        end = time.monotonic() + BIND_SECONDS
        while True:
            try:
                sbctl("--may-exist", "lsp-bind", port["id"], CHASSIS_ROW)
                return
            except GuestError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    def unplug(self, uuid: str, port_id: str) -> None:
        self.ports.get(uuid, set()).discard(port_id)
        sbctl("--if-exists", "lsp-unbind", port_id, check=False)

    def attach(self, uuid: str, device: str, path: str) -> None:
        pass

    def detach(self, uuid: str, device: str) -> None:
        pass

    def kill(self, uuid: str, sig: int) -> None:
        pass

    def console(self, uuid: str) -> str:
        return "".join(f"{line}\n" for line in self.lines.get(uuid, []))

    def prune(self, known: Iterable[str]) -> None:
        pass


def sbctl(*arguments: str, check: bool = True) -> str:
    """ovn-sbctl; it finds the database by OVN_SB_DB."""
    return links.run(places.ovs("ovn-sbctl"), "--timeout=10", *arguments, check=check)


def plane() -> Packets | Paper:
    return Packets() if places.data_plane() else Paper()
