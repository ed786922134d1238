"""Whether an image fits the flavor, or the volume made of it, that is to hold it. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from tenant_ops_dashboard.environments.model import Parameter, gigabytes
from tenant_ops_dashboard.environments.planning.inventory import Flavor, Image, Inventory
from tenant_ops_dashboard.sentences import say


def wrong(
    form: tuple[Parameter, ...], values: Mapping[str, str], problems: Mapping[str, str], found: Inventory
) -> dict[str, str]:
    """What an image needs and its flavor, or the volume made of it, has not."""
    images = [found.image(values[one.name]) for one in form if one.kind == "image" and one.name not in problems]
    source = next((values[one.name] for one in form if one.kind == "boot_from_volume"), "")
    told: dict[str, str] = {}
    for parameter in form:
        if parameter.name in problems:
            continue
        for image in filter(None, images):
            said = ""
            if flavor := found.flavor(values[parameter.name]) if parameter.kind == "flavor" else None:
                said = _disk(image, flavor, source) or _ram(image, flavor)
            elif parameter.kind == "boot_volume_size" and source == "true" and int(values[parameter.name]) < image.disk:
                said = say("{image} needs {disk} GB.", image=image.name, disk=image.disk)
            if said:
                told[parameter.name] = said
    return told


def _disk(image: Image, flavor: Flavor, source: str) -> str:
    """`source` is 'true' where the server starts from a volume, 'false' where it might, '' where nobody asks."""
    if source == "true":
        return ""
    if not flavor.disk and source:
        # Nova's policy os_compute_api:servers:create:zero_disk_flavor.
        return say("{flavor} has no disk of its own: start from a volume, or take another size.", flavor=flavor.name)
    if flavor.disk and flavor.disk < image.disk:
        return say(
            "{image} needs {min_disk} GB of disk; {flavor} has {disk}.",
            image=image.name,
            min_disk=image.disk,
            flavor=flavor.name,
            disk=flavor.disk,
        )
    return ""


def _ram(image: Image, flavor: Flavor) -> str:
    if flavor.ram >= image.min_ram:
        return ""
    needs, has = gigabytes(image.min_ram), gigabytes(flavor.ram)
    return say(
        "{image} needs {needs} GB of RAM; {flavor} has {has}.",
        image=image.name,
        needs=needs,
        flavor=flavor.name,
        has=has,
    )
