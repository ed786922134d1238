"""What the database keeps of a clone is told in the reader's language; a person's own words are his."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.utils import timezone, translation

from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.sentences import join, say
from tests.unit.panels.clones.test_pages import PAGE, kept, kept_offer, ready
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
GIVEN_UP = join(" ", [say("It was not refreshed, its data is as before:"), say("Its owner withdrew the offer.")])
FRENCH = "Il n'a pas été rafraîchi, ses données sont comme avant : Son propriétaire a retiré l'offre."


@pytest.fixture
def french(client, owner, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    with translation.override(translation.get_language()):
        yield client


def test_what_a_clone_says_is_french_in_the_list_and_on_its_page(french):
    made = kept(kept_offer(), "one", **ready(), says=GIVEN_UP)
    assert FRENCH in read(french.get(PAGE)).text("#clones-table")
    assert read(french.get(f"{PAGE}clone/{made.id}/")).text("#clone-says") == FRENCH
    french.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    assert read(french.get(f"{PAGE}clone/{made.id}/")).text("#clone-says") == GIVEN_UP


@pytest.mark.parametrize(("reason", "told"), [
    (say("the offer was withdrawn"), "l'offre a été retirée"),
    ("no members", "no members"), ("Ben <b>asked</b> twice {now} %s", "Ben <b>asked</b> twice {now} %s"),
])  # fmt: skip
def test_why_it_is_not_made_is_french_where_we_say_it_and_his_own_where_a_person_does(french, reason, told):
    made = kept(kept_offer(), "one", state="denied", step="", outcome="denied", ended_at=timezone.now())
    made = records.save(made, reason=reason)
    page = french.get(f"{PAGE}clone/{made.id}/")
    assert read(page).text("#clone-reason") == told
    assert b"<b>asked" not in page.content
