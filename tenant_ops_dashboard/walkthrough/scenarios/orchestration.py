"""The first scenario: a two-tier application from one button, proved from outside."""

from __future__ import annotations

from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.proofs import prove
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.acts import packets, shop
from tenant_ops_dashboard.walkthrough.errors import InTheWay
from tenant_ops_dashboard.walkthrough.model import Checked, Did, Step
from tenant_ops_dashboard.walkthrough.play import Act, Context, play

ASKED = 6


def _asks(context: Context) -> Did:
    return Did(say("Asked http://{address}/ from outside.", address=context.fact("address")))


def _answers(context: Context) -> Checked:
    heard = packets.ask(context.cloud, context.fact("address"), ASKED)
    if len(heard.servers) < 2:
        return Checked(None, "", say("So far {words}.", words=heard.words))
    if heard.rows is None:
        return Checked(None, "", say("The servers answer, and do not reach their database yet."))
    return Checked(
        True,
        say(
            "{sent} requests, {words}; {rows} rows read from the database.",
            sent=heard.sent,
            words=heard.words,
            rows=heard.rows,
        ),
    )


def _tries(context: Context) -> Did:
    context.fact("address")
    return Did(say("Tried to reach the database from outside, at the floating IP and at its own address."))


def _closed(context: Context) -> Checked:
    # Of one that is gone the page still tells what is left.
    stack.find(context.cloud, id_ := context.fact("environment_id"))
    details = watch.details(context.cloud, id_)
    found = {one.name: one for one in prove.prove(context.cloud, details)}.get("closed")
    if found is None:
        return Checked(False, say("This environment promises nothing about its database."))
    if found.state == "good":
        return Checked(True, found.evidence)
    return Checked(False if found.state == "failed" else None, found.evidence, found.evidence)


def _repeats(context: Context) -> Did:
    found = shop.usable(context.cloud)
    if found is None or found.id != context.fact("environment_id"):
        raise InTheWay(say("The first environment {name} is gone by now: do the first step again.", name=shop.NAME))
    shop.begin(context)
    return Did(say("Asked for the same environment once more. There is nothing to do, and nothing was done."))


def _once(context: Context) -> Checked:
    found = watch.ids(context.cloud, shop.NAME)
    if found == (context.fact("environment_id"),):
        return Checked(True, say("There is one environment {name}, and it is the same one.", name=shop.NAME))
    return Checked(False, say("There are {found} environments called {name}.", found=len(found), name=shop.NAME))


ORCHESTRATION = play(
    "orchestration", say("Orchestration"), say("A whole application from one button, and the proof that it works."),
    (
        Act(
            Step(
                "launch", say("One button, a whole application"),
                say(
                    "One button makes two networks, a router with its firewall, a load balancer, two application"
                    " servers and a database with its data. OpenStack's own Heat does it, so nothing is lost if I close"
                    " this page.",
                ),
                say("Launch it"), ("environment", "environment_id"),
                notes=say("About a minute. Open the environment's page meanwhile: its boxes turn solid one by one."),
                patience=shop.PATIENCE,
            ),
            shop.LOOKS, shop.begin, shop.up,
        ),
        Act(
            Step(
                "answers", say("It answers from outside"),
                say(
                    "A stack that is complete is not yet an application that works. So we ask it, from outside, and"
                    " both servers answer in turn with rows from their database.",
                ),
                say("Ask it"), ("environment", "environment_id"), ("launch",),
                notes=say("These are real requests through the floating IP and the load balancer."),
            ),
            say("Requests through the floating IP: who answers, and whether rows come from the database."),
            _asks, _answers,
        ),
        Act(
            Step(
                "closed", say("The database does not"),
                say("What must not answer is proved, too: nobody outside gets a connection to the database."),
                say("Try the database"), ("environment", "environment_id"), ("launch",),
                notes=say("Refused or silent is good here."),
            ),
            say("Connections to the database's port from outside: none may come about."), _tries, _closed,
        ),
        Act(
            Step(
                "again", say("Twice is once"),
                say(
                    "If I press the button again, or my network lost the answer, I do not get a second application."
                    " I get the one that I have.",
                ),
                say("Launch it again"), ("environment", "environment_id"), ("launch",),
                notes=say("A launch is looked up by what was asked for, never blindly repeated."),
            ),
            say("How many environments of that name there are."), _repeats, _once,
        ),
    ),
)  # fmt: skip
