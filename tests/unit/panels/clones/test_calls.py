"""What the page of clones asks of the cloud: nothing, however many there are; it reads what the job wrote down."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from tenant_ops_dashboard.clones.model import Terms
from tests.unit.panels.clones.test_pages import MINUTE, PAGE, kept, kept_offer, own_offer, ready
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
#: Of each so many: asked for here, and asked for elsewhere of what this project offers.
MANY = 25
#: In turn: there, made, waited for, waiting for a person, on its way out.
STATES: list[dict[str, Any]] = [
    {},
    {"state": "copying", "step": "copy"},
    {"state": "requested"},
    {"state": "parked", "step": "copy", "says": "There is no room."},
    {"state": "releasing", "step": "end"},
]


@pytest.fixture
def fifty(settings: Any) -> int:
    """So many clones, in states of all kinds, that the page shows; nothing is told from a cache."""
    settings.TENANT_OPS_CACHE_SECONDS = 0
    began = timezone.now() - MINUTE
    theirs, ours = (Terms((to,), most=MANY) for to in ("project", "development"))
    for offer in (kept_offer("theirs", terms=theirs), own_offer(id_="ours", terms=ours)):
        for number in range(MANY):
            told = STATES[number % len(STATES)]
            kept(offer, f"{offer.id}-{number}", **({**ready(), **told, "began": began} if told else ready()))
    return 2 * MANY


@pytest.mark.parametrize("more", ["", "state/"])
def test_a_look_at_fifty_clones_asks_nothing_of_openstack(client, owner, world, fifty, more):
    world.calls()
    answer = client.get(f"{PAGE}{more}")
    assert answer.status_code == 200
    assert len([one for one in read(answer).root.everything() if one.get("data-name")]) >= fifty
    assert world.calls() == []
