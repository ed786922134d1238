"""The panel Clones: what copies exist, how old their data is, when they go; and who may do what with them."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError
from django.utils import timezone

from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.panels.clones import presenters
from tenant_ops_dashboard.panels.clones.state import Shown
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clones import Trust
from tests.unit.panels.reading import read
from tests.unit.records.cloning import a_clone, an_offer

pytestmark = pytest.mark.django_db
PAGE = "/tenant_ops/clones/"
NOON = datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.UTC)
HOUR, MINUTE = datetime.timedelta(hours=1), datetime.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def nothing_kept(settings: Any) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = 0
    settings.TENANT_OPS_SERVICE_USER = "a" * 32


def kept_offer(id_: str = "offer-1", **more: Any) -> Offer:
    """Of production, to the project of the pages."""
    return records.add_offer(
        an_offer(id_, **{"region": "RegionOne", "terms": Terms(("project",)), "source_name": "shop-db", **more})
    )


def own_offer(**more: Any) -> Offer:
    """Of the project of the pages, to development."""
    return kept_offer(**{"project_id": "project", "terms": Terms(("development",)), **more})


def kept(offer: Offer, name: str = "shop-db-1", **more: Any) -> Clone:
    """Asked for by the project of the pages, unless the offer is its own."""
    mine = {} if offer.project_id == "project" else {"project_id": "project", "project_name": "shop"}
    made, existing = records.add(a_clone(offer, name, **{"asked_at": timezone.now(), **mine, **more}))
    assert not existing
    return made


def ready(left: datetime.timedelta = 100 * MINUTE, **more: Any) -> dict[str, Any]:
    """What a clone is that is there."""
    now = timezone.now()
    return {
        "state": "ready", "data_at": now - MINUTE, "handed_at": now - MINUTE, "ready_at": now - MINUTE, "expires_at": now + left + MINUTE / 2,
        "volume_id": "volume-of-it", "size": 20, "decided_at": now - 2 * MINUTE,
        "seconds": {"check": 0.5, "copy": 3.25, "hand-over": 0.4}, **more,
    }  # fmt: skip


def ways(answer: Any, name: str) -> set[str]:
    """The addresses that a clone's row leads to, but its own page."""
    page = read(answer)
    nodes = [one for one in page.root.everything() if one.get("data-name") == name and one.get("data-key")]
    told = [it.get("href") or it.get("action") or "" for one in nodes for it in one.everything()]
    return {one.rstrip("/").rpartition("/")[2] for one in told if one} - {a.id for a in records.every("RegionOne")}


def test_the_first_line_says_what_exists_how_old_it_is_and_when_it_goes(client, owner):
    offer = kept_offer()
    kept(offer, "one", **ready(100 * MINUTE))
    kept(offer, "two", **ready(3 * HOUR))
    page = read(client.get(PAGE))
    first = page.text("#clones-answer")
    assert first.startswith("2 copies exist, the oldest data is of today ") or "yesterday" in first
    assert "The next to go is one, in 1 h 40 min." in first
    table = page.text("#clones-table")
    assert "ends in 1 h 40 min" in table
    assert "ready" in table
    assert "shop-db (production)" in table


def test_nothing_says_what_to_do(client, owner):
    page = read(client.get(PAGE))
    assert page.text("#clones-answer") == "No copy exists now."
    told = page.text("#clones-empty")
    assert "Nothing is offered to this project: ask the owner of the data to offer it to " in told
    assert "Or offer a volume, or an environment's data, of your own to others." in told
    assert page.links("#clones-empty") == [f"{PAGE}offer/"]
    kept_offer()
    page = read(client.get(PAGE))
    assert "Choose below what you need" in page.text("#clones-empty")
    assert page.links("#clones-offered") == [f"{PAGE}offer/offer-1/request/"]


def test_nothing_says_no_more_than_a_person_may_do(client, auditor):
    page = read(client.get(PAGE))
    assert "ask the owner of the data" in page.text("#clones-empty")
    assert "offer a volume" not in page.text("#clones-empty").lower()
    assert page.links("#clones-empty") == []


