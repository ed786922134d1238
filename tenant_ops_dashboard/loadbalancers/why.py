"""Why is a member down? Network, router, firewall group, security group, monitor, server: each with its evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import evidence as gathering
from tenant_ops_dashboard.loadbalancers.check_path import Way, follow, refused
from tenant_ops_dashboard.loadbalancers.evidence import Evidence
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member, Monitor, Pool
from tenant_ops_dashboard.octavia import first_check, status

Found = Literal["good", "failed", "unknown"]
_LAYERS = {"route": "Router", "firewall-group": "Firewall group", "security-group": "Security group"}


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
    steps += [_monitor(pool.monitor, member), _server(found, way, member, pool.monitor, open_)]
    return Why(member, _answer(steps, member, way), tuple(steps))


def _answer(steps: Sequence[Step], member: Member, way: Way) -> str:
    cause = next((one for one in steps if one.state == "failed"), None)
    if member.enabled is False or member.weight == 0:
        return "It takes no traffic because it was switched off." if member.enabled is False else "It was drained."
    if member.state == "good":
        return "It is up."
    if cause is None and member.first_check and status.waits(member):
        since, until = (first_check.clock(one) for one in (member.first_check.since, member.first_check.until))
        return f"It is coming up: its health monitor has not seen it up since {since}; it has until {until}."
    if cause is None and way.outside:
        return f"Nothing that this project sees stands in the way; {way.address} itself is not this project's to see."
    return cause.evidence if cause else "Nothing that OpenStack knows stands in the way."


def _network(found: Evidence, way: Way, member: Member) -> Step:
    def step(state: Found, said: str, todo: str = "", object_id: str = "") -> Step:
        return Step("network", "Network", state, said, todo, object_id)

    if way.problem:
        return step("unknown", way.problem)
    if way.vacant and way.address != member.address:
        said = f"Nobody that this project sees has the address {way.address}, at which the health check asks."
        return step("failed" if found.ours(way.vacant) else "unknown", said,
                    "Give the member the monitor address of its server, or none.")  # fmt: skip
    if way.vacant and found.ours(way.vacant):
        said = f"No port of this project has the address {way.address}: the server behind this member was deleted."
        return step("failed", said, "Remove the member, or add the server that took its place.")
    port = way.port(found)
    if port is None:
        where = f"in network {found.named('networks', way.vacant)}, which is another project's" if way.vacant else (
            "outside of this project's networks")  # fmt: skip
        return step("unknown", f"{way.address} is {where}: what has this address is not this project's to see.")
    network = found.find("networks", str(port["network_id"]))
    if not port["admin_state_up"] or (network and not network.get("admin_state_up", True)):
        what = "The port" if not port["admin_state_up"] else "The network"
        return step("failed", f"{what} of {member.label} is switched off.",
                    f"Set admin_state_up of {port['id']}.", port["id"])  # fmt: skip
    if port["status"] not in ("ACTIVE", "N/A"):
        said = f"The port of {member.label} is {port['status']}: its server is not plugged in."
        return step("failed", said, "Start the server, or look at its compute host.", port["id"])
    name = network["name"] if network else port["network_id"]
    return step("good", f"{way.address} is an ACTIVE port in {name}.", "", port["id"])


def _filter(found: Evidence, layer: str, way: Way) -> Step:
    """Router, firewall group or security group, decided exactly by the reachability engine."""
    title = _LAYERS[layer]
    if way.problem or way.vacant:
        said = way.problem or "Not looked at: nobody that this project sees has the address."
        return Step(layer, title, "unknown", said)
    ours = [one for one in way.steps if one["layer"] in (layer, *(("nat",) if layer == "route" else ()))]
    denied = next((one for one in ours if one["decision"] == "deny"), None)
    if denied is not None:
        doubt = way.doubt(found, layer, denied)
        said = refused(found, way, denied) if layer == "security-group" else ""
        said = said or f"{title}: {way.words(found, str(denied['why']))}."
        if doubt:
            return Step(layer, title, "unknown", f"{said} {doubt}")
        fixes = [one for one in way.fix if one["layer"] == denied["layer"]]
        todo = "; ".join(way.words(found, str(one["change"])) for one in fixes)
        return Step(layer, title, "failed", said, _sentence(todo), str(denied.get("port_id") or ""))
    told = [one for one in ours if one["decision"] == "allow" and not one.get("reply")]
    if not told:
        said = {
            "route": f"The load balancer's own servers and {way.address} are in the same network: no router is passed.",
            "firewall-group": "No firewall group stands between them.",
            "security-group": "No security group filters here.",
        }[layer]
        if layer == "route" and way.routers:
            said = f"The way leads over {', '.join(found.named('routers', one) for one in way.routers)}."
        return Step(layer, title, "good", said)
    return Step(layer, title, "good", _sentence(way.words(found, str(told[-1]["why"]))))


def _monitor(monitor: Monitor | None, member: Member) -> Step:
    if monitor is None:
        said = "The pool has no health monitor: nobody knows whether its members serve."
        return Step("monitor", "Health monitor", "unknown", said, "Add a health monitor.")
    asked = f"{monitor.type}{f' {monitor.method} {monitor.path}' if monitor.path else ''}"
    if not monitor.enabled:
        return Step("monitor", "Health monitor", "failed", "The health monitor is switched off.", "Switch it on.")
    if monitor.provisioning == "ERROR":
        return Step("monitor", "Health monitor", "failed", "Octavia could not set the health monitor up.",
                    "Delete it and make it anew.", monitor.id)  # fmt: skip
    wanted = f", expects {monitor.codes}" if monitor.codes else ""
    where = member.monitor_address or member.monitor_port
    at = f" at {member.monitor_address or member.address}:{member.monitor_port or member.port}" if where else ""
    said = (
        f"{asked}{at} every {monitor.delay} s, {monitor.timeout} s to answer{wanted}; down after "
        f"{monitor.retries_down} failures, up after {monitor.retries}."
    )
    return Step("monitor", "Health monitor", "good", said, "", monitor.id)


def _server(found: Evidence, way: Way, member: Member, monitor: Monitor | None, open_: bool) -> Step:
    def step(state: Found, said: str, todo: str = "", object_id: str = "") -> Step:
        return Step("server", "Server", state, said, todo, object_id)

    if found.servers is None:
        return step("unknown", found.silent.get("Nova", "Nova does not answer."))
    port = way.port(found)
    server = found.servers.get(str(port["device_id"])) if port else None
    if server is None:
        look = "Look at it with whoever runs it." if way.outside else ""
        return step("unknown", f"No server of this project has the address {way.address}.", look)
    name, id_ = str(server["name"]), str(server["id"])
    if server["status"] != "ACTIVE":
        said = f"Server {name} is {server['status']}."
        todo = "Start the server." if server["status"] in ("SHUTOFF", "PAUSED", "SUSPENDED") else "Look at the server."
        return step("failed", said, todo, id_)
    # Whether it answers is only known where checks were seen to get there, and it had the time to.
    if member.operating != "ERROR" or not open_ or status.waits(member):
        return step("good", f"Server {name} is ACTIVE.", "", id_)
    if way.protocol == "icmp":
        said = f"Server {name} runs and the way to it is open, but it does not answer to ping."
        return step("failed", said, f"Let the firewall inside {name} answer ICMP echo requests.", id_)
    answers = f" as the monitor wants ({monitor.codes})" if monitor and monitor.codes else ""
    said = f"Server {name} runs and the way to it is open, but nothing answers on {way.what}{answers}."
    todo = f"Look at the application on {name}: is its process running and listening on {way.number}? Restart it."
    return step("failed", said, todo, id_)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') or not words else '.'}"
