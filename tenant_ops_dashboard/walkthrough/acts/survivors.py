"""Who answers: all servers, the others while one is off, and that one again."""

from __future__ import annotations

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.loadbalancers import watch as balancers
from tenant_ops_dashboard.loadbalancers.model import Member
from tenant_ops_dashboard.sentences import say
from tenant_ops_dashboard.walkthrough.acts import packets, scaling
from tenant_ops_dashboard.walkthrough.acts.servers import Start, Stop
from tenant_ops_dashboard.walkthrough.errors import InTheWay
from tenant_ops_dashboard.walkthrough.model import Checked, Did
from tenant_ops_dashboard.walkthrough.play import Context

ASKED = 9
#: Octavia's words for a member that gets requests.
_SERVING = ("ONLINE", "NO_MONITOR", "DRAINING")


def note(context: Context) -> Did:
    """Nothing is to be done but to ask."""
    return Did(say("Asked http://{address}/ who answers.", address=context.fact("address")))


def three(context: Context) -> Checked:
    """Whether every server of the group answers, the new one among them."""
    group = scaling.read(context)
    if group.size <= int(context.facts.get("servers") or 2) or group.busy:
        return Checked(None, "", say("{size} servers stand; Heat is at work.", size=group.size))
    heard = packets.ask(context.cloud, context.fact("address"), ASKED)
    if len(heard.servers) < group.size:
        return Checked(
            None, "", say("{servers} of {size} servers answer so far.", servers=len(heard.servers), size=group.size)
        )
    return Checked(True, say("{sent} requests, {words}.", sent=heard.sent, words=heard.words))


def kill(context: Context) -> Did:
    """Switch one application server off. The same one again where it was switched off before."""
    id_ = context.facts.get("killed_id") or _victim(context)
    member = _member(context, id_)
    if member is not None and member.operating == "NO_MONITOR":
        raise InTheWay(
            say(
                "The load balancer has no health monitor, so it would go on sending requests to a dead server: leave"
                " this step out."
            )
        )
    found = perform(Stop(context.cloud, id_))
    name = str(found["name"])
    return Did(say("Asked Nova to switch {name} off.", name=name), {"killed_id": id_, "killed": name})


def carry_on(context: Context) -> Checked:
    """Whether its member is out, and every request is answered by another server."""
    name, member = context.fact("killed"), _member(context, context.fact("killed_id"))
    if member is not None and member.operating in _SERVING:
        return Checked(
            None,
            "",
            say(
                "The load balancer has not noticed yet that {name} is gone: {status}.",
                name=name,
                status=member.operating,
            ),
        )
    heard = packets.ask(context.cloud, context.fact("address"), ASKED)
    if len(heard.answers) < heard.sent or not heard.answers or name in heard.servers:
        return Checked(
            None,
            "",
            say(
                "{answers} of {sent} requests were answered, {words}.",
                answers=len(heard.answers),
                sent=heard.sent,
                words=heard.words,
            ),
        )
    told = say("{sent} requests, all {words}; {name} is out.", sent=heard.sent, words=heard.words, name=name)
    if member is not None:
        told = say(
            "{sent} requests, all {words}; {name} is out ({status}).",
            sent=heard.sent, words=heard.words, name=name, status=member.operating,
        )  # fmt: skip
    return Checked(True, told)


def revive(context: Context) -> Did:
    """Switch it on again."""
    found = perform(Start(context.cloud, context.fact("killed_id")))
    return Did(say("Asked Nova to switch {name} on.", name=found["name"]))


def is_back(context: Context) -> Checked:
    """Whether it answers again."""
    name, member = context.fact("killed"), _member(context, context.fact("killed_id"))
    if member is None or member.state != "good":
        return Checked(None, "", say("The load balancer waits for {name}'s health checks.", name=name))
    heard = packets.ask(context.cloud, context.fact("address"), ASKED)
    if name not in heard.servers:
        return Checked(
            None, "", say("{sent} requests, {words}; {name} not yet.", sent=heard.sent, words=heard.words, name=name)
        )
    return Checked(True, say("{sent} requests, {words}.", sent=heard.sent, words=heard.words))


def _victim(context: Context) -> str:
    """The id of an application server that is well, the first by name. Raises InTheWay where fewer than two are."""
    details = watch.details(context.cloud, context.fact("environment_id"))
    well = [one for one in details.picture.boxes if one.kind == "server" and one.resource_id and one.state == "good"]
    if len(well) < 2:
        raise InTheWay(say("Fewer than two application servers are well: switching one off would end the show."))
    return min(well, key=lambda one: one.title).resource_id


def _member(context: Context, id_: str) -> Member | None:
    found = balancers.by_id(context.cloud, context.fact("balancer_id"))
    return next((one for one in found.members() if one.server_id == id_), None)
