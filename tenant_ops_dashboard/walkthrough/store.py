"""What only the dashboard's database knows of a walkthrough, behind an interface: records implements it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Protocol

from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers.scaling.model import Decision
from tenant_ops_dashboard.walkthrough.model import Problem, Progress

#: What its clones are asked for, so that those which people ask for under the same name are left alone.
PURPOSE = "the walkthrough"
#: Behind a step's id: the times when what it makes stood already.
IDLE = " idle"


class Clones(Protocol):
    """Offers and clones, as their own pages change them: asked of the policy and audited there."""

    def offer(self, cloud: Cloud, volume: str, terms: Terms) -> Offer:
        """Offer a volume; the same again is the same offer. Raises a TenantOpsError."""

    def request(self, cloud: Cloud, offer: str, name: str, lease: str, get: str, answers: Mapping[str, str]) -> Clone:
        """Ask for a clone; the same name again is the same clone. Raises a TenantOpsError."""

    def by_id(self, cloud: Cloud, id_: str) -> Clone | None:
        """The clone, whether it ended or not."""

    def live(self, cloud: Cloud) -> tuple[Clone, ...]:
        """Clones that have not ended, and that this project asked for or that are of what it offers."""

    def release(self, cloud: Cloud, clone: Clone) -> Clone:
        """Give it back before its time. Raises a TenantOpsError."""

    def withdraw(self, cloud: Cloud, offer: str) -> None:
        """Take an offer back by its id; one that is gone is withdrawn. Raises a TenantOpsError."""

    def offers(self, cloud: Cloud) -> tuple[Offer, ...]:
        """What this project offers and did not take back."""

    def offered(self, cloud: Cloud) -> tuple[Offer, ...]:
        """What other projects offer to this one."""


class Store(Protocol):
    """Progress by region, project and scenario; nothing of it is lost with the web process."""

    @property
    def clones(self) -> Clones:
        """Offers and clones."""

    def load(self, cloud: Cloud, scenario: str) -> Progress:
        """How far it has come; without a step where nobody began. `usually` of each step is known."""

    def save(self, cloud: Cloud, progress: Progress) -> Progress:
        """Keep it; it as it is kept. Raises Moved where another revision is kept by now: nothing is lost then."""

    def usual(self, cloud: Cloud, scenario: str) -> Mapping[str, float]:
        """The middle of the last runs' seconds, by step; apart, with IDLE, those where it stood already."""

    def care(self, cloud: Cloud) -> Problem:
        """Whether what must go on while nobody looks goes on."""

    def scale(self, cloud: Cloud, environment_id: str) -> Decision | None:
        """One round of scaling by itself, as the unattended job does it; None where that decides at this moment."""

    def scaled(self, cloud: Cloud, balancer_id: str, since: datetime.datetime) -> str:
        """The reason of the newest step outwards that was asked for since then, whoever's round it was; '' for none."""
