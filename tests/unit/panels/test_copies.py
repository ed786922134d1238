"""An environment's page names the clone that it runs on, and the copies of its data."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenant_ops_dashboard.clones.model import Terms
from tenant_ops_dashboard.panels.environments import copies
from tenant_ops_dashboard.records import clones as records
from tests.unit.panels.reading import read
from tests.unit.panels.walk import ID, SHOW
from tests.unit.records.cloning import a_clone, an_offer

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


@pytest.fixture(autouse=True)
def fresh(settings: Any, owner: None) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = 0


@pytest.fixture
def disk(world: Any, shop: Any) -> str:
    """The id of the environment's data volume."""
    return str(next(iter(world.things.kept["volumes"])))


def ready() -> dict[str, Any]:
    now = timezone.now()
    return {"state": "ready", "ready_at": now, "data_at": now - HOUR, "expires_at": now + HOUR}


def offered(owner: str, to: str, **more: Any) -> Any:
    told = {"region": "RegionOne", "project_id": owner, "project_name": owner, "terms": Terms((to,), most=50), **more}
    return records.add_offer(an_offer(**{"id_": f"offer-of-{owner}", **told}))


def test_without_clones_nothing_is_said(client, disk):
    assert not read(client.get(SHOW)).has("#copies")


def test_copies_of_its_data_are_listed_with_links(client, disk):
    offer = offered("project", "development", source_id=disk)
    for at in range(copies.SHOWN + 2):
        records.add(a_clone(offer, f"ci-{at}", **ready()))
    records.add(a_clone(offer, "past", state="released", ended_at=timezone.now()))
    page = read(client.get(SHOW))
    told = page.text("#copies")
    assert "Copies of this environment's data" in told
    assert "for development, ready; lease until " in told
    assert "past" not in told
    assert "2 more" in told
    assert len(page.links("#copies")) == copies.SHOWN
    assert page.links("#copies")[0].startswith("/tenant_ops/clones/clone/clone-ci-")


@pytest.mark.parametrize("known_by", ["environment", "volume"])
def test_the_clone_that_it_runs_on_is_named(client, disk, known_by):
    offer = offered("production", "project", source_name="shop-db")
    under = {"environment_id": ID} if known_by == "environment" else {"volume_id": disk}
    records.add(a_clone(offer, "ci", **ready(), **under, project_id="project", project_name="shop"))
    records.add(a_clone(offer, "of-another", **ready(), **under))
    page = read(client.get(SHOW))
    told = page.text("#copies")
    assert "This environment runs on a clone" in told
    assert "a clone of shop-db of production as of " in told
    assert "lease until " in told
    assert page.links("#copies") == ["/tenant_ops/clones/clone/clone-ci/"]


def test_it_is_one_question_and_no_call(client, world, disk, monkeypatch):
    offer = offered("project", "development", source_id=disk)
    client.get(SHOW)

    def look() -> tuple[int, list[str]]:
        world.wire.calls.clear()
        with CaptureQueriesContext(connection) as asked:
            client.get(SHOW)
        return len(asked), sorted(world.wire.calls)

    with monkeypatch.context() as without:
        without.setattr(copies, "of", lambda request, details: copies.Lines())
        queries, calls = look()
    for at in range(3):
        records.add(a_clone(offer, f"ci-{at}", **ready()))
    assert look() == (queries + 1, calls)


def test_the_page_stands_without_the_database_of_clones(client, disk, monkeypatch):
    def away(*arguments: Any) -> None:
        raise DatabaseError("away")

    monkeypatch.setattr(copies, "touching", away)
    answer = client.get(SHOW)
    assert answer.status_code == 200
    assert not read(answer).has("#copies")
