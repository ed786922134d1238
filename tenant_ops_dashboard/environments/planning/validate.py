"""Every answer of the launch form, checked before anything is asked of OpenStack; a bad one gets a sentence."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping, Sequence
from functools import partial
from types import MappingProxyType

from tenant_ops_dashboard.certificates.model import Certificate
from tenant_ops_dashboard.environments.declared import field
from tenant_ops_dashboard.environments.model import Parameter, Request
from tenant_ops_dashboard.environments.planning import certificates, ip_versions, ranges, sizes, subnets, volumes
from tenant_ops_dashboard.environments.planning.inventory import Inventory
from tenant_ops_dashboard.environments.template.imported import constraints
from tenant_ops_dashboard.sentences import say

NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
LONGEST_NAME = 40  # a server's name, the environment's with a suffix, is a host name of at most 63
#: Of these a name stands for an id, and is looked up.
_BY_NAME = ("volume", "subnet", "certificate")
NOTHING: Mapping[str, str] = MappingProxyType({})
_NOUNS = {
    "network": say("external network"),
    "image": say("image"),
    "flavor": say("flavor"),
    "keypair": say("key pair"),
}


def name(value: str) -> str:
    """What is wrong with an environment's name, or ''."""
    if not value:
        return say("Give it a name.")
    if len(value) > LONGEST_NAME:
        return say("At most {most} characters; these are {n}.", most=LONGEST_NAME, n=len(value))
    if not NAME.fullmatch(value) or value.endswith("-"):
        return say("Use letters, digits and hyphens, beginning with a letter and not ending with a hyphen.")
    return ""


def check(
    request: Request, form: tuple[Parameter, ...], found: Inventory, offers: Sequence[volumes.Offer] = (),
    asked: Mapping[str, str] = NOTHING, nets: Sequence[subnets.Offer] = (), keys: Sequence[Certificate] = (),
) -> tuple[dict[str, str], dict[str, str]]:  # fmt: skip
    """The values a launch would use (defaults filled in, volumes and subnets by id), and the problems by field.

    `asked` are the kinds of all questions of the blueprint by name, also of those that `form` leaves out. What follows
    from a subnet that is there already stands among the values.
    """
    choose = {"volume": partial(volumes.chosen, offers), "subnet": partial(subnets.chosen, nets)}
    choose["certificate"] = partial(certificates.chosen, keys)
    problems = {"name": said} if (said := name(request.name)) else {}
    values: dict[str, str] = {}
    for parameter in form:
        value = str(request.values.get(parameter.name, parameter.default)).strip()
        if parameter.declared and not value:
            value = parameter.default
        values[parameter.name] = value
        said = one(parameter, value)
        if parameter.kind in choose and value and not said:
            id_, said = choose[parameter.kind](value)
            values[parameter.name] = id_ or value
        if value and not said:
            values[parameter.name] = _as_heat_takes_it(parameter, values[parameter.name])
        if said:
            problems[field(parameter.name)] = said
    known = {parameter.name for parameter in form}
    for extra in request.values:
        if extra not in known:
            problems[field(str(extra)[:60])] = (
                _absent(asked[extra]) if extra in asked else say("This blueprint does not ask for it.")
            )
    follows = ranges.follows(form, values, nets)
    values |= follows
    problems = {name: said for name, said in problems.items() if name not in map(field, follows)}
    problems |= ranges.wrong(form, values, problems, found, nets)
    problems |= ip_versions.wrong(form, values, subnets.taken(form, values, nets).values())
    problems |= sizes.wrong(form, values, problems, found)
    return values, problems


