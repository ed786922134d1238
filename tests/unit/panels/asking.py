"""Where each registered change is asked for: the page's address, what its form sends, and what must be so before.

A change that is added needs a line here, or a reason why no page asks for it; `without` has those.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tenant_ops_dashboard.clones import authority
from tenant_ops_dashboard.clones.model import Offer, Terms
from tenant_ops_dashboard.environments.intent import Intent, identity
from tenant_ops_dashboard.firewall import apply, current, edit
from tenant_ops_dashboard.firewall.model import Rule
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.security_groups import edit as security_group_edit
from tenant_ops_dashboard.firewall.security_groups.model import Rule as SecurityGroupRule
from tenant_ops_dashboard.firewall.security_groups.read import unchanged
from tenant_ops_dashboard.firewall.standing import Standing
from tenant_ops_dashboard.posture import look as posture_look
from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.model import Posture
from tenant_ops_dashboard.records import clones as clone_records
from tenant_ops_dashboard.records import drafts, posture_changes
from tenant_ops_dashboard.records import intents as records
from tests.unit.panels.stages import Balancers, Environments, Stage
from tests.unit.panels.walk import GROUP, ID, INTENT, SECURITY_GROUP
from tests.unit.records.cloning import a_clone, an_offer

#: What a trust may be for.
PURPOSES = ("tenant_ops_environment", authority.FOR_OFFER, authority.FOR_CLONE, authority.FOR_PROJECT)


def _nothing(stage: Any) -> None:
    """All is there already."""


@dataclass(frozen=True)
class Page:
    """One page that asks for a change. `stage` is the cloud, `first` makes it as it has to be before.

    `mine` says that the change is of nothing that exists, so that who belongs to another project may do it in his own;
    `gone` that what is taken away is gone where OpenStack says 404; `races` the refusals that are looked at again;
    `staged` that nothing is in force before its last write, so that what goes wrong before that is taken back;
    `admin` that only administrators may; `kept` that all of it is kept here, and OpenStack is sent nothing;
    `in_place` that it can be taken back, so that a script does it without asking and says it in the row.
    """

    url: str
    stage: Callable[[], Stage]
    form: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)
    first: Callable[[Any], None] = _nothing
    mine: bool = False
    gone: bool = False
    races: tuple[int, ...] = ()
    staged: bool = False
    admin: bool = False
    kept: bool = False
    in_place: bool = False


def _environment(url: str, first: Callable[[Environments], None] = _nothing, **more: Any) -> Page:
    return Page(f"environments:{url}", Environments, first=first, **{"parts": {"stack_id": ID}, **more})


def _member(verb: str, first: Callable[[Balancers], None] = _nothing, **more: Any) -> Page:
    parts = {"balancer": "lb-1", "member": "member-2", "verb": verb}
    return Page("loadbalancers:change", Balancers, parts=parts, first=first, **more)


def _balancer(url: str, first: Callable[[Balancers], None] = _nothing, **more: Any) -> Page:
    parts = {"balancer": "lb-1", **more.pop("parts", {})}
    return Page(f"loadbalancers:{url}", Balancers, parts=parts, first=first, **more)


def _failed(stage: Environments) -> None:
    stage.heat[ID]["row"].update(stack_status="CREATE_FAILED")


def _marked(stage: Environments) -> None:
    for one in stage.world.things.kept["volumes"].values():
        one["metadata"]["tenant_ops_delete"] = "of another delete"


def _entrusted(stage: Environments) -> None:
    trust = {"tenant_ops_environment": ID, "trustor_user_id": USER, "project_id": "project", "roles": []}
    end = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=9)
    stage.world.things.add("trusts", **trust, trustee_user_id="a" * 32, expires_at=end.isoformat())


def _open(stage: Environments) -> None:
    kept = stage.world.things.kept
    for name in ("firewall_groups", "firewall_policies", "firewall_rules"):
        kept[name].clear()


def _opened(stage: Environments) -> None:
    """This person has a draft of a security group with one rule more."""
    row = stage.world.things.kept["security-groups"][SECURITY_GROUP]
    mine = replace(stage.world.cloud("member"), user_id=USER)
    more = security_group_edit.add(unchanged(row), SecurityGroupRule(protocol="tcp"))
    drafts.discard(mine, SECURITY_GROUP)
    drafts.save(mine, SECURITY_GROUP, more, 0, datetime.datetime.now(datetime.UTC))


def _drafted(stage: Environments) -> None:
    """This person has a draft with one rule more."""
    found = _group(stage)
    more = edit.insert(
        found.draft, "ingress", [Rule(name="more", action="allow", protocol="tcp", destination_port="81")]
    )
    mine = replace(stage.world.cloud("member"), user_id=USER)
    drafts.discard(mine, found.draft.state.group.id)
    drafts.save(mine, found.draft.state.group.id, more, 0, datetime.datetime.now(datetime.UTC))


def _applied(stage: Environments) -> None:
    """A draft was applied, so that there is a version before."""
    found = _group(stage)
    more = edit.insert(
        found.draft, "ingress", [Rule(name="more", action="allow", protocol="tcp", destination_port="81")]
    )
    apply.apply(stage.world.cloud("member"), more, found.draft.state.group.id, wait=0)


def _somebodys(stage: Environments) -> None:
    """The group is no environment's."""
    for one in stage.world.things.kept["firewall_groups"].values():
        one["description"] = ""


