"""Clones as the walkthrough takes them: by the same changes as their own pages and commands."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.walkthrough.store import PURPOSE


class Clones:
    """`walkthrough.store.Clones` over the tables of clones. Each method raises NotKept where the database is away."""

    def offer(self, cloud: Cloud, volume: str, terms: Terms) -> Offer:
        return changes.offer(cloud, volume, terms, timezone.now())[0]

    def request(self, cloud: Cloud, offer: str, name: str, lease: str, get: str, answers: Mapping[str, str]) -> Clone:
        return changes.request(cloud, offer, name, lease, PURPOSE, timezone.now(), get, answers=answers)[0]

    def by_id(self, cloud: Cloud, id_: str) -> Clone | None:
        with records.kept():
            return records.by_id(cloud, id_)

    def live(self, cloud: Cloud) -> tuple[Clone, ...]:
        with records.kept():
            return records.clones(cloud)

    def release(self, cloud: Cloud, clone: Clone) -> Clone:
        return changes.release(cloud, clone.id, timezone.now())

    def withdraw(self, cloud: Cloud, offer: str) -> None:
        changes.withdraw(cloud, offer, timezone.now())

    def offers(self, cloud: Cloud) -> tuple[Offer, ...]:
        with records.kept():
            return tuple(one for one in records.offers(cloud) if one.open)

    def offered(self, cloud: Cloud) -> tuple[Offer, ...]:
        with records.kept():
            return records.offered(cloud)
