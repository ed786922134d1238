"""Which back end FWaaS has: found out by who makes Neutron's routers, and where that does not tell, what settings say.

The name of the provider of FIREWALL_V2 is the operator's free text and tells nothing. Routers are the L3 plugin's, and
each registers providers of its own: OVN's 'ovn' (neutron/services/ovn_l3/service_providers/driver_controller.py), the
reference one all of `_AGENTS` (neutron/services/l3_router/service_providers/driver_controller.py).
"""

from __future__ import annotations

import hashlib
from typing import Any

from tenant_ops_dashboard.cloud import errors
from tenant_ops_dashboard.cloud.handle import Cloud
from tenant_ops_dashboard.cloud.values import listing, mapping, text

#: What the plugin knows to tell apart.
PROFILES = ("ovn", "l3-agent")
_ROUTERS = "L3_ROUTER_NAT"  # neutron_lib.plugins.constants.L3
_OVN = frozenset({"ovn"})
_AGENTS = frozenset({"dvrha", "dvr", "ha", "single_node"})
_KEPT = 3600  # seconds: a cloud moves to another back end once in its life


def firewall_profile(cloud: Cloud) -> str:
    """The back end that is reckoned with, 'ovn' or 'l3-agent'; '' where neither Neutron nor the settings tell.

    What is found out counts more than TENANT_OPS_FIREWALL_PROFILE. One call an hour for a region; raises nothing.
    """
    return found(cloud) or said(cloud)


def said(cloud: Cloud) -> str:
    """The back end that the settings name, '' where they name none that is known here."""
    told = cloud.options.firewall_profile
    return told if told in PROFILES else ""


def found(cloud: Cloud) -> str:
    """The back end by Neutron's own answer alone, '' where that does not tell; calls and errors as above.

    Several kinds of routers (providers of both, or an operator's own for flavors) tell nothing: which one a router has
    stands in no answer that a member of a project gets.
    """
    told: str = cloud.once("back end of FWaaS", lambda: _known(cloud))
    return told


def read(providers: Any) -> str:
    """The back end by the rows of `GET /v2.0/service-providers` ({service_type, name, default}). Pure."""
    rows = map(mapping, listing(providers))
    names = {text(one.get("name")) for one in rows if one.get("service_type") == _ROUTERS}
    if not names:
        return ""
    return "ovn" if names <= _OVN else "l3-agent" if names <= _AGENTS else ""


def _known(cloud: Cloud) -> str:
    try:
        place = _key(cloud.endpoint("network"), cloud.region)
        # What somebody found holds for everybody there; that nothing was told holds for whoever may ask no more.
        mine = _key(place, *sorted(cloud.roles))
        for key in (place, mine):
            if isinstance(kept := cloud.store.get(key), str):
                return kept
        told = _asked(cloud)
    except errors.CloudError:
        return ""
    cloud.store.set(place if told else mine, told, _KEPT)
    return told


def _asked(cloud: Cloud) -> str:
    """Raises a CloudError where asking again may tell more."""
    try:
        # Not by pages: Neutron knows none of this list (neutron/extensions/servicetype.py).
        return read(cloud.get("network", "/service-providers")["service_providers"])
    except errors.LoginEnded:
        raise
    except (errors.NotAllowed, errors.NotFound):
        return ""


def _key(*words: str) -> str:
    return f"tenant_ops.back_end.{hashlib.sha256(' '.join(words).encode()).hexdigest()}"
