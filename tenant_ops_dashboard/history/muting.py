"""Mute the warnings of a load balancer or of one of its members: asked of the policy, audited, kept by its own id."""

from __future__ import annotations

import datetime

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.history import notes
from tenant_ops_dashboard.loadbalancers import access, watch
from tenant_ops_dashboard.loadbalancers.model import Balancer


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
    id_, name = target(balancer, wanted)
    verb = "mute" if until > now else "unmute"
    access.require(cloud, access.CHANGE, verb=verb, target_id=id_, target_name=name)
    before = notes.mutes(cloud.project_id, now).until.get(id_)
    notes.mute(cloud.project_id, id_, until, cloud.user_name)
    kind = "load-balancer" if id_ == balancer.id else "pool-member"
    audit.record(
        cloud, "update", kind, id_, name, "success", reason=verb, verb=verb,
        before={"muted_until": before}, after={"muted_until": until if until > now else None},
    )  # fmt: skip
    return name
