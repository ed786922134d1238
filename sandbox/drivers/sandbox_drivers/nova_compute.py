"""nova-compute with the sandbox's virtualisation driver: Nova loads drivers only from below nova.virt."""

from __future__ import annotations

import sys
from pathlib import Path

# Nova's own start-up has to be the first import: it decides between threads and green threads
from nova.cmd.compute import main  # isort: skip
import nova.servicegroup.api
import nova.virt

nova.servicegroup.api.INITIAL_REPORTING_DELAY = 1  # seconds; it is the last to start, and a start waits for it
nova.virt.__path__.append(str(Path(__file__).parent / "nova_virt"))

if __name__ == "__main__":
    sys.exit(main())
