"""The one place for the sandbox's paths, ports and versions."""

from __future__ import annotations

import functools
import hashlib
import os
import secrets
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
REGION = "RegionOne"
# In the catalogue beside it, at addresses where nothing answers: who does not say which region he means meets it.
OTHER_REGION = "RegionTwo"
# A page of any list is no longer than this, whatever is asked for.
PAGE = 20
# Horizon is not alone on its host.
WEBROOT = "/dashboard"

PORTS = {
    "keystone": 15000,
    "placement": 18778,
    "glance": 19292,
    "neutron": 19697,
    "nova": 18774,
    "cinder": 18776,
    "octavia": 19876,
    "heat": 18004,
    "heat-cfn": 18000,
    "gnocchi": 18041,
    "aodh": 18042,
    "barbican": 19311,
    "rabbitmq": 15673,
    "rabbitmq-distribution": 25673,
    "epmd": 14369,
    "ovn-northbound": 16641,
    "ovn-southbound": 16642,
    "octavia-heartbeats": 15555,
    "memcached": 21211,
    "horizon": 18080,
    "door": 18081,
}

# Python versions stand in requirements/*.txt; these are the few things that do not come from there.
UV = "0.13.8"
OVN_SUITE = "trixie"  # OVS 3.1 of Debian 12 aborts now and then in conntrack; 3.5 of Debian 13 was not seen to

EXTERNAL_CIDR = "203.0.113.0/24"
EXTERNAL_GATEWAY = "203.0.113.1"
MANAGEMENT_CIDR = "172.31.0.0/22"
LONGEST_RUN_PATH = 60  # a Unix socket's path is at most 107 characters, haproxy's at most 97


@dataclass(frozen=True)
class Settings:
    """Where everything lives. `state` holds all that the sandbox writes, `run` its sockets and process ids."""

    state: Path
    run: Path
    telemetry: bool
    real: bool = False

    @property
    def conf(self) -> Path:
        return self.state / "conf"

    @property
    def data(self) -> Path:
        return self.state / "data"

    @property
    def log(self) -> Path:
        return self.state / "log"

    @property
    def tools(self) -> Path:
        return self.state / "tools"

    @property
    def unpacked(self) -> Path:
        """Debian packages that would start a service when installed are only unpacked, here."""
        return self.state / "unpacked"

    @property
    def ovs_bin(self) -> Path:
        return self.state / "ovn" / "bin"

    @property
    def cloud_venv(self) -> Path:
        return self.state / "venv" / "cloud"

    @property
    def horizon_venv(self) -> Path:
        return self.state / "venv" / "horizon"

    @property
    def image(self) -> Path:
        """The root file system of servers that are whole systems."""
        return self.state / "image"

    @property
    def nspawn(self) -> Path:
        return self.unpacked / "usr/bin/systemd-nspawn"

    @property
    def clouds_yaml(self) -> Path:
        return PROJECT / "sandbox" / "clouds.yaml"

    def cloud_command(self, name: str) -> str:
        return str(self.cloud_venv / "bin" / name)

    @functools.cached_property
    def data_plane(self) -> bool:
        """Real packets need Linux, root and /dev/net/tun; without them the control plane runs alone."""
        return self.data_plane_missing == ""

    @functools.cached_property
    def data_plane_missing(self) -> str:
        if os.environ.get("SANDBOX_DATA_PLANE") == "0":
            return "it is switched off by SANDBOX_DATA_PLANE=0"
        if sys.platform != "linux":
            return "this is not Linux"
        if os.geteuid() != 0:
            return "it needs root"
        if not Path("/dev/net/tun").exists():
            return "/dev/net/tun is missing"
        return ""

    @property
    def environment(self) -> dict[str, str]:
        """What every process of the sandbox has in its environment."""
        return {
            **{k: v for k, v in os.environ.items() if not k.startswith("OS_")},
            "PATH": f"{self.ovs_bin}:{self.cloud_venv}/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "PYTHONWARNINGS": "ignore",
            "EVENTLET_NO_GREENDNS": "yes",  # a resolver of its own, 7 MB a process, for names that nobody looks up here
            "SANDBOX_STATE": str(self.state),
            "SANDBOX_RUN": str(self.run),
            "SANDBOX_OVS_BIN": str(self.ovs_bin),
            "SANDBOX_HAPROXY": str(self.unpacked / "usr/sbin/haproxy"),
            "SANDBOX_KEEPALIVED": str(self.unpacked / "usr/sbin/keepalived"),
            "SANDBOX_DATA_PLANE": "1" if self.data_plane else "0",
            "SANDBOX_IMAGE": str(self.image),
            "SANDBOX_NSPAWN": str(self.nspawn),
            "SANDBOX_REAL": "1" if self.real else "0",
            "OS_CLIENT_CONFIG_FILE": str(self.clouds_yaml),
            "OVS_RUNDIR": str(self.run),
            "OVN_RUNDIR": str(self.run),
            "OVN_NB_DB": f"tcp:{HOST}:{PORTS['ovn-northbound']}",
            "OVN_SB_DB": f"tcp:{HOST}:{PORTS['ovn-southbound']}",
        }

    @functools.cached_property
    def passwords(self) -> Passwords:
        return Passwords(self.state / "passwords")


class Passwords:
    """One random password a name, made on first use, kept in a folder that only its owner can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __getitem__(self, name: str) -> str:
        path = self._folder / name
        if not path.exists():
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w") as f:
                f.write(secrets.token_hex(12))
        return path.read_text()


def url(service: str, path: str = "") -> str:
    """The loopback address of a service's API; Horizon's is below its WEBROOT."""
    return f"http://{HOST}:{PORTS[service]}{WEBROOT if service == 'horizon' else ''}{path}"


@functools.cache
def settings() -> Settings:
    """From the environment: SANDBOX_STATE (default .sandbox in the checkout), TELEMETRY=1, REAL=1 or REAL=0."""
    state = Path(os.environ.get("SANDBOX_STATE") or PROJECT / ".sandbox").resolve()
    run = state / "run"
    if len(str(run)) > LONGEST_RUN_PATH:
        digest = hashlib.sha256(str(state).encode()).hexdigest()[:10]
        run = Path(tempfile.gettempdir()) / f"tenant-ops-sandbox-{digest}"
    telemetry = os.environ.get("TELEMETRY") == "1" or (state / "telemetry").exists()
    asked = os.environ.get("REAL", "")
    return Settings(state, run, telemetry, real=asked == "1" or (asked != "0" and (state / "real").exists()))
