"""Mute the warnings of a load balancer or of one of its members: asked of the policy, audited, kept by its own id."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers import access, watch
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tenant_ops_dashboard.records import notes


def target(balancer: Balancer, wanted: str) -> tuple[str, str]:
    """The id and the name of what `wanted` stands for: the load balancer itself, else one of its members.

    Raises NotFound, BadInput where it stands for several members.
    """
    if wanted == balancer.id:
        return balancer.id, balancer.name
    member = watch.member(balancer, wanted)[1]
    return member.id, member.label


def mute(cloud: Cloud, balancer: Balancer, wanted: str, until: datetime.datetime, now: datetime.datetime) -> str:
    """Mute until a time, or end it with one that is past; the name of what was muted.

    Raises NotAllowed, what `target` raises, and Django's DatabaseError.
    """
    return perform(Mute(cloud, balancer, wanted, until, now))


class Mute(Change[str]):
    """A row of this project's mutes."""

    name = "loadbalancers.mute"
    rule = access.CHANGE
    action = "update"
    kind = "mute"

    def __init__(
        self, cloud: Cloud, balancer: Balancer, wanted: str, until: datetime.datetime, now: datetime.datetime
    ) -> None:  # fmt: skip
        self.balancer, self.wanted, self.until, self.now = balancer, wanted, until, now
        super().__init__(cloud)
        self.target = Target("", wanted)

    @property
    def verb(self) -> str:
        return "mute" if self.until > self.now else "unmute"

    def prepare(self) -> None:
        self.target = Target(*target(self.balancer, self.wanted))
        self.before = {"muted_until": notes.mutes(self.cloud.project_id, self.now).until.get(self.target.id)}
        self.after = {"muted_until": self.until if self.until > self.now else None}

    def send(self) -> str:
        notes.mute(self.cloud.project_id, self.target.id, self.until, self.cloud.user_name)
        return self.target.name

    def settled(self, made: str) -> bool:
        until = notes.mutes(self.cloud.project_id, self.now).until.get(self.target.id)
        return {"muted_until": until} == self.after
