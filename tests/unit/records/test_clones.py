"""Offers and clones in the database: once, in whole, seen by those alone whom they are about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError

from tenant_ops_dashboard.clones.errors import BadInput, InTheWay, NotFound, NotOffered
from tenant_ops_dashboard.clones.model import Terms
from tenant_ops_dashboard.records import clone_rows as rows
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records import unkept
from tenant_ops_dashboard.records.clone_models import Clone as CloneRow
from tenant_ops_dashboard.records.clone_models import CloneOffer, CloneTrust
from tests.unit.fake_openstack.server import connect
from tests.unit.fake_openstack.world import World
from tests.unit.records.cloning import DAY, MINUTE, NOW, a_clone, an_offer, login

pytestmark = pytest.mark.django_db
SOMEBODY = connect(World().wire, "member")
OWNER, DEVELOPER, STRANGER = (login(SOMEBODY, one) for one in ("production", "development", "elsewhere"))
REGION = SOMEBODY.region
OFFER = an_offer(region=REGION)


def test_what_is_kept_comes_back_as_it_was() -> None:
    offer = records.add_offer(OFFER)
    made = a_clone(
        offer, seconds={"copy": 1.5}, says="x" * 2000, decided_at=NOW, state="ready", ready_at=NOW, expires_at=NOW + DAY,
        volume_id="volume-2", size=20, tries=1, data_at=NOW, pinned_by="owner", purpose="for ´é⛄",
    )  # fmt: skip
    assert records.add(made) == (made, False)
    assert records.clone(DEVELOPER, made.id) == records.clone(OWNER, made.id) == made
    assert records.offer(OWNER, offer.id) == offer


def test_each_project_sees_what_it_is_about() -> None:
    records.add_offer(OFFER)
    records.add(a_clone(OFFER))
    assert [one.id for one in records.offers(OWNER)] == [one.id for one in records.offered(DEVELOPER)] == ["offer-1"]
    assert records.offers(DEVELOPER) == records.offers(STRANGER) == records.offered(STRANGER) == ()
    assert records.offered(OWNER) == (), "nobody asks for what he has"
    assert len(records.clones(OWNER)) == len(records.clones(DEVELOPER)) == 1
    assert records.clones(STRANGER) == ()
    for words in ("clone-ci", "ci"):
        with pytest.raises(NotFound):
            records.clone(STRANGER, words)
    for words in ("offer-1", "db", OFFER.source_id):
        assert records.offer(DEVELOPER, words) == OFFER
        with pytest.raises(NotOffered):
            records.offer(STRANGER, words)
    with pytest.raises(NotFound):
        records.own_offer(DEVELOPER, "db")


def test_a_name_of_another_domain_is_another_project() -> None:
    records.add_offer(OFFER)
    records.add_offer(an_offer("offer-2", region=REGION, terms=Terms(("development-id",))))
    abroad = login(SOMEBODY, "development", project_id="other-id", project_domain_id="abroad")
    assert records.offered(abroad) == ()
    moved = login(SOMEBODY, "development", project_domain_id="abroad")
    assert [one.id for one in records.offered(moved)] == ["offer-2"], "an id is an id in every domain"


def test_another_region_has_its_own() -> None:
    there = records.add_offer(an_offer("offer-2", region="elsewhere"))
    records.add(a_clone(there))
    assert records.offers(OWNER) == records.offered(DEVELOPER) == records.clones(DEVELOPER) == ()
    assert records.every(REGION) == ()
    assert len(records.every("elsewhere")) == 1
    records.add_offer(OFFER)
    assert records.add(a_clone(OFFER, id="clone-here"))[1] is False, "a name is taken in its region"


def test_the_same_open_offer_is_one() -> None:
    records.add_offer(OFFER)
    assert records.add_offer(replace(OFFER, id="offer-2")).id == "offer-1"
    assert records.add_offer(replace(OFFER, id="offer-3", terms=Terms(("development",), most=9))).id == "offer-3"
    gone = records.withdraw_offer(OFFER, "owner", NOW)
    assert (gone.open, gone.withdrawn_by) == (False, "owner")
    assert records.withdraw_offer(OFFER, "another", NOW + DAY) == gone, "who was first"
    assert records.add_offer(replace(OFFER, id="offer-4")).id == "offer-4"


def test_an_offer_of_before_there_was_a_choice_is_the_same() -> None:
    records.add_offer(OFFER)
    row = CloneOffer.objects.get(id="offer-1")
    assert "deliver" not in row.terms
    assert rows.offer(row).terms.deliver == "handed-over"
    served = replace(OFFER, id="offer-2", terms=replace(OFFER.terms, deliver="served"))
    assert records.add_offer(served).id == "offer-2", "other terms are another offer"
    assert records.own_offer(OWNER, "offer-2").terms.deliver == "served"


def test_several_offers_of_a_name_are_told_apart() -> None:
    records.add_offer(OFFER)
    records.add_offer(an_offer("offer-2", region=REGION))
    with pytest.raises(BadInput, match=r"^offer: 2 offers .*offer-2 \(of production\)"):
        records.offer(DEVELOPER, "db")
    records.withdraw_offer(OFFER, "owner", NOW)
    assert records.offer(DEVELOPER, "db").id == records.own_offer(OWNER, "db").id == "offer-2"
    assert records.own_offer(OWNER, "offer-1").open is False


def test_a_name_is_one_clone_until_it_ended() -> None:
    records.add_offer(OFFER)
    first, _ = records.add(a_clone(OFFER))
    assert records.add(a_clone(OFFER, id="clone-2")) == (first, True)
    assert records.add(a_clone(OFFER, "CI", id="clone-3"))[1] is False, "another name"
    ended = records.save(first, state="released", ended_at=NOW)
    assert records.clone(DEVELOPER, "ci") == ended
    assert records.add(a_clone(OFFER, id="clone-2", asked_at=NOW + MINUTE))[1] is False
    assert records.clone(DEVELOPER, "ci").id == "clone-2"
    assert records.clone(DEVELOPER, "clone-ci").state == "released"


def test_the_database_itself_keeps_names_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    records.add_offer(OFFER)
    first, _ = records.add(a_clone(OFFER))
    named, looks = records.named, iter([None])
    # The look before the write sees nothing, as at the same moment.
    monkeypatch.setattr(records, "named", lambda *words: next(looks) if looks.__length_hint__() else named(*words))
    assert records.add(a_clone(OFFER, id="clone-2")) == (first, True)
    with pytest.raises(IntegrityError):
        records.add(a_clone(OFFER, "new", id=first.id))


def test_clones_of_a_name_are_told_apart_by_who_asked() -> None:
    offer = records.add_offer(replace(OFFER, terms=Terms(("development", "elsewhere"))))
    records.add(a_clone(offer))
    records.add(a_clone(offer, id="clone-2", project_id="elsewhere-id", project_name="elsewhere"))
    assert records.clone(STRANGER, "ci").id == "clone-2"
    with pytest.raises(BadInput, match=r"^clone: 2 clones .*clone-2 \(elsewhere\)"):
        records.clone(OWNER, "ci")
    assert records.clone(OWNER, "clone-2", "owner").id == "clone-2"
    with pytest.raises(NotFound):
        records.clone(OWNER, "clone-2", "holder")


def test_as_many_as_the_owner_allows_and_none_of_what_is_withdrawn() -> None:
    offer = records.add_offer(replace(OFFER, terms=Terms(("development",), most=1)))
    first, _ = records.add(a_clone(offer))
    with pytest.raises(InTheWay, match="as many as its owner allows"):
        records.add(a_clone(offer, "more"))
    assert records.live(offer.id) == 1
    records.save(first, state="failed", ended_at=NOW)
    records.withdraw_offer(offer, "owner", NOW)
    with pytest.raises(NotOffered):
        records.add(a_clone(offer, "more"))
    assert records.live(offer.id) == 0


def test_who_read_an_older_version_changes_nothing() -> None:
    records.add_offer(OFFER)
    read, _ = records.add(a_clone(OFFER))
    made = records.save(read, state="copying", step="copy", seconds={"check": 0.2})
    assert made.version == 1
    with pytest.raises(records.Moved):
        records.save(read, state="denied")
    assert records.clone(OWNER, "ci") == made


def test_copies_of_a_source_are_made_in_turn() -> None:
    records.add_offer(OFFER)
    again = records.add_offer(replace(OFFER, id="offer-2", terms=Terms(("development",), most=2)))
    other = records.add_offer(an_offer("offer-3", region=REGION))
    decided = {"state": "approved", "step": "check"}
    first, _ = records.add(a_clone(OFFER, "first", decided_at=NOW, **decided))
    second, _ = records.add(a_clone(again, "second", decided_at=NOW + MINUTE, **decided))
    records.add(a_clone(other, "else", decided_at=NOW, **decided))
    records.add(a_clone(OFFER, "asked"))
    assert (records.ahead(first), records.ahead(second)) == (0, 1)
    parked = records.save(first, state="parked")
    assert records.ahead(second) == 0
    records.save(parked, state="ready", step="")
    assert records.ahead(second) == 0


def test_what_is_due() -> None:
    records.add_offer(OFFER)
    for name, more in {
        "asked": {}, "check": {"step": "check", "state": "approved"}, "kept": {"state": "ready", "expires_at": NOW + DAY},
        "over": {"state": "ready", "expires_at": NOW}, "pinned": {"state": "ready"},
    }.items():  # fmt: skip
        records.add(a_clone(OFFER, name, **more))
    assert {one.name for one in records.due(NOW)} == {"check", "over"}


def test_ended_ones_are_shown_for_a_while() -> None:
    records.add_offer(OFFER)
    made, _ = records.add(a_clone(OFFER))
    records.save(made, state="released", ended_at=NOW)
    assert records.clones(DEVELOPER) == records.clones(DEVELOPER, NOW + DAY) == records.every(REGION) == ()
    assert len(records.clones(DEVELOPER, NOW - DAY)) == 1


def test_a_withdrawn_offers_trust_is_needed_while_a_clone_is_on_its_way() -> None:
    records.add_offer(OFFER)
    made, _ = records.add(a_clone(OFFER, state="copying", step="copy"))
    assert records.spent() == ()
    records.withdraw_offer(OFFER, "owner", NOW)
    assert records.spent() == ()
    records.save(made, state="ready", step="")
    assert [one.id for one in records.spent()] == ["offer-1"]
    records.trust_gone("offer-1")
    assert records.spent() == ()


def trust(id_: str, days: int) -> records.Trust:
    return records.Trust(id_, REGION, "development-id", "user-dev", "dev", ("member",), NOW + days * DAY, NOW)


def test_the_newest_trust_that_holds_counts() -> None:
    first = records.keep_trust(trust("trust-1", 9))
    second = records.keep_trust(replace(trust("trust-2", 5), given_at=NOW + MINUTE))
    assert records.keep_trust(first) == first
    assert records.standing(REGION, "development-id", NOW) == second
    assert records.standing(REGION, "development-id", NOW + 6 * DAY) == first
    assert records.standing(REGION, "production-id", NOW) is records.standing("else", "development-id", NOW) is None
    assert [one.id for one in records.trusts(DEVELOPER)] == ["trust-2", "trust-1"]
    assert records.trusts(OWNER) == ()
    assert records.end_trust("trust-2", NOW)
    assert not records.end_trust("trust-2", NOW)
    assert records.standing(REGION, "development-id", NOW) == first
    told = records.trust(DEVELOPER, "trust-2")
    assert told is not None and told.ended_at == NOW
    assert records.trust(OWNER, "trust-2") is None


def test_the_heartbeat_is_the_last_one() -> None:
    assert records.last_beat() is None
    records.beat(NOW)
    records.beat(NOW + MINUTE)
    assert records.last_beat() == NOW + MINUTE


def test_what_stands_is_never_forgotten() -> None:
    records.add_offer(OFFER)
    ended, _ = records.add(a_clone(OFFER, "ended"))
    records.save(ended, state="released", ended_at=NOW)
    records.add(a_clone(OFFER, "stands"))
    records.withdraw_offer(OFFER, "owner", NOW)
    records.keep_trust(trust("trust-1", 9))
    later = NOW + 400 * DAY
    assert records.prune(later, 0) == 0
    assert records.prune(later) == 2
    assert (CloneRow.objects.count(), CloneOffer.objects.count(), CloneTrust.objects.count()) == (1, 1, 0)
    records.save(records.every(REGION)[0], state="released", ended_at=NOW)
    assert records.prune(later) == 2
    assert CloneOffer.objects.count() == 0


def test_a_database_that_is_away_is_said() -> None:
    with pytest.raises(unkept.NotKept), records.kept():
        raise DatabaseError("gone")


def test_many_copies_and_offers_are_counted_by_one_question(django_assert_num_queries: Any) -> None:
    offer = records.add_offer(replace(OFFER, terms=Terms(("development",), most=99)))
    empty = records.add_offer(an_offer("offer-2", region=REGION))
    made = [
        records.add(a_clone(offer, f"c{one:02}", decided_at=NOW + one * MINUTE, state="approved", step="check"))[0]
        for one in range(50)
    ]
    asked, _ = records.add(a_clone(offer, "asked"))
    with django_assert_num_queries(1):
        places = records.places([asked, *made])
    assert [places[one.id] for one in (*made, asked)] == [*range(50), 0]
    with django_assert_num_queries(1):
        assert records.lives([offer.id, empty.id]) == {offer.id: 51, empty.id: 0}
    with django_assert_num_queries(0):
        assert records.places([asked]) == {asked.id: 0}