def _posture(stage: Environments) -> Posture:
    return assess(posture_look.look(stage.world.cloud("member")))


def _found(stage: Environments) -> None:
    """Its address is known once the cloud was read: its id is a digest of the cause."""
    FINDING["finding"] = _posture(stage).findings[0].id


def _acknowledged(stage: Environments) -> None:
    _found(stage)
    mine = replace(stage.world.cloud("member"), user_id=USER)
    now = datetime.datetime.now(datetime.UTC)
    found = _posture(stage)
    posture_changes.acknowledge(mine, found, found.findings[0].id, "it may stand", "30d", now)


def _volume(stage: Environments) -> None:
    OFFERED["volume"] = next(iter(stage.world.things.kept["volumes"]))


def _offer(project: str, to: str) -> Offer:
    """One that stands; its trust is nobody's, so that nothing is asked of OpenStack for it."""
    more = {"region": "RegionOne", "project_id": project, "terms": Terms((to,)), "trust_id": ""}
    return clone_records.add_offer(an_offer(OFFER, **more))


def _offering(stage: Environments) -> None:
    """The project offers."""
    _offer("project", "development")


def _offered(stage: Environments) -> None:
    """The project is offered."""
    _offer("production-id", "project")


def _lent(**more: Any) -> Callable[[Environments], None]:
    """The project is asked for a clone, or lent one."""

    def run(stage: Environments) -> None:
        clone_records.add(a_clone(_offer("project", "development"), id=CLONE, **more))

    return run


def _held(stage: Environments) -> None:
    """The project has a clone."""
    mine = {"project_id": "project", "project_name": "production"}
    clone_records.add(a_clone(_offer("production-id", "project"), id=CLONE, **mine, **_ready()))


def _late(stage: Environments) -> None:
    """The project has a clone whose time is over, and nobody takes it away."""
    now = datetime.datetime.now(datetime.UTC)
    mine = {"project_id": "project", "project_name": "production", "handed_at": now}
    over = {**_ready(), "expires_at": now - datetime.timedelta(hours=1)}
    clone_records.add(a_clone(_offer("production-id", "project"), id=CLONE, **mine, **over))


def _ready() -> dict[str, Any]:
    now = datetime.datetime.now(datetime.UTC)
    later = now + datetime.timedelta(hours=2)
    return {"state": "ready", "data_at": now, "ready_at": now, "expires_at": later, "volume_id": "volume-of-a-clone",
            "baseline_id": "snapshot-of-a-clone"}  # fmt: skip


def _standing(stage: Environments) -> None:
    """The project lent standing authority."""
    now = datetime.datetime.now(datetime.UTC)
    end = now + datetime.timedelta(days=90)
    row = stage.world.things.add(
        "trusts", tenant_ops_clones="standing", trustor_user_id=USER, project_id="project", roles=[],
        trustee_user_id="a" * 32, expires_at=end.isoformat(),
    )  # fmt: skip
    TRUST["trust"] = row["id"]
    clone_records.keep_trust(clone_records.Trust(
        row["id"], "RegionOne", "project", USER, "owner", ("member",), end, now,
    ))  # fmt: skip


