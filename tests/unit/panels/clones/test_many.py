"""The list of many clones, a page at a time; and clones that ought to go while nobody takes them away."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenant_ops_dashboard.clones.model import Terms
from tenant_ops_dashboard.panels.clones import paging
from tenant_ops_dashboard.records import clones as records
from tests.unit.fake_openstack.server import Login
from tests.unit.panels.clones.test_pages import HOUR, MINUTE, PAGE, kept, kept_offer, own_offer, ready, ways
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(settings: Any, world: Any, owner: None, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = 0
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    world.wire.anybody = Login("project", frozenset(("member", "reader")))
    monkeypatch.setattr(paging, "SIZE", 3)


def names(page: Any, place: str) -> list[str]:
    """The clones that this part of a page shows, in order."""
    return [one["data-name"] for one in page.one(place).everything() if one.get("data-name")]


def link(page: Any, id_: str) -> str:
    return str(page.one(f"#{id_}")["href"])


def many() -> None:
    """Five that are there, two that ended (newest), and four that ask."""
    now, offer, own = timezone.now(), kept_offer(terms=Terms(("project",), most=20)), own_offer(id_="offer-2")
    for at in range(5):
        kept(offer, f"live-{at}", asked_at=now - at * MINUTE, **ready())
    for at in range(2):
        kept(offer, f"over-{at}", state="released", ended_at=now, asked_at=now + (2 - at) * MINUTE)
    for at in range(4):
        kept(own, f"asks-{at}", asked_at=now - at * MINUTE)


def test_pages_follow_each_other_the_inbox_apart_and_what_ended_last(client):
    many()
    first = read(client.get(PAGE))
    assert names(first, "#clones-table") == ["live-0", "live-1", "live-2"]
    assert names(first, "#clones-inbox") == ["asks-0", "asks-1", "asks-2"]
    assert "5 copies exist" in first.text("#clones-answer")
    assert not first.has("#clones-newer")
    assert "1 to 3 of 7" in first.text("#clones")
    both = read(client.get(link(read(client.get(link(first, "clones-older"))), "inbox-older")))
    assert names(both, "#clones-table") == ["live-3", "live-4", "over-0"]
    assert names(both, "#clones-inbox") == ["asks-3"]
    assert "5 copies exist" in both.text("#clones-answer")
    last = read(client.get(link(both, "clones-older")))
    assert (names(last, "#clones-table"), names(last, "#clones-inbox")) == (["over-1"], ["asks-3"])
    assert not last.has("#clones-older")
    back = read(client.get(link(last, "clones-newer")))
    assert names(back, "#clones-table") == ["live-3", "live-4", "over-0"]
    assert link(read(client.get(link(back, "inbox-newer"))), "clones-newer") == PAGE
    assert names(read(client.get(f"{PAGE}?marker=no-such")), "#clones-table") == names(first, "#clones-table")


def test_the_live_part_stays_on_its_page(client):
    many()
    path = link(read(client.get(PAGE)), "clones-older")
    root = read(client.get(path)).one("#clones")
    asked = {"If-None-Match": root["data-to-etag"], "X-Requested-With": "XMLHttpRequest"}
    records.beat(timezone.now())
    assert client.get(root["data-to-live"], headers=asked).status_code == 304
    records.save(records.every("RegionOne")[0], says="Something else.")
    answer = client.get(root["data-to-live"], headers=asked)
    assert names(read(answer), "#clones-table") == ["live-3", "live-4", "over-0"]


def test_more_clones_are_no_more_questions(client, world):
    offer, now = kept_offer(terms=Terms(("project",), most=100)), timezone.now()
    moving = {"state": "copying", "step": "copy", "decided_at": now, "began": now}
    counts = []
    for at in range(60):
        kept(offer, f"made-{at}", **moving)
        if at in (9, 59):
            with CaptureQueriesContext(connection) as asked:
                client.get(PAGE)
            counts.append(len(asked))
    assert counts[0] == counts[1]
    assert [one for one in world.wire.calls if "/volumes" in one or "/servers" in one] == []


def test_the_place_in_the_line_follows_by_itself(client):
    """Copies of one volume are made one after the other."""
    offer, now = kept_offer(terms=Terms(("project",), most=20)), timezone.now()
    line = [
        kept(offer, f"ci-{at}", state="approved", step="check", decided_at=now - (3 - at) * MINUTE, began=now)
        for at in range(3)
    ]
    for where, told in ((PAGE, "#clones-table"), (f"{PAGE}clone/{line[2].id}/", "#clone-answer")):
        page = read(client.get(where))
        assert "3rd in the line" in page.text(told)
        root = next(one for one in page.root.everything() if one.get("data-to-live"))
        asked = {"If-None-Match": root["data-to-etag"], "X-Requested-With": "XMLHttpRequest"}
        line[0] = records.save(line[0], step="mask" if line[0].step == "check" else "check")
        answer = client.get(root["data-to-live"], headers=asked)
        assert answer.status_code == 200
        assert "2nd in the line" in read(answer).text(told)
        line[0] = records.save(line[0], step="check")
    records.save(line[1], state="parked")
    assert "2nd in the line" in read(client.get(f"{PAGE}clone/{line[2].id}/")).text("#clone-answer"), (
        "who waits for a person"
    )


def test_one_that_nobody_takes_away_says_so_and_has_a_button(client, world):
    over = ready(-2 * HOUR)
    held, lent = kept(kept_offer(), "held", **over), kept(own_offer(id_="offer-2"), "lent", **over)
    records.beat(timezone.now() - 5 * MINUTE)
    answer = client.get(PAGE)
    assert "reclaim" in ways(answer, "held")
    assert "reclaim" not in ways(answer, "lent"), "it is in the other project"
    said = "Nothing takes it away, since the job that does has not run for 5 min."
    assert read(answer).text("#clones-table").count(said) == 2
    path = f"{PAGE}clone/{held.id}/"
    note = read(client.get(path)).text("#clone-overdue")
    assert note.startswith("Its time ended ") and note.endswith(said)
    assert said in read(client.get(f"{PAGE}clone/{lent.id}/")).text("#clone-overdue")
    records.beat(timezone.now())
    page = client.get(PAGE)
    assert said not in page.content.decode()
    assert "reclaim" not in ways(page, "held")
    answer = client.post(f"{path}reclaim/")
    assert answer.status_code == 409
    assert "away by itself" in answer.content.decode()


def test_it_is_taken_back_by_the_button_and_the_page_says_how_far(client, world):
    made = kept(kept_offer(), "held", **ready(-2 * HOUR, volume_id="copy"))
    copy = world.things.add(
        "volumes", id="copy", name="held", project_id="project", size=20, status="available",
        source_volid=made.offer.source_id, metadata={"tenant_ops_clone": made.id}, attachments=[],
    )  # fmt: skip
    assert client.get(f"{PAGE}clone/{made.id}/reclaim/").status_code == 405
    assert records.every("RegionOne")[0].state == "ready"
    answer = client.post(f"{PAGE}clone/{made.id}/reclaim/", follow=True)
    (told,) = [str(one) for one in answer.context["messages"]]
    assert told.startswith("Nothing of it is left in ")
    assert copy["id"] not in world.things.kept["volumes"]
    (left,) = records.every("RegionOne")
    assert (left.state, left.step) == ("expiring", "end")
