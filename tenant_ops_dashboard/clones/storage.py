"""What is left of a project's storage (Cinder's API reference, 'Show absolute limits'; -1 is no limit)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import number


@dataclass(frozen=True)
class Room:
    """What is left of a project's quotas: GB and volumes; None where there is no limit."""

    gigabytes: int | None
    volumes: int | None

    def takes(self, size: int) -> bool:
        """Whether one volume more of so many GB fits."""
        return (self.gigabytes is None or self.gigabytes >= size) and (self.volumes is None or self.volumes >= 1)


def left(cloud: Cloud) -> Room:
    """Of the login's project: one call. Raises a CloudError."""
    absolute = cloud.get("block-storage", "/limits")["limits"]["absolute"]
    return Room(
        _left(absolute, "maxTotalVolumeGigabytes", "totalGigabytesUsed"),
        _left(absolute, "maxTotalVolumes", "totalVolumesUsed"),
    )


def _left(absolute: Any, top: str, used: str) -> int | None:
    limit = number(absolute.get(top), -1)
    return None if limit < 0 else max(0, limit - number(absolute.get(used)))
