"""Which images can be servers, and which one a blueprint begins with. Pure.

Source: Glance's 'Useful image properties' (os_distro, os_version, os_type, architecture, hw_…); what Nova writes on the
image of a snapshot (image_type, base_image_ref, block_device_mapping: `snapshot` of its compute/api.py); Octavia's
setting `amp_image_tag`, 'amphora' in its guides.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud.values import Shape, listing, mapping, names, number, text
from tenant_ops_dashboard.sentences import say

PROPERTIES: Shape = {
    "min_disk": number, "min_ram": number, "size": number, "virtual_size": number, "container_format": text,
    "disk_format": text, "tags": names, "image_type": text, "base_image_ref": text, "os_distro": text,
    "os_version": text, "os_type": text, "architecture": text, "hw_architecture": text, "created_at": text,
    "hw_rescue_device": text, "hw_rescue_bus": text, "status": text,
}  # fmt: skip
#: Where a blueprint names none.
DISTROS: Mapping[str, str] = {"debian": "", "ubuntu": ""}
_TITLES = {"debian": "Debian", "ubuntu": "Ubuntu"}
#: How many parts of a version name a release: Debian 12.5 is a 12, Ubuntu 24.04.1 a 24.04.
_PARTS = {"debian": 1, "ubuntu": 2}
_CODENAMES = {
    "bullseye": ("debian", "11"), "bookworm": ("debian", "12"), "trixie": ("debian", "13"), "forky": ("debian", "14"),
    "focal": ("ubuntu", "20.04"), "jammy": ("ubuntu", "22.04"), "noble": ("ubuntu", "24.04"),
}  # fmt: skip
# Behind the name, or behind words that are none of it; Ubuntu's is also written as '2404'.
_BETWEEN = r"(?:\D{0,30}?[^a-z\d])?"
_VERSIONS = {
    "debian": re.compile(rf"debian{_BETWEEN}(\d{{1,2}})(?:\.\d{{1,2}})*(?!\d)"),
    "ubuntu": re.compile(rf"ubuntu{_BETWEEN}(\d\d)\.?(\d\d)(?!\d)"),
}
_PROCESSOR = re.compile(r"x86[-_]64|amd64|arm64|aarch64|ppc64(?:el|le)?|i[36]86")
_WINDOWS = re.compile(r"windows|\bwin-?(?:srv|server|20\d\d|1[01]|[78])\b")
# Made of a system for a purpose of its own, or without what reads user data.
_SPECIAL = re.compile(r"kube|k8s|capi|rescue|installer|netinst|nocloud|cuda|nvidia|gpu|trove|manila|magnum|ironic")
_NATIVE = frozenset({"", "x86_64", "amd64"})
_GIB = 2**30


@dataclass(frozen=True)
class Image:
    """Sizes are what the image asks for: `min_disk` GB and `min_ram` MB by its owner's word, `disk` by its size.

    `refusal` says why it becomes no server, '' where it can. `version` is of its `distro`, empty where nobody tells.
    """

    id: str
    name: str
    min_disk: int
    min_ram: int
    disk: int = 0
    distro: str = ""
    version: tuple[int, ...] = ()
    windows: bool = False
    native: bool = True
    special: bool = False
    created_at: str = ""
    refusal: str = ""


def read(row: Mapping[str, Any]) -> Image:
    """An image from Glance's row, whose fields of PROPERTIES are of their types."""
    name = row["name"] or row["id"]
    words = name.lower()
    distro, version = _release(row, words)
    architecture = row["architecture"] or row["hw_architecture"]
    return Image(
        id=row["id"],
        name=name,
        min_disk=row["min_disk"],
        min_ram=row["min_ram"],
        disk=max(row["min_disk"], math.ceil(max(row["size"], row["virtual_size"]) / _GIB)),
        distro=distro,
        version=version,
        windows=row["os_type"].lower() == "windows" or bool(_WINDOWS.search(f"{row['os_distro']} {words}".lower())),
        native=architecture.lower() in _NATIVE,
        special=bool(_SPECIAL.search(words) or row["hw_rescue_device"] or row["hw_rescue_bus"]),
        created_at=row["created_at"],
        refusal=_refusal(row, name),
    )


