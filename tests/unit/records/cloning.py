"""Offers, clones and logins of the tests of clones: production offers, development asks."""

from __future__ import annotations

import datetime
from typing import Any

from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.cloud import Cloud

NOW = datetime.datetime(2026, 11, 21, 12, tzinfo=datetime.UTC)
MINUTE, DAY = datetime.timedelta(minutes=1), datetime.timedelta(days=1)


def login(cloud: Cloud, project: str, **more: Any) -> Cloud:
    """The same login in another project of the domain 'default'."""
    told = {"project_id": f"{project}-id", "project_name": project, "project_domain_id": "default", **more}
    return Cloud(**{**vars(cloud), **told})


def an_offer(id_: str = "offer-1", **more: Any) -> Offer:
    """Of production, to development."""
    told: dict[str, Any] = {
        "id": id_, "region": "", "project_id": "production-id", "project_name": "production", "domain_id": "default",
        "user_id": "user-owner", "user_name": "owner", "source_id": f"volume-of-{id_}", "source_name": "db", "size": 20,
        "terms": Terms(("development",)), "trust_id": "trust-1", "at": NOW, **more,
    }  # fmt: skip
    return Offer(**told)


def a_clone(offer: Offer, name: str = "ci", **more: Any) -> Clone:
    """Asked for by development."""
    told: dict[str, Any] = {
        "id": f"clone-{name}", "offer": offer, "region": offer.region, "project_id": "development-id",
        "project_name": "development", "user_id": "user-dev", "user_name": "dev", "name": name, "lease": 7200,
        "purpose": "a test", "trust_id": "trust-2", "own_trust": False, "asked_at": NOW, **more,
    }  # fmt: skip
    return Clone(**told)
