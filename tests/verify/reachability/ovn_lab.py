"""A private OVN (two databases and ovn-northd, no data plane) with two switches and a router, asked by ovn-trace."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

SCHEMAS = ("/usr/share/ovn",)
MACS = {"a": "00:00:00:00:01:0a", "a2": "00:00:00:00:01:0b", "b": "00:00:00:00:02:0a", "b2": "00:00:00:00:02:0b"}
ADDRESSES = {"a": "10.78.0.10", "a2": "10.78.0.11", "b": "10.78.1.10", "b2": "10.78.1.11"}
GATEWAYS = {"swa": ("00:00:00:00:01:01", "10.78.0.1"), "swb": ("00:00:00:00:02:01", "10.78.1.1")}
SWITCH = {"a": "swa", "a2": "swa", "b": "swb", "b2": "swb"}


class Lab:
    """Use as a context; `configure` replaces all groups, `arrives` traces one switch."""

    def __init__(self, schemas):
        self.schemas = Path(schemas)
        self.folder = None
        self.daemons = []
        self.tracers = {}

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        for name in ("nb", "sb"):
            base = self.folder / f"{name}.db"
            subprocess.run(("ovsdb-tool", "create", base, self.schemas / f"ovn-{name}.ovsschema"), check=True)
            self._start(
                "ovsdb-server",
                f"--remote=punix:{self.folder}/{name}.sock",
                f"--unixctl={self.folder}/{name}.ctl",
                str(base),
            )
        while not all((self.folder / f"{name}.sock").exists() for name in ("nb", "sb")):
            time.sleep(0.05)
        self.nb("init")
        subprocess.run(("ovn-sbctl", f"--db=unix:{self.folder}/sb.sock", "init"), check=True)
        self._start(
            "ovn-northd", f"--ovnnb-db=unix:{self.folder}/nb.sock", f"--ovnsb-db=unix:{self.folder}/sb.sock",
            f"--unixctl={self.folder}/northd.ctl",
        )  # fmt: skip
        self._topology()
        return self

    def __exit__(self, *_error):
        self._forget()
        for daemon in reversed(self.daemons):
            daemon.terminate()
            daemon.wait(10)
        self.stack.close()

    def _start(self, *command):
        self.daemons.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))

    def nb(self, *arguments):
        command = ("ovn-nbctl", f"--db=unix:{self.folder}/nb.sock", *arguments)
        subprocess.run(command, check=True, capture_output=True)

    def _topology(self):
        self.nb("lr-add", "r")
        for switch, (mac, address) in GATEWAYS.items():
            self.nb("ls-add", switch, "--", "lrp-add", "r", f"r-{switch}", mac, f"{address}/24")
            self.nb(
                "lsp-add", switch, f"if-{switch}", "--", "lsp-set-type", f"if-{switch}", "router", "--",
                "lsp-set-addresses", f"if-{switch}", "router", "--", "lsp-set-options", f"if-{switch}", f"router-port=r-{switch}",
            )  # fmt: skip
        for name, switch in SWITCH.items():
            self.nb("lsp-add", switch, name, "--", "lsp-set-addresses", name, f"{MACS[name]} {ADDRESSES[name]}")

    def configure(self, groups, acls, sets):
        """`groups`: port group -> ports, `acls`: dictionaries as Neutron's drivers make them, `sets`: address sets."""
        self._forget()
        self._clear()
        command = []
        for name, ports in groups.items():
            command += ["--", "pg-add", name, *ports]
        for name, addresses in sets.items():
            command += ["--", "create", "Address_Set", f"name={name}", f"addresses={json.dumps(addresses)}"]
        for acl in acls:
            command += [
                "--", "--type=port-group", "--may-exist", "acl-add", acl["port_group"], acl["direction"], str(acl["priority"]),
                acl["match"], acl["action"],
            ]  # fmt: skip
        self.nb("--wait=sb", *command[1:])

    def _clear(self):
        listed = subprocess.run(
            ("ovn-nbctl", f"--db=unix:{self.folder}/nb.sock", "--bare", "--columns=name", "list", "Port_Group"),
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        command = []
        for name in listed.stdout.split():
            command += ["--", "pg-del", name]
        if command:
            self.nb(*command[1:])
        self.nb("--all", "destroy", "Address_Set")

    def arrives(self, switch, inport, outport, flow, state):
        """Trace one switch only: (does the packet leave by `outport`, which sides looked at connection state)."""
        text = self._ask(state, switch, f'inport == "{inport}" && {flow}')
        mine = []
        for part in re.split(r"(?m)^(?=ingress\(|egress\()", text):
            head = re.match(r'(ingress|egress)\(dp="([^"]+)"', part)
            if head is not None and head.group(2) == switch:
                mine.append((head.group(1), part))
            elif head is not None and mine:
                break
        text = "".join(part for _, part in mine)
        tracked = {
            kind: any("ct_next" in part for found, part in mine if found == kind) for kind in ("ingress", "egress")
        }
        return f'output to "{outport}"' in text, tracked

    def _ask(self, state, switch, flow):
        """One trace by a daemon of its own for each connection state; a daemon reads the database once."""
        path = self.folder / f"trace-{state.replace(',', '-')}.ctl"
        if state not in self.tracers:
            states = [word for _ in range(4000) for word in ("--ct", state)]
            command = (
                "ovn-trace",
                f"--db=unix:{self.folder}/sb.sock",
                *states,
                f"--unixctl={path}",
                "--detach",
                "--no-chdir",
            )
            pid = self.folder / f"{path.name}.pid"
            subprocess.run(
                (*command, f"--pidfile={pid}"), check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            self.tracers[state] = int(pid.read_text())
        with socket.socket(socket.AF_UNIX) as line:
            line.connect(str(path))
            line.sendall(json.dumps({"id": 0, "method": "trace", "params": ["--detailed", switch, flow]}).encode())
            heard = b""
            while True:
                heard += line.recv(1 << 20)
                with contextlib.suppress(ValueError):
                    answer = json.loads(heard)
                    break
        if answer["error"]:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def _forget(self):
        """Stop the tracers: they know the configuration before."""
        for state, pid in self.tracers.items():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            path = self.folder / f"trace-{state.replace(',', '-')}.ctl"
            while path.exists():
                time.sleep(0.005)
        self.tracers = {}
