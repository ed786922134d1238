"""What the page says of the job that keeps history and scales: quiet where it runs, in words where it does not."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone, translation

from tenant_ops_dashboard.panels import cared
from tenant_ops_dashboard.records import heartbeats, models
from tests.unit.loadbalancers.scaling.server_group import ID, Tier
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
INDEX = "/tenant_ops/loadbalancers/"
WHOLE = f"{INDEX}?whole=1"
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def tier(octavia: Any) -> Tier:
    octavia.build(description=f"Environment {ID}")
    made = Tier(octavia)
    made.rules(on=True)
    return made


def ran(job: str, ago: datetime.timedelta, what: str = "", region: str = "RegionOne") -> None:
    """The job ran so long ago, and looked at this thing of the project."""
    heartbeats.beat(job, region, timezone.now() - ago)
    if what:
        heartbeats.looked("project", f"{job} {what}", timezone.now() - ago)


def line(client: Any, where: str = "#loadbalancers") -> tuple[str, str]:
    """Of the line about the care job: how it is, what it says."""
    found = [one for one in read(client.get(WHOLE)).one(where).everything() if one.get("data-cared")]
    return (found[0]["data-cared"], found[0].words()) if found else ("", "")


def test_history_without_the_job_is_told(client: Any, owner: Any, octavia: Any, shop: Any) -> None:
    how, said = line(client)
    assert how == "late"
    assert said.startswith("What changes while nobody looks is not noticed: the care job has never run.")
    assert "manage.py tenant_ops_care" in said


def test_a_job_that_stopped_is_told_with_its_age(client: Any, owner: Any, octavia: Any, shop: Any) -> None:
    ran("collect", 7 * MINUTE, "RegionOne")
    assert "the care job has not run for 7 min." in line(client)[1]


def test_what_is_told_anew_does_not_depend_on_who_looked(client: Any, owner: Any) -> None:
    ran("collect", 7 * MINUTE)
    found = cared.watched("history", "project", "RegionOne", timezone.now())
    assert found is not None
    versions = set()
    for language in ("en", "fr"):
        with translation.override(language):
            versions.add(found.version)
    assert len(versions) == 1
    assert replace(found, now=found.now + MINUTE).version not in versions


def test_a_job_that_runs_is_one_quiet_line(client: Any, owner: Any, octavia: Any, shop: Any) -> None:
    ran("collect", datetime.timedelta(seconds=20), "RegionOne")
    how, said = line(client)
    assert (how, said[:28]) == ("good", "The care job last looked at ")
    assert "not noticed" not in said


def test_a_project_that_nobody_entrusted_is_told_apart(client: Any, owner: Any, octavia: Any, shop: Any) -> None:
    ran("collect", datetime.timedelta(0))
    how, said = line(client)
    assert how == "lent"
    assert "the care job runs, and nobody entrusted this to it. Switch on 'Unattended care'" in said


def test_a_poll_tells_it_once(client: Any, owner: Any, octavia: Any, shop: Any, fresh: Any) -> None:
    ran("collect", datetime.timedelta(0), "RegionOne")
    # The time line moves on at a full minute.
    for _ in range(3):
        first = client.get(f"{INDEX}state/")
        again = client.get(f"{INDEX}state/", HTTP_IF_NONE_MATCH=first["ETag"])
        if again.status_code == 304:
            break
    assert again.status_code == 304
    ran("collect", 9 * MINUTE, "RegionOne")
    later = client.get(f"{INDEX}state/", HTTP_IF_NONE_MATCH=first["ETag"])
    assert later.status_code == 200
    assert "has not run for 9 min" in read(later).root.words()


def scaling(client: Any) -> str:
    """The line on the scaling card, '' where there is none."""
    (card,) = [one for one in read(client.get(WHOLE)).root.everything() if one.get("data-key") == "scaling-lb-1"]
    return next((one.words() for one in card.everything() if one.get("data-cared")), "")


def test_the_card_of_what_scales_by_itself_says_whether_it_does(client: Any, owner: Any, tier: Tier) -> None:
    assert scaling(client).startswith("Nothing scales by itself: the care job has never run.")


def test_the_card_says_that_this_environment_is_not_looked_after(client: Any, owner: Any, tier: Tier) -> None:
    ran("scale", datetime.timedelta(0))
    assert "Nothing scales by itself: the care job runs, and nobody entrusted this" in scaling(client)


def test_the_card_is_quiet_where_it_does(client: Any, owner: Any, tier: Tier) -> None:
    ran("scale", datetime.timedelta(0), ID)
    assert scaling(client).startswith("The care job last looked at ")


def test_what_scales_by_hand_promises_nothing(client: Any, owner: Any, octavia: Any) -> None:
    octavia.build(description=f"Environment {ID}")
    Tier(octavia)
    assert scaling(client) == ""


def test_the_switch_says_it_before_it_is_turned(client: Any, owner: Any, tier: Tier) -> None:
    tier.rules(on=False)
    ran("scale", 8 * MINUTE, ID)
    page = read(client.get(f"{INDEX}balancer/lb-1/scaling/"))
    assert "Nothing scales by itself: the care job has not run for 8 min." in page.text("#rules-form")


def test_what_was_noticed_late_is_told_as_an_interval(client: Any, owner: Any, octavia: Any, shop: Any) -> None:
    client.get(WHOLE)
    models.Watch.objects.update(begin=timezone.now() - 9 * MINUTE, end=timezone.now() - 7 * MINUTE)
    octavia.status(shop, 1, "ERROR")
    cache.clear()
    page = read(client.get(f"{WHOLE}&open={shop}"))
    (late,) = [one for one in page.root.everything() if "data-late" in one.attributes]
    before, after = re.fullmatch(r"between (\S+) and (\S+)", late.words()).groups()
    assert before != after
    assert any(one.get("class") == "lb-time__late" for one in page.root.everything())
    (title,) = [one.words() for one in page.root.everything() if one.name == "title" and "is down" in one.words()]
    assert title.startswith(f"between {before} and {after} ")
