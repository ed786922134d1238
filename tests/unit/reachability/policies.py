"""Hypothesis strategies: small policies whose rules overlap, and packets aimed at the rules' edges."""

import ipaddress

from hypothesis import strategies as st

NETWORKS = {
    4: ["10.0.0.0/8", "10.0.0.0/24", "10.0.0.128/25", "10.0.1.0/24", "10.0.1.7/32", "0.0.0.0/0", "203.0.113.0/30"],
    6: ["2001:db8::/32", "2001:db8::/64", "2001:db8:0:1::/64", "2001:db8::5/128", "::/0"],
}
PORTS = ["0", "0:0", "0:100", "1", "22", "80", "80:90", "85:100", "1:65535", "0:65535", "1024:65535", "65535"]
PROTOCOLS = ["tcp", "udp", "icmp", None, "sctp", "gre", "47", "6"]


@st.composite
def rules(draw, versions=(4, 6)):
    """One firewall rule as Neutron lists it."""
    version = draw(st.sampled_from(versions))
    protocol = draw(st.sampled_from(PROTOCOLS))
    ported = protocol in ("tcp", "udp", "sctp", "6")
    port = st.sampled_from([None, *PORTS]) if ported else st.none()
    network = st.sampled_from([None, *NETWORKS[version]])
    return {
        "action": draw(st.sampled_from(["allow", "deny", "reject"])),
        "enabled": draw(st.sampled_from([True, True, True, False])),
        "ip_version": version,
        "protocol": protocol,
        "source_ip_address": draw(network),
        "destination_ip_address": draw(network),
        "source_port": draw(port),
        "destination_port": draw(port),
    }


@st.composite
def policies(draw, most=12):
    """A policy of up to `most` rules with ids r0, r1, …"""
    found = draw(st.lists(rules(), max_size=most))
    return [{"id": f"r{index}", **rule} for index, rule in enumerate(found)]


def edges(policy):
    """Per version the addresses, ports and protocols at and just beyond every edge of the policy's rules."""
    addresses = {4: {"192.0.2.1"}, 6: {"2001:db8:ffff::1"}}
    ports = {0, 443, 65535}
    for rule in policy:
        for key in ("source_ip_address", "destination_ip_address"):
            if rule[key]:
                network = ipaddress.ip_network(rule[key])
                for number in (int(network[0]) - 1, int(network[0]), int(network[-1]), int(network[-1]) + 1):
                    if 0 <= number < 2**network.max_prefixlen:
                        addresses[network.version].add(str(type(network[0])(number)))
        for key in ("source_port", "destination_port"):
            if rule[key]:
                for text in rule[key].split(":"):
                    ports.update(p for p in (int(text) - 1, int(text), int(text) + 1) if 0 <= p <= 65535)
    return {version: sorted(found) for version, found in addresses.items()}, sorted(ports)


@st.composite
def packets(draw, policy):
    """A packet at the edges of a policy's rules."""
    addresses, ports = edges(policy)
    version = draw(st.sampled_from([4, 6]))
    protocol = draw(st.sampled_from([6, 17, 132, 47, 1 if version == 4 else 58]))
    ported = protocol in (6, 17, 132)
    port = st.sampled_from(ports) if ported else st.just(0)
    address = st.sampled_from(addresses[version])
    ends = {"src": draw(address), "dst": draw(address)}
    return {**ends, "protocol": protocol, "src_port": draw(port), "dst_port": draw(port)}