def proposed(images: Sequence[Image], distros: Mapping[str, str] = DISTROS) -> tuple[Image | None, str]:
    """The image to begin with and why: the newest release of the first distribution that there is one of.

    `distros` are names as in os_distro, most wanted first, each with the oldest version that will do ('': any).
    """
    plain = _narrowed(_narrowed(images, "native", True), "special", False)
    for oldest in (True, False):
        for distro, least in distros.items():
            fit = [one for one in plain if one.distro == distro and (not oldest or one.version >= _digits(least))]
            if fit:
                newest = max(one.version for one in fit)
                return _first(one for one in fit if one.version == newest), say(
                    "{image} is the newest {distro} of this project's images.",
                    image=_first(one for one in fit if one.version == newest).name,
                    distro=_TITLES.get(distro, distro),
                )
    if not plain:
        return None, ""
    first = min(plain, key=lambda one: (one.windows, one.name, one.id))
    wanted = ", ".join(_TITLES.get(one, one) for one in distros)
    return first, say("This project has no image of {wanted}; {image} is another one.", wanted=wanted, image=first.name)


def distros(wish: Mapping[str, Any]) -> Mapping[str, str]:
    """The distributions that a blueprint prefers, from its `prefer: {distros: {debian: "12"}}`."""
    told = {name.lower(): text(least) for name, least in mapping(wish.get("distros")).items()}
    return told or DISTROS


def refusal(image: Image, wish: Mapping[str, Any]) -> str:
    """Why an image is not offered to a blueprint, or ''; one that prefers `os_type: linux` gets no Windows."""
    if image.windows and text(wish.get("os_type")) == "linux":
        return say("{image} is Windows, and what this blueprint installs is for Linux.", image=image.name)
    return image.refusal


def _refusal(row: Mapping[str, Any], name: str) -> str:
    form, disk = row["container_format"], row["disk_format"]
    if "amphora" in row["tags"] or "amphora" in name.lower():
        return say("{image} is what Octavia makes load balancers of, and no server's image.", image=name)
    if row["image_type"] == "snapshot" or row["base_image_ref"] or _mapped(row.get("block_device_mapping")):
        return say("{image} is a snapshot of a server, with all that stood on its disk.", image=name)
    if form not in ("", "bare"):
        return say("{image} has the container format {form}; a server's disk has 'bare'.", image=name, form=form)
    if disk == "iso":
        return say("{image} is an ISO, which installs a system and is none.", image=name)
    return say("{image} is hidden by its owner.", image=name) if row.get("os_hidden") is True else ""


def _mapped(value: Any) -> bool:
    """Nova writes the mapping of a server that starts from a volume as JSON, of any other one as an empty list."""
    return value.strip() not in ("", "[]") if isinstance(value, str) else bool(listing(value))


def _release(row: Mapping[str, Any], words: str) -> tuple[str, tuple[int, ...]]:
    """Distribution and version as the properties have them, else as the name does."""
    told = _CODENAMES.get(row["os_version"].lower().split(" ")[0])
    if row["os_distro"]:
        distro = row["os_distro"].lower()
        version = told[1] if told else row["os_version"]
        return distro, _parts(distro, version) or _named(words)[1]
    return _named(words)


def _named(words: str) -> tuple[str, tuple[int, ...]]:
    plain = _PROCESSOR.sub("", words)
    for distro, pattern in _VERSIONS.items():
        if found := pattern.search(plain):
            return distro, tuple(map(int, found.groups()))
    by_name = next((release for code, release in _CODENAMES.items() if re.search(rf"\b{code}\b", words)), ("", ""))
    return by_name[0] or next((one for one in DISTROS if one in words), ""), _parts(*by_name)


def _parts(distro: str, version: str) -> tuple[int, ...]:
    return _digits(version)[: _PARTS.get(distro, 3)]


def _digits(version: str) -> tuple[int, ...]:
    found = re.match(r"\d{1,4}(?:\.\d{1,4}){0,3}", version.strip())
    return tuple(int(one) for one in found[0].split(".")) if found else ()


def _first(fit: Iterable[Image]) -> Image:
    """Of several of one release the one that was made last, the plainest name first."""
    ordered = sorted(fit, key=lambda one: (len(one.name), one.name, one.id))
    return max(ordered, key=lambda one: one.created_at)


def _narrowed(images: Sequence[Image], name: str, value: bool) -> Sequence[Image]:
    """Those of which this is so, all where it is of none."""
    return [one for one in images if getattr(one, name) is value] or images
