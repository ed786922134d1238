"""What servers and volumes take: cores and RAM of their flavor, ports and volumes that Nova makes for them. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tenant_ops_dashboard.cloud.values import listing, mapping, text
from tenant_ops_dashboard.environments.planning.networking import PORT, given
from tenant_ops_dashboard.environments.planning.taking import Taking, why
from tenant_ops_dashboard.environments.template import functions
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.environments.template.unknown import Unknown
from tenant_ops_dashboard.sentences import say

CORES, RAM = ("compute", "cores"), ("compute", "ram")
VOLUMES, GIGABYTES = ("block-storage", "volumes"), ("block-storage", "gigabytes")


def _server(server: Resource, taking: Taking) -> None:
    taking.add(("compute", "instances"))
    _flavor(server, server.properties.get("flavor"), taking)
    _from_the_cloud(server, server.properties.get("image"), server.properties.get("key_name"), taking)
    _ports(server, taking)
    for name in ("block_device_mapping_v2", "block_device_mapping"):
        _disks(server, server.properties.get(name), taking)


def _flavor(server: Resource, value: Any, taking: Taking) -> None:
    found = taking.offered.found.flavor(value) if isinstance(value, str) and value else None
    if found is not None:
        taking.add(CORES, found.vcpus)
        taking.add(RAM, found.ram)
        return
    what = say("Cores and RAM of {called}", called=server.called)
    made = _declared(value, "OS::Nova::Flavor")
    if made is not None:
        taking.sized(CORES, made.get("vcpus"), what)
        taking.sized(RAM, made.get("ram"), what)
        return
    if isinstance(value, Unknown):
        taking.doubt(say("{what} cannot be told{why}.", what=what, why=why(value)))
        return
    if value is None or value == "":
        taking.refuse(say("Heat would refuse it: {called} has no flavor.", called=server.called))
    else:
        name = text(value)[:60]
        taking.refuse(
            say(
                "Heat would refuse it: this project sees no flavor called '{name}', which {called} needs.",
                name=name,
                called=server.called,
            )
        )
    taking.doubt(say("{what} cannot be told: this cloud does not have its flavor.", what=what))


def _declared(value: Any, kind: str) -> Mapping[str, Any] | None:
    """The properties of the resource of the same template whose id this will be, where it is of this type."""
    if not isinstance(value, Unknown) or not value.made or not isinstance(value.at, functions.Scope):
        return None
    told = mapping(value.at.declared.get(value.made))
    return mapping(functions.resolve(told.get("properties"), value.at)) if told.get("type") == kind else None


def _from_the_cloud(server: Resource, image: Any, key: Any, taking: Taking) -> None:
    found = taking.offered.found
    known = isinstance(image, str) and found.image(image) is not None
    taking.named(image, "image", known, server.called)
    if isinstance(key, str) and key and key not in found.keypairs:
        taking.refuse(
            say(
                "Heat would refuse it: you have no key pair called '{key}', which {called} needs.",
                key=key[:60],
                called=server.called,
            )
        )


def _ports(server: Resource, taking: Taking) -> None:
    networks = server.properties.get("networks")
    if isinstance(networks, Unknown):
        taking.doubt(say("How many ports {called} has cannot be told{why}.", called=server.called, why=why(networks)))
        return
    if networks is not None and not isinstance(networks, list):
        taking.doubt(say("How many ports {called} has cannot be told: its networks are no list.", called=server.called))
    told = [one for one in listing(networks) if one is not None]
    if not told:
        _no_network(server, taking)
    for one in told:
        if isinstance(one, Unknown):
            taking.doubt(say("How many ports {called} has cannot be told{why}.", called=server.called, why=why(one)))
        elif isinstance(one, Mapping):
            _network(server, one, taking)


def _network(server: Resource, one: Mapping[str, Any], taking: Taking) -> None:
    """One entry of `networks`: a port that is there takes no more; Nova or Heat makes one for what else is said."""
    port, wish = one.get("port"), one.get("allocate_network")
    if isinstance(port, Unknown) and not port.later:
        taking.doubt(say("How many ports {called} has cannot be told{why}.", called=server.called, why=why(port)))
    elif wish == "auto":
        taking.add(PORT)
        taking.doubt(
            say("What else {called} takes cannot be told: Nova may make it a network of its own.", called=server.called)
        )
    elif port is None and wish is None:
        taking.add(PORT)
        network = next((one[name] for name in ("network", "uuid") if one.get(name) is not None), None)
        if isinstance(network, str):
            taking.named(network, "network", network in taking.offered.networks.names, server.called)


def _no_network(server: Resource, taking: Taking) -> None:
    """Nova takes the project's one network and makes a port there; with several it refuses.

    Source: compute API reference, create server, networks.
    """
    taking.add(PORT)
    there = taking.offered.networks.usable
    if there > 1:
        taking.refuse(
            say(
                "Nova would refuse {called}: it names no network, and this project has {there} to choose from.",
                called=server.called,
                there=there,
            )
        )
    elif there + taking.own > 1:
        taking.doubt(
            say("Whether Nova finds one network for {called} cannot be told: it names none.", called=server.called)
        )


def _disks(server: Resource, mappings: Any, taking: Taking) -> None:
    """Nova makes a volume from an image or a snapshot; swap and ephemeral disks are the flavor's
    (`_build_block_device_mapping_v2` of Heat's engine/resources/openstack/nova/server.py).
    """
    if isinstance(mappings, Unknown):
        taking.doubt(
            say("Which volumes Nova makes for {called} cannot be told{why}.", called=server.called, why=why(mappings))
        )
    for one in listing(mappings):
        if isinstance(one, Unknown):
            taking.doubt(
                say("Which volumes Nova makes for {called} cannot be told{why}.", called=server.called, why=why(one))
            )
            continue
        disk = mapping(one)
        volume = disk.get("volume_id")
        source = [disk.get(name) for name in ("snapshot_id", "image", "image_id") if disk.get(name) is not None]
        unclear = next((end for end in (volume, *source) if isinstance(end, Unknown) and not end.later), None)
        if unclear is not None:
            taking.doubt(
                say(
                    "Which volumes Nova makes for {called} cannot be told{why}.", called=server.called, why=why(unclear)
                )
            )
        elif volume in (None, "") and any(end != "" for end in source):
            taking.add(VOLUMES)
            taking.sized(
                GIGABYTES, disk.get("volume_size"), say("How large the volume of {called} is", called=server.called)
            )
            image = disk.get("image") or disk.get("image_id")
            if isinstance(image, str) and not isinstance(disk.get("snapshot_id"), str):
                taking.named(image, "image", taking.offered.found.image(image) is not None, server.called)


def _volume(volume: Resource, taking: Taking) -> None:
    """A volume without a size has that of what it is made from."""
    taking.add(VOLUMES)
    size = given(volume, "size", "Size")
    if size is None:
        source = _declared(given(volume, "source_volid"), "OS::Cinder::Volume")
        size = source.get("size") if source is not None else None
    taking.sized(GIGABYTES, size, say("How large {called} is", called=volume.called))
    image = volume.properties.get("image")
    taking.named(
        image, "image", isinstance(image, str) and taking.offered.found.image(image) is not None, volume.called
    )


def _instance(server: Resource, taking: Taking) -> None:
    """As Heat's engine/resources/aws/ec2/instance.py makes it."""
    taking.add(("compute", "instances"))
    _flavor(server, server.properties.get("InstanceType"), taking)
    _from_the_cloud(server, server.properties.get("ImageId"), server.properties.get("KeyName"), taking)
    interfaces, subnet = server.properties.get("NetworkInterfaces"), server.properties.get("SubnetId")
    if isinstance(interfaces, Unknown):
        taking.doubt(say("How many ports {called} has cannot be told{why}.", called=server.called, why=why(interfaces)))
    elif not listing(interfaces) and subnet is not None:
        taking.add(PORT)
    elif not listing(interfaces):
        _no_network(server, taking)
    for one in listing(server.properties.get("BlockDeviceMappings")):
        disk = mapping(mapping(one).get("Ebs"))
        if disk.get("SnapshotId") is not None:
            taking.add(VOLUMES)
            taking.sized(
                GIGABYTES, disk.get("VolumeSize"), say("How large the volume of {called} is", called=server.called)
            )


TYPES: dict[str, Callable[[Resource, Taking], None]] = {
    "OS::Nova::Server": _server,
    "OS::Cinder::Volume": _volume,
    "AWS::EC2::Volume": _volume,
    "AWS::EC2::Instance": _instance,
    "OS::Heat::ScaledResource": _instance,
}
