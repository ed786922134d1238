"""One reader per kind of Neutron object: from the API's dictionary to the model. Each raises BadInput."""

from tenant_ops_dashboard.sentences import say

from . import protocols, spans
from .fields import Fields, plain
from .model import (
    Address,
    AddressGroup,
    FirewallGroup,
    FloatingIP,
    Forwarding,
    GroupRule,
    Network,
    Pair,
    Policy,
    Port,
    Route,
    Router,
    SecurityGroup,
    Subnet,
)
from .rules import read_ports

#: What `binding:vif_type` (shown to administrators) says of a port that no host has.
_NOWHERE = ("unbound", "binding_failed")
#: `binding:vnic_type` of ports that go past the virtual switch (Neutron's administration guide, config-sriov).
_DIRECT = ("direct", "direct-physical", "macvtap")
#: Owners whose ports answer without being plugged anywhere: routers, DHCP and metadata, OVN's health checks.
_UNPLUGGED = ("network:", "ovn-lb-hm:")


def read_network(raw: Fields) -> Network:
    """A network of any provider type."""
    return Network(
        raw.text("id"),
        raw.maybe_text("name") or "",
        raw.flag("router:external", False),
        raw.maybe_text("provider:physical_network") is not None,
        raw.flag("admin_state_up", True),
        {
            version: raw.maybe_text(f"ipv{version}_address_scope")
            for version in (4, 6)
            if f"ipv{version}_address_scope" in raw.raw
        },
    )


def read_subnet(raw: Fields) -> Subnet:
    """A subnet; its CIDR must have no host bits (Neutron never stores any)."""
    version, span = raw.network("cidr")
    if raw.raw.get("ip_version", version) != version:
        raise raw.bad("ip_version", say("is not that of its cidr ({version})", version=version))
    gateway = raw.maybe_address("gateway_ip")
    if gateway is not None and gateway[0] != version:
        raise raw.bad("gateway_ip", say("is not of IPv{version}", version=version))
    return Subnet(
        raw.text("id"),
        raw.text("network_id"),
        raw.maybe_text("name") or "",
        version,
        span,
        None if gateway is None else gateway[1],
        _routes(raw, "host_routes"),
        raw.flag("enable_dhcp", True),
        raw.maybe_text("subnetpool_id"),
    )


def read_subnetpool(raw: Fields) -> str | None:
    """The address scope of a subnet pool."""
    return raw.maybe_text("address_scope_id")


def _routes(raw: Fields, key: str) -> tuple[Route, ...]:
    found = []
    for route in raw.objects(key):
        version, span = route.network("destination", host_bits=True)
        hop_version, hop = route.address("nexthop")
        if hop_version != version:
            raise route.bad("nexthop", say("is of another IP version than destination"))
        found.append(Route(version, span, hop))
    return tuple(found)


def read_port(raw: Fields) -> Port:
    """A port. Neutron trusts ports of its own devices ('network:…'): groups and anti-spoofing leave them alone."""
    addresses = []
    for fixed in raw.objects("fixed_ips"):
        version, number = fixed.address("ip_address")
        addresses.append(Address(version, number, fixed.text("subnet_id")))
    own = (raw.maybe_text("mac_address") or "").lower()
    pairs = []
    macs = [own]
    for pair in raw.objects("allowed_address_pairs"):
        version, span = pair.network("ip_address", host_bits=True)
        _, written = Fields({"ip_address": pair.text("ip_address").partition("/")[0]}, pair.where).address("ip_address")
        mac = (pair.maybe_text("mac_address") or own).lower()
        pairs.append(Pair(version, span, mac == own, None if written == span[0] else written))
        macs += [mac] if version == 6 else []
    owner, device = raw.maybe_text("device_owner") or "", raw.maybe_text("device_id") or ""
    shown = any(raw.raw.get(key) is not None for key in ("device_owner", "device_id"))
    plugged = owner.startswith(_UNPLUGGED) or raw.raw.get("binding:vif_type") not in _NOWHERE
    return Port(
        raw.text("id"),
        raw.maybe_text("name") or "",
        raw.text("network_id"),
        tuple(addresses),
        tuple(pairs),
        raw.texts("security_groups"),
        raw.flag("port_security_enabled", True) and not owner.startswith("network:"),
        raw.flag("admin_state_up", True),
        device,
        owner,
        plugged and bool(owner or device or not shown),
        tuple(dict.fromkeys(own_address for mac in macs if (own_address := _link_local(mac)) is not None)),
        raw.maybe_text("binding:vnic_type") in _DIRECT and not _offloads(raw),
    )


