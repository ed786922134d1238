"""Copies of the environment's data for the other project that is marked for demonstrations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tenant_ops_dashboard import projects
from tenant_ops_dashboard.clones.access import REQUEST
from tenant_ops_dashboard.clones.model import Clone, Get, Terms
from tenant_ops_dashboard.cloud import Cloud, NotAllowed, NotFound, elsewhere
from tenant_ops_dashboard.environments import watch
from tenant_ops_dashboard.sentences import join, say
from tenant_ops_dashboard.walkthrough import marked
from tenant_ops_dashboard.walkthrough.acts import packets, shop
from tenant_ops_dashboard.walkthrough.errors import InTheWay, NotMarked
from tenant_ops_dashboard.walkthrough.model import Checked, Did
from tenant_ops_dashboard.walkthrough.play import Context
from tenant_ops_dashboard.walkthrough.store import PURPOSE

CLONE, BRIEF = "demo-clone", "demo-short"
LEASE, SHORT = "1h", "10s"
TERMS = Terms(to=(), approve="auto", longest=3600, most=5)
ROW = "a row of the walkthrough"


def others(cloud: Cloud) -> Iterator[Cloud]:
    """This person in each other project, by name, where he may ask for clones and that is marked for demonstrations.

    One that does not let him in, or does not tell its marks, is none of them. Raises a CloudError.
    """
    for one in projects.where(cloud, REQUEST).projects:
        if one.id == cloud.project_id:
            continue
        try:
            there = cloud.once(f"walkthrough in {one.id}", lambda id_=one.id: elsewhere(cloud, id_))  # type: ignore[misc]
            demonstrates = marked.marked(there)
        except (NotAllowed, NotMarked):
            continue
        if demonstrates:
            yield there


def receiver(cloud: Cloud) -> Cloud:
    """The first of them. Raises NotMarked where there is none, a CloudError."""
    for there in others(cloud):
        return there
    raise NotMarked(
        say(
            "Data is cloned into another project of yours that is marked for demonstrations, and there is none. "
            "An administrator gives you a role in one and marks it with "
            "'openstack project set --tag {tag} PROJECT'.",
            tag=marked.TAG,
        )
    )


def there(context: Context) -> Cloud:
    """The presenter in the project that gets the clones. Raises InTheWay, NotMarked, a CloudError."""
    id_ = context.fact("receiver")
    try:
        found = context.cloud.once(f"walkthrough in {id_}", lambda: elsewhere(context.cloud, id_))
        marked.require(found)
        return found
    except NotAllowed as error:
        raise InTheWay(
            say("You have no role any more in the project that gets the clones; ask for it back.")
        ) from error


def offer(context: Context) -> Did:
    """Offer the environment's data to the other project."""
    to = receiver(context.cloud)
    made = context.store.clones.offer(
        context.cloud, context.fact("environment_id"),
        Terms(to=(to.project_id,), approve=TERMS.approve, longest=TERMS.longest, most=TERMS.most),
    )  # fmt: skip
    facts = {"receiver": to.project_id, "receiver_name": to.project_name, "offer_id": made.id}
    return Did(
        say("Offered {source} to the project {project}.", source=made.source_name, project=to.project_name), facts
    )


def offered(context: Context) -> Checked:
    """Whether the other project sees it."""
    found = {one.id: one for one in context.store.clones.offered(there(context))}
    one = found.get(context.fact("offer_id"))
    if one is None:
        return Checked(None, "", say("The other project does not see it yet."))
    return Checked(
        True,
        say(
            "The project {project} sees {source} of {owner}.",
            project=context.fact("receiver_name"),
            source=one.source_name,
            owner=one.project_name,
        ),
    )


def request(context: Context) -> Did:
    """Ask for a test environment on a copy; one that is there is the same."""
    rows = _rows(context.cloud, context.fact("address"))
    if rows is None:
        raise InTheWay(
            say("Production's application tells no rows now, and the clone is held against them later: try again.")
        )
    made = _ask(context, CLONE, LEASE, "environment")
    return Did(
        say("Asked for {clone} in the project {project}.", clone=CLONE, project=context.fact("receiver_name")),
        {"clone_id": made.id, "source_rows": str(rows)},
    )


def ready(context: Context) -> Checked:
    """Whether it is; what is waited for is told in the clone's own words."""
    found = _find(context, "clone_id")
    if found.state != "ready":
        return _on_the_way(found)
    details = watch.details(there(context), found.environment_id)
    address = next(iter(details.targets.application), "")
    if not address:
        return Checked(None, "", say("It is ready; no floating IP leads to it yet."))
    took = ", ".join(f"{step} {seconds:.0f} s" for step, seconds in found.seconds.items() if seconds >= 1)
    facts = {
        "clone_address": address, "clone_environment": found.environment_id,
        "clone_balancer": shop.known(details)["balancer_id"],
    }  # fmt: skip
    return Checked(
        True,
        say(
            "Ready at http://{address}/ in {project} ({took}).", address=address, project=found.project_name, took=took
        ),
        facts=facts,
    )


