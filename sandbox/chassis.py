"""Without a data plane: keeps a chassis in the southbound database that Neutron calls alive.

Neutron refuses to bind a port to a chassis whose Chassis_Private.nb_cfg lags behind NB_Global's.
"""

from __future__ import annotations

import os
import subprocess
import time

NAME = "sandbox"


def _run(program: str, *arguments: str) -> str:
    return subprocess.run(
        [os.path.join(os.environ["SANDBOX_OVS_BIN"], program), "--timeout=10", *arguments],
        capture_output=True,
        text=True,
    ).stdout.strip()


def main() -> None:
    if not _run("ovn-sbctl", "--bare", "--columns=name", "find", "Chassis", f"name={NAME}"):
        _run(
            "ovn-sbctl", "chassis-add", NAME, "geneve", "127.0.0.1", "--",
            "set", "Chassis", NAME, "hostname=sandbox",
            "other_config:ovn-bridge-mappings=public:br-ex", "other_config:ovn-cms-options=enable-chassis-as-gw",
        )  # fmt: skip
        _run("ovn-sbctl", "--id=@c", "create", "Chassis_Private", f"name={NAME}", f"chassis={_uuid()}")
    told = ""
    while True:
        wanted = _run("ovn-nbctl", "get", "NB_Global", ".", "nb_cfg")
        if wanted and wanted != told:
            _run(
                "ovn-sbctl",
                "set",
                "Chassis_Private",
                NAME,
                f"nb_cfg={wanted}",
                f"nb_cfg_timestamp={int(time.time() * 1000)}",
            )
            told = wanted
        time.sleep(1)


def _uuid() -> str:
    return _run("ovn-sbctl", "--bare", "--columns=_uuid", "find", "Chassis", f"name={NAME}")


if __name__ == "__main__":
    main()