def test_an_owner_whom_nobody_asked_and_a_list_beside_no_offers_say_so(client, owner):
    offer = own_offer(id_="offer-2")
    assert "nobody asked for a copy yet" in read(client.get(PAGE)).text("#clones-empty")
    kept(offer, "lent", **ready())
    page = read(client.get(PAGE))
    assert not page.has("#clones-empty")
    assert "ask the owner of the data" in page.text("#clones-offered-none")
    records.withdraw_offer(offer, "owner", timezone.now())
    assert "lets other projects ask" in read(client.get(PAGE)).text("#clones-offers-none")


def test_what_is_being_made_says_how_long_and_its_place(client, owner):
    offer, now = kept_offer(), timezone.now()
    moving = {"decided_at": now - MINUTE, "began": now - 3 * MINUTE / 60}
    kept(offer, "first", state="copying", step="copy", **moving)
    kept(offer, "second", state="approved", step="check", **{**moving, "decided_at": now})
    records.beat(now)
    page = read(client.get(PAGE))
    assert page.text("#clones-answer") == "No copy exists now. 2 are being made."
    assert "copying , 3 s so far" in page.text("#clones-table")
    assert "2nd in the line" in page.text("#clones-table")
    assert "2nd in the line" in read(client.get(f"{PAGE}clone/clone-second/")).text("#clone-answer")
    assert page.one("#clones")["data-to-every"] == "2"
    assert page.has("[data-to-tick]")
    assert not page.has("#clones-silent")


@pytest.mark.parametrize(
    ("state", "step", "says"),
    [
        ("parked", "copy", "The project has no room."),
        ("orphaned", "end", "Its owner took the authority back."),
        ("failed", "", "No back end for the type."),
    ],
)
def test_trouble_says_its_sentence_in_words_and_shape(client, owner, state, step, says):
    made = kept(kept_offer(), state=state, step=step, says=says, ended_at=timezone.now() if state == "failed" else None)
    page = read(client.get(PAGE))
    assert says in page.text("#clones-table")
    assert str(presenters.STATES[state]) in page.text("#clones-table")
    assert "to-mark--good" not in client.get(PAGE).content.decode().split("clones-table")[1].split("</table>")[0]
    assert says in read(client.get(f"{PAGE}clone/{made.id}/")).text("#clone-says")


def test_a_care_job_that_is_away_is_told_only_where_something_is_to_do(client, owner):
    offer = kept_offer()
    kept(offer, **ready())
    assert not read(client.get(PAGE)).has("#clones-silent")
    two = kept(offer, "two", state="approved", step="check", decided_at=timezone.now())
    assert "has never run" in read(client.get(f"{PAGE}clone/{two.id}/")).text("#clones-silent")
    assert "has never run" in read(client.get(PAGE)).text("#clones-silent")
    records.beat(timezone.now() - 5 * MINUTE)
    assert "has not run for 5 min" in read(client.get(PAGE)).text("#clones-silent")
    records.beat(timezone.now())
    assert not read(client.get(PAGE)).has("#clones-silent")


def test_who_holds_it_and_whose_data_it_is_have_their_own_buttons(client, owner):
    kept(kept_offer(), "held", **ready())
    offer = own_offer(id_="offer-2")
    kept(offer, "lent", **ready())
    kept(offer, "pinned", **ready(pinned_by="owner", expires_at=None))
    kept(offer, "asked", purpose="a test of mine")
    kept(offer, "going", state="releasing", step="end")
    answer = client.get(PAGE)
    assert ways(answer, "held") == {"extend", "refresh", "release"}
    assert ways(answer, "lent") == ways(answer, "pinned") == {"pin", "release"}
    assert ways(answer, "asked") == {"approve", "deny"}
    assert ways(answer, "going") == {"reclaim"}, "nobody takes it away"
    records.beat(timezone.now())
    assert ways(client.get(PAGE), "going") == set()
    page = read(answer)
    assert "a test of mine" in page.text("#clones-inbox")
    assert "stays: pinned by owner" in page.text("#clones-table")
    assert "1 request waits for you." in page.text("#clones-answer")
    assert "4 copies now" in page.text("#clones-offers")
    assert page.links("#clones-offers") == [f"{PAGE}offer/offer-2/withdraw/"]


