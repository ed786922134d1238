"""A server is a network namespace, one veth pair a port, and a tiny process that plays its tier.

Used by the nova driver, the amphora driver and the sandbox's own commands; standard library only. Every function may be
repeated, and each leaves a guest as a whole or, where it raises GuestError, as nothing but its record.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable
from typing import Any

from sandbox_drivers import links, machine, places, records
from sandbox_drivers.inhabitant import console, kill, log, pids, read_again, serve, speak, tell
from sandbox_drivers.places import IP, GuestError

__all__ = [
    "GuestError", "address", "announce", "attach", "console", "detach", "down", "ended", "ensure", "entrance", "exists",
    "find", "kill", "listing", "log", "netns", "pids", "plug", "prune", "restore", "serve", "sweep", "tell",
    "unplug", "up",
]  # fmt: skip
Port = dict[str, Any]
Tier = dict[str, Any]

netns = places.namespace


def exists(uuid: str) -> bool:
    """Whether the guest is switched on."""
    return links.exists(netns(uuid))


def up(uuid: str, name: str, tier: Tier, ports: Iterable[Port], volumes: dict[str, str] | None = None) -> None:
    """Makes the guest, anew where it is there already: a reboot.

    `tier` as `tier.settings` returns it; `ports`: {id, tap, mac, mtu, addresses, gateways, routes} as `links.plug`
    takes them; `volumes`: the raw file of each attached volume by its device. Raises GuestError.
    """
    with records.changed(uuid) as record:
        _take_down(uuid, record)
        vips = {key: old.get("vips", []) for key, old in record["ports"].items()}
        record.update(name=name, tier=tier, volumes=volumes or {}, running=True, ports={})
        for port in ports:
            _number(record, {**port, "vips": vips.get(port["id"], [])})
        _bring_up(uuid, record)


def ensure(uuid: str, name: str, tier: Tier, ports: Iterable[Port], volumes: dict[str, str]) -> None:
    """As `up`, but a guest that stands as described is left alone, and one that lacks something is only mended."""
    record, wanted = records.read(uuid), list(ports)
    same = record is not None and (record["name"], record["tier"]) == (name, tier) and record["running"]
    known = {} if record is None else record["ports"]
    same = same and set(known) == {p["id"] for p in wanted}
    if not same or any(known[p["id"]].get(key) != value for p in wanted for key, value in p.items()):
        up(uuid, name, tier, wanted, volumes)
        return
    with records.changed(uuid) as record:
        record["volumes"] = volumes
        _mend(uuid, record, links.taps(), links.bridged())


def down(uuid: str, forget: bool = False) -> None:
    """Switches the guest off; `forget` also removes its record and its log."""
    with records.changed(uuid) as record:
        _take_down(uuid, record)
        record["running"] = False
        if not forget:
            log(uuid, "power off")
    if forget:
        _forget(uuid)


def ended(uuid: str) -> bool:
    """Whether a guest that is on has done all it had to do, a mask: it waits to be switched off."""
    record = records.read(uuid)
    return record is not None and record["running"] and "mask" in record["tier"] and records.mask_ended(uuid)


def plug(uuid: str, port: Port) -> None:
    """Adds an interface to a running guest; one that is off gets it when it is switched on."""
    with records.changed(uuid) as record:
        old = record["ports"].pop(port["id"], {})
        added = _number(record, {**port, "vips": old.get("vips", [])})
        if record["running"] and exists(uuid):
            links.plug(netns(uuid), uuid, added)
            speak(uuid, added)


def unplug(uuid: str, port_id: str) -> None:
    with records.changed(uuid) as record:
        port = record["ports"].pop(port_id, None)
        if port:
            links.unplug(port["tap"])


def attach(uuid: str, device: str, path: str) -> None:
    """Tells the guest the raw file of a volume that was attached as `device`."""
    with records.changed(uuid) as record:
        record["volumes"][device] = path
    read_again(uuid)


def detach(uuid: str, device: str) -> None:
    with records.changed(uuid) as record:
        record["volumes"].pop(device, None)
    read_again(uuid)


def address(uuid: str, mac: str, ips: Iterable[str]) -> None:
    """Gives the port of that MAC further addresses (VIPs) and announces them, as keepalived does.

    Raises GuestError where the guest has no such port.
    """
    with records.changed(uuid) as record:
        port = next((p for p in record["ports"].values() if p["mac"].lower() == mac.lower()), None)
        if port is None:
            raise GuestError(f"The server {uuid} has no interface with the address {mac}.")
        port["vips"] = sorted({*port.get("vips", []), *ips})
        for ip in port["vips"]:
            words = ["addr", "replace", links.host(ip), "dev", port["dev"], *(["nodad"] if ":" in ip else [])]
            links.run(IP, "-n", netns(uuid), *words)
        speak(uuid, port)


def announce(uuid: str) -> None:
    """Repeats what a VIP's holder says now and then, so that OVN's binding of the VIP follows it."""
    for port in (records.read(uuid) or records.empty())["ports"].values():
        speak(uuid, port)


def entrance(uuid: str) -> list[str]:
    """What a command begins with that runs in the guest: in its network, and in its files where it has its own."""
    first = machine.leader(uuid)
    return [IP, "netns", "exec", netns(uuid)] if first is None else machine.enter(first)


def listing() -> list[dict[str, Any]]:
    """Every recorded guest: {uuid, name, running, namespace, tier, volumes, fault, ports, pids}."""
    found = []
    for uuid in records.uuids():
        record = records.read(uuid)
        if record is not None:
            found.append({"uuid": uuid, "namespace": netns(uuid), **record, "pids": pids(uuid)})
    return found


def find(server: str) -> str | None:
    """The id of the guest with that id, beginning of an id, or name; a running one before one that is off."""
    fits = []
    for uuid in records.uuids():
        record = records.read(uuid) or records.empty()
        if server in (uuid, record["name"]) or (len(server) >= 8 and uuid.startswith(server)):
            fits.append((server != uuid, not exists(uuid), uuid))
    return min(fits)[2] if fits else None


def restore() -> list[str]:
    """Brings back every guest that should run, as recorded: after a crash, a new chassis, a restart of the machine.

    Returns a sentence for each guest that did not come back.
    """
    links.wait_for_bridge()
    taps, bridged, failed = links.taps(), links.bridged(), []
    known = {p["tap"] for uuid in records.uuids() for p in (records.read(uuid) or records.empty())["ports"].values()}
    links.forget([tap for tap in bridged if tap.startswith("tap") and tap not in known])
    for uuid in records.uuids():
        try:
            with records.changed(uuid) as record:
                if record["running"]:
                    _mend(uuid, record, taps, bridged)
        except GuestError as e:
            failed.append(f"{uuid}: {e}")
    return failed


def prune(known: Iterable[str]) -> None:
    """Forgets every guest that is not among the known servers, its namespace included."""
    keep = set(known)
    for uuid in set(records.uuids()) - keep:
        down(uuid, forget=True)
    names = {netns(uuid) for uuid in keep}
    for name in links.namespaces():
        if name not in names:
            links.delete(name)


def sweep() -> None:
    """Ends every process and namespace of this sandbox's guests; the records stay, so that `restore` finds them."""
    for name in links.namespaces():
        links.delete(name)
    known = [(uuid, records.read(uuid) or records.empty()) for uuid in records.uuids()]
    with contextlib.suppress(GuestError):
        links.forget([port["tap"] for _, record in known for port in record["ports"].values()])
    for uuid, record in known:
        if machine.wanted(record):
            machine.release(uuid, record)


