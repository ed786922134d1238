"""What a plan takes for each question, and what follows from that and is easily overlooked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tenant_ops_dashboard.environments.model import Chosen, Parameter
from tenant_ops_dashboard.environments.planning import ip_versions, joining, subnets
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.sentences import say

_ANYWHERE = "0.0.0.0/0"


def chosen(form: Sequence[Parameter], values: Mapping[str, str]) -> tuple[Chosen, ...]:
    """The answer to each question, with why it was proposed where it is what was proposed."""
    return tuple(
        Chosen(
            one.name,
            one.label,
            value,
            next((choice.label for choice in one.choices if choice.value == value), value),
            one.reason if value == one.default else "",
            one.choices,
        )
        for one in form
        for value in [values.get(one.name, one.default)]
    )


def notes(
    form: Sequence[Parameter], values: Mapping[str, str], made: Sequence[Resource],
    used: Sequence[subnets.Offer] = (), filtered: bool = False, outside: Sequence[str] = (),
) -> tuple[str, ...]:  # fmt: skip
    """Sentences about disks that go with their servers, who may use SSH, IPv6, and subnets that are `used`.

    `filtered` says that a firewall group will be made, `outside` are the external network's own ranges of IPv6.
    """
    by_kind: dict[str, str] = {one.kind: values.get(one.name, one.default) for one in form}
    return (*_disks(by_kind), *_ssh(by_kind, made), *ip_versions.notes(made, filtered, outside),
            *joining.notes(used, made, filtered))  # fmt: skip


def _disks(by_kind: Mapping[str, str]) -> Iterator[str]:
    if by_kind.get("boot_from_volume") == "true":
        yield say(
            "Each server starts from a volume of {size} GB that Nova makes of {image}. It is deleted with its server: "
            "only data volumes are kept.",
            size=by_kind.get("boot_volume_size", ""),
            image=by_kind.get("image") or "",
        )


def _ssh(by_kind: Mapping[str, str], made: Sequence[Resource]) -> Iterator[str]:
    if "remote_ip_prefix" not in by_kind or not any(one.meta.get("kind") == "jump_host" for one in made):
        return
    source = by_kind["remote_ip_prefix"]
    if not source:
        yield say("Nobody reaches the jump host by SSH: no address was given from which that is allowed.")
    elif source == _ANYWHERE:
        yield say("The jump host accepts SSH from everywhere.")
    else:
        yield say("The jump host accepts SSH from {source} alone.", source=source)
