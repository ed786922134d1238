"""A load that rises, bounded in rate and time, aimed at the environment's own address alone.

There is no thread: each look sends what is due by then, at most a burst.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from tenant_ops_dashboard.sentences import join, say, whole
from tenant_ops_dashboard.walkthrough.acts import packets, scaling
from tenant_ops_dashboard.walkthrough.model import Checked, Did
from tenant_ops_dashboard.walkthrough.play import Context

#: Requests in all, seconds, and requests of one look.
MOST, SECONDS, BURST = 600, 60.0, 20
#: By how many requests a second the rate rises each second.
RISE = 1 / 12


def begin(context: Context) -> Did:
    """Nothing is sent yet: the looks that follow do it."""
    packets.own(context.cloud, address := context.fact("address"), context.fact("balancer_id"))
    peak = RISE * SECONDS
    return Did(
        say(
            "Sends a rising load to http://{address}/: from 0 to {peak:g} requests a second within {seconds:.0f} s,"
            " at most {burst} a look and {most} in all.",
            address=address, peak=peak, seconds=SECONDS, burst=BURST, most=MOST,
        ),
        {"load_sent": "0", "servers": str(scaling.read(context).size)},
    )  # fmt: skip


def due(context: Context) -> Mapping[str, str]:
    """How many this look sends, kept before they are sent: two who look at once send no more than one would."""
    # Where another host's clock is ahead, it has not begun yet.
    passed = max(0.0, (datetime.datetime.now(datetime.UTC) - context.began).total_seconds())
    sent = int(context.facts.get("load_sent") or 0)
    wanted = min(MOST, int(RISE * min(passed, SECONDS) ** 2 / 2))
    count = max(0, min(BURST, wanted - sent)) if passed <= SECONDS else 0
    return {"load_sent": str(sent + count), "load_due": str(count)}


def scaled(context: Context) -> Checked:
    """Send what is due, measure, decide; whether a server was asked for before the threshold was crossed."""
    cloud, count, balancer = context.cloud, int(context.facts.get("load_due") or 0), context.fact("balancer_id")
    heard = packets.Heard((), 0)
    if count:
        heard = packets.ask(cloud, context.fact("address"), count, patient=True, balancer=balancer)
    decision = context.store.scale(cloud, context.fact("environment_id"))
    reason = context.store.scaled(cloud, balancer, context.began)
    if reason and "forecast" in reason:
        return Checked(
            True, say("{reason} The threshold was not crossed yet. {sent}", reason=reason, sent=_sent(context))
        )
    if reason:
        return Checked(
            False, say("It scaled out late, when the threshold was crossed already. {reason}", reason=reason)
        )
    if scaling.read(context).size > int(context.facts.get("servers") or 2):
        return Checked(True, say("Heat makes one server more: an alarm asked for it. {sent}", sent=_sent(context)))
    last = f"{heard.trouble}." if heard.trouble else ""
    return Checked(None, "", join(" ", (_sent(context), last, whole(decision.reason) if decision else "")))


def _sent(context: Context) -> str:
    seconds = (datetime.datetime.now(datetime.UTC) - context.began).total_seconds()
    return say(
        "{sent} requests within {seconds:.0f} s.",
        sent=context.facts.get("load_sent", "0"),
        seconds=max(0.0, min(seconds, SECONDS)),
    )
