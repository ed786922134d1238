"""What runs in each amphora beside haproxy and keepalived, here for all: it keeps them alive and sends the heartbeats.

The messages are built, signed and sent by Octavia's own health daemon: haproxy's statistics socket to a UDP message.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from octavia.amphorae.backends.health_daemon import health_daemon, health_sender
from octavia.common import service
from oslo_config import cfg
from oslo_log import log as logging

from sandbox_drivers import guest, keepalived, records
from sandbox_drivers.haproxy import Amphora

CONF = cfg.CONF
LOG = logging.getLogger(__name__)
ANNOUNCE_SECONDS = 30


@contextlib.contextmanager
def inside(amphora: Amphora) -> Iterator[None]:
    """Octavia's health daemon believes that it runs in this amphora."""
    top = CONF.haproxy_amphora.base_path
    CONF.set_override("base_path", str(amphora.base), group="haproxy_amphora")
    CONF.set_override("amphora_id", amphora.id, group="amphora_agent")
    # the statistics are sent as differences to counters that the daemon keeps in one file an amphora
    health_daemon.COUNTERS = health_daemon.COUNTERS_FILE = None
    try:
        yield
    finally:
        if health_daemon.COUNTERS_FILE:
            health_daemon.COUNTERS_FILE.close()
        CONF.set_override("base_path", top, group="haproxy_amphora")


def beat(sender: health_sender.UDPStatusSender, amphora: Amphora, announce: bool) -> None:
    """A dead amphora sends nothing, and Octavia fails it over; a rebooted one gets its haproxy back first."""
    if records.read(amphora.compute) is None:
        amphora.forget()
    if not amphora.booted():
        return
    for lb in amphora.load_balancers():
        if not amphora.pid(lb):
            amphora.run(lb, reload=False)
            announce = True
    keepalived.run(amphora, reload=False)
    if announce:
        guest.announce(amphora.compute)
    health_daemon.list_sock_stat_files = lambda hadir=None: {
        lb: str(amphora.socket()) for lb in amphora.load_balancers()
    }
    with inside(amphora):
        sender.dosend(health_daemon.build_stats_message())


def main() -> None:
    service.prepare_service(sys.argv)
    sender = health_sender.UDPStatusSender()
    top, announced = Path(CONF.haproxy_amphora.base_path), 0.0
    while True:
        began = time.monotonic()
        announce = began - announced >= ANNOUNCE_SECONDS
        announced = began if announce else announced
        for amphora in Amphora.all(top):
            try:
                beat(sender, amphora, announce)
            except Exception:
                LOG.exception("No heartbeat of amphora %s", amphora.id)
        time.sleep(max(0.1, began + CONF.health_manager.heartbeat_interval - time.monotonic()))


if __name__ == "__main__":
    main()