def one(parameter: Parameter, value: str) -> str:
    """What is wrong with one answer by itself, or ''."""
    if not value:
        if not parameter.required:
            return ""
        if parameter.kind in _NOUNS and not parameter.choices:
            return say("This project sees no {what}; ask your operator for one.", what=_NOUNS[parameter.kind])
        if parameter.kind == "volume" and not parameter.choices:
            return say("This project has no volume that is available: make one first.")
        if parameter.kind == "balancer_provider":
            return say(
                "This cloud has no provider of load balancers that does ({refused}); ask your operator for 'amphora'.",
                refused=", ".join(parameter.refusals),
            )
        return say("Give a value.")
    if parameter.declared and parameter.kind in ("text", "boolean"):
        return constraints.wrong(parameter.declared, value)
    if len(value) > 255:
        return say("At most 255 characters; these are {n}.", n=len(value))
    match parameter.kind:
        case "integer" | "boot_volume_size" | "mtu":
            return _integer(parameter, value)
        case "port":
            return _integer(parameter, value) or parameter.refusals.get(str(int(value)), "")
        case "cidr":
            return _cidr(value)
        case "boolean" | "boot_from_volume":
            return "" if value in ("true", "false") else say("Say true or false.")
        case "network" | "image" | "flavor" | "keypair":
            return _named(parameter, value)
        case "certificate" if len(parameter.choices) == 1 and parameter.reason:
            return parameter.reason
        case "dns_nameservers":
            return _addresses(value)
        case "ula_prefix":
            return ip_versions.no_prefix(value)
        case "remote_ip_prefix":
            return _source(value)
    if parameter.choices and parameter.kind not in _BY_NAME and not _offered(parameter, value):
        offered = ", ".join(one.value for one in parameter.choices if one.value)
        told = say("It is none of {offered}.", offered=offered)
        return parameter.refusals.get(value, told)
    return "" if value.isprintable() else say("Only printable characters.")


def _absent(kind: str) -> str:
    """Why there is nothing to choose where this cloud leaves a question out."""
    return certificates.absent() if kind == "certificate" else say("This cloud has nothing to choose there.")


def _offered(parameter: Parameter, value: str) -> bool:
    return any(choice.value == value for choice in parameter.choices)


def _as_heat_takes_it(parameter: Parameter, value: str) -> str:
    """Heat splits a list at its commas and keeps the spaces; one address is a network as its constraint reads it."""
    if parameter.kind == "dns_nameservers":
        return ",".join(part.strip() for part in value.split(","))
    if parameter.kind == "port":
        return str(int(value))
    if parameter.kind == "ula_prefix":
        return ip_versions.written(value)
    return str(ipaddress.IPv4Network(value)) if parameter.kind == "remote_ip_prefix" else value


def _named(parameter: Parameter, value: str) -> str:
    if _offered(parameter, value):
        return ""
    told = say("This project sees no {what} called '{value}'.", what=_NOUNS[parameter.kind], value=value[:60])
    return parameter.refusals.get(value, told)


def _addresses(value: str) -> str:
    """DNS servers of a subnet of IPv4: Neutron takes none of IPv6 for it (`_validate_subnet`)."""
    for one_ in value.split(","):
        try:
            found = ipaddress.ip_address(one_.strip())
        except ValueError:
            return say("Write addresses with commas between them, such as 9.9.9.9,149.112.112.112.")
        if found.version != 4:
            return say("{address} is of IPv6: a network of IPv4 has DNS servers of IPv4.", address=found)
    return ""


def _source(value: str) -> str:
    """An IPv4 network, or one address of it: a floating IP is of IPv4."""
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return say("This is no network; write it like 203.0.113.7/32, or leave it empty for nobody.")
    if not isinstance(network, ipaddress.IPv4Network):
        return say("The jump host has an address of IPv4 alone; write a network like 203.0.113.7/32.")
    if "/" in value and str(network) != value:
        return say("Bits are set behind the prefix; did you mean {network}?", network=network)
    return ""


def _integer(parameter: Parameter, value: str) -> str:
    if not re.fullmatch(r"-?[0-9]{1,12}", value):
        return say("Give a whole number.")
    number = int(value)
    if parameter.minimum is not None and number < parameter.minimum:
        return say("At least {minimum}.", minimum=parameter.minimum)
    if parameter.maximum is not None and number > parameter.maximum:
        return say("At most {maximum}.", maximum=parameter.maximum)
    return ""


def _cidr(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return say("This is no network; write it like 10.20.1.0/24.")
    if not isinstance(network, ipaddress.IPv4Network):
        return say("Only IPv4 networks so far; write it like 10.20.1.0/24.")
    if "/" not in value:
        return say("The prefix length is missing; write it like {address}/24.", address=network.network_address)
    if str(network) != value:
        return say("Bits are set behind the prefix; did you mean {network}?", network=network)
    if not 16 <= network.prefixlen <= 28:
        return say("The prefix length must be from 16 to 28.")
    if network.is_multicast or network.is_loopback or network.is_link_local or network.is_unspecified:
        return say("Servers cannot have such addresses; use a private network such as 10.20.1.0/24.")
    return ""
