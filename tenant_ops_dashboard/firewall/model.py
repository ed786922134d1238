"""A firewall group as people edit it. Field names are Neutron's (API reference, FWaaS v2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

Direction = Literal["ingress", "egress"]
Action = Literal["allow", "deny", "reject"]
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
ACTIONS: tuple[Action, ...] = get_args(Action)
#: What FWaaS' API takes as a rule's protocol, beside none for any.
PROTOCOLS = ("tcp", "udp", "sctp", "dccp", "icmp", "ipv6-icmp")


@dataclass(frozen=True)
class Rule:
    """One rule; `id` is None until Neutron has it. Ports are 'n' or 'a:b'; None of what is matched is any."""

    id: str | None = None
    name: str = ""
    description: str = ""
    action: Action = "deny"
    protocol: str | None = None
    ip_version: Literal[4, 6] = 4
    source_ip_address: str | None = None
    destination_ip_address: str | None = None
    source_port: str | None = None
    destination_port: str | None = None
    enabled: bool = True


@dataclass(frozen=True)
class Policy:
    """The rules of one direction, in order. `policy` is the id of Neutron's policy, None until there is one."""

    policy: str | None = None
    name: str = ""
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Group:
    """What a draft says of the group itself; `id` is '' for a group that is not there yet, `ports` are ids."""

    id: str = ""
    name: str = ""
    admin_state_up: bool = True
    ports: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """A group with the policies of both directions; None where a direction has no policy."""

    group: Group
    ingress: Policy | None = None
    egress: Policy | None = None

    def policy(self, direction: Direction) -> Policy | None:
        """The policy of a direction."""
        return self.ingress if direction == "ingress" else self.egress

    def having(self, direction: Direction, policy: Policy | None) -> State:
        """The same with another policy in a direction."""
        return replace(self, ingress=policy) if direction == "ingress" else replace(self, egress=policy)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of both directions, ingress first."""
        return tuple(rule for one in (self.ingress, self.egress) if one for rule in one.rules)


@dataclass(frozen=True)
class Base:
    """What a draft was made from: revisions by object, and the whole content where it is known.

    A policy's revision does not move with its list of rules, so only content tells that somebody changed something.
    """

    group: int | None = None
    ingress: int | None = None
    egress: int | None = None
    rules: Mapping[str, int | None] = field(default_factory=dict)
    was: State | None = None


@dataclass(frozen=True)
class Draft:
    """An edit of one group that nothing was sent of: how it shall be, and what it was made from."""

    state: State
    base: Base = field(default_factory=Base)
