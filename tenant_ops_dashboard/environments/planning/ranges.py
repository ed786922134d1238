"""Ranges of a launch's networks, and routers of those that are there before it: what goes with what. Pure."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping, Sequence

from tenant_ops_dashboard.environments.model import Parameter
from tenant_ops_dashboard.environments.planning import subnets
from tenant_ops_dashboard.environments.planning.inventory import Inventory
from tenant_ops_dashboard.environments.planning.subnets import Offer
from tenant_ops_dashboard.sentences import say


def follows(form: Sequence[Parameter], values: Mapping[str, str], nets: Sequence[Offer]) -> dict[str, str]:
    """Values of the template's parameters that the subnets which were chosen decide, by name."""
    fills = {one.name: one.fills for one in form}
    return {
        name: offer.part(what)
        for asked, offer in subnets.taken(form, values, nets).items()
        for what, name in fills[asked].items()
    }


def wrong(
    form: Sequence[Parameter], values: Mapping[str, str], problems: Mapping[str, str], found: Inventory,
    nets: Sequence[Offer],
) -> dict[str, str]:  # fmt: skip
    """What of the networks does not go together, by question; those that have `problems` are left out."""
    ids = dict(found.network_ids)
    externals = {id_ for one in form if one.kind == "network" and (id_ := ids.get(values[one.name]))}
    chosen = subnets.taken(form, values, nets)
    return {**_ranges(form, values, problems, found, externals, chosen), **dict(_routers(found, externals, chosen))}


def _ranges(
    form: Sequence[Parameter], values: Mapping[str, str], problems: Mapping[str, str], found: Inventory,
    externals: set[str], chosen: Mapping[str, Offer],
) -> dict[str, str]:  # fmt: skip
    seen = [(say("the external network"), network) for id_, network in found.external_ranges if id_ in externals]
    standing = [(one.router_called, it) for one in chosen.values() for it in one.beside]
    asked_by = {name: one.name for one in form if one.name in chosen for name in one.fills.values()}
    told: dict[str, str] = {}
    for parameter in form:
        if parameter.kind != "cidr" or parameter.name in problems or not values[parameter.name]:
            continue
        network = ipaddress.IPv4Network(values[parameter.name])
        at = asked_by.get(parameter.name, parameter.name)
        # What is behind a router already goes together with the rest of it; what gets its interface now may not.
        beside = [] if at in chosen and chosen[at].router else [
            (say("a network of the router {router}", router=name), ipaddress.IPv4Network(it)) for name, it in standing
        ]  # fmt: skip
        for what, other in (*seen, *beside):
            if network.overlaps(other):
                told[at] = say(
                    "Overlaps {what}, {other}; the router could not tell them apart.", what=what, other=other
                )
        seen.append((parameter.label, network))
    return told


def _routers(found: Inventory, externals: set[str], chosen: Mapping[str, Offer]) -> Iterator[tuple[str, str]]:
    """One router has an interface in each tier, and leads to the external network that was chosen."""
    first: Offer | None = None
    names = {id_: value for value, id_ in found.network_ids}
    for name, one in chosen.items():
        if not one.router:
            continue
        first = first or one
        if one.router != first.router:
            yield name, say(
                "{called} is behind the router {router} and {other} behind {another}: the tiers would not reach each "
                "other.",
                called=one.called, router=one.router_called, other=first.called, another=first.router_called,
            )  # fmt: skip
        elif externals and one.leads_to not in externals:
            yield name, say(
                "The router {router} of {called} leads to {external}: choose that as the external network.",
                router=one.router_called, called=one.called, external=names.get(one.leads_to, one.leads_to),
            )  # fmt: skip
