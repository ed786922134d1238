"""What is wished for, and what a suggestion says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from tenant_ops_dashboard.firewall import draft as drafts
from tenant_ops_dashboard.firewall.checking import Set
from tenant_ops_dashboard.firewall.difference import Difference
from tenant_ops_dashboard.firewall.model import Direction, Draft
from tenant_ops_dashboard.firewall.security_groups import draft as group_drafts
from tenant_ops_dashboard.firewall.security_groups.model import Draft as GroupDraft
from tenant_ops_dashboard.reachability.scope import Scope

Want = Literal["allow", "deny"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """The packets from one end to the other that shall, or shall not, get through; both ends as they were typed."""

    sender: str
    receiver: str
    source: Scope
    target: Scope
    packets: Set
    want: Want


def everywhere(scope: Scope, version: int) -> bool:
    """Whether an end is the internet, and no range of addresses."""
    return scope.outside and (scope.limits is None or len(scope.limits[version]) > 1)


@dataclass(frozen=True)
class Place:
    """Where a rule can stand: a direction of a firewall group, or of a security group. `group` is its id."""

    layer: Literal["firewall", "security-group"]
    group: str
    direction: Direction


@dataclass(frozen=True)
class Suggestion:
    """Drafts that bring about a wish, and what they do besides.

    `rules` are the changes in words. `traffic` is all that the drafts change, `also` what of it nobody wished for: more
    that is opened, or closed. `cannot` are sentences: what no draft here brings about, why, and whose it is to do.
    `holds` says whether the wish is true with the drafts in force; None where that is not known.
    """

    want: Want
    holds: bool | None
    firewall: tuple[Draft, ...] = ()
    security_groups: tuple[GroupDraft, ...] = ()
    rules: tuple[str, ...] = ()
    traffic: Difference = field(default_factory=Difference)
    also_opens: Sequence[Json] = ()
    also_closes: Sequence[Json] = ()
    cannot: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    def written(self) -> Json:
        """The contract's form; drafts as `firewall preview` and security groups' drafts as JSON take them."""
        traffic = self.traffic
        return {
            "firewall": [drafts.written(one) for one in self.firewall],
            "security_groups": [group_drafts.written(one) for one in self.security_groups],
            "rules": list(self.rules),
            "preview": {
                "gained": traffic.gained, "lost": traffic.lost, "breaks_replies": traffic.breaks_replies,
            },
            "also_opens": list(self.also_opens), "also_closes": list(self.also_closes),
            "cannot": list(self.cannot), "unknown": list(self.unknown), "holds": self.holds,
        }  # fmt: skip
