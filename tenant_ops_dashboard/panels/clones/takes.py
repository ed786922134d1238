"""What a server or an environment on the copy takes of the asking project's quotas, beside the copy's volume."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from tenant_ops_dashboard.clones import build
from tenant_ops_dashboard.clones.model import Get
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments.model import QuotaLine, gigabytes
from tenant_ops_dashboard.environments.planning import quota
from tenant_ops_dashboard.panels import words

_NAMED: dict[Get, Any] = {
    "server": gettext_lazy("A server takes %(what)s, too."),
    "environment": gettext_lazy("An environment takes %(what)s, too."),
}


def told(
    cloud: Cloud, gets: Collection[Get], bootable: bool, folders: Sequence[str | Path], size: int
) -> list[tuple[str, str]]:  # fmt: skip
    """A mark and a sentence for each that can be asked for; what does not fit beside `size` GB of the copy is said."""
    found = []
    for get, sentence in _NAMED.items():
        if get not in gets:
            continue
        try:
            lines = build.takes(cloud, get, folders, bootable, size)
        except CloudError as error:
            found.append(
                ("warning", _("What it takes beside the volume cannot be told: %s") % words.told(error.sentence))
            )
            break
        short = [quota.sentence(one) for one in lines if not one.fits]
        found.append(("failed" if short else "good", " ".join((sentence % {"what": _amounts(lines)}, *short))))
    return found


def _amounts(lines: Sequence[QuotaLine]) -> str:
    adds = {one.resource: one.adds for one in lines if one.service in ("compute", "block-storage")}
    servers, cores = adds.get("instances", 0), adds.get("cores", 0)
    volumes, size = adds.get("volumes", 0), adds.get("gigabytes", 0)
    started = ngettext(
        "%(n)d volume of %(size)s GB to start from", "%(n)d volumes of together %(size)s GB to start from", volumes,
    ) % {"n": volumes, "size": f"{size:,}"}  # fmt: skip
    return ", ".join((
        ngettext("%d server", "%d servers", servers) % servers, ngettext("%d core", "%d cores", cores) % cores,
        _("%s GB of RAM") % gigabytes(adds.get("ram", 0)), *([started] if volumes else []),
    ))  # fmt: skip