def _number(record: records.Record, port: Port) -> Port:
    """Gives a port the first free device name and enters it into the record."""
    used = {p["dev"] for p in record["ports"].values()}
    number = next(n for n in range(len(used) + 1) if f"eth{n}" not in used)
    record["ports"][port["id"]] = {**port, "dev": f"eth{number}", "metric": 100 + number}
    return record["ports"][port["id"]]


def _bring_up(uuid: str, record: records.Record) -> None:
    """Switches a guest on that stands nowhere; what it was told to suffer ends with that."""
    name = netns(uuid)
    record["fault"] = dict(records.NO_FAULT)
    try:
        links.create(name)
        for port in record["ports"].values():
            links.plug(name, uuid, port)
        addresses = [a for p in record["ports"].values() for a in p["addresses"]]
        log(uuid, f"power on: {record['name']} {' '.join(addresses)}")
        records.write(uuid, record)
        serve(uuid)
        for port in record["ports"].values():
            speak(uuid, port)
    except GuestError as e:
        log(uuid, str(e))
        with contextlib.suppress(GuestError):
            _take_down(uuid, record)
        raise


def _take_down(uuid: str, record: records.Record) -> None:
    whole = machine.wanted(record)
    if whole:
        machine.off(uuid)
    links.delete(netns(uuid))
    if whole:
        machine.release(uuid, record)
    for port in record["ports"].values():
        try:
            links.unplug(port["tap"])
        except GuestError as e:
            # the pair is gone; the port without one waits for `restore`
            log(uuid, str(e))


def _mend(uuid: str, record: records.Record, taps: set[str], bridged: set[str]) -> None:
    """Adds what a guest that should run lacks: itself, a pair of a port, the pair's place in br-int, its process."""
    if not exists(uuid):
        _bring_up(uuid, record)
        return
    for port in record["ports"].values():
        if port["tap"] not in taps:
            links.plug(netns(uuid), uuid, port)
            speak(uuid, port)
        elif port["tap"] not in bridged:
            links.rejoin([(uuid, port)])
            speak(uuid, port)
    records.write(uuid, record)
    if not record["fault"]["dead"]:
        serve(uuid)
        read_again(uuid)


def _forget(uuid: str) -> None:
    shutil.rmtree(places.folder(uuid), ignore_errors=True)
    records.lock_of(uuid).unlink(missing_ok=True)
