"""What the owner of the data does: offer it, withdraw that, decide who gets a clone and whether it has an end."""

from __future__ import annotations

import datetime
import uuid
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.changes import Change, Target
from tenant_ops_dashboard.clones import authority, mask, receivers, source
from tenant_ops_dashboard.clones.access import DECIDE, OFFER
from tenant_ops_dashboard.clones.errors import BadInput, InTheWay, NotAllowed, NotFound
from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.clones.terms import line
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_given import or_back, take_back
from tenant_ops_dashboard.sentences import about, say

#: Who unpins a clone whose lease is over leaves its holder this long.
GRACE = datetime.timedelta(minutes=5)
WITHDRAWN = say("the offer was withdrawn")


class MakeOffer(Change[tuple[Offer, bool]]):
    """A volume that other projects may ask for, with the owner's authority to copy it."""

    name = "clones.offer"
    rule = OFFER
    action = "create"
    kind = "clone-offer"

    def __init__(self, cloud: Cloud, volume: str, terms: Terms, now: datetime.datetime) -> None:
        super().__init__(cloud)
        self.volume, self.terms, self.now = volume, terms, now
        self.target = Target("", volume[:255])

    def prepare(self) -> None:
        cloud, found = self.cloud, source.find(self.cloud, self.volume)
        self.terms = replace(self.terms, environment=found.environment[:255])
        self.offer = Offer(
            str(uuid.uuid4()), cloud.region, cloud.project_id, cloud.project_name, cloud.project_domain_id,
            cloud.user_id, cloud.user_name, found.id, found.name, found.size,
            replace(self.terms, ids=receivers.ids(cloud, self.terms.to)), "", self.now, bootable=found.bootable,
        )  # fmt: skip
        if self.terms.mask and not (cloud.options.mask_image and cloud.options.mask_flavor):
            raise BadInput(
                about(
                    "mask",
                    say(
                        "this dashboard has no server that could mask; its operator can name one "
                        "(TENANT_OPS_MASK_IMAGE, TENANT_OPS_MASK_FLAVOR)."
                    ),
                ),
                field="mask",
            )
        if self.terms.deliver == "served" and not (cloud.options.serve_image and cloud.options.serve_flavor):
            raise BadInput(
                about(
                    "deliver",
                    say(
                        "this dashboard has no server that could serve a copy; its operator can name one "
                        "(TENANT_OPS_SERVE_IMAGE, TENANT_OPS_SERVE_FLAVOR)."
                    ),
                ),
                field="deliver",
            )
        if self.terms.deliver == "served" and found.bootable:
            raise BadInput(
                about(
                    "deliver",
                    say(
                        "{found} is a system disk, and what is served is the data of a database server: offer "
                        "it as 'handed-over', or, where it holds data alone, say so by 'openstack volume set "
                        "--non-bootable'.",
                        found=found.name,
                    ),
                ),
                field="deliver",
            )
        there = records.same_offer(self.offer)
        self.target = Target(there.id if there else self.offer.id, found.name)
        self.after = {
            "volume": found.id,
            "to": ", ".join(self.terms.to),
            **({"to_ids": ", ".join(id_ for _name, id_ in self.offer.terms.ids)} if self.offer.terms.ids else {}),
            "approve": self.terms.approve,
            "max_lease_seconds": self.terms.longest,
            "max_clones": self.terms.most,
            "consistency": self.terms.consistency,
            "mask": mask.digest(self.terms.mask) if self.terms.mask else "",
            "deliver": self.terms.deliver,
            **({"bootable": True} if found.bootable else {}),
            **({"golden_seconds": self.terms.golden} if self.terms.golden else {}),
            **({"environment": found.environment} if found.environment else {}),
        }
        self.there = there

    def send(self) -> tuple[Offer, bool]:
        if self.there is not None:
            return self._anew(self.there), True
        id_, name = self.offer.id, self.offer.source_name
        trust = authority.give_offer(self.cloud, id_, name)
        with or_back(self.cloud, trust, name, offer=True):
            made = records.add_offer(replace(self.offer, trust_id=trust))
        if made.id != id_:
            # Somebody else offered the same at this moment: his authority counts.
            take_back(self.cloud, trust, name, offer=True)
            self.target = Target(made.id, name)
        return made, made.id != id_

    def _anew(self, there: Offer) -> Offer:
        """The authority is lent anew where it ends soon or was taken back, and clones go on."""
        trust = authority.give_offer(self.cloud, there.id, there.source_name)
        now = (trust, self.offer.bootable)
        return records.lent(there, *now) if now != (there.trust_id, there.bootable) else there

    def settled(self, made: tuple[Offer, bool]) -> bool:
        return any(one.id == made[0].id and one.open for one in records.offers(self.cloud))


class Withdraw(Change[Offer]):
    """Nobody may ask for it any more; what was not copied yet is denied, what was stays until its lease ends."""

    name = "clones.withdraw"
    rule = OFFER
    action = "delete"
    kind = "clone-offer"

    def __init__(self, cloud: Cloud, words: str, now: datetime.datetime) -> None:
        super().__init__(cloud)
        self.words, self.now = words, now
        self.target = Target("", words[:255])

    def prepare(self) -> Offer | None:
        self.offer = records.own_offer(self.cloud, self.words)
        self.target = Target(self.offer.id, self.offer.source_name)
        self.before = {"open": self.offer.open}
        self.after = {"open": False}
        # Who was stopped after the first of it leaves requests that are still to be denied.
        return None if self.offer.open or records.not_copied(self.offer.id) else self.offer

    def send(self) -> Offer:
        made = records.withdraw_offer(self.offer, self.cloud.user_name, self.now)
        for one in records.not_copied(made.id):
            self._deny(one)
        # While a copy is on its way, and where another gave it, care takes the authority back.
        if any(one.id == made.id for one in records.spent()) and take_back(
            self.cloud, made.trust_id, made.source_name, offer=True
        ):  # fmt: skip
            records.trust_gone(made.id)
        return records.own_offer(self.cloud, made.id)

    def _deny(self, clone: Clone) -> None:
        for _attempt in range(3):
            try:
                records.save(clone, **_denied(clone, self.cloud.user_name, WITHDRAWN, self.now))
            except records.Moved:
                clone = records.clone(self.cloud, clone.id)
                if clone.ended or clone.step not in ("", *records.COPIED_IN) or clone.ready_at:
                    return
            else:
                return

    def settled(self, made: Offer) -> bool:
        found = next((one for one in records.offers(self.cloud) if one.id == made.id), None)
        return found is not None and not found.open and not found.trust_id


