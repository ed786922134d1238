"""Whether what the cloud offers is enough for the shipped blueprints: images, and flavors that fit."""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import number
from tenant_ops_dashboard.doctor.model import Finding, Found
from tenant_ops_dashboard.environments.planning import defaults, inventory
from tenant_ops_dashboard.environments.planning.inventory import Flavor, Image
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.sentences import say, say_many


def images(cloud: Cloud) -> Found:
    """Whether there is an image, and for each a flavor that it starts on. Raises a CloudError."""
    found = inventory.take(cloud)
    servable = [one for one in found.images if not one.refusal]
    homeless = [one.name for one in servable if not any(_fits(flavor, one) for flavor in found.flavors)]
    if not servable:
        told = say("This project sees no image that can be a server, so none can start.")
        fix = say("Upload one: openstack image create --file FILE --disk-format qcow2 NAME.")
        yield Finding(say("Images"), "failed", told, fix)
    elif not found.flavors:
        told = say("This project sees no flavor, so no server can start.")
        yield Finding(say("Flavors"), "failed", told, say("Ask your operator for one: openstack flavor create."))
    elif homeless:
        told = say("No flavor has the disk and memory that these images ask for: {images}.", images=", ".join(homeless))
        fix = say("Ask your operator for a larger flavor, or use another image.")
        yield Finding(say("Images"), "failed" if len(homeless) == len(servable) else "warning", told, fix)
    else:
        many = say_many("{n} image can start.", "{n} images can start.", len(servable))
        yield Finding(say("Images"), "good", many)


def flavors(cloud: Cloud) -> Found:
    """Whether there is a flavor with the memory that the shipped blueprints prefer. Raises a CloudError."""
    found = inventory.take(cloud).flavors
    if not found:
        return
    wanted = max(number(wish.get("ram")) for one in blueprints.catalogue() for wish in defaults.wishes_of(one).values())
    largest = max(one.ram for one in found)
    if largest < wanted:
        told = say(
            "The largest flavor has {largest} MB of memory; a blueprint prefers {wanted} MB.",
            largest=largest,
            wanted=wanted,
        )
        fix = say("A launch takes the smaller one; ask your operator for a flavor with {wanted} MB.", wanted=wanted)
        yield Finding(say("Flavors"), "warning", told, fix)
    else:
        told = say("There are flavors with the {wanted} MB of memory that blueprints prefer.", wanted=wanted)
        yield Finding(say("Flavors"), "good", told)


def _fits(flavor: Flavor, image: Image) -> bool:
    # On a flavor without a disk of its own a server starts from a volume.
    return flavor.ram >= image.min_ram and (not flavor.disk or flavor.disk >= image.disk)
