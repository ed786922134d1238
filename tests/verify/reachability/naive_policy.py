"""The plainest possible reading of one firewall policy, written apart from the engine: one packet, rule after rule."""

import ipaddress

NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1, "ipv6-icmp": 58, "icmpv6": 58, "sctp": 132, "dccp": 33, "gre": 47, "esp": 50}


def protocol_number(name, version):
    """Neutron's protocol name or number; 'icmp' is ICMPv6 in version 6."""
    number = NUMBERS[name] if name in NUMBERS else int(name)
    return 58 if number == 1 and version == 6 else number


def in_ports(text, port):
    """'n', 'a:b' or None against a port; a stored range that begins at 0 comes out of Neutron as none."""
    if text in (None, ""):
        return True
    low, _, high = str(text).partition(":")
    if int(low) == 0:
        return True
    return int(low) <= port <= int(high or low)


def matches(rule, packet):
    """One rule (the API's own reading) against {'src', 'dst', 'protocol', ports}; addresses are text."""
    source = ipaddress.ip_address(packet["src"])
    target = ipaddress.ip_address(packet["dst"])
    if rule.get("ip_version", 4) != source.version:
        return False
    for key, end in (("source_ip_address", source), ("destination_ip_address", target)):
        if rule.get(key) and end not in ipaddress.ip_network(rule[key], strict=False):
            return False
    if rule.get("protocol") is None:
        return True
    if protocol_number(rule["protocol"], source.version) != packet["protocol"]:
        return False
    if packet["protocol"] not in (6, 17, 33, 132, 136):
        return True
    return in_ports(rule.get("source_port"), packet["src_port"]) and in_ports(
        rule.get("destination_port"), packet["dst_port"]
    )


def decides(rules, packet):
    """The id of the first enabled rule that matches, or None."""
    for rule in rules:
        if rule.get("enabled", True) and matches(rule, packet):
            return rule["id"]
    return None


def permits(rules, packet):
    """Say whether the policy lets the packet through."""
    decider = decides(rules, packet)
    return any(rule["id"] == decider and rule["action"] == "allow" for rule in rules)