def _offloads(raw: Fields) -> bool:
    """Say whether the card follows the virtual switch (hardware offload, shown to administrators)."""
    profile = raw.raw.get("binding:profile")
    return isinstance(profile, dict) and "switchdev" in (profile.get("capabilities") or ())


def _link_local(mac: str) -> int | None:
    """The address fe80::/64 with the modified EUI-64 of a MAC address; None where the MAC cannot be read."""
    digits = mac.replace(":", "").replace("-", "")
    try:
        octets = bytes.fromhex(digits)
    except ValueError:
        return None
    if len(octets) != 6:
        return None
    return 0xFE80 << 112 | int.from_bytes(bytes((octets[0] ^ 2, *octets[1:3], 0xFF, 0xFE, *octets[3:])), "big")


def read_router(raw: Fields) -> Router:
    """A router with its gateway and extra routes."""
    outside = raw.raw.get("external_gateway_info")
    network, gateway, snat = None, [], True
    if outside:
        info = Fields(outside, f"{raw.where}: external_gateway_info")
        network = info.text("network_id")
        gateway = [fixed.address("ip_address") for fixed in info.objects("external_fixed_ips")]
        snat = info.flag("enable_snat", True)
    return Router(
        raw.text("id"),
        raw.maybe_text("name") or "",
        raw.flag("admin_state_up", True),
        network,
        tuple(gateway),
        snat,
        _routes(raw, "routes"),
        raw.flag("distributed", False),
    )


def read_floatingip(raw: Fields) -> FloatingIP:
    """A floating address and its port forwardings."""
    version, number = raw.address("floating_ip_address")
    fixed = raw.maybe_address("fixed_ip_address")
    return FloatingIP(
        raw.text("id"),
        number,
        version,
        raw.maybe_text("floating_network_id") or "",
        raw.maybe_text("port_id"),
        None if fixed is None else fixed[1],
        raw.maybe_text("router_id"),
        tuple(_forwarding(item) for item in raw.objects("port_forwardings")),
    )


def _forwarding(raw: Fields) -> Forwarding:
    protocol = _protocol(raw, 4)
    if protocol is None:
        raise raw.bad("protocol", say("is missing"))
    external, internal = (
        read_ports(raw.raw.get(f"{side}_port_range") or raw.raw.get(f"{side}_port"), raw.where, f"{side}_port")
        for side in ("external", "internal")
    )
    if external is None or internal is None:
        raise raw.bad("external_port" if external is None else "internal_port", say("is missing"))
    if internal[0] != internal[1] and internal[1] - internal[0] != external[1] - external[0]:
        raise raw.bad("internal_port_range", say("is not as long as external_port_range"))
    _, address = raw.address("internal_ip_address")
    return Forwarding(raw.maybe_text("id"), protocol, external, internal, address, raw.maybe_text("internal_port_id"))


def _protocol(raw: Fields, version: int) -> int | None:
    value = raw.raw.get("protocol")
    if value is None or value == "" or value == protocols.ANY:
        return None
    try:
        return protocols.number_of(value, version)
    except ValueError as error:
        raise raw.bad("protocol", say("is unknown: {plain}", plain=plain(error))) from None


def read_security_group(raw: Fields) -> SecurityGroup:
    """A security group with its rules."""
    identity = raw.text("id")
    rules = tuple(_group_rule(rule, identity) for rule in raw.objects("security_group_rules"))
    return SecurityGroup(identity, raw.maybe_text("name") or "", raw.flag("stateful", True), rules)


