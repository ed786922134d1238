"""The servers' namespaces, seen from the machine: what the drivers made can be entered, told and swept here."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from sandbox import progress
from sandbox.errors import SandboxError
from sandbox.services.ovn import OUTSIDE
from sandbox.settings import PROJECT, Settings


def driver(s: Settings) -> ModuleType:
    """The drivers' own module on guests; it needs the standard library and these variables only."""
    os.environ.update({k: v for k, v in s.environment.items() if k.startswith(("SANDBOX_", "OVN_", "OVS_"))})
    path = str(PROJECT / "sandbox/drivers")
    if path not in sys.path:
        sys.path.insert(0, path)
    return importlib.import_module("sandbox_drivers.guest")


def sweep(s: Settings) -> None:
    """Takes down every namespace, link and process of a server that is left."""
    driver(s).sweep()


def restore(s: Settings) -> None:
    """Brings back the servers that ran, and puts those that still run into a chassis that was made anew."""
    for sentence in driver(s).restore():
        progress.say(f"A server did not come back: {sentence}")


def enter(s: Settings, namespace: str, command: list[str], entrance: Sequence[str] = ()) -> None:
    """Replaces this process by the command, inside the namespace, behind `entrance` where that is another way in."""
    if not os.path.exists(f"/run/netns/{namespace}"):
        raise SandboxError(f"The namespace {namespace} does not exist.", "Run 'make demo' with root and /dev/net/tun.")
    # A proxy of the host is out of reach in there.
    for name in [one for one in os.environ if one.lower().endswith("_proxy")]:
        del os.environ[name]
    words = [*(entrance or ("ip", "netns", "exec", namespace)), *command]
    os.execvp(words[0], words)


def outside(s: Settings, command: list[str]) -> None:
    enter(s, OUTSIDE, command)


def inside(s: Settings, server: str, command: list[str]) -> None:
    guest = driver(s)
    uuid = guest.find(server)
    if uuid is None:
        raise SandboxError(f"No server named {server} runs here.", "See 'python -m sandbox servers'.")
    enter(s, guest.netns(uuid), command, guest.entrance(uuid))


def tell(s: Settings, server: str, words: list[str]) -> None:
    """Makes a server slow, fail, die or heal, and prints what it says to that."""
    guest = driver(s)
    uuid = guest.find(server)
    if uuid is None:
        raise SandboxError(f"No server named {server} runs here.", "See 'python -m sandbox servers'.")
    try:
        print(guest.tell(uuid, " ".join(words)))
    except guest.GuestError as error:
        raise SandboxError(f"{server} did not obey.", str(error)) from None


def show(s: Settings) -> None:
    """Prints one line a server: name, namespace, what it plays, what is wrong with it."""
    for g in driver(s).listing():
        state = f"{len(g['pids'])} processes" if g["running"] else "off"
        words = {**g["tier"], **({"mask": g["tier"]["mask"]["nonce"]} if "mask" in g["tier"] else {})}
        words.update({"user_data": "of its own"} if "user_data" in words else {})
        tier = ", ".join(f"{key} {value}" for key, value in words.items() if value)
        print(f"{g['name']:32} {g['namespace']:18} {state:14} {tier} {g['fault'] if any(g['fault'].values()) else ''}")