def _clone(url: str, first: Callable[[Environments], None], **more: Any) -> Page:
    return Page(f"clones:{url}", Environments, parts={"clone": CLONE}, first=first, **more)


def _group(stage: Environments) -> current.Current:
    return current.read(FirewallApi(stage.world.cloud("member")), GROUP)


def _intended(stage: Environments) -> None:
    records.add("project", OWN)


def _off(stage: Balancers) -> None:
    stage.member.update(admin_state_up=False)


def _away(stage: Balancers) -> None:
    stage.octavia.members["pool-1"].pop("member-2")


def _drained(stage: Balancers) -> None:
    stage.member.update(weight=0)


def _lost(stage: Balancers) -> None:
    stage.tier.gone = {"abc1"}


INTENDED = {
    "says": "Nobody logs in from outside.", "expect": "deny", "source": "internet", "target": "tier:shop/jump",
    "protocol": "tcp", "ports": "22",
}  # fmt: skip
_CLOSED = Intent("deny", "internet", "tier:shop/jump", "tcp", (22, 22), "Nobody logs in from outside.")
OWN = Standing(identity(_CLOSED, ID), _CLOSED, ID, who="owner")
#: The part of an address that names a finding of 'shop'.
FINDING: dict[str, str] = {}
#: The offer, and the clone, of pages of clones; what a form of an offer sends; the part that names a trust.
OFFER, CLONE = "offer-of-pages", "clone-of-pages"
OFFERED = {"volume": "", "to": "development", "approve": "auto", "max_lease": "8h", "max_clones": "2"}
TRUST = {"trust": ""}
#: The person of tests/unit/panels/conftest.py.
USER = "1"
WHOLE = {
    "verb": "remove", "member": "member-2", "before.address": "10.0.1.11", "before.protocol_port": "8080",
    "before.subnet_id": "subnet", "before.weight": "4", "before.name": "app", "before.admin_state_up": "true",
}  # fmt: skip
SAID = {"reason": "it may stand", "until": "30d"}
RULES = {
    "minimum": "2", "maximum": "4", "step": "1", "threshold": "40", "window": "300", "ahead": "180", "calm": "600",
    "cooldown": "120", "metric": "connections", "on": "1",
}  # fmt: skip
LISTENER = {"name": "web", "subnet": "subnet", "protocol": "HTTP", "server_port": "8080", "path": "/", "token": "t"}

