"""On the pages: golden copies and their cost, what is usual, how much an offer is used, what ends soon."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tenant_ops_dashboard.clones.model import Terms
from tenant_ops_dashboard.records import clone_golden as goldens
from tenant_ops_dashboard.records import clone_rows
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_models import CloneOffer
from tests.unit.panels.clones.test_doing import OFFER, volume
from tests.unit.panels.clones.test_pages import HOUR, MINUTE, PAGE, kept, kept_offer, nothing_kept, own_offer, ready
from tests.unit.panels.reading import read

__all__ = ["nothing_kept", "volume"]
pytestmark = pytest.mark.django_db
GOLDEN = Terms(("project",), golden=86400)


def golden(offer_id: str, **changes: Any) -> None:
    goldens.begin(timezone.now())
    (made,) = goldens.of([offer_id])[offer_id]
    goldens.save(made, changes)


def there() -> dict[str, Any]:
    now = timezone.now()
    return {"state": "ready", "step": "", "volume_id": "golden-1", "size": 20, "data_at": now, "ready_at": now}


def test_the_form_says_what_it_costs_and_takes_a_span(client, owner, volume):
    page = read(client.get(PAGE + "offer/"))
    assert "GB of this project's quota" in page.text("#offer-form")
    told = {**OFFER, "volume": volume["id"], "golden": "24h"}
    assert client.post(PAGE + "offer/", told).status_code == 302
    (made,) = (clone_rows.offer(one) for one in CloneOffer.objects.all())
    assert made.terms.golden == 86400
    page = read(client.post(PAGE + "offer/", {**told, "golden": "often"}))
    assert "write a span as 30m, 8h or 2d." in page.text("#offer-form")


def test_an_own_offer_tells_its_golden_copy_and_its_use(client, owner):
    offer = own_offer(terms=Terms(("development",), golden=86400))
    kept(offer, "one", **ready())
    kept(offer, "two")
    page = read(client.get(PAGE))
    assert "2 copies now, 2 in 30 days, 20 GB out now" in page.text("[data-usage]")
    assert "The golden copy is being made; it takes 20 GB of your quota." in page.text("[data-golden]")
    golden(offer.id, **there())
    assert "made anew every 1 d; it takes 20 GB" in read(client.get(PAGE)).text("[data-golden]")
    assert "The golden copy is deleted." in read(client.get(f"{PAGE}offer/{offer.id}/withdraw/")).text("#confirm-means")


def test_one_that_failed_says_why(client, owner):
    offer = own_offer(terms=Terms(("development",), golden=86400))
    golden(offer.id, state="failed", outcome="failed", step="", reason="The script failed.", ended_at=timezone.now())
    told = read(client.get(PAGE)).text("[data-golden]")
    assert "There is no golden copy yet. The script failed." in told


def test_a_request_says_how_old_the_data_is_and_what_is_usual(client, owner):
    offer = kept_offer(terms=GOLDEN)
    page = read(client.get(f"{PAGE}offer/{offer.id}/request/"))
    assert "once its golden copy is made" in page.text("#request-data")
    assert not page.has("#request-usual")
    golden(offer.id, **there())
    kept(offer, "past", **ready(golden_id="golden-1"))
    kept(offer, "server", **ready(golden_id="golden-1", get="server", seconds={"copy": 70.0}))
    page = read(client.get(f"{PAGE}offer/{offer.id}/request/"))
    assert "with the data of today" in page.text("#request-data")
    assert "usually ready after 4 s" in page.text("#request-usual")
    told = page.text("#request-means")
    assert "the source is left alone" in told
    assert "it takes as much in production" in told


def test_what_is_being_made_says_how_long_it_usually_takes(client, owner):
    offer, now = kept_offer(), timezone.now()
    kept(offer, "past", **ready())
    kept(offer, "now", state="copying", step="copy", decided_at=now, began=now)
    records.beat(now)
    assert "so far, usually 3 s" in read(client.get(PAGE)).text("#clones-table")
    assert "so far, usually 3 s" in read(client.get(f"{PAGE}clone/clone-now/")).text("#clone-answer")


def test_what_ends_soon_is_marked(client, owner):
    offer = kept_offer()
    kept(offer, "soon", **ready(4 * MINUTE))
    kept(offer, "later", **ready(3 * HOUR))
    page = read(client.get(PAGE))
    assert page.text("[data-soon]") == "ends in 4 min"
    assert read(client.get(f"{PAGE}clone/clone-soon/")).text("[data-soon]") == "ends in 4 min"
    assert not read(client.get(f"{PAGE}clone/clone-later/")).has("[data-soon]")


def test_where_it_comes_from_names_the_golden_copy(client, owner):
    made = kept(kept_offer(terms=GOLDEN), **ready(golden_id="golden-1"))
    assert "Made of the golden copy" in read(client.get(f"{PAGE}clone/{made.id}/")).text("#clone-lineage")
