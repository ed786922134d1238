"""Which flavors a server fits on, and which one a blueprint begins with. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud.values import number
from tenant_ops_dashboard.environments.model import gigabytes
from tenant_ops_dashboard.environments.planning.images import Image
from tenant_ops_dashboard.sentences import say, say_many


@dataclass(frozen=True)
class Flavor:
    """`ram` in MB, `disk` in GB: 0 for a server that starts from a volume."""

    id: str
    name: str
    vcpus: int
    ram: int
    disk: int


@dataclass(frozen=True)
class Wants:
    """The least that will do: `ram` in MB, `disk` in GB, 0 where the flavor's own disk is not used."""

    vcpus: int = 0
    ram: int = 0
    disk: int = 0

    def met(self, flavor: Flavor) -> bool:
        """Whether a flavor has all of it."""
        return flavor.vcpus >= self.vcpus and flavor.ram >= self.ram and flavor.disk >= self.disk


def wants(wish: Mapping[str, Any], image: Image | None, volume: bool) -> Wants:
    """What a blueprint's `prefer: {vcpus:, ram:, disk:}` and its image ask for.

    Without an image, or where the server starts from a `volume` that is made of it, the flavor's disk does not count;
    with one there has to be some: Nova lets only administrators start an image on a flavor without (its policy
    os_compute_api:servers:create:zero_disk_flavor).
    """
    disk = 0 if volume or image is None else max(1, number(wish.get("disk")), image.disk)
    ram = max(number(wish.get("ram")), image.min_ram if image else 0)
    return Wants(number(wish.get("vcpus")), ram, disk)


def proposed(flavors: Sequence[Flavor], wanted: Wants) -> tuple[Flavor | None, str]:
    """The smallest flavor that has all that is wanted, and why; where none has, the one that comes nearest."""
    smallest = sorted(flavors, key=lambda one: (one.ram, one.vcpus, one.disk, one.name))
    if fit := next(filter(wanted.met, smallest), None):
        return fit, say("{flavor} is the smallest with at least {wanted}.", flavor=fit.name, wanted=_told(wanted))
    if not smallest:
        return None, ""
    best = max(smallest, key=lambda one: (one.ram >= wanted.ram, one.disk >= wanted.disk, one.ram, one.disk))
    return best, say("No size has {wanted}; {flavor} comes nearest.", flavor=best.name, wanted=_told(wanted))


def cores(number_: int) -> str:
    """So many cores, in words."""
    return say_many("{n} core", "{n} cores", number_)


def _told(wanted: Wants) -> str:
    ram = gigabytes(wanted.ram)
    if not wanted.disk:
        return say("{cores} and {gigabytes} GB RAM", cores=cores(max(1, wanted.vcpus)), gigabytes=ram)
    return say(
        "{cores}, {gigabytes} GB RAM and {disk} GB disk",
        cores=cores(max(1, wanted.vcpus)),
        gigabytes=ram,
        disk=wanted.disk,
    )