def test_a_reader_sees_it_all_and_has_no_button(client, auditor):
    kept(kept_offer(), "held", **ready())
    kept(own_offer(id_="offer-2"), "asked")
    answer = client.get(PAGE)
    assert ways(answer, "held") == ways(answer, "asked") == set()
    page = read(answer)
    assert page.links("#clones-offers") == page.links("#clones-offered") == []
    assert not page.has("#give-trust")
    for path in ("offer/", "offer/offer-1/request/", "clone/clone-held/release/", "clone/clone-held/extend/", "trust/"):
        assert client.get(PAGE + path).status_code == 403, path


def test_another_project_sees_nothing(client, log_in):
    made = kept(kept_offer(), **ready())
    log_in("member", "reader", project="elsewhere")
    client.defaults["HTTP_X_TENANT_OPS_PAGE"] = "elsewhere@RegionOne"
    assert made.name not in client.get(PAGE).content.decode()
    for path in ("", "state/", "deny/", "pin/", "extend/", "release/"):
        assert client.get(f"{PAGE}clone/{made.id}/{path}").status_code == 404, path


def test_the_poll_is_304_until_something_changed(client, owner):
    made = kept(kept_offer(), **ready(3 * HOUR))
    for where in (PAGE, f"{PAGE}clone/{made.id}/"):
        root = next(one for one in read(client.get(where)).root.everything() if one.get("data-to-live"))
        asked = {"If-None-Match": root["data-to-etag"], "X-Requested-With": "XMLHttpRequest"}
        records.beat(timezone.now())
        assert client.get(root["data-to-live"], headers=asked).status_code == 304
        made = records.save(made, says=f"Something else {made.version}.")
        answer = client.get(root["data-to-live"], headers=asked)
        assert answer.status_code == 200
        assert made.says in answer.content.decode()


def test_the_owner_s_volume_is_told_to_its_owner_alone(client, owner):
    held, lent = kept(kept_offer(), "held", **ready()), kept(own_offer(id_="offer-2"), "lent", **ready())
    assert held.offer.source_id not in client.get(f"{PAGE}clone/{held.id}/").content.decode()
    assert lent.offer.source_id in client.get(f"{PAGE}clone/{lent.id}/").content.decode()


def test_the_page_of_one_tells_its_lineage_with_times_and_seconds(client, owner):
    made = kept(kept_offer(), **ready(decided_by="owner"))
    page = read(client.get(f"{PAGE}clone/{made.id}/"))
    told = page.text("#clone-lineage")
    for words in (
        "Volume shop-db of production, 20 GB", "Asked for by dev of shop", "Approved by owner", "Copied in 3.3 s",
        "Handed over in 0.4 s", "Volume shop-db-1 of shop, 20 GB",
    ):  # fmt: skip
        assert words in told, told
    assert made.purpose in page.text("#clone-purpose")
    assert page.links("#clone-facts") == [f"/tenant_ops/audit/?target={made.id}"]


def test_the_way_of_the_data_is_a_picture_that_can_be_read_aloud(client, owner):
    offer = kept_offer(terms=Terms(("project",), golden=86400, mask="delete from people;"), source_name="s" * 40)
    plain = kept(kept_offer("offer-3"), "plain", **ready())
    whole = kept(offer, "test", get="environment", blueprint="two-tier", golden_id="golden-1", **ready(decided_by="owner"))
    asked = kept(offer, "asked")

    def told(made: Clone) -> tuple[list[str], str]:
        page = read(client.get(f"{PAGE}clone/{made.id}/"))
        drawn = page.one("#clone-picture")
        boxes = [one["data-box"] for one in drawn.everything() if one.get("data-box")]
        assert len([one for one in drawn.everything() if one.name == "path"]) == 2 * (len(boxes) - 1)
        assert drawn["role"] == "img"
        return boxes, drawn["aria-label"]

    assert told(plain) == (["good", "good"], "From the source to the copy: shop-db, production, 20 GB; plain, shop, ready.")
    boxes, words = told(whole)
    assert boxes == ["good"] * 5
    for one in ("s" * 40, "Golden copy, today", "Masked, by its owner's script", "test, shop, ready", "A test environment, two-tier"):
        assert one in words or "yesterday" in words, words
    assert told(asked)[0] == ["good", "planned", "planned"]
    records.save(asked, step="mask", state="masking")
    assert told(asked)[0] == ["good", "building", "building"]