def look(context: Context) -> Did:
    """What is looked at is looked at by the check."""
    return Did(say("Asked http://{address}/.", address=context.fact("clone_address")))


def read(context: Context) -> Checked:
    """Whether the clone's application tells as many rows as production had."""
    rows = _rows(there(context), context.fact("clone_address"))
    if rows is None:
        return Checked(None, "", say("The clone's application answers no rows yet."))
    if str(rows) != context.fact("source_rows"):
        return Checked(
            False,
            say(
                "The clone has {rows} rows, and production had {before}.", rows=rows, before=context.fact("source_rows")
            ),
        )
    told = say("The clone's application reads {rows} rows, as production had them.", rows=rows)
    return Checked(True, told, facts={"rows": str(rows)})


def write(context: Context) -> Did:
    """Write a row into the clone's database through its application."""
    address = context.fact("clone_address")
    said = packets.write(there(context), address, "/rows", ROW, context.fact("clone_balancer"))
    return Did(say("Sent POST http://{address}/rows: {said}.", address=address, said=said))


def written(context: Context) -> Checked:
    """Whether the clone has more rows than it was made with."""
    rows = _rows(there(context), context.fact("clone_address"))
    if rows is None or rows <= int(context.fact("rows")):
        return Checked(None, "", say("The clone tells {rows} rows.", rows=rows))
    return Checked(True, say("The clone has {rows} rows now, one more than before.", rows=rows))


def look_at_source(context: Context) -> Did:
    """What is looked at is looked at by the check."""
    return Did(say("Asked production at http://{address}/.", address=context.fact("address")))


def unchanged(context: Context) -> Checked:
    """Whether production has as many rows as before."""
    rows = _rows(context.cloud, context.fact("address"))
    if rows is None:
        return Checked(None, "", say("Production's application answers no rows yet."))
    if str(rows) != context.fact("source_rows"):
        return Checked(
            False, say("Production has {rows} rows, and had {before}.", rows=rows, before=context.fact("source_rows"))
        )
    return Checked(True, say("Production has {rows} rows, as before.", rows=rows))


def short(context: Context) -> Did:
    """Ask for the volume alone, with a very short lease."""
    made = _ask(context, BRIEF, SHORT, "volume")
    return Did(say("Asked for {brief} with a lease of {short}.", brief=BRIEF, short=SHORT), {"short_id": made.id})


def ended(context: Context) -> Checked:
    """Whether its lease ended and nothing of it is in the cloud."""
    found = _find(context, "short_id")
    if found.state == "released" and found.ready_at is not None:
        if found.volume_id and _stands(there(context), found.volume_id):
            return Checked(None, "", say("Cinder still takes its volume away."))
        seconds = (found.ended_at - found.ready_at).total_seconds() if found.ended_at else None
        lived = say("its lease") if seconds is None else say("{seconds:.0f} s", seconds=seconds)
        return Checked(True, say("It was ready for {lived}, its lease ended, and its volume is gone.", lived=lived))
    if found.state == "ready":
        return Checked(None, "", say("It is ready, and ends at {at:%H:%M:%S} UTC.", at=found.expires_at))
    return _on_the_way(found)


def _ask(context: Context, name: str, lease: str, get: Get) -> Clone:
    answers: Mapping[str, str] = {}
    made = context.store.clones.request(there(context), context.fact("offer_id"), name, lease, get, answers)
    if made.purpose != PURPOSE:
        raise InTheWay(
            say("The other project has a clone {name} that is not the walkthrough's: release that first.", name=name)
        )
    return made


def _find(context: Context, fact: str) -> Clone:
    found = context.store.clones.by_id(there(context), context.fact(fact))
    if found is None:
        raise InTheWay(say("The dashboard knows nothing of this clone any more: do the step again."))
    return found


def _on_the_way(found: Clone) -> Checked:
    if found.state in ("denied", "failed", "released", "orphaned"):
        return Checked(False, join(" ", (say("The clone is {state}.", state=found.state), found.says or found.reason)))
    return Checked(None, "", join(" ", (say("It is {state}.", state=found.state), found.says)))


def _rows(cloud: Cloud, address: str) -> int | None:
    return packets.ask(cloud, address, 3, patient=True).rows


def _stands(cloud: Cloud, volume_id: str) -> bool:
    try:
        cloud.get("block-storage", f"/volumes/{volume_id}")
    except NotFound:
        return False
    return True
