"""A reader who chose French is told in French what the service layer says: in pages, in forms, in what scripts ask for."""

from __future__ import annotations

import json
import logging

import pytest
from django.conf import settings
from django.utils import translation

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.panels import belonging
from tenant_ops_dashboard.sentences import Sentence
from tests.unit.panels.reading import read
from tests.unit.panels.test_launch import LAUNCH, PLAN, SCRIPT, message, posted

SAID = "Employez des lettres, des chiffres et des traits d'union"


@pytest.fixture
def french(client, owner, world):
    """The owner's browser keeps the language that was chosen in a cookie of Horizon's."""
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    # Whichever language a request leaves behind in this thread, the next test has its own.
    with translation.override(translation.get_language()):
        yield client


def test_a_script_is_told_what_is_wrong_with_an_answer(french):
    form = {**posted(read(french.get(LAUNCH))), "name": "no_such-"}
    assert french.post(PLAN, form, headers=SCRIPT).json()["problems"]["name"].startswith(SAID)


def test_a_form_tells_what_the_service_layer_does_not_take(french):
    form = {**posted(read(french.get(LAUNCH))), "name": "no_such-", "do": "launch"}
    assert message(read(french.post(LAUNCH, form)), "name").startswith(SAID)


def kinds(of):
    for one in of.__subclasses__():
        yield one
        yield from kinds(one)


def test_what_helps_can_be_told_in_any_language_whatever_went_wrong(french):
    french.get(LAUNCH)
    own = [one for one in kinds(TenantOpsError) if one.__module__.startswith(("tenant_ops_dashboard.panels.", "tenant_ops_dashboard.records."))]
    assert {one.__name__ for one in own if isinstance(one.todo, str) and one.todo and not isinstance(one.todo, Sentence)} == set()
    assert len(own) > 5


def test_a_page_of_a_failure_is_french_whole(french):
    told = french.get("/tenant_ops/environment/00000000-0000-4000-8000-000000000000/").content.decode()
    assert "Ce projet n&#x27;a pas d&#x27;environnement nommé" in told
    assert "Regardez la liste" in told


@pytest.mark.django_db
@pytest.mark.parametrize("view", ["", "present/"])
def test_a_step_of_the_walkthrough_is_french_whole(french, view):
    page = read(french.get(f"/tenant_ops/walkthrough/scenario/balancing/step/rules/{view}"))
    assert page.text("#step-title") == "Devancer la charge"
    assert page.text("#step-say").startswith("D'ordinaire, la mise à l'échelle automatique attend")
    assert "modèle de la pile" in page.text("#notes")
    assert "Les règles dans le modèle de la pile" in page.text("#check-line")
    assert page.text("#step-needs").endswith("Une application pour le montrer")


@pytest.mark.django_db
def test_the_button_of_a_step_is_french(french):
    page = read(french.get("/tenant_ops/walkthrough/scenario/orchestration/step/launch/"))
    assert page.text("#do").startswith("La lancer")


@pytest.mark.django_db
@pytest.mark.parametrize(("page", "where", "kept"), [
    ("elsewhere@RegionOne", "retry", "This page is of another project; you are in "),
    ("project@", "retry", "This page is of region unknown; you are in region RegionOne now."),
    ("", "retry", "This page does not say which project it belongs to."),
])  # fmt: skip
def test_the_audit_trail_is_english_whoever_was_refused(french, caplog, page, where, kept):
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    stack = "00000000-0000-4000-8000-000000000000"
    answer = french.post(f"/tenant_ops/environment/{stack}/{where}/", headers={belonging.HEADER: page})
    assert "Cette page" in answer.content.decode()
    (event,) = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    assert event["reason"]["reasonCode"].startswith(kept)


@pytest.mark.django_db
def test_the_audit_trail_is_english_of_what_is_not_there(french, caplog):
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    answer = french.post("/tenant_ops/walkthrough/scenario/balancing/step/rules/nothing/")
    reasons = [json.loads(one.message)["reason"]["reasonCode"] for one in caplog.records if one.name == "tenant_ops.audit"]
    assert (answer.status_code, reasons) == (404, ["There is no such button."])