PAGES: dict[str, tuple[Page, ...]] = {
    "firewall.apply": (Page("firewall:apply", Environments, {"version": "1"}, {"group": GROUP}, _drafted, staged=True),),
    "firewall.undo": (Page("firewall:undo", Environments, parts={"group": GROUP}, first=_applied, staged=True),),
    "firewall.create": (
        Page("firewall:create", Environments, {"name": "inner", "start": "open", "do": "create"}, mine=True, staged=True),
    ),
    "firewall.delete": (
        Page("firewall:delete", Environments, parts={"group": GROUP}, first=_somebodys, gone=True, staged=True),
    ),
    "firewall.audit": (Page("firewall:audited", Environments, {"on": "1"}, {"group": GROUP, "way": "ingress"}),),
    "firewall.share": (
        Page("firewall:share", Environments, {"on": "1"}, {"group": GROUP, "way": "ingress"}, staged=True, admin=True),
    ),
    "firewall.add_intent": (_environment("intent_add", form=INTENDED),),
    "firewall.remove_intent": (_environment("intent", _intended, parts={"stack_id": ID, "intent": OWN.id}, gone=True),),
    "firewall.switch_intent": (_environment("intent", parts={"stack_id": ID, "intent": INTENT}, form={"why": "moved"}),),
    "clones.offer": (Page("clones:offer", Environments, OFFERED, first=_volume, mine=True, races=(409,)),),
    "clones.withdraw": (Page("clones:withdraw", Environments, parts={"offer": OFFER}, first=_offering, kept=True),),
    "clones.request": (
        Page(
            "clones:request", Environments, {"name": "db-1", "lease": "1h", "purpose": "a test"}, {"offer": OFFER},
            _offered, races=(409,),
        ),
    ),
    "clones.approve": (_clone("approve", _lent()),),
    "clones.deny": (_clone("deny", _lent(), form={"reason": "not today"}),),
    "clones.pin": (
        _clone("pin", _lent(**_ready()), form={"on": "1"}),
        _clone("pin", _lent(**{**_ready(), "expires_at": None}, pinned_by="owner"), form={"on": "0"}),
    ),
    "clones.extend": (_clone("extend", _held, form={"by": "1h"}, races=(409,)),),
    "clones.refresh": (_clone("refresh", _held),),
    "clones.revert": (_clone("revert", _held),),
    "clones.release": (_clone("release", _held), _clone("release", _lent(**_ready()))),
    "clones.reclaim_now": (_clone("reclaim", _late, kept=True),),
    "clones.give_trust": (Page("clones:trust", Environments, mine=True, races=(409,)),),
    "clones.revoke_trust": (Page("clones:revoke", Environments, parts=TRUST, first=_standing, gone=True),),
    "posture.acknowledge": (Page("posture:acknowledge", Environments, SAID, FINDING, _found),),
    "posture.withdraw": (Page("posture:withdraw", Environments, parts=FINDING, first=_acknowledged),),
    "posture.review": (Page("posture:review", Environments, mine=True),),
    "security_group.apply": (
        Page(
            "firewall:security_group_apply", Environments, {"version": "1"}, {"security_group": SECURITY_GROUP},
            _opened, staged=True,
        ),
    ),
    "environments.launch": (
        Page("environments:launch", Environments, {"name": "another", "do": "launch", "token": "t"}, mine=True),
    ),
    "environments.go_on": (_environment("retry", _failed),),
    "environments.build_firewall": (_environment("retry", _open, races=(404, 409)),),
    "environments.delete": (
        _environment("delete", gone=True),
        _environment("delete", form={"data": "1", "confirm": "shop"}, gone=True),
        _environment("rollback", _failed, gone=True),
    ),
    "environments.keep": (_environment("keep", _marked, gone=True),),
    "environments.restart": (_environment("restart", parts={"stack_id": ID, "key": "database"}),),
    "environments.entrust": (_environment("care", races=(409,)), _balancer("entrust", races=(409,))),
    "environments.revoke": (_environment("care", _entrusted, form={"do": "revoke"}, gone=True),),
    "loadbalancers.create": (Page("loadbalancers:create", Balancers, LISTENER, mine=True),),
    "loadbalancers.mute": (_balancer("mute", form={"hours": "4"}, parts={"target": "lb-1"}, in_place=True),),
    "loadbalancers.drain": (_member("drain", in_place=True),),
    "loadbalancers.weigh": (_member("weigh", form={"weight": "9"}, in_place=True),),
    "loadbalancers.enable": (_member("enable", _off, in_place=True),),
    "loadbalancers.disable": (_member("disable", in_place=True),),
    "loadbalancers.remove": (_member("remove", gone=True),),
    "loadbalancers.add": (
        _balancer("add", form={"address": "10.0.1.99", "port": "8080"}, parts={"pool": "pool-1"}),
    ),
    "loadbalancers.put_back": (
        _balancer("undo", _drained, in_place=True, parts={"pool": "pool-1"}, form={
            "verb": "drain", "member": "member-2", "before.weight": "1", "after.weight": "0",
        }),
    ),
    "loadbalancers.bring_back": (_balancer("undo", _away, parts={"pool": "pool-1"}, form=WHOLE, in_place=True),),
    "scaling.now": (
        _balancer("scale", parts={"direction": "out"}, form={"servers": "3"}),
        _balancer("scale", parts={"direction": "in"}, form={"servers": "3"}),
    ),
    "scaling.rules": (_balancer("rules", form=RULES),),
    "scaling.repair": (_balancer("repair", _lost),),
}  # fmt: skip
