"""Was what was promised kept?"""

from __future__ import annotations

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Details, Proof


def prove(cloud: Cloud, details: Details, door: str | None = None) -> tuple[Proof, ...]:
    raise NotImplementedError
