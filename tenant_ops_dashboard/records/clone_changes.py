"""Offer, ask, decide, extend, pin, release, lend authority: asked of the policy, audited, kept.

Each raises NotAllowed, NotFound, BadInput that names its field, InTheWay where it cannot be now, NotKept, a CloudError.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones.build import Folders
from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clone_asking as asking
from tenant_ops_dashboard.records import clone_offering as offering
from tenant_ops_dashboard.records.clones import Trust, kept


def offer(cloud: Cloud, volume: str, terms: Terms, now: datetime.datetime) -> tuple[Offer, bool]:
    """Offer a volume (name or id); True where it is offered on the same terms already."""
    with kept():
        return perform(offering.MakeOffer(cloud, volume, terms, now))


def withdraw(cloud: Cloud, words: str, now: datetime.datetime) -> Offer:
    """Take an offer back: clones made of it stay until their lease ends, those not copied yet are denied."""
    with kept():
        return perform(offering.Withdraw(cloud, words, now))


def request(
    cloud: Cloud, offer: str, name: str, lease: str, purpose: str, now: datetime.datetime, get: str = "",
    blueprint: str = "", folders: Folders = (), revertible: bool = False, answers: Mapping[str, str] | None = None,
) -> tuple[Clone, bool]:  # fmt: skip
    """Ask for a clone, to `get` a 'volume' (''), a 'server' or an 'environment' of that `blueprint`, with `answers` to
    what it asks.

    A `revertible` one keeps a snapshot of how it was handed over, in the project that asks.

    True where the project has one of this name, which is then the answer. Raises NotOffered.
    """
    with kept():
        return perform(
            asking.Request(cloud, offer, name, lease, purpose, now, get, blueprint, folders, revertible, answers)
        )


def approve(cloud: Cloud, words: str, now: datetime.datetime) -> Clone:
    """Let it be made: the owner's project alone may."""
    with kept():
        return perform(offering.Approve(cloud, words, now))


def deny(cloud: Cloud, words: str, reason: str, now: datetime.datetime) -> Clone:
    """Refuse it: the owner's project alone may."""
    with kept():
        return perform(offering.Deny(cloud, words, reason, now))


def extend(cloud: Cloud, words: str, by: str, now: datetime.datetime) -> Clone:
    """Let it end later by a span: the project that asked for it may, within what the offer allows."""
    with kept():
        return perform(asking.Extend(cloud, words, by, now))


def pin(cloud: Cloud, words: str, on: bool, now: datetime.datetime) -> Clone:
    """Let it have no end, or one again: the owner's project alone may."""
    with kept():
        return perform(offering.Pin(cloud, words, on, now))


def release(cloud: Cloud, words: str, now: datetime.datetime) -> Clone:
    """End it: either project may."""
    with kept():
        return perform(asking.release(cloud, words, now))


def trust_give(cloud: Cloud, now: datetime.datetime) -> Trust:
    """Lend standing authority for all clones of the project; one that holds long enough is the same."""
    with kept():
        return perform(asking.GiveTrust(cloud, now))


def trust_revoke(cloud: Cloud, trust_id: str, now: datetime.datetime) -> Trust:
    """Take standing authority back."""
    with kept():
        return perform(asking.RevokeTrust(cloud, trust_id, now))
