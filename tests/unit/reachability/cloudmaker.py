"""Small clouds written by hand: every object with the fields Neutron lists, only the interesting ones named."""

import itertools

from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.snapshot import build_snapshot

OUTSIDE = "198.51.100.7"


class Cloud:
    """Collects API objects; `snapshot()` is what `tenant-ops reachability snapshot` would write."""

    def __init__(self):
        self.raw = {
            key: []
            for key in (
                "networks", "subnets", "routers", "ports", "floatingips", "security_groups", "address_groups",
                "firewall_groups", "firewall_policies", "firewall_rules", "loadbalancers", "listeners", "pools", "members",
                "healthmonitors",
            )
        }  # fmt: skip
        self._count = itertools.count(1)

    def add(self, kind, **fields):
        self.raw[kind].append(fields)
        return fields["id"]

    def network(self, name, cidr, gateway="first", *, external=False, subnet=None, **fields):
        """A network with one subnet named `<name>-net` (or `subnet`)."""
        if not any(network["id"] == name for network in self.raw["networks"]):
            self.add("networks", id=name, name=name, **{"router:external": external}, admin_state_up=True, **fields)
        version = 6 if ":" in cidr else 4
        base = cidr.split("/")[0]
        first = base.rsplit(".", 1)[0] + ".1" if version == 4 else base + "1"
        gateway = first if gateway == "first" else gateway
        self.add(
            "subnets", id=subnet or f"{name}-net", name=name, network_id=name, cidr=cidr, ip_version=version,
            gateway_ip=gateway, host_routes=[],
        )  # fmt: skip
        return name

    def router(self, name, *interfaces, external=None, address=None, snat=True, routes=(), **fields):
        """A router; each interface is (network, address) or (network, address, subnet); its port is `<router>-<network>`."""
        info = None
        if external:
            info = {"network_id": external, "enable_snat": snat, "external_fixed_ips": []}
            if address:
                info["external_fixed_ips"] = [{"subnet_id": f"{external}-net", "ip_address": address}]
        self.add(
            "routers",
            id=name,
            name=name,
            admin_state_up=True,
            external_gateway_info=info,
            routes=list(routes),
            **fields,
        )
        for network, ip, *subnet in interfaces:
            self.port(
                f"{name}-{network}" + (f"-{subnet[0]}" if subnet else ""), network, ip, owner="network:router_interface", device=name, groups=(),
                subnet=subnet[0] if subnet else None, port_security_enabled=False,
            )  # fmt: skip
        return name

    def port(
        self, name, network, *ips, groups=("open",), owner="compute:nova", device=None, pairs=(), subnet=None, **fields
    ):
        return self.add(
            "ports", id=name, name=name, network_id=network, device_owner=owner, device_id=device or f"vm-{name}",
            mac_address=f"fa:16:3e:00:00:{next(self._count) % 256:02x}",
            fixed_ips=[{"ip_address": ip, "subnet_id": subnet or self._subnet(network, ip)} for ip in ips],
            security_groups=list(groups),
            allowed_address_pairs=[p if isinstance(p, dict) else {"ip_address": p} for p in pairs],
            **{"port_security_enabled": True, "admin_state_up": True, **fields},
        )  # fmt: skip

    def _subnet(self, network, ip):
        import ipaddress

        address = ipaddress.ip_address(ip)
        for subnet in self.raw["subnets"]:
            if subnet["network_id"] == network and address in ipaddress.ip_network(subnet["cidr"]):
                return subnet["id"]
        return f"{network}-net"

    def group(self, name, *rules, stateful=True):
        """A security group; rules are dictionaries made by `allow`."""
        made = [
            {"id": f"{name}-{index}", "security_group_id": name, "ethertype": "IPv4", **rule}
            for index, rule in enumerate(rules)
        ]
        return self.add("security_groups", id=name, name=name, stateful=stateful, security_group_rules=made)

    def firewall(self, name, ports, ingress=None, egress=None, **fields):
        """A firewall group whose policies are lists of rules (None: no policy)."""
        sides = {}
        for side, rules in (("ingress", ingress), ("egress", egress)):
            policy = None
            if rules is not None:
                policy = f"{name}-{side}"
                ids = []
                for index, rule in enumerate(rules):
                    ids.append(f"{policy}-{index}")
                    self.add(
                        "firewall_rules", **{"id": ids[-1], "enabled": True, "ip_version": 4, "action": "allow", **rule}
                    )
                self.add("firewall_policies", id=policy, name=policy, firewall_rules=ids)
            sides[f"{side}_firewall_policy_id"] = policy
        return self.add(
            "firewall_groups",
            **{
                "id": name,
                "name": name,
                "ports": list(ports),
                "admin_state_up": True,
                "status": "ACTIVE",
                **sides,
                **fields,
            },
        )

    def floating(self, address, port=None, fixed=None, network="ext", **fields):
        return self.add(
            "floatingips", id=f"fip-{address}", floating_ip_address=address, floating_network_id=network, port_id=port,
            fixed_ip_address=fixed, **fields,
        )  # fmt: skip

    def snapshot(self, **meta):
        return build_snapshot({**self.raw, "meta": meta}, "test.json")

    def ask(self, src, dst, protocol="tcp", dst_port=None, profile="ovn", **fields):
        """Probe; an end is a port's name or an address."""
        engine = Engine(self.snapshot(), profile)
        packet = {"src": self._end(src), "dst": self._end(dst), "protocol": protocol, **fields}
        if dst_port is not None:
            packet["dst_port"] = dst_port
        return probe(engine, packet)

    def _end(self, end):
        if isinstance(end, dict):
            return end
        return {"port": end} if any(port["id"] == end for port in self.raw["ports"]) else {"ip": end}


def allow(direction, protocol=None, low=None, high=None, remote=None, group=None, addresses=None, version=4):
    """A security group rule."""
    return {
        "direction": direction, "protocol": protocol, "port_range_min": low, "port_range_max": low if high is None else high,
        "remote_ip_prefix": remote, "remote_group_id": group, "remote_address_group_id": addresses, "ethertype": f"IPv{version}",
    }  # fmt: skip


EVERYTHING = (allow("ingress"), allow("egress"), allow("ingress", version=6), allow("egress", version=6))


def two_tiers():
    """ext -- r1 -- dmz (app, web floating) and db; groups open."""
    cloud = Cloud()
    cloud.group("open", *EVERYTHING)
    cloud.network("ext", "203.0.113.0/24", external=True)
    cloud.network("dmz", "10.0.1.0/24")
    cloud.network("db", "10.0.2.0/24")
    cloud.router("r1", ("dmz", "10.0.1.1"), ("db", "10.0.2.1"), external="ext", address="203.0.113.2")
    cloud.port("app", "dmz", "10.0.1.10")
    cloud.port("data", "db", "10.0.2.10")
    cloud.floating("203.0.113.10", "app", "10.0.1.10", router_id="r1")
    return cloud