class _Deciding(Change[Clone]):
    """A change of a clone by the project whose data it is."""

    rule = DECIDE
    action = "update"
    kind = "clone"

    def __init__(self, cloud: Cloud, words: str, now: datetime.datetime) -> None:
        super().__init__(cloud)
        self.words, self.now = words, now
        self.target = Target("", words[:255])

    def prepare(self) -> Clone | None:
        self.clone = _owned(self.cloud, self.words)
        self.target = Target(self.clone.id, self.clone.name)
        self.says = f"of {self.clone.offer.source_name}, for {self.clone.project_name}"
        self.before, self.after = {"state": self.clone.state}, self.wanted()
        return self.clone if self.after is None else None

    def wanted(self) -> dict[str, Any] | None:
        """What the audit trail tells of it; None where it is so already. Raises InTheWay."""
        raise NotImplementedError

    def settled(self, made: Clone) -> bool:
        found = records.by_id(self.cloud, made.id)
        return found is not None and found.version >= made.version


class Approve(_Deciding):
    """It may be made."""

    name = "clones.approve"

    def wanted(self) -> dict[str, Any] | None:
        if self.clone.state == "requested" and not self.clone.offer.open:
            raise InTheWay(
                say(
                    "The offer of {source_name} was withdrawn: deny it, or offer it again.",
                    source_name=self.clone.offer.source_name,
                )
            )
        if self.clone.state == "requested":
            return {"state": "approved"}
        if self.clone.state == "denied":
            raise InTheWay(say("It was denied; who needs it asks again."))
        return None

    def send(self) -> Clone:
        return records.save(
            self.clone, state="approved", step="check", decided_at=self.now, decided_by=self.cloud.user_name,
            began=self.now,
        )  # fmt: skip


class Deny(_Deciding):
    """It is not made, for a reason that who asked for it reads."""

    name = "clones.deny"

    def __init__(self, cloud: Cloud, words: str, reason: str, now: datetime.datetime) -> None:
        super().__init__(cloud, words, now)
        self.reason = reason

    def wanted(self) -> dict[str, Any] | None:
        self.reason = line(self.reason, "reason")
        if self.clone.state == "requested":
            return {"state": "denied", "reason": self.reason}
        if self.clone.state == "denied" or self.clone.outcome == "denied":
            return None
        raise InTheWay(say("It was approved already: release it, and it is taken away."))

    def send(self) -> Clone:
        return records.save(self.clone, **_denied(self.clone, self.cloud.user_name, self.reason, self.now))


class Pin(_Deciding):
    """A clone without an end, for as long as its owner wants; or with one again."""

    name = "clones.pin"

    def __init__(self, cloud: Cloud, words: str, on: bool, now: datetime.datetime) -> None:
        super().__init__(cloud, words, now)
        self.on = on

    @property
    def verb(self) -> str:
        return "pin" if self.on else "unpin"

    def wanted(self) -> dict[str, Any] | None:
        if self.clone.state != "ready":
            raise InTheWay(say("It is {state}: a clone is pinned while it is ready.", state=self.clone.state))
        self.before = {"pinned": bool(self.clone.pinned_by)}
        return None if bool(self.clone.pinned_by) == self.on else {"pinned": self.on}

    def send(self) -> Clone:
        ready = self.clone.ready_at or self.now
        end = max(self.now + GRACE, ready + datetime.timedelta(seconds=self.clone.lease))
        by = self.cloud.user_name if self.on else ""
        return records.save(self.clone, pinned_by=by, expires_at=None if self.on else end)


def undecided(clone: Clone, now: datetime.datetime) -> dict[str, Any]:
    """What is another one of a request that waited for its owner for `authority.BEFORE`.

    The authority that was given with it would end too soon after a lease that began later.
    """
    until = clone.asked_at + authority.BEFORE
    return _denied(clone, "", say("nobody decided until {until:%Y-%m-%d %H:%M} UTC: ask again", until=until), now)


def _denied(clone: Clone, who: str, reason: str, now: datetime.datetime) -> dict[str, Any]:
    """What is another one then. A trust that was given for it alone is care's to take back: it may, its owner not."""
    told: dict[str, Any] = {"outcome": "denied", "reason": reason, "decided_by": who, "decided_at": now, "began": now}
    if clone.step or clone.volume_id:
        return {**told, "state": "releasing", "step": "end", "says": say("Denied: {reason}.", reason=reason)}
    return {**told, "state": "denied", "step": "end" if clone.own_trust else "", "ended_at": now}


def _owned(cloud: Cloud, words: str) -> Clone:
    """A clone of this project's data. Raises NotAllowed where another project decides, NotFound, BadInput."""
    try:
        return records.clone(cloud, words, "owner")
    except NotFound:
        other = records.clone(cloud, words)
        raise NotAllowed(
            say(
                "The project {project_name}, whose data it is, decides about the clone '{other}'.",
                project_name=other.offer.project_name,
                other=other.name,
            )
        ) from None
