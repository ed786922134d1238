"""Why is a member down? Network, router, firewall group, security group, monitor, server: each with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import evidence as gathering
from tenant_ops_dashboard.loadbalancers import protocols
from tenant_ops_dashboard.loadbalancers.check_path import Way, follow, refused
from tenant_ops_dashboard.loadbalancers.evidence import Evidence
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member, Monitor, Pool
from tenant_ops_dashboard.octavia import first_check, status
from tenant_ops_dashboard.sentences import join, say, whole

Found = Literal["good", "failed", "unknown"]
_LAYERS = {"route": say("Router"), "firewall-group": say("Firewall group"), "security-group": say("Security group")}


@dataclass(frozen=True)
class Step:
    """One thing that was looked at; `todo` says what to change where it is the cause, `object_id` what to open."""

    name: str
    title: str
    state: Found
    evidence: str
    todo: str = ""
    object_id: str = ""


@dataclass(frozen=True)
class Why:
    """The answer in one sentence, and the steps in the order in which a packet meets them."""

    member: Member
    answer: str
    steps: tuple[Step, ...]

    @property
    def cause(self) -> Step | None:
        """The first step that stands in the way."""
        return next((one for one in self.steps if one.state == "failed"), None)


def why(cloud: Cloud, balancer: Balancer, pool: Pool, member: Member) -> Why:
    """Look at everything between a load balancer and one of its members: twelve calls. Raises a CloudError."""
    return judge(gathering.read(cloud, balancer, member), balancer, pool, member)


def judge(found: Evidence, balancer: Balancer, pool: Pool, member: Member) -> Why:
    """The same from evidence at hand. Pure."""
    way = follow(found, balancer, pool, member)
    steps = [_network(found, way, member), *(_filter(found, name, way) for name in _LAYERS)]
    open_ = all(one.state == "good" for one in steps)
    steps += [_monitor(pool.monitor, member), _server(found, way, member, pool, open_)]
    trusting = pool.monitor is not None and pool.monitor.enabled and bool(protocols.silence(pool.monitor))
    return Why(member, _answer(steps, member, way, trusting), tuple(steps))


def _answer(steps: Sequence[Step], member: Member, way: Way, trusting: bool) -> str:
    cause = next((one for one in steps if one.state == "failed"), None)
    if member.enabled is False or member.weight == 0:
        return (
            say("It takes no traffic because it was switched off.")
            if member.enabled is False
            else say("It was drained.")
        )
    if member.state == "good" and cause is not None and trusting:
        told = cause.evidence
        return say("Octavia calls it up, as its monitor takes silence for a good answer. But: {why}", why=told)
    if member.state == "good":
        return say("It is up.")
    if cause is None and member.first_check and status.waits(member):
        since, until = (first_check.clock(one) for one in (member.first_check.since, member.first_check.until))
        return say(
            "It is coming up: its health monitor has not seen it up since {since}; it has until {until}.",
            since=since,
            until=until,
        )
    if cause is None and way.outside:
        return say(
            "Nothing that this project sees stands in the way; {address} itself is not this project's to see.",
            address=way.address,
        )
    return cause.evidence if cause else say("Nothing that OpenStack knows stands in the way.")


def _network(found: Evidence, way: Way, member: Member) -> Step:
    def step(state: Found, said: str, todo: str = "", object_id: str = "") -> Step:
        return Step("network", say("Network"), state, said, todo, object_id)

    if way.problem:
        return step("unknown", way.problem)
    if way.vacant and way.address != member.address:
        said = say(
            "Nobody that this project sees has the address {address}, at which the health check asks.",
            address=way.address,
        )
        return step("failed" if found.ours(way.vacant) else "unknown", said,
                    say("Give the member the monitor address of its server, or none."))  # fmt: skip
    if way.vacant and found.ours(way.vacant):
        said = say(
            "No port of this project has the address {address}: the server behind this member was deleted.",
            address=way.address,
        )
        return step("failed", said, say("Remove the member, or add the server that took its place."))
    port = way.port(found)
    if port is None:
        if way.vacant:
            return step("unknown", say(
                "{address} is in network {network}, which is another project's: what has this address is not this "
                "project's to see.", address=way.address, network=found.named("networks", way.vacant),
            ))  # fmt: skip
        return step("unknown", say(
            "{address} is outside of this project's networks: what has this address is not this project's to see.",
            address=way.address,
        ))  # fmt: skip
    network = found.find("networks", str(port["network_id"]))
    if not port["admin_state_up"] or (network and not network.get("admin_state_up", True)):
        said = (
            say("The network of {member} is switched off.", member=member.label) if port["admin_state_up"] else
            say("The port of {member} is switched off.", member=member.label)
        )  # fmt: skip
        return step("failed", said, say("Set admin_state_up of {id}.", id=port["id"]), port["id"])  # fmt: skip
    if port["status"] not in ("ACTIVE", "N/A"):
        said = say(
            "The port of {member} is {status}: its server is not plugged in.",
            member=member.label,
            status=port["status"],
        )
        return step("failed", said, say("Start the server, or look at its compute host."), port["id"])
    name = network["name"] if network else port["network_id"]
    return step("good", say("{address} is an ACTIVE port in {name}.", address=way.address, name=name), "", port["id"])


def _filter(found: Evidence, layer: str, way: Way) -> Step:
    """Router, firewall group or security group, decided exactly by the reachability engine."""
    title = _LAYERS[layer]
    if way.problem or way.vacant:
        said = way.problem or say("Not looked at: nobody that this project sees has the address.")
        return Step(layer, title, "unknown", said)
    ours = [one for one in way.steps if one["layer"] in (layer, *(("nat",) if layer == "route" else ()))]
    denied = next((one for one in ours if one["decision"] == "deny"), None)
    if denied is not None:
        doubt = way.doubt(found, layer, denied)
        said = refused(found, way, denied) if layer == "security-group" else ""
        said = said or join("", (title, ": ", way.words(found, denied["why"]), "."))
        if doubt:
            return Step(layer, title, "unknown", join(" ", (said, doubt)))
        fixes = [one for one in way.fix if one["layer"] == denied["layer"]]
        todo = join("; ", [way.words(found, one["change"]) for one in fixes])
        return Step(layer, title, "failed", said, whole(todo), str(denied.get("port_id") or ""))
    told = [one for one in ours if one["decision"] == "allow" and not one.get("reply")]
    if not told:
        said = {
            "route": say(
                "The load balancer's own servers and {address} are in the same network: no router is passed.",
                address=way.address,
            ),
            "firewall-group": say("No firewall group stands between them."),
            "security-group": say("No security group filters here."),
        }[layer]
        if layer == "route" and way.routers:
            said = say(
                "The way leads over {routers}.", routers=", ".join(found.named("routers", one) for one in way.routers)
            )
        return Step(layer, title, "good", said)
    return Step(layer, title, "good", whole(way.words(found, told[-1]["why"])))


def _monitor(monitor: Monitor | None, member: Member) -> Step:
    if monitor is None:
        said = say("The pool has no health monitor: nobody knows whether its members serve.")
        return Step("monitor", say("Health monitor"), "unknown", said, say("Add a health monitor."))
    asked = f"{monitor.type}{f' {monitor.method} {monitor.path}' if monitor.path else ''}"
    if not monitor.enabled:
        return Step(
            "monitor", say("Health monitor"), "failed", say("The health monitor is switched off."), say("Switch it on.")
        )
    if monitor.provisioning == "ERROR":
        return Step("monitor", say("Health monitor"), "failed", say("Octavia could not set the health monitor up."),
                    say("Delete it and make it anew."), monitor.id)  # fmt: skip
    wanted = say(", expects {codes}", codes=monitor.codes) if monitor.codes else ""
    address, port = member.monitor_address or member.address, member.monitor_port or member.port
    elsewhere = bool(member.monitor_address or member.monitor_port)
    said = say(
        "{asked}{at} every {delay} s, {timeout} s to answer{wanted}; down after {down} failures, up after {up}.",
        asked=asked, at=say(" at {address}:{port}", address=address, port=port) if elsewhere else "",
        delay=monitor.delay, timeout=monitor.timeout, wanted=wanted, down=monitor.retries_down, up=monitor.retries,
    )  # fmt: skip
    return Step("monitor", say("Health monitor"), "good", join(" ", (said, protocols.silence(monitor))), "", monitor.id)


def _server(found: Evidence, way: Way, member: Member, pool: Pool, open_: bool) -> Step:
    def step(state: Found, said: str, todo: str = "", object_id: str = "") -> Step:
        return Step("server", say("Server"), state, said, todo, object_id)

    if found.servers is None:
        return step("unknown", found.silent.get("Nova", say("Nova does not answer.")))
    port = way.port(found)
    server = found.servers.get(str(port["device_id"])) if port else None
    if server is None:
        look = say("Look at it with whoever runs it.") if way.outside else ""
        return step("unknown", say("No server of this project has the address {address}.", address=way.address), look)
    name, id_ = str(server["name"]), str(server["id"])
    if server["status"] != "ACTIVE":
        said = say("Server {name} is {status}.", name=name, status=server["status"])
        todo = (
            say("Start the server.")
            if server["status"] in ("SHUTOFF", "PAUSED", "SUSPENDED")
            else say("Look at the server.")
        )
        return step("failed", said, todo, id_)
    # Whether it answers is only known where checks were seen to get there, and it had the time to.
    if member.operating != "ERROR" or not open_ or status.waits(member):
        return step("good", say("Server {name} is ACTIVE.", name=name), "", id_)
    if way.protocol == "icmp":
        said = say("Server {name} runs and the way to it is open, but it does not answer to ping.", name=name)
        return step("failed", said, say("Let the firewall inside {name} answer ICMP echo requests.", name=name), id_)
    if way.protocol == "udp" and protocols.silence(pool.monitor):
        said = say("Server {name} runs and the way to it is open, but its {what} is closed.", name=name, what=way.what)
        todo = say("Look at the application on {name}: is its process running and listening on it?", name=name)
        return step("failed", said, todo, id_)
    monitor = pool.monitor
    answers = say(" as the monitor wants ({codes})", codes=monitor.codes) if monitor and monitor.codes else ""
    said = say(
        "Server {name} runs and the way to it is open, but nothing answers on {what}{answers}.",
        name=name,
        what=way.what,
        answers=answers,
    )
    todo = say(
        "Look at the application on {name}: is its process running and listening on {number}? Restart it.",
        name=name,
        number=way.number,
    )
    if way.number == member.port and protocols.of_pool(pool):
        todo = join(" ", (todo, protocols.asks(pool)))
    return step("failed", said, todo, id_)
