"""Readers for Octavia's objects. Each raises BadInput."""

from tenant_ops_dashboard.sentences import say

from . import protocols
from .fields import Fields
from .model import Layer7, Listener, LoadBalancer, Member, Monitor, Pool

#: What a listener's protocol is on the wire.
_TRANSPORT = {"UDP": protocols.UDP, "SCTP": protocols.SCTP}
#: What a monitor's type is on the wire, where it is not TCP.
_ASKS = {"PING": protocols.ICMP, "UDP-CONNECT": protocols.UDP, "SCTP": protocols.SCTP}


def parent(raw: Fields, key: str, plural: str) -> str | None:
    """The parent's id: its own key, else the first of Octavia's list of `{"id": …}`."""
    own = raw.maybe_text(key)
    if own:
        return own
    for item in raw.objects(plural):
        return item.text("id")
    return None


def read_balancer(raw: Fields) -> LoadBalancer:
    """A load balancer."""
    version, number = raw.address("vip_address")
    return LoadBalancer(
        raw.text("id"),
        raw.maybe_text("name") or "",
        version,
        number,
        raw.maybe_text("vip_port_id"),
        raw.maybe_text("provider") or "amphora",
        raw.flag("admin_state_up", True),
        raw.texts("vip_sg_ids"),
    )


def read_listener(raw: Fields) -> Listener:
    """A listener; it must name its load balancer."""
    balancer = parent(raw, "loadbalancer_id", "loadbalancers")
    if balancer is None:
        raise raw.bad("loadbalancer_id", say("is missing"))
    allowed = []
    for index, text in enumerate(raw.items("allowed_cidrs")):
        allowed.append(Fields({"cidr": text}, f"{raw.where}: allowed_cidrs[{index}]").network("cidr", host_bits=True))
    kind = raw.text("protocol").upper()
    return Listener(
        raw.text("id"),
        balancer,
        _TRANSPORT.get(kind, protocols.TCP),
        raw.must_number("protocol_port", 0, 65535),
        tuple(allowed),
        raw.maybe_text("default_pool_id") or None,
        raw.flag("admin_state_up", True),
        tuple(read_layer7(policy) for policy in raw.objects("l7policies")),
        kind == "PROMETHEUS",
        raw.maybe_text("name") or "",
    )


def read_layer7(raw: Fields) -> Layer7:
    """A layer 7 policy; a listener lists its own by id alone."""
    empty = "rules" in raw.raw and not raw.items("rules")
    return Layer7(
        raw.text("id"),
        (raw.maybe_text("action") or "").upper(),
        raw.maybe_text("redirect_pool_id") or None,
        raw.flag("admin_state_up", True),
        empty,
    )


def read_pool(raw: Fields) -> Pool:
    """A pool; its listener or load balancer name it."""
    silent = "healthmonitor_id" in raw.raw and raw.maybe_text("healthmonitor_id") is None
    return Pool(raw.text("id"), raw.flag("admin_state_up", True), silent, raw.maybe_text("name") or "")


def read_member(raw: Fields) -> Member:
    """A member; it must name its pool."""
    version, number = raw.address("address")
    port = raw.must_number("protocol_port", 0, 65535)
    checked = raw.maybe_address("monitor_address")
    checked_port = raw.number("monitor_port", 0, 65535)
    monitor = None
    if checked is not None or checked_port is not None:
        at_version, at = checked or (version, number)
        monitor = (at_version, at, port if checked_port is None else checked_port)
    return Member(
        raw.text("id"),
        raw.text("pool_id"),
        version,
        number,
        port,
        raw.maybe_text("subnet_id"),
        monitor,
        raw.flag("admin_state_up", True),
        raw.flag("backup", False),
        1 if (weight := raw.number("weight", 0, 256)) is None else weight,
        raw.maybe_text("operating_status") == "ERROR",
    )


def read_monitor(raw: Fields) -> Monitor:
    """A health monitor; it must name its pool."""
    pool = parent(raw, "pool_id", "pools")
    if pool is None:
        raise raw.bad("pool_id", say("is missing"))
    kind = raw.text("type").upper()
    up = raw.flag("admin_state_up", True)
    return Monitor(raw.text("id"), pool, _ASKS.get(kind, protocols.TCP), up, kind == "UDP-CONNECT")
