"""Which clones have to do with an environment: it stands on one, or they are copies of its data."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clone_rows as rows
from tenant_ops_dashboard.records import clones

#: So many are told, the newest.
MOST = 100


def touching(cloud: Cloud, environment_id: str, volume_ids: Iterable[str]) -> tuple[Clone, ...]:
    """Those that have not ended, of this project or of its data, newest first: one question.

    `volume_ids` are the environment's data volumes. Raises Django's DatabaseError.
    """
    ids = [one for one in volume_ids if one]
    under = Q(project_id=cloud.project_id) & (Q(environment_id=environment_id) | Q(volume_id__in=ids))
    made_of = Q(offer__project_id=cloud.project_id, offer__source_id__in=ids)
    known = clones.shown(clones.seen(cloud), None).filter(under | made_of).order_by("-asked_at", "-id")
    return tuple(map(rows.clone, known[:MOST]))
