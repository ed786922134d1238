"""Was kept what was promised? The service layer's proofs, then packets, each within a few seconds."""

from __future__ import annotations

import datetime
import time
from dataclasses import replace

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import packets
from tenant_ops_dashboard.environments.model import Details, Proof

DATABASE_PORT = 1521


def prove(cloud: Cloud, details: Details, door: str | None = None) -> tuple[Proof, ...]:
    """All proofs of an environment: those in `details`, then with packets at most fifteen seconds' worth.

    `door` is an HTTP proxy that reaches floating IPs, None (or '' with the cloud's own option) is directly. Packets are
    sent only where the stack stands; until then nothing is promised. Raises nothing: what fails is a failed proof.
    """
    if details.environment.status == "deleting" or not details.proofs:
        return details.proofs
    outputs = _own(details)
    way = packets.Way(door or cloud.options.door or None)
    address = outputs.get("address", "")
    if not address:
        return details.proofs
    members = max(1, sum(1 for box in details.picture.boxes if box.kind == "server"))
    database = outputs.get("database", "")
    web = _timed(lambda: packets.turns(way, address, members, bool(database)))
    sent = [*web]
    if database:
        sent += _timed(
            lambda: [packets.closed(way, (address, database), DATABASE_PORT, reachable=web[0].state != "failed")]
        )
    # A load balancer that is not up yet explains what packets cannot reach.
    settling = any(one.state == "building" for one in details.proofs)
    return (
        *details.proofs,
        *(replace(one, state="building") if settling and one.state == "failed" else one for one in sent),
    )


def _own(details: Details) -> dict[str, str]:
    """Where packets may go: outputs come from a template that a user may write, so Neutron and Nova must know them."""
    known = {(box.kind, box.detail) for box in details.picture.boxes}
    kinds = {"address": "floating_ip", "database": "database"}
    return {name: value for name, value in details.outputs.items() if (kinds.get(name), value) in known}


def _timed(make: packets.Made) -> list[Proof]:
    began = time.monotonic()
    made = make()
    seconds, now = round(time.monotonic() - began, 2), datetime.datetime.now(datetime.UTC)
    return [replace(one, seconds=seconds, at=now) for one in made]
