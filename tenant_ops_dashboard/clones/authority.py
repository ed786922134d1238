"""What lets the service user copy for an owner, and receive for a project: Keystone's trusts, each with its purpose.

Their `extra` fields say what each is for (Keystone keeps them as they are, and nobody can change them).
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.clones.access import OFFER, REQUEST
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud import errors as cloud_errors
from tenant_ops_dashboard.cloud.values import moment, names
from tenant_ops_dashboard.environments import trusts

#: Fields of a trust: the offer or clone that it is for; or that it is for all of a project's clones.
FOR_OFFER, FOR_CLONE, FOR_PROJECT = "tenant_ops_offer", "tenant_ops_clone", "tenant_ops_clones"
STANDING = "standing"
#: Longer than a lease: who tidies up after it still needs it. And a request may wait this long for its owner.
AFTER, BEFORE = datetime.timedelta(days=30), datetime.timedelta(days=14)
_NEVER = datetime.datetime.max.replace(tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Given:
    """A trust that holds: the roles it hands on in the giver's project, and its end."""

    id: str
    roles: tuple[str, ...]
    until: datetime.datetime


def give_offer(cloud: Cloud, offer_id: str, name: str) -> str:
    """The owner's trust for one offer, for `Options.trust_days`; its id, the same when asked again.

    Raises NotConfigured without a service user or a role to hand on, NotAllowed, a CloudError.
    """
    return perform(ForOffer(cloud, offer_id, name)).id


def give_clone(cloud: Cloud, clone_id: str, name: str, lease: int, stacks: bool = False) -> str:
    """The asking project's trust for one clone with a lease of so many seconds; its id. Raises as `give_offer`.

    With `stacks` Heat can make an environment by it.
    """
    return perform(ForClone(cloud, clone_id, name, lease, stacks)).id


def give_standing(cloud: Cloud) -> Given:
    """The asking project's trust for all its clones, for `Options.trust_days`. Raises as `give_offer`."""
    return perform(ForProject(cloud))


def revoke(cloud: Cloud, trust_id: str, name: str = "", offer: bool = False) -> None:
    """Take a trust back, an `offer`'s or one for clones: its giver, or the service user acting through it.

    Raises NotAllowed or a CloudError.
    """
    perform((TakeBackOffers if offer else TakeBack)(cloud, trust_id, name))


def end(through: Cloud, trust_id: str, name: str, offer: bool = False) -> None:
    """End the trust that this login acts through, last of all.

    Where Keystone lets nobody do that with a trust's own token it ends by itself, at its `expires_at`.
    """
    with contextlib.suppress(cloud_errors.NotAllowed):
        revoke(through, trust_id, name, offer)


class _Give(Change[Given]):
    """A trust whose `field` says `value`, with those of the giver's roles that the operator lets be handed on."""

    action = "create"
    kind = "trust"
    field: str
    #: Heat makes stacks through a trust of its own only: that takes redelegation, and 'reader' among the roles.
    stacks = False

    def __init__(self, cloud: Cloud, value: str, name: str, lasts: datetime.timedelta) -> None:
        super().__init__(cloud)
        self.value, self.lasts = value, lasts
        self.target = Target("", name)

    def prepare(self) -> Given | None:
        self.user = trusts.service_user(self.cloud)
        found = self._there()
        if found is None:
            self.roles = trusts.delegated(self.cloud)
            if self.stacks:
                self.roles = tuple(sorted({*self.roles, *(self.cloud.roles & {"reader"})}))
            self.end = self.cloud.now().replace(microsecond=0) + self.lasts
            self.says = f"{', '.join(self.roles)} until {self.end:%F}"
        return found

    def send(self) -> Given:
        words = {self.field: self.value, trusts.NAME: self.target.name}
        try:
            made = trusts.give(self.cloud, self.user, self.roles, self.end, words, self.stacks)
        except cloud_errors.NotAllowed as error:
            raise trusts.refused(error) from error
        self.target = Target(made, self.target.name)
        return Given(made, self.roles, self.end)

    def happened(self) -> Given | None:
        return self._there()

    def settled(self, made: Given) -> bool:
        return self._there() is not None

    def _there(self) -> Given | None:
        try:
            known = self.cloud.pages("identity", trusts.PATH, "trusts", trustor_user_id=self.cloud.user_id)
        except cloud_errors.NotAllowed as error:
            raise trusts.refused(error) from error
        now = self.cloud.now()
        for one in known:
            mine = one.get("project_id") == self.cloud.project_id and one.get(self.field) == self.value
            if mine and one.get("trustee_user_id") == self.user and trusts.holds(one, now + self._least()):
                return _given(one)
        return None

    def _least(self) -> datetime.timedelta:
        """One that ends within this time is as good as none."""
        return self.lasts / 2


class ForOffer(_Give):
    """The owner's, for as long as the offer stands."""

    name = "clones.entrust_offer"
    rule = OFFER
    field = FOR_OFFER

    def __init__(self, cloud: Cloud, offer_id: str, name: str) -> None:
        super().__init__(cloud, offer_id, name, datetime.timedelta(days=cloud.options.trust_days))


class ForClone(_Give):
    """The asking project's, for one clone; it goes with the clone."""

    name = "clones.entrust_clone"
    rule = REQUEST
    field = FOR_CLONE

    def __init__(self, cloud: Cloud, clone_id: str, name: str, lease: int, stacks: bool = False) -> None:
        self.stacks = stacks
        super().__init__(cloud, clone_id, name, BEFORE + datetime.timedelta(seconds=lease) + AFTER)

    def _least(self) -> datetime.timedelta:
        """One that outlasts the lease by a day will do."""
        return self.lasts - BEFORE - AFTER + datetime.timedelta(days=1)


class ForProject(_Give):
    """The asking project's, for all its clones: also for those that an application credential asks for."""

    name = "clones.entrust_project"
    rule = REQUEST
    field = FOR_PROJECT
    stacks = True

    def __init__(self, cloud: Cloud) -> None:
        lasts = datetime.timedelta(days=cloud.options.trust_days)
        super().__init__(cloud, STANDING, f"clones of {cloud.project_name}", lasts)


class TakeBack(Change[bool]):
    """Deletes a trust; whether it was there still."""

    name = "clones.take_back"
    rule = REQUEST
    action = "delete"
    kind = "trust"

    def __init__(self, cloud: Cloud, trust_id: str, name: str = "") -> None:
        super().__init__(cloud)
        self.target = Target(trust_id, name)

    def send(self) -> bool:
        self.cloud.delete("identity", f"{trusts.PATH}/{self.target.id}")
        return True

    def settled(self, made: bool) -> bool:
        try:
            known = self.cloud.pages("identity", trusts.PATH, "trusts", trustor_user_id=self.cloud.user_id)
        except cloud_errors.NotAllowed:
            # A login through the trust ends with it.
            return True
        return all(one.get("id") != self.target.id for one in known)


class TakeBackOffers(TakeBack):
    """The same of an owner's."""

    name = "clones.take_back_offers"
    rule = OFFER


def _given(row: Mapping[str, Any]) -> Given:
    roles = tuple(sorted(names([one.get("name") for one in row.get("roles") or () if isinstance(one, dict)])))
    return Given(str(row["id"]), roles, moment(row.get("expires_at")) or _NEVER)
