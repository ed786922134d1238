"""Every change of clones, as `table` has the others: what people do to them, and what care does in the cloud."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.care import clone_now
from tenant_ops_dashboard.changes import Change, perform
from tenant_ops_dashboard.clones import (
    authority,
    freeze,
    hand_over,
    markers,
    mask,
    reclaim,
    revert,
    serve_parts,
    serve_removal,
    served,
)
from tenant_ops_dashboard.clones import copy as clone_copy
from tenant_ops_dashboard.clones.model import Clone, Terms
from tenant_ops_dashboard.clones.reverting import Reverting
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.records import (
    clone_asking,
    clone_changes,
    clone_models,
    clone_offering,
    clone_refreshing,
    clone_reverting,
)
from tenant_ops_dashboard.records import clones as clone_records
from tests.unit.changes.scenes import NOW, Environments, Recipe
from tests.unit.records.cloning import a_clone, an_offer


class Clones(Environments):
    """The same, whose project is one of two: the other one is called 'development'. Servers can be ordered here."""

    def __init__(self) -> None:
        super().__init__()
        things, volume = self.world.things, self.volume()
        #: The volume that is copied, and the server that has it.
        self.source, self.server = str(volume["id"]), str(volume["attachments"][0]["server_id"])
        small = {"flavors": [{"id": "small", "name": "small", "links": []}]}
        self.wire.on("GET", "/compute/v2.1/flavors")(lambda query, body: small)
        self.wire.on("POST", "/compute/v2.1/servers")(
            lambda query, body: (202, {"server": {"id": things.add("servers", name=body["server"]["name"])["id"]}})
        )

    def offers(self, owner: str = "project", to: str = "development") -> Any:
        """What one of them offers to the other."""
        told: dict[str, Any] = {"region": self.owner.region, "project_id": owner, "trust_id": ""}
        return clone_records.add_offer(an_offer(**told, terms=Terms((to,))))

    def asked(self, owner: str = "project", **more: Any) -> Clone:
        """What the other one asked for."""
        other = "development" if owner == "project" else "project"
        made, _ = clone_records.add(a_clone(self.offers(owner, other), project_id=other, **more))
        return made

    def ready(self, owner: str, **more: Any) -> Clone:
        hour = datetime.timedelta(hours=1)
        return self.asked(owner, state="ready", ready_at=NOW, expires_at=NOW + hour, lease=3600, **more)

    def login(self, *roles: str) -> Cloud:
        made = super().login(*roles)
        options = replace(made.options, mask_image="debian-12", mask_flavor="small", serve_image="debian-12", serve_flavor="small")
        return Cloud(**{**vars(made), "options": options})

    @property
    def underway(self) -> Clone:
        """A clone of that volume, which is approved."""
        told: dict[str, Any] = {"region": self.owner.region, "project_id": "project", "trust_id": ""}
        terms = Terms(("development",), consistency="paused", mask="UPDATE customer SET name = 'x';")
        offer = an_offer(**told, source_id=self.source, terms=terms)
        return a_clone(offer, size=1, nonce="word", state="approved", step="check")

    def copied(self, project: str = "project") -> str:
        """Its copy, in one of the two projects."""
        made = self.world.things.add(
            "volumes", name="ci", size=1, status="available", source_volid=self.source, project_id=project,
            metadata={markers.CLONE: self.underway.id},
        )  # fmt: skip
        return str(made["id"])

    def remember(self) -> Callable[[], None]:
        tables = (clone_models.CloneOffer, clone_models.Clone, clone_models.CloneTrust)
        back, rows = super().remember(), [list(one.objects.all()) for one in tables]

        def all_back() -> None:
            back()
            for one in reversed(tables):
                one.objects.all().delete()
            for one, known in zip(tables, rows, strict=True):
                one.objects.bulk_create(known)

        return all_back


def _offer(scene: Clones, cloud: Cloud) -> Change[Any]:
    return clone_offering.MakeOffer(cloud, scene.source, Terms(("development",)), NOW)


def _offered(scene: Clones, cloud: Cloud) -> Change[Any]:
    made, _ = clone_changes.offer(scene.owner, scene.source, Terms(("development",)), NOW)
    return clone_offering.Withdraw(cloud, made.id, NOW)


def _request(scene: Clones, cloud: Cloud) -> Change[Any]:
    until = NOW + datetime.timedelta(days=90)
    told = (scene.owner.region, "project", "user-1", "owner", ("member",), until, NOW)
    clone_records.keep_trust(clone_records.Trust("trust-2", *told))
    return clone_asking.Request(cloud, scene.offers("development", "project").id, "ci", "", "", NOW)


def _late(scene: Clones, cloud: Cloud) -> Change[Any]:
    later = NOW + datetime.timedelta(hours=3)
    return clone_now.ReclaimNow(cloud, scene.ready("development", handed_at=NOW).id, later)


def _lent(scene: Clones, cloud: Cloud) -> Change[Any]:
    return clone_asking.RevokeTrust(cloud, clone_changes.trust_give(scene.owner, NOW).id, NOW)


def _trusted(scene: Clones, cloud: Cloud) -> str:
    return clone_changes.trust_give(scene.owner, NOW).id


def _accept(scene: Clones, cloud: Cloud) -> Change[Any]:
    other = scene.world.cloud("member", project="development", name="dev")
    volume = scene.copied("development")
    clone = replace(scene.underway, volume_id=volume)
    return hand_over.Accept(cloud, clone, *perform(hand_over.Give(other, clone, volume)))


def _waiting(scene: Clones, cloud: Cloud) -> Change[Any]:
    transfer, _key = perform(hand_over.Give(scene.owner, scene.underway, scene.copied()))
    return hand_over.Withdraw(cloud, scene.underway, transfer)


def _source(scene: Clones) -> freeze.Server:
    found = freeze.read(scene.owner, scene.server)
    assert found is not None
    return found


def _marked(scene: Clones, cloud: Cloud) -> Change[Any]:
    perform(freeze.Mark(scene.owner, scene.underway, _source(scene)))
    return freeze.Unmark(cloud, scene.underway, _source(scene))


def _snapshot(scene: Clones, cloud: Cloud) -> Change[Any]:
    return freeze.RemoveSnapshot(cloud, scene.underway, perform(freeze.Snapshot(scene.owner, scene.underway)))


def _masking(scene: Clones, cloud: Cloud) -> Change[Any]:
    return mask.Remove(cloud, scene.underway, perform(mask.Order(scene.owner, scene.underway, scene.copied())))


def _revert(scene: Clones, cloud: Cloud) -> Change[Any]:
    clone = replace(scene.underway, volume_id=scene.copied())
    return revert.Revert(cloud, replace(clone, baseline_id=perform(revert.Keep(scene.owner, clone))))


def _attach(scene: Clones, cloud: Cloud) -> Change[Any]:
    return revert.Attach(cloud, replace(scene.underway, volume_id=scene.copied()), Reverting(scene.server, "/dev/vdb"))
class Serving:
    """What of a served clone there is already, made by its owner."""

    def __init__(self, scene: Clones) -> None:
        self.scene, self.cloud, self.clone = scene, scene.owner, scene.underway

    @property
    def network(self) -> str:
        return perform(serve_parts.Network(self.cloud, self.clone))

    @property
    def within(self) -> str:
        """The network, with addresses."""
        perform(serve_parts.Subnet(self.cloud, self.clone, self.network))
        return self.network

    @property
    def group(self) -> str:
        return perform(serve_parts.Group(self.cloud, self.clone))

    @property
    def port(self) -> str:
        return perform(serve_parts.Port(self.cloud, self.clone, self.within, self.group))

    @property
    def share(self) -> str:
        return perform(serve_parts.Share(self.cloud, self.clone, self.network))

    @property
    def rule(self) -> str:
        return perform(serve_parts.Open(self.cloud, self.clone, self.group, "10.96.0.0/28"))

    @property
    def server(self) -> str:
        known = self.scene.world.things.add(
            "servers", name="ci-db", status="ACTIVE", tags=[served.tag(self.clone)], metadata={served.SERVES: self.clone.id}
        )
        return str(known["id"])


def _part(part: Any, *of: str) -> Recipe:
    """A part that is made within others of these."""

    def make(scene: Clones, cloud: Cloud) -> Change[Any]:
        stage = Serving(scene)
        return part(cloud, stage.clone, *(getattr(stage, one) for one in of))  # type: ignore[no-any-return]

    return Recipe(Clones, make, seen=True)


def _serves(scene: Clones, cloud: Cloud) -> Change[Any]:
    return serve_parts.Server(cloud, scene.underway, scene.copied(), Serving(scene).port)


def _opens(scene: Clones, cloud: Cloud) -> Change[Any]:
    return serve_parts.Open(cloud, scene.underway, Serving(scene).group, "10.96.0.0/28")


RECIPES: dict[str, Recipe] = {
    "clones.offer": Recipe(Clones, _offer, seen=True),
    "clones.withdraw": Recipe(Clones, _offered, seen=True),
    "clones.request": Recipe(Clones, _request, seen=True),
    "clones.approve": Recipe(Clones, lambda s, c: clone_offering.Approve(c, s.asked().id, NOW), seen=True),
    "clones.deny": Recipe(Clones, lambda s, c: clone_offering.Deny(c, s.asked().id, "not now", NOW), seen=True),
    "clones.pin": Recipe(Clones, lambda s, c: clone_offering.Pin(c, s.ready("project").id, True, NOW), seen=True),
    "clones.extend": Recipe(
        Clones, lambda s, c: clone_asking.Extend(c, s.ready("development").id, "1h", NOW), seen=True
    ),
    "clones.refresh": Recipe(Clones, lambda s, c: clone_refreshing.Refresh(c, s.ready("development").id, NOW)),
    "clones.revert": Recipe(
        Clones, lambda s, c: clone_reverting.Revert(c, s.ready("development", baseline_id="snap").id, NOW)
    ),
    "clones.keep": Recipe(Clones, lambda s, c: revert.Keep(c, replace(s.underway, volume_id=s.copied()))),
    "clones.revert_volume": Recipe(Clones, _revert),
    "clones.attach": Recipe(Clones, _attach),
    "clones.release": Recipe(Clones, lambda s, c: clone_asking.Release(c, s.asked("development").id, NOW), seen=True),
    "clones.reclaim_now": Recipe(Clones, _late),
    "clones.give_trust": Recipe(Clones, lambda s, c: clone_asking.GiveTrust(c, NOW), seen=True),
    "clones.revoke_trust": Recipe(Clones, _lent, seen=True),
    "clones.entrust_offer": Recipe(Clones, lambda s, c: authority.ForOffer(c, "offer-1", "db"), seen=True),
    "clones.entrust_clone": Recipe(Clones, lambda s, c: authority.ForClone(c, "clone-1", "ci", 3600), seen=True),
    "clones.entrust_project": Recipe(Clones, lambda s, c: authority.ForProject(c), seen=True),
    "clones.take_back": Recipe(Clones, lambda s, c: authority.TakeBack(c, _trusted(s, c)), seen=True),
    "clones.take_back_offers": Recipe(Clones, lambda s, c: authority.TakeBackOffers(c, _trusted(s, c)), seen=True),
    "clones.copy": Recipe(Clones, lambda s, c: clone_copy.Copy(c, s.underway)),
    "clones.give": Recipe(Clones, lambda s, c: hand_over.Give(c, s.underway, s.copied())),
    "clones.accept": Recipe(Clones, _accept, seen=True),
    "clones.withdraw_transfer": Recipe(Clones, _waiting, seen=True),
    "clones.detach": Recipe(Clones, lambda s, c: reclaim.Detach(c, s.underway, s.source, s.server)),
    "clones.remove": Recipe(Clones, lambda s, c: reclaim.Remove(c, s.underway, s.copied())),
    "clones.mark_source": Recipe(Clones, lambda s, c: freeze.Mark(c, s.underway, _source(s)), seen=True),
    "clones.unmark_source": Recipe(Clones, _marked, seen=True),
    "clones.pause_source": Recipe(Clones, lambda s, c: freeze.Act(c, s.underway, _source(s), "pause")),
    "clones.snapshot": Recipe(Clones, lambda s, c: freeze.Snapshot(c, s.underway)),
    "clones.remove_snapshot": Recipe(Clones, _snapshot),
    "clones.mask": Recipe(Clones, lambda s, c: mask.Order(c, s.underway, s.copied())),
    "clones.note_masked": Recipe(Clones, lambda s, c: mask.Note(c, s.underway, s.copied()), seen=True),
    "clones.remove_mask": Recipe(Clones, _masking),
    "clones.serve_network": _part(serve_parts.Network),
    "clones.tag_network": _part(serve_parts.TagNetwork, "network"),
    "clones.serve_subnet": _part(serve_parts.Subnet, "network"),
    "clones.serve_share": _part(serve_parts.Share, "network"),
    "clones.serve_group": _part(serve_parts.Group),
    "clones.tag_group": _part(serve_parts.TagGroup, "group"),
    "clones.serve_port": _part(serve_parts.Port, "within", "group"),
    "clones.serve_server": Recipe(Clones, _serves),
    "clones.serve_open": Recipe(Clones, _opens, seen=True),
    "clones.serve_close": _part(serve_removal.Close, "rule"),
    "clones.remove_server": _part(serve_removal.RemoveServer, "server"),
    "clones.remove_port": _part(serve_removal.RemovePort, "port"),
    "clones.serve_unshare": _part(serve_removal.Unshare, "share"),
    "clones.remove_network": _part(serve_removal.RemoveNetwork, "within"),
    "clones.remove_group": _part(serve_removal.RemoveGroup, "group"),
}
