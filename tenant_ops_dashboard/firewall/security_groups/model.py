"""A security group as people edit it. Field names are Neutron's (API reference, security group rules)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tenant_ops_dashboard.firewall.model import Direction


@dataclass(frozen=True)
class Rule:
    """One rule; `id` is None until Neutron has it. None of what is matched is any. Neutron changes no rule in place."""

    id: str | None = None
    direction: Direction = "ingress"
    ethertype: Literal["IPv4", "IPv6"] = "IPv4"
    protocol: str | None = None
    port_range_min: int | None = None
    port_range_max: int | None = None
    remote_ip_prefix: str | None = None
    remote_group_id: str | None = None
    remote_address_group_id: str | None = None
    description: str = ""


@dataclass(frozen=True)
class State:
    """A security group with its rules; their order means nothing."""

    id: str
    name: str
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Base:
    """What a draft was made from: Neutron's revision of the group, and its content where it is known."""

    revision: int | None = None
    was: State | None = None


@dataclass(frozen=True)
class Draft:
    """An edit of one security group that nothing was sent of."""

    state: State
    base: Base = Base()
