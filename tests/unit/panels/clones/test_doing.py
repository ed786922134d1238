"""What people do in the panel Clones: offer, ask, decide, extend, release, lend authority; each says before what it means."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tenant_ops_dashboard.clones.model import Clone, Terms
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_models import CloneOffer
from tests.unit.fake_openstack.server import Login
from tests.unit.panels.clones.test_pages import HOUR, PAGE, kept, kept_offer, own_offer, ready
from tests.unit.panels.reading import read
from tests.unit.panels.walk import ID, SHOW, addresses

pytestmark = pytest.mark.django_db
OFFER = {"volume": "", "to": "development\nqa, 0123456789abcdef", "approve": "auto", "max_lease": "4h", "max_clones": "3"}
ASK = {"lease": "1h", "name": "ci-7", "purpose": "a test of the release"}


@pytest.fixture(autouse=True)
def fresh(settings: Any, world: Any, owner: None) -> None:
    """Nothing is told from a cache; somebody who may, here and at the cloud."""
    settings.TENANT_OPS_CACHE_SECONDS = 0
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    world.wire.anybody = Login("project", frozenset(("member", "reader")))


@pytest.fixture
def volume(world: Any, shop: Any) -> dict[str, Any]:
    """The data volume of the environment 'shop'."""
    found: dict[str, Any] = next(iter(world.things.kept["volumes"].values()))
    return found


def clone(id_: str) -> Clone:
    """As it is kept."""
    return next(one for one in records.every("RegionOne") if one.id == id_)


def test_a_volume_is_offered_by_its_name_and_size(client, volume):
    page = read(client.get(PAGE + "offer/"))
    told = page.text("#volume")
    assert f"{volume['name']}, {volume['size']} GB" in told
    assert "Whoever gets a copy can read all data" in page.text("#offer-means")
    given = page.text("#offer-authority")
    assert "your roles member in test_tenant" in given and "until the offer is withdrawn" in given, given
    answer = client.post(PAGE + "offer/", {**OFFER, "volume": volume["id"]}, follow=True)
    assert answer.status_code == 200
    assert f"{volume['name']} is offered now." in [str(one) for one in answer.context["messages"]]
    line = read(answer).text("#clones-offers")
    assert "development, qa, 0123456789abcdef" in line
    assert "at once, without asking; for 4 h at most; 3 at once; as it is, nothing masked" in line
    answer = client.post(PAGE + "offer/", {**OFFER, "volume": volume["id"]}, follow=True)
    assert "is offered already" in str(next(iter(answer.context["messages"])))


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"volume": ""}, "volume", "Choose the volume"),
        ({"volume": "no-such"}, "volume", "no environment with data, called"),
        ({"to": " \n"}, "to", "at least one project"),
        ({"to": "project"}, "to", "has the data already"),
        ({"max_lease": "soon"}, "max_lease", "write a span as 30m, 8h or 2d."),
        ({"max_lease": "500d"}, "max_lease", "longer than 366 d"),
        ({"max_clones": "0"}, "max_clones", "a whole number from 1"),
    ],
)
def test_bad_rules_are_told_at_their_field_and_nothing_is_lost(client, volume, more, field, says):
    told = {**OFFER, "volume": volume["id"], **more}
    answer = client.post(PAGE + "offer/", told)
    assert answer.status_code == 422
    page = read(answer)
    words = page.text(f"#{field}-more")
    assert says in words
    assert f"{field}: " not in words
    for name, value in told.items():
        if name not in ("approve", "volume", *more):
            assert value.split("\n")[0] in answer.content.decode(), name
    assert records.every("RegionOne") == ()


def test_rules_of_one_moment_and_a_mask_are_offered_where_there_is_a_server_for_it(client, volume, settings):
    assert not read(client.get(PAGE + "offer/")).has("#mask")
    settings.TENANT_OPS_MASK_IMAGE, settings.TENANT_OPS_MASK_FLAVOR = "image", "flavor"
    more = {"consistency": "paused", "mask": "delete from people;\n", "to": "project-b"}
    answer = client.post(PAGE + "offer/", {**OFFER, "volume": volume["id"], **more, "mask": "x" * 40_000})
    assert answer.status_code == 422
    assert "longer than 32 kB" in read(answer).text("#mask-more")
    assert client.post(PAGE + "offer/", {**OFFER, "volume": volume["id"], **more}).status_code == 302
    (made,) = CloneOffer.objects.all()
    assert "; masked" in read(client.get(PAGE)).text("#clones-offers")
    assert made.region == "RegionOne"


def test_a_copy_is_offered_to_be_served_where_there_is_a_server_for_it(client, volume, settings):
    page = client.get(PAGE + "offer/").content.decode()
    assert 'name="deliver"' not in page
    assert "names no server that could serve one" in page
    settings.TENANT_OPS_SERVE_IMAGE, settings.TENANT_OPS_SERVE_FLAVOR = "image", "flavor"
    page = read(client.get(PAGE + "offer/"))
    assert [one["value"] for one in page.find_all("input", "name") if one["name"] == "deliver"] == ["handed-over", "served"]
    assert "you can end it at any moment without them" in page.text("#offer-form")
    told = {**OFFER, "volume": volume["id"], "to": "project-b"}
    assert client.post(PAGE + "offer/", {**told, "deliver": "rented"}).status_code == 422
    assert client.post(PAGE + "offer/", {**told, "deliver": "served"}).status_code == 302
    assert "; served by its owner" in read(client.get(PAGE)).text("#clones-offers")


def test_what_is_served_is_asked_for_and_told_without_its_owners_things(client, world):
    offer = kept_offer(terms=Terms(("project",), deliver="served", mask="delete from people;"))
    page = read(client.get(f"{PAGE}offer/{offer.id}/request/"))
    assert not page.has("#get")
    told = page.text("#request-means")
    for words in ("stay in production", "takes no storage", "nobody any authority", "can end it at any moment", "gets to it"):
        assert words in told, told
    assert client.post(f"{PAGE}offer/{offer.id}/request/", ASK).status_code == 302
    assert world.things.kept["trusts"] == {}
    (made,) = records.every("RegionOne")
    assert (made.get, made.trust_id, made.own_trust) == ("server", "", False)
    records.save(
        made, state="ready", step="", server_id="server-1", network_id="network-1", address="10.96.0.9", volume_id="volume-1",
        seconds={"serve": 4.0}, ready_at=timezone.now(),
    )  # fmt: skip
    answer = client.get(f"{PAGE}clone/{made.id}/")
    page = read(answer)
    assert "at 10.96.0.9" in page.text("#clone-facts")
    assert (page.text("#clone-network"), page.has("#clone-server"), page.has("#clone-volume")) == ("network-1", False, False)
    assert "stay in production" in page.text("#clone-served")
    assert "server-1" not in answer.content.decode()
    assert "ports in its network ci-7-db" in read(client.get(f"{PAGE}clone/{made.id}/release/")).text("form").lower()
    assert "Served in 4 s" in page.text("#clone-lineage")


def test_what_is_masked_and_of_which_moment_is_said_to_who_asks(client):
    one = kept_offer(terms=Terms(("project",), mask="delete from people;", consistency="paused"))
    told = read(client.get(f"{PAGE}offer/{one.id}/request/")).text("#request-means")
    assert "masks the copy before it is handed over" in told
    assert "paused for some seconds" in told
    assert "delete from people" not in client.get(f"{PAGE}offer/{one.id}/request/").content.decode()
    two = kept_offer("offer-2")
    told = read(client.get(f"{PAGE}offer/{two.id}/request/")).text("#request-means")
    assert "nothing is masked" in told
    assert "as after a power cut" in told


def test_a_whole_environment_is_asked_for(client):
    offer = kept_offer()
    assert "as many GB again" in client.get(f"{PAGE}offer/{offer.id}/request/").content.decode()
    client.post(f"{PAGE}offer/{offer.id}/request/", {**ASK, "get": "environment", "revertible": "on"})
    (made,) = records.every("RegionOne")
    assert (made.get, made.blueprint, made.revertible) == ("environment", "tomcat-oracle", True)
    records.save(made, environment_id=ID, address="http://203.0.113.9")
    page = read(client.get(f"{PAGE}clone/{made.id}/"))
    assert page.one("#clone-environment")["href"] == SHOW


def test_a_database_server_by_itself_is_asked_for(client):
    offer = kept_offer()
    page = read(client.get(f"{PAGE}offer/{offer.id}/request/"))
    assert [one["value"] for one in page.find_all("input", "name") if one["name"] == "get"] == ["volume", "server", "environment"]
    client.post(f"{PAGE}offer/{offer.id}/request/", {**ASK, "get": "server"})
    (made,) = records.every("RegionOne")
    assert (made.get, made.blueprint, made.answers) == ("server", "database-server", ())
    client.post(f"{PAGE}offer/{offer.id}/request/", {**ASK, "name": "larger", "get": "server", "flavor": "medium"})
    assert next(one for one in records.every("RegionOne") if one.name == "larger").answers == (("flavor", "medium"),)
    records.save(made, environment_id=ID, server_id="server-1", address="10.20.2.9")
    page = read(client.get(f"{PAGE}clone/{made.id}/"))
    assert (page.one("#clone-environment")["href"], page.text("#clone-environment")) == (SHOW, "A database server")
    assert page.text("#clone-server") == "server-1"
    assert "at 10.20.2.9" in page.text("#clone-facts")


def test_of_a_system_disk_a_server_is_asked_for_that_starts_from_it(client):
    offer = kept_offer(bootable=True)
    assert "20 GB, system disk" in read(client.get(PAGE)).text("#clones-offered")
    page = read(client.get(f"{PAGE}offer/{offer.id}/request/"))
    assert "a system disk" in page.text("#request-data")
    assert "a server that starts from it" in page.text("#request-form")
    keeps = "keeps the volume (delete on termination is off); the clone's end deletes both"
    assert keeps in page.text("#request-means")
    refused = client.post(f"{PAGE}offer/{offer.id}/request/", {**ASK, "get": "server", "revertible": "on"})
    assert (refused.status_code, records.every("RegionOne")) == (422, ())
    client.post(f"{PAGE}offer/{offer.id}/request/", {**ASK, "get": "server"})
    (made,) = records.every("RegionOne")
    assert (made.get, made.blueprint) == ("server", "booted-server")
    now = timezone.now()
    records.save(made, state="ready", step="", ready_at=now, expires_at=now + HOUR, environment_id=ID, volume_id="v-1")
    page = read(client.get(f"{PAGE}clone/{made.id}/"))
    assert page.text("#clone-environment") == "A server that starts from it"
    assert keeps in page.text("#clone-boots")
    deeds = [one["href"] for one in page.find_all("a", "href")]
    assert any(one.endswith("/extend/") for one in deeds)
    assert not any(one.endswith("/refresh/") for one in deeds)
    refused = client.post(f"{PAGE}clone/{made.id}/refresh/")
    assert "takes no such disk off a server" in refused.content.decode()
    assert records.every("RegionOne")[0].state == "ready"


def test_asking_says_before_what_it_takes_where_it_goes_and_who_may_end_it(client, world):
    offer = kept_offer(size=30)
    page = read(client.get(f"{PAGE}offer/{offer.id}/request/"))
    assert page.text("#request-data") == "shop-db of production, 30 GB, as old as the moment of the copy"
    told = page.text("#request-means")
    for words in ("one volume and 30 GB of the quota", "GB are left there now", "handed over", "can end it before",
                  "your roles member", "for this copy alone", "30 days after"):  # fmt: skip
        assert words in told, told
    assert page.one("#name")["value"] == "shop-db-1"
    assert page.one("#lease")["value"] == "2h"
    assert "A server takes 1 server, 2 cores, 4 GB of RAM, too." in told
    assert "An environment takes 3 servers" in told
    assert len([one for one in world.calls() if "/limits" in one]) <= 5


def test_what_a_server_would_take_and_the_quota_has_not_is_said_before(client, world):
    world.things.quota["ram"] = 6144
    told = read(client.get(f"{PAGE}offer/{kept_offer().id}/request/")).text("#request-means")
    assert "4 GB of RAM, too. Quota: RAM" in told


def test_volumes_that_servers_start_from_are_counted_beside_the_copy(client, world):
    world.things.flavors = [("two", 1, 2048, 0), ("four", 2, 4096, 0)]
    offer = kept_offer(size=30)

    def told(**limits):
        world.things.storage.limits["project"] = {"volumes": 10, "gigabytes": 1000, "snapshots": 10, **limits}
        return read(client.get(f"{PAGE}offer/{offer.id}/request/")).text("#request-means")

    now = sum(one["size"] for one in world.things.kept["volumes"].values() if one["project_id"] == "project")
    assert "A server takes 1 server, 2 cores, 4 GB of RAM, 1 volume of 5 GB to start from, too." in told()
    assert "An environment takes 3 servers, 4 cores, 8 GB of RAM, 3 volumes of together 15 GB to start from, too." in told()
    assert "Quota:" not in told(gigabytes=now + 30 + 15)
    # Each of them fits by itself, and both do not.
    short = told(gigabytes=now + 30 + 14)
    assert "Quota: Volume storage (GB): 15 more are needed, 14 of" in short and "That does not do" not in short


def test_asking_without_room_or_quota_says_so(client, world):
    offer = kept_offer(size=10**6)
    assert "That does not do" in read(client.get(f"{PAGE}offer/{offer.id}/request/")).text("#request-means")
    world.wire.trouble["/limits"] = [503] * 9
    told = read(client.get(f"{PAGE}offer/{offer.id}/request/")).text("#request-means")
    assert "How much is left cannot be told" in told


def test_asking_with_standing_authority_gives_none(client, world):
    offer, now = kept_offer(), timezone.now()
    told = records.Trust("trust-1", "RegionOne", "project", "1", "me", ("member",), now + 2000 * HOUR, now)
    records.keep_trust(told)
    page = read(client.get(f"{PAGE}offer/{offer.id}/request/"))
    assert "standing authority that me gave" in page.text("#request-means")
    client.post(f"{PAGE}offer/{offer.id}/request/", ASK)
    assert not [one for one in world.calls() if one.startswith("POST")]
    assert records.every("RegionOne")[0].trust_id == "trust-1"


def test_a_copy_is_asked_for_once_and_its_page_says_who_decides(client, world):
    offer = kept_offer()
    answer = client.post(f"{PAGE}offer/{offer.id}/request/", ASK, follow=True)
    (made,) = records.every("RegionOne")
    assert answer.redirect_chain[-1][0] == f"{PAGE}clone/{made.id}/"
    assert "ci-7 was asked for: production decides." in [str(one) for one in answer.context["messages"]]
    assert "waits for production" in read(answer).text("#clone-answer")
    assert made.purpose == ASK["purpose"]
    again = client.post(f"{PAGE}offer/{offer.id}/request/", ASK, follow=True)
    assert "asked for already" in str(next(iter(again.context["messages"])))
    assert len(records.every("RegionOne")) == 1


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ({"lease": ""}, "lease", "Say how long"),
        ({"lease": "9h"}, "lease", "longer than 8 h"),
        ({"name": " "}, "name", "Give it a name"),
        ({"purpose": "x" * 601}, "purpose", "600"),
    ],
)
def test_a_bad_request_is_told_at_its_field_and_nothing_is_lost(client, more, field, says):
    offer, told = kept_offer(), {**ASK, **more}
    answer = client.post(f"{PAGE}offer/{offer.id}/request/", told)
    assert answer.status_code == 422
    page = read(answer)
    assert says in page.text(f"#{field}-more")
    for name in set(told) - {field}:
        assert told[name] in answer.content.decode()
    assert "open" in page.one("details").attributes, "what was typed, or is wrong, is not folded away"


def test_nobody_asks_his_own_project(client):
    answer = client.get(f"{PAGE}offer/{own_offer().id}/request/")
    assert answer.status_code == 404
    assert "has the data of shop-db already" in answer.content.decode()


def test_more_than_the_offer_allows_is_said_before_and_refused(client):
    offer = kept_offer(terms=Terms(("project",), most=1))
    kept(offer, "one", **ready())
    assert "has to end first" in read(client.get(f"{PAGE}offer/{offer.id}/request/")).text("#request-full")
    answer = client.post(f"{PAGE}offer/{offer.id}/request/", ASK)
    assert answer.status_code == 409
    assert "as many as its owner allows" in answer.content.decode()
    assert "name=ci-7" in answer.content.decode(), "the way back has what was typed"


def test_the_owner_approves_or_denies_with_a_reason(client):
    offer = own_offer()
    one, two = kept(offer, "one"), kept(offer, "two")
    client.post(f"{PAGE}clone/{one.id}/approve/")
    assert (clone(one.id).state, clone(one.id).decided_by) == ("approved", "owner")
    assert "dev of development asked for it." in client.get(f"{PAGE}clone/{two.id}/deny/").content.decode()
    assert client.post(f"{PAGE}clone/{two.id}/deny/", {"reason": " "}).status_code == 422
    client.post(f"{PAGE}clone/{two.id}/deny/", {"reason": "not today"})
    page = read(client.get(f"{PAGE}clone/{two.id}/"))
    assert page.text("#clone-reason") == "not today"
    assert "Denied by owner" in page.text("#clone-lineage")


def test_its_holder_extends_it_as_far_as_the_owner_lets_him(client):
    made = kept(kept_offer(), **ready())
    page = f"{PAGE}clone/{made.id}/extend/"
    assert "its owner lets it stay until" in client.get(page).content.decode()
    answer = client.post(page, {"by": "8h"})
    assert answer.status_code == 422
    assert "at the latest" in read(answer).text("#by-more")
    assert read(answer).one("#by")["value"] == "8h"
    assert client.post(page, {"by": "1h"}).status_code == 302
    assert clone(made.id).expires_at == made.expires_at + HOUR


def test_its_holder_refreshes_it_and_is_told_what_goes(client):
    held, built = kept(kept_offer(), "held", **ready()), kept(kept_offer(id_="offer-2"), "built", **ready(), get="server")
    pages = [f"{PAGE}clone/{one.id}/refresh/" for one in (held, built)]
    plain, launched = (read(client.get(page)).text("#confirm-means") for page in pages)
    assert "nobody can bring it back" in plain
    assert f"The volume {held.volume_id} is deleted" in plain
    assert "The server and its address stay." in launched
    for page in pages:
        assert client.post(page).status_code == 302
    made = clone(held.id)
    assert (made.state, made.step, made.volume_id) == ("refreshing", "check", held.volume_id)
    page = read(client.get(f"{PAGE}clone/{held.id}/"))
    assert page.text("#clone-state") == "refreshing"
    assert client.post(f"{PAGE}clone/{kept(own_offer(id_='offer-3'), 'lent', **ready()).id}/refresh/").status_code == 403


def test_its_holder_reverts_it_where_a_snapshot_was_kept(client):
    plain = kept(kept_offer(), "plain", **ready())
    held = kept(kept_offer(id_="offer-2"), "held", **ready(), revertible=True, baseline_id="snapshot-1")
    page = f"{PAGE}clone/{held.id}/revert/"
    assert "nobody can bring it back" in read(client.get(page)).text("#confirm-means")
    assert page in client.get(f"{PAGE}clone/{held.id}/").content.decode()
    assert client.post(page).status_code == 302
    assert (clone(held.id).state, clone(held.id).step) == ("refreshing", "detach")
    assert f"clone/{plain.id}/revert/" not in client.get(f"{PAGE}clone/{plain.id}/").content.decode()
    client.post(f"{PAGE}clone/{plain.id}/revert/")
    assert clone(plain.id).state == "ready"


def test_the_owner_pins_it_and_gives_it_an_end_again(client):
    made = kept(own_offer(), **ready())
    page = f"{PAGE}clone/{made.id}/pin/"
    assert "data grows older" in read(client.get(page)).text("#confirm-means")
    client.post(page, {"on": "1"})
    assert (clone(made.id).pinned_by, clone(made.id).expires_at) == ("owner", None)
    client.post(page, {"on": "1"})
    assert clone(made.id).pinned_by == "owner", "the same form again is the same"
    client.post(page, {"on": "0"})
    assert clone(made.id).expires_at is not None


def test_a_release_says_what_is_lost_and_whose_it_is(client):
    held, lent = kept(kept_offer(), "held", **ready()), kept(own_offer(id_="offer-2"), "lent", **ready())
    mine, theirs = (read(client.get(f"{PAGE}clone/{one.id}/release/")) for one in (held, lent))
    assert "nobody can bring it back" in mine.text("#confirm-means")
    assert "development works with it and is not asked" in theirs.text("#confirm-means")
    for one in (held, lent):
        assert client.post(f"{PAGE}clone/{one.id}/release/").status_code == 302
        assert (clone(one.id).state, clone(one.id).step) == ("releasing", "end")
    assert "2 are being taken away." in read(client.get(PAGE)).text("#clones-answer")


def test_an_offer_is_withdrawn_and_says_what_stays(client):
    offer = own_offer(trust_id="")
    kept(offer, "there", **ready())
    asked = kept(offer, "asked")
    page = f"{PAGE}offer/{offer.id}/withdraw/"
    assert "What was made stays until its time is over" in read(client.get(page)).text("#confirm-means")
    assert client.post(page).status_code == 302
    assert not read(client.get(PAGE)).has("#clones-offers")
    assert "offer was withdrawn" in client.get(f"{PAGE}clone/{asked.id}/").content.decode()


def test_standing_authority_names_roles_and_end_before_it_is_given(client, world):
    told = read(client.get(PAGE + "trust/")).text("#confirm-means")
    assert "gets your roles member, reader in" in told
    assert "until" in told
    client.post(PAGE + "trust/")
    (trust,) = world.things.kept["trusts"].values()
    page = read(client.get(PAGE))
    (link,) = page.links("#clones-trusts")
    assert link == f"{PAGE}trust/{trust['id']}/revoke/"
    kept(kept_offer(), trust_id=trust["id"], **ready())
    assert "1 copy stands on it" in read(client.get(link)).text("#confirm-means")
    client.post(link)
    assert world.things.kept["trusts"] == {}
    assert read(client.get(PAGE)).has("#give-trust")


@pytest.mark.parametrize("name", sorted(one for one in addresses() if one.startswith("clones:")))
def test_nothing_is_inline_every_id_is_there_once_and_every_field_has_a_label(client, volume, name):
    made = kept(own_offer(id_="offer-2"), **ready())
    kept_offer()
    kept(own_offer(id_="offer-2"), "asked")
    path = addresses()[name].replace("no-such-offer", "offer-2" if "withdraw" in name else "offer-1")
    answer = client.get(path.replace("no-such-clone", made.id))
    if answer.status_code != 200:
        assert name in ("clones:approve", "clones:reclaim", "clones:revoke")
        return
    page = read(answer)
    nodes = (page.one("#tenant-ops") if page.has("#tenant-ops") else page.root).everything()
    for node in nodes:
        assert node.name not in ("script", "style")
        assert not [one for one in node.attributes if one == "style" or one.startswith("on")]
    ids = [node["id"] for node in nodes if "id" in node.attributes]
    assert len(ids) == len(set(ids))
    labels = {node["for"] for node in nodes if node.name == "label" and "for" in node.attributes}
    fields = [n for n in nodes if n.name in ("input", "select", "textarea") and n.get("type") not in ("hidden", "radio")]
    assert {node["id"] for node in fields} <= labels
    forms = [node for node in nodes if node.name == "form" and node.get("method") == "post"]
    assert all(any(it.get("name") == "tenant_ops_page" for it in one.everything()) for one in forms)


def test_an_environment_is_offered_beside_volumes(client, world, shop, volume):
    add = world.things.add("volumes", name="free", size=3, status="available", project_id="project")
    page = read(client.get(PAGE + "offer/"))
    groups = [one["label"] for one in page.find_all("optgroup", "label")]
    assert groups == ["Volumes", "Environments"]
    values = [one["value"] for one in page.find_all("option", "value")]
    assert {add["id"], volume["id"], shop.id} <= set(values)
    assert f"shop, its data, {volume['size']} GB" in page.text("#volume")
    assert client.post(PAGE + "offer/", {**OFFER, "volume": shop.id, "to": "project-b"}).status_code == 302
    line = read(client.get(PAGE)).text("#clones-offers")
    assert f"{volume['name']}" in line
    assert "data of environment shop" in line
    world.things.add("volumes", name="shop", size=3, status="available", project_id="project")
    answer = client.post(PAGE + "offer/", {**OFFER, "volume": "shop", "to": "project-b"})
    assert answer.status_code == 422
    assert "a volume and an environment are called" in read(answer).text("#volume-more")


def test_volumes_are_offered_where_heat_is_away(client, world, shop, volume):
    world.wire.trouble["/orchestration/"] = [503] * 9
    page = read(client.get(PAGE + "offer/"))
    assert volume["id"] in [one["value"] for one in page.find_all("option", "value")]
    assert page.find_all("optgroup") == []
