"""octavia-driver-agent and the OVN provider with the agent's sockets below the sandbox's own folder.

octavia-lib opens them below /var/run/octavia and has no option for it. Importing this module moves them; as a
program it is the agent.
"""

from __future__ import annotations

import sys

from octavia_lib.api.drivers import driver_lib

from sandbox_drivers import octavia_types, places  # noqa: F401  (the types before Octavia)

# the defaults of status_socket, stats_socket and get_socket, in that order
driver_lib.DriverLibrary.__init__.__defaults__ = tuple(
    str(places.run_folder() / f"oct-{name}.sock") for name in ("status", "stats", "get")
)

if __name__ == "__main__":
    from octavia.cmd.driver_agent import main

    sys.exit(main())
