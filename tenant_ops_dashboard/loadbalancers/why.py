"""Why is a member down? Network, router, firewall group, security group, monitor, server: each with its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import evidence as gathering
from tenant_ops_dashboard.loadbalancers.evidence import Evidence
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member, Monitor, Pool
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.snapshot import build_snapshot

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
    """Look at everything between a load balancer and one of its members: eleven calls. Raises a CloudError."""
    return judge(gathering.read(cloud), balancer, pool, member)


def judge(found: Evidence, balancer: Balancer, pool: Pool, member: Member) -> Why:
    """The same from evidence at hand. Pure."""
    packet = gathering.between(found, balancer, member)
    steps = [_network(found, balancer, member), *_filters(found, balancer, packet)]
    steps += [_monitor(pool.monitor, member), _server(found, balancer, member, pool.monitor)]
    return Why(member, _answer(steps, member), tuple(steps))


def _answer(steps: Sequence[Step], member: Member) -> str:
    cause = next((one for one in steps if one.state == "failed"), None)
    if member.enabled is False or member.weight == 0:
        return "It takes no traffic because it was switched off." if member.enabled is False else "It was drained."
    if member.state == "good":
        return "It is up."
    return cause.evidence if cause else "Nothing that OpenStack knows stands in the way."


def _network(found: Evidence, balancer: Balancer, member: Member) -> Step:
    if "Neutron" in found.silent:
        return Step("network", "Network", "unknown", found.silent["Neutron"])
    vip = next((one for one in found.snapshot["ports"] if one["id"] == balancer.vip_port_id), None)
    port = found.port_of(member.address, member.subnet_id or "", str(vip["network_id"]) if vip else "")
    if port is None:
        said = f"No port of this project has the address {member.address}: the server behind this member was deleted."
        return Step("network", "Network", "failed", said, "Remove the member, or add the server that took its place.")
    network = next((one for one in found.snapshot["networks"] if one["id"] == port["network_id"]), None)
    if not port["admin_state_up"] or (network and not network.get("admin_state_up", True)):
        what = "The port" if not port["admin_state_up"] else "The network"
        return Step("network", "Network", "failed", f"{what} of {member.label} is switched off.",
                    f"Set admin_state_up of {port['id']}.", port["id"])  # fmt: skip
    if port["status"] not in ("ACTIVE", "N/A"):
        said = f"The port of {member.label} is {port['status']}: its server is not plugged in."
        return Step("network", "Network", "failed", said, "Start the server, or look at its compute host.", port["id"])
    name = network["name"] if network else port["network_id"]
    return Step("network", "Network", "good", f"{member.address} is an ACTIVE port in {name}.", "", port["id"])


def _filters(found: Evidence, balancer: Balancer, packet: Mapping[str, Any] | None) -> list[Step]:
    """Router, firewall group, security group, decided exactly by the reachability engine."""
    names = ("route", "firewall-group", "security-group")
    if packet is None:
        said = "Not looked at: the packet has no way that is known."
        return [Step(name, _LAYERS[name], "unknown", said) for name in names]
    try:
        raw = gathering.for_probe(found.snapshot, balancer)
        answer = probe(Engine(build_snapshot(raw)), packet)
    except ReachabilityError as error:
        return [Step(name, _LAYERS[name], "unknown", str(error)) for name in names]
    target = f"{packet['dst']['ip']}:{packet['dst_port']}"
    return [_filter(found, name, answer, balancer, target) for name in names]


def _filter(found: Evidence, layer: str, answer: Mapping[str, Any], balancer: Balancer, target: str) -> Step:
    ours = [one for one in answer["steps"] if one["layer"] in (layer, *(("nat",) if layer == "route" else ()))]
    denied = next((one for one in ours if one["decision"] == "deny"), None)
    title = _LAYERS[layer]
    if denied is not None:
        fixes = [one for one in answer["fix"] if one["layer"] == denied["layer"]]
        todo = "; ".join(found.words(str(one["change"])) for one in fixes)
        said = f"{title}: {found.words(str(denied['why']))}."
        if layer == "security-group":
            said = _group(found, denied, balancer, target) or said
        return Step(layer, title, "failed", said, _sentence(todo), str(denied.get("port_id") or ""))
    if not ours:
        said = {
            "route": "Load balancer and member are in the same network: no router is passed.",
            "firewall-group": "No firewall group stands between them.",
            "security-group": "No security group filters here.",
        }[layer]
        return Step(layer, title, "good", said)
    told = [found.words(str(one["why"])) for one in ours if one["decision"] == "allow" and not one.get("reply")]
    return Step(layer, title, "good", _sentence(told[-1] if told else found.words(str(ours[-1]["why"]))))


def _group(found: Evidence, denied: Mapping[str, Any], balancer: Balancer, target: str) -> str:
    port = next((one for one in found.snapshot["ports"] if one["id"] == denied.get("port_id")), None)
    if port is None or denied["direction"] != "ingress" or denied.get("reply"):
        return ""
    names = [found.named("security_groups", id_) for id_ in port["security_groups"]]
    number = target.rpartition(":")[2]
    if not names:
        return f"The port of {target} has no security group and port security drops everything."
    if len(names) == 1:
        return f"Security group {names[0]} does not allow {number} from {balancer.vip}."
    return f"None of the security groups {', '.join(names)} allows {number} from {balancer.vip}."


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


def _server(found: Evidence, balancer: Balancer, member: Member, monitor: Monitor | None) -> Step:
    if found.servers is None:
        return Step("server", "Server", "unknown", found.silent.get("Nova", "Nova does not answer."))
    vip = next((one for one in found.snapshot["ports"] if one["id"] == balancer.vip_port_id), None)
    port = found.port_of(member.address, member.subnet_id or "", str(vip["network_id"]) if vip else "")
    server = found.servers.get(str(port["device_id"])) if port else None
    if server is None:
        said = f"No server of this project has the address {member.address}."
        return Step("server", "Server", "unknown" if port else "failed", said, "Remove the member, or add a server.")
    name, id_ = str(server["name"]), str(server["id"])
    if server["status"] != "ACTIVE":
        said = f"Server {name} is {server['status']}."
        todo = "Start the server." if server["status"] in ("SHUTOFF", "PAUSED", "SUSPENDED") else "Look at the server."
        return Step("server", "Server", "failed", said, todo, id_)
    if member.operating != "ERROR":
        return Step("server", "Server", "good", f"Server {name} is ACTIVE.", "", id_)
    number = member.monitor_port or member.port
    answers = f" as the monitor wants ({monitor.codes})" if monitor and monitor.codes else ""
    said = f"Server {name} runs and the way to it is open, but nothing answers on port {number}{answers}."
    todo = f"Look at the application on {name}: is its process running and listening on {number}? Restart it."
    return Step("server", "Server", "failed", said, todo, id_)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith('.') or not words else '.'}"