def test_without_a_database_there_is_a_sentence(client, owner, monkeypatch):
    def away(*arguments: Any, **more: Any) -> None:
        raise DatabaseError("away")

    for name in ("clones", "clone", "offer"):
        monkeypatch.setattr(records, name, away)
    for path in ("", "clone/x/", "offer/x/request/"):
        answer = client.get(PAGE + path)
        assert answer.status_code == 503
        assert "database does not answer" in answer.content.decode()


def test_odd_words_are_only_words(client, owner):
    evil = "<script>alert(1)</script>"
    offer = kept_offer(source_name=evil, project_name=evil, user_name=evil)
    made = kept(offer, evil, id="clone-of-evil", purpose=evil, **ready(says=evil, user_name=evil))
    kept(own_offer(id_="offer-2", source_name=evil, terms=Terms((evil,))), "asked", purpose=evil, user_name=evil)
    for path in ("", f"clone/{made.id}/", "offer/offer-1/request/", f"clone/{made.id}/release/"):
        assert b"<script>alert" not in client.get(PAGE + path).content


def test_standing_trusts_name_roles_and_end_and_their_giver_takes_them_back(client, owner):
    now = timezone.now()
    told = Trust("trust-1", "RegionOne", "project", "1", "me", ("member",), now + 90 * 24 * HOUR, now, None)
    assert read(client.get(PAGE)).links("#clones-trusts") == [f"{PAGE}trust/"]
    records.keep_trust(told)
    records.keep_trust(replace(told, id="trust-2", user_id="another", user_name="somebody"))
    page = read(client.get(PAGE))
    assert "me lets it act with the roles member until" in page.text("#clones-trusts")
    assert page.links("#clones-trusts") == [f"{PAGE}trust/trust-1/revoke/"]


@pytest.mark.parametrize(
    ("known", "told"),
    [
        ([{"pinned_by": "owner", "expires_at": None}], "One copy exists, c0, with data of today 06:00. It has no end."),
        ([{}], "One copy exists, c0, with data of today 06:00. It goes in 2 h."),
        ([{"state": "ready", "expires_at": NOON - MINUTE}],
         "One copy exists, c0, with data of today 06:00. The time of c0 is over."),
        ([{"state": "masking", "step": "mask", "ready_at": None}], "No copy exists now. 1 is being made."),
        ([{"state": "expiring", "step": "end"}], "No copy exists now. 1 is being taken away."),
        ([{"state": "orphaned", "step": "end"}, {}],
         "2 copies exist, the oldest data is of today 06:00. The next to go is c0, in 2 h. 1 cannot go on by itself."),
        ([{"state": "released", "ended_at": NOON}], "No copy exists now."),
    ],
)  # fmt: skip
def test_the_first_line_says_no_more_than_there_is(known, told):
    usual = {
        "state": "ready", "data_at": NOON - 6 * HOUR, "ready_at": NOON - HOUR, "expires_at": NOON + 2 * HOUR,
    }  # fmt: skip
    clones = tuple(a_clone(an_offer(), f"c{at}", **{**usual, **one}) for at, one in enumerate(known))
    assert presenters.answer(Shown(clones, (), (), {}, (), None), "development-id", NOON) == told


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        ("2026-11-29T06:00:00", "today 06:00"), ("2026-11-28T23:59:00", "yesterday 23:59"),
        ("2026-11-20T06:00:00", "20 Nov 06:00"), ("2025-11-20T06:00:00", "20 Nov 2025 06:00"),
    ],
)  # fmt: skip
def test_a_day_is_told_as_people_do(moment, told):
    assert presenters.day(datetime.datetime.fromisoformat(moment).replace(tzinfo=datetime.UTC), NOON) == told
