"""Clones at the API, a page at a time; and those that a caller takes away while the job does not run."""

from __future__ import annotations

import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.utils import timezone

from tenant_ops_dashboard.records import clones as records
from tests.unit.api.conftest import Api
from tests.unit.api.test_clones import CLONES, HOUR, cloud, do, kept, offer, ready, request
from tests.unit.api.test_frame import conforms

__all__ = ["cloud"]
pytestmark = pytest.mark.django_db
MINUTE = datetime.timedelta(minutes=1)


def page(api: Api, who: str, **query: Any) -> Any:
    return conforms(api.get(f"v1{CLONES}", who, **query), "get", CLONES)


def follow(api: Api, who: str, **query: Any) -> list[list[str]]:
    """The names of each page, as far as the links lead."""
    found: list[list[str]] = []
    told = page(api, who, **query)
    while True:
        found.append([one["name"] for one in told["clones"]])
        if not told["links"]:
            return found
        (link,) = told["links"]
        told = page(api, who, **dict(parse_qsl(urlsplit(link["href"]).query)))


def test_pages_follow_each_other_and_keep_what_was_asked(cloud: Api) -> None:
    offer(cloud, max_clones=20)
    now = timezone.now()
    for at in range(6):
        made = request(cloud, f"ci-{at}")
        told: dict[str, Any] = {"asked_at": now - at * MINUTE}
        if at in (0, 3):
            told |= {"state": "released", "ended_at": now - (at + 1) * HOUR}
        elif at in (1, 4):
            told |= {"state": "ready"}
        records.save(kept(made["id"]), **told)
    assert follow(cloud, "owner", limit=2) == [["ci-2", "ci-5"], ["ci-1", "ci-4"]]
    assert follow(cloud, "owner", limit=3, ended="12h") == [["ci-2", "ci-5", "ci-1"], ["ci-4", "ci-0", "ci-3"]]
    assert follow(cloud, "owner", limit=4, ended="2h") == [["ci-2", "ci-5", "ci-1", "ci-4"], ["ci-0"]]
    assert follow(cloud, "developer", limit=3) == [["ci-1", "ci-2", "ci-4"], ["ci-5"]], "no request waits for it"
    assert follow(cloud, "developer") == [["ci-1", "ci-2", "ci-4", "ci-5"]]


@pytest.mark.parametrize(
    ("query", "field"), [({"limit": "0"}, "limit"), ({"limit": "501"}, "limit"), ({"limit": "x"}, "limit"), ({"marker": "x"}, "marker")]
)  # fmt: skip
def test_a_page_that_is_none_is_refused(cloud: Api, query: dict[str, str], field: str) -> None:
    answer = cloud.get(f"v1{CLONES}", "developer", **query)
    assert answer.status_code == 422
    assert conforms(answer, "get", CLONES)["error"]["field"] == field


def test_nobody_pages_by_a_clone_that_he_does_not_see(cloud: Api) -> None:
    offer(cloud)
    made = request(cloud)
    assert cloud.get(f"v1{CLONES}", "stranger", marker=made["id"]).status_code == 422


def test_one_whose_time_is_over_is_taken_away_by_who_has_it(cloud: Api) -> None:
    offer(cloud, approve="auto")
    made = request(cloud)
    left = records.save(ready(made["id"]), handed_at=timezone.now())
    assert "is not over" in do(cloud, "reclaim", "developer", 409)["error"]["sentence"]
    left = records.save(left, expires_at=timezone.now() - HOUR)
    records.beat(timezone.now())
    assert "by itself" in do(cloud, "reclaim", "developer", 409)["error"]["sentence"]
    records.beat(timezone.now() - HOUR)
    cloud.world.things.add(
        "volumes", id="copy-1", name="ci", project_id="development", size=20, status="available", attachments=[],
        source_volid=left.offer.source_id, metadata={"tenant_ops_clone": left.id},
    )  # fmt: skip
    assert "somebody there" in do(cloud, "reclaim", "owner", 409)["error"]["sentence"]
    told = do(cloud, "reclaim", "developer")
    assert (told["state"], told["says"]) == (
        "expiring",
        "Nothing of it is left in development: the job that makes clones ends it.",
    )
    assert "copy-1" not in cloud.world.things.kept["volumes"]
    assert do(cloud, "reclaim", "developer")["state"] == "expiring"