def _group_rule(raw: Fields, group: str) -> GroupRule:
    rule = Fields(raw.raw, f"{raw.where} {plain(raw.raw.get('id', ''))}".rstrip())
    direction = rule.text("direction")
    if direction not in ("ingress", "egress"):
        raise rule.bad("direction", say("must be ingress or egress"))
    kind = rule.raw.get("ethertype") or "IPv4"
    if kind not in ("IPv4", "IPv6"):
        raise rule.bad("ethertype", say("must be IPv4 or IPv6"))
    version = int(kind[-1])
    protocol = _protocol(rule, version)
    prefix = None
    if rule.raw.get("remote_ip_prefix") not in (None, ""):
        known = rule.raw.get("normalized_cidr")
        prefix_version, prefix = rule.network("normalized_cidr" if known else "remote_ip_prefix", host_bits=True)
        if prefix_version != version:
            raise rule.bad(
                "remote_ip_prefix",
                say("is of IPv{prefix_version} in a rule of {kind}", prefix_version=prefix_version, kind=kind),
            )
    return GroupRule(
        rule.text("id"),
        group,
        direction == "ingress",
        version,
        protocol,
        _group_ports(rule, protocol),
        prefix,
        rule.maybe_text("remote_group_id"),
        rule.maybe_text("remote_address_group_id"),
    )


def _group_ports(rule: Fields, protocol: int | None) -> spans.Span | None:
    low = rule.number("port_range_min", -1, 65535)
    high = rule.number("port_range_max", -1, 65535)
    low, high = (None if low == -1 else low), (None if high == -1 else high)
    if low is None and high is None:
        return None
    if protocol is None:
        raise rule.bad("protocol", say("must be named where a port range is"))
    if protocol in protocols.ICMP_REPLIES:
        if low is None or low > 255 or (high or 0) > 255:
            raise rule.bad("port_range_min", say("must be an ICMP type from 0 to 255, port_range_max its code"))
        return (low * 256, low * 256 + 255) if high is None else (low * 256 + high, low * 256 + high)
    first, last = 0 if low is None else low, 65535 if high is None else high
    if first > last:
        raise rule.bad(
            "port_range_min", say("is above port_range_max ({first} above {last}): upside down", first=first, last=last)
        )
    return first, last


def read_address_group(raw: Fields) -> AddressGroup:
    """An address group."""
    found: dict[int, list[spans.Span]] = {4: [], 6: []}
    for index, text in enumerate(raw.items("addresses")):
        version, span = Fields({"address": text}, f"{raw.where}: addresses[{index}]").network("address", host_bits=True)
        found[version].append(span)
    ready = {version: spans.normal(items) for version, items in found.items()}
    return AddressGroup(raw.text("id"), raw.maybe_text("name") or "", ready)


def read_firewall_group(raw: Fields, place: int) -> FirewallGroup:
    """A firewall group; `place` is its place in the list, which orders groups that carry no time of change."""
    return FirewallGroup(
        raw.text("id"),
        raw.maybe_text("name") or "",
        raw.maybe_text("ingress_firewall_policy_id"),
        raw.maybe_text("egress_firewall_policy_id"),
        raw.texts("ports"),
        raw.flag("admin_state_up", True),
        raw.maybe_text("status") or "",
        (raw.maybe_text("updated_at") or "", place),
        _project(raw),
        raw.maybe_text("created_at") or "",
    )


def read_policy(raw: Fields) -> Policy:
    """A firewall policy."""
    return Policy(
        raw.text("id"),
        raw.maybe_text("name") or "",
        raw.texts("firewall_rules"),
        _project(raw),
        raw.flag("audited", False),
        raw.maybe_text("created_at") or "",
        raw.maybe_text("updated_at") or "",
    )


def _project(raw: Fields) -> str:
    return raw.maybe_text("project_id") or raw.maybe_text("tenant_id") or ""
