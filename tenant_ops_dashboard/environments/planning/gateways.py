"""Gateway addresses of subnets that are at no router, and who has them all the same."""

from __future__ import annotations

from collections.abc import Sequence

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import rows
from tenant_ops_dashboard.environments import services
from tenant_ops_dashboard.environments.planning.inventory import Subnet

#: Addresses that one question to Neutron has: some 4 kB of query.
MOST = 100


def held(cloud: Cloud, subnets: Sequence[Subnet]) -> dict[str, str]:
    """Which port has a subnet's gateway address, in a person's words, by the subnet's id: a call for each hundred.

    Neutron refuses a router's interface there (IpAddressAlreadyAllocated). Several addresses in `fixed_ips` are any of
    them (`_get_ports_query` in neutron/db/db_base_plugin_v2.py). Raises a CloudError.
    """
    gateways = {one.id: one.gateway for one in subnets if one.gateway}
    asked = [f"ip_address={one}" for one in sorted(set(gateways.values()))]
    found: dict[str, str] = {}
    for start in range(0, len(asked), MOST):
        lot = asked[start : start + MOST]
        for port in rows(cloud.pages("network", "/ports", "ports", fixed_ips=lot), services.PORT):
            called, owner = port["name"] or port["id"], port["device_owner"]
            words = f"{called} ({owner})" if owner else called
            found |= {
                at["subnet_id"]: words
                for at in port["fixed_ips"]
                if at["ip_address"] and gateways.get(at["subnet_id"]) == at["ip_address"]
            }
    return found
