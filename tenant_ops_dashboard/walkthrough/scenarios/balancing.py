"""The second scenario: servers are added before the load needs them, and one that dies is not missed."""

from __future__ import annotations

from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.acts import load, scaling, shop, survivors
from tenant_ops_dashboard.walkthrough.model import Link, Step
from tenant_ops_dashboard.walkthrough.play import Act, play

_PAGE: Link = ("balancer", "balancer_id")

BALANCING = play(
    "balancing", say("Load balancing and scaling ahead"),
    say("One more server before it is needed, and one fewer unnoticed."),
    (
        shop.ready(
            say("Two application servers stand behind one load balancer. That is the application I show this on.")
        ),
        Act(
            Step(
                "rules", say("Scale ahead of the load"),
                say(
                    "Most autoscaling waits until the servers are overloaded. Ours draws a line through the last minute"
                    " and asks where the load will be, so that the new server is there in time.",
                ),
                say("Switch it on"), _PAGE, ("ready",),
                notes=say(
                    "Threshold {threshold:g} connections a second and server, looking"
                    " {ahead:.0f} s ahead. The rules are kept in the stack's own template.",
                    threshold=scaling.THRESHOLD, ahead=scaling.AHEAD,
                ),
                patience=240.0,
            ),
            say("The rules in the stack's template, and that Heat is done with it."), scaling.switch_on, scaling.is_on,
        ),
        Act(
            Step(
                "load", say("The load rises"),
                say(
                    "Now visitors come, a few more each second. Watch the curve: the server is asked for while the load"
                    " is still below the threshold.",
                ),
                say("Send visitors"), _PAGE, ("rules",),
                notes=say(
                    "At most {most} requests within {seconds:.0f} s, to this environment's own address and"
                    " nowhere else. The decision comes after most of a minute: tell how the forecast works. This page"
                    " decides while it is open; the card says that nothing scales by itself until 'Entrust it…' there"
                    " lets the care job decide while nobody looks.",
                    most=load.MOST, seconds=load.SECONDS,
                ),
                patience=180.0,
            ),
            say("Whether one more server was asked for, by forecast, below the threshold."), load.begin, load.scaled,
            load.due,
        ),
        Act(
            Step(
                "third", say("The new server serves"),
                say("Heat makes the server and puts it behind the load balancer. Nobody edited a pool by hand."),
                say("Ask who answers"), _PAGE, ("load",),
                notes=say("About half a minute after it was asked for."), patience=240.0,
            ),
            say("Requests through the floating IP: three servers answer."), survivors.note, survivors.three,
        ),
        Act(
            Step(
                "kill", say("One server dies"),
                say(
                    "I switch a server off, without a word to anybody. Who asks the application now gets its answer"
                    " from the others.",
                ),
                say("Switch one off"), _PAGE, ("ready",),
                notes=say("Nova stops the server. The health monitor notices within about ten seconds."),
                patience=120.0,
            ),
            say("The dead member is out, and every request is answered by another server."),
            survivors.kill, survivors.carry_on,
        ),
        Act(
            Step(
                "back", say("And comes back"),
                say("When it is back, the load balancer sees it and gives it work again."),
                say("Switch it on again"), _PAGE, ("kill",), notes=say("The member's strip on the page shows the gap."),
                patience=180.0,
            ),
            say("Requests through the floating IP: it answers again."), survivors.revive, survivors.is_back,
        ),
    ),
)  # fmt: skip
