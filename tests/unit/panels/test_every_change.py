"""Every registered change at its page: whoever asks for it, however, and whatever goes wrong on the way to OpenStack.

The cases are made from the registry of changes and from the table in `asking`; a change without a line there fails.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
import requests
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tenant_ops_dashboard.changes import run
from tenant_ops_dashboard.environments import launch, restart
from tenant_ops_dashboard.environments.heat import deletion
from tenant_ops_dashboard.firewall import flags
from tenant_ops_dashboard.firewall.security_groups import apply as security_group_apply
from tenant_ops_dashboard.loadbalancers import create, settle
from tenant_ops_dashboard.panels import belonging
from tenant_ops_dashboard.records import clone_models, models, posture_models
from tests.campaign.wire import Fault
from tests.unit.changes.table import OURS
from tests.unit.fake_openstack.server import Login
from tests.unit.panels import reading
from tests.unit.panels.asking import PAGES, Page
from tests.unit.panels.reading import read
from tests.unit.panels.stages import Stage
from tests.unit.panels.without import WITHOUT, every_change

pytestmark = pytest.mark.django_db
#: Keystone's own roles imply each other.
MEMBER, ADMIN = ("member", "reader"), ("admin", "member", "reader")
ROLES = pytest.mark.parametrize("roles", [("reader",), MEMBER, ADMIN], ids=["reader", "member", "admin"])
CASES = [
    pytest.param(name, page, id=f"{name} {number}" if number else name)
    for name, pages in PAGES.items()
    for number, page in enumerate(pages)
]
#: What goes wrong with a call that changes something.
FAULTS = ("refused", "lost", "half", 403, 404, 409, 500)
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}
REQUEST = "req-11111111-2222-3333-4444-555555555555"
#: What nobody may say of what was accepted only.
DONE = re.compile(
    r"(?<!Nothing )\b(?:is|are|was|were|has been|have been) (?:now )?"
    r"(?:disabled|enabled|drained|removed|deleted|gone|created|launched|restarted|scaled|repaired|changed|set|weighed)\b"
    r"|left the pool|joined the pool|seen done"
)
Events = Callable[[], list[dict[str, Any]]]
People = Callable[..., None]


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Nobody waits for what the fakes do at once; nothing is told from a cache."""
    for module, name in (
        (launch, "SETTLE_SECONDS"), (launch, "LOOK_SECONDS"), (deletion, "BEGINS"), (deletion, "PAUSE"), (run, "PAUSE"),
        (settle, "PAUSE"), (create, "SETTLE"), (create.Create, "patience"), (restart.Restart, "patience"),
        (flags.Flagging, "patience"), (security_group_apply.Apply, "patience"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, 0.0)
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    settings.TENANT_OPS_CACHE_SECONDS = 0


@pytest.fixture
def events(caplog: pytest.LogCaptureFixture) -> Events:
    caplog.set_level(logging.INFO, logger="tenant_ops.audit")
    return lambda: [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]


@pytest.fixture
def stage(page: Page, monkeypatch: pytest.MonkeyPatch) -> Stage:
    """The cloud of this page, where every login ends."""
    made = page.stage()
    page.first(made)
    monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: made.wire)
    monkeypatch.setattr(requests.sessions, "get_environ_proxies", lambda url, no_proxy=None: {})
    made.wire.calls.clear()
    return made


@pytest.fixture
def enter(log_in: People, stage: Stage) -> People:
    """Log in, here and at the cloud."""

    def run(*roles: str, project: str = "project") -> None:
        log_in(*roles, project=project)
        stage.wire.anybody = Login(project, frozenset(roles))

    return run


def address(page: Page) -> str:
    panel, _, name = page.url.partition(":")
    return reverse(f"horizon:tenant_ops:{panel}:{name}", kwargs=dict(page.parts))


def may(page: Page) -> tuple[str, ...]:
    """The roles of somebody who may."""
    return ADMIN if page.admin else MEMBER


def press(client: Client, page: Page) -> HttpResponse:
    found: HttpResponse = client.post(address(page), dict(page.form))
    return found


def sent(stage: Stage) -> list[str]:
    """What was sent to change something."""
    return [call for call in stage.wire.calls if not call.startswith("GET")]


MOVED = re.compile(r'"(?:revision_number|updated_at)": [^,}]*')


def now(stage: Stage) -> str:
    """All that a change may have changed, in OpenStack and in the dashboard's own tables, as text."""
    mutes = [(one.object_id, one.until) for one in models.Mute.objects.all()]
    intents = models.FirewallIntent.objects.exclude(origin="blueprint", off_at=None)
    words = posture_models.PostureAcknowledgement.objects.filter(ended=None)
    kept = [
        mutes, [(one.intent_id, one.off_reason) for one in intents],
        [(one.finding_id, one.reason, one.until) for one in words], posture_models.PostureReview.objects.count(),
        list(clone_models.CloneOffer.objects.order_by("id").values_list("id", "withdrawn_at")),
        list(clone_models.Clone.objects.order_by("id").values_list("id", "state", "expires_at", "pinned_by")),
        list(clone_models.CloneTrust.objects.order_by("id").values_list("id", "ended_at")),
    ]  # fmt: skip
    return json.dumps((stage.state(), kept), default=str)


def sentence(answer: HttpResponse) -> str:
    """What a page that did not do it says of that."""
    alerts = [node for node in read(answer).root.everything() if node.get("role") == "alert" or _problem(node)]
    return " ".join(node.words() for node in alerts)


def _problem(node: Any) -> bool:
    return "to-field__problem" in (node.get("class") or "") and node.get("hidden") is None


def said(answer: HttpResponse) -> str:
    """The messages that the next page will show."""
    request: Any = answer.wsgi_request  # type: ignore[attr-defined]
    return " ".join(str(one.message) for one in request._messages._queued_messages)


def told(client: Client, answer: HttpResponse) -> str:
    """What the page says that a change leads to: its messages."""
    assert answer.status_code == 302, answer.status_code
    page = client.get(answer["Location"].partition("#")[0])
    assert page.status_code == 200
    return " ".join(str(one) for one in page.context["messages"])


def of_change(found: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The events that tell of this very change, by its kind: others may come with it."""
    kind = every_change()[name]
    return [one for one in found if one["action"] == f"{kind.action}/{kind.kind}"]


def test_every_registered_change_has_a_page_or_a_reason() -> None:
    assert set(every_change()) == set(PAGES) | set(WITHOUT)
    assert not set(PAGES) & set(WITHOUT)
    assert all(len(reason) > 10 for reason in WITHOUT.values())


@pytest.mark.parametrize(("name", "page"), CASES)
def test_somebody_unknown_is_sent_to_the_login(
    client: Client, stage: Stage, events: Events, name: str, page: Page
) -> None:
    before = now(stage)
    for answer in (client.get(address(page)), press(client, page)):
        assert answer.status_code == 302
        assert "/auth/login/" in answer["Location"]
    assert press(Client(enforce_csrf_checks=True), page).status_code in (302, 403)
    assert (stage.wire.calls, now(stage)) == ([], before)


@ROLES
@pytest.mark.parametrize(("name", "page"), CASES)
def test_looking_changes_nothing(
    client: Client, stage: Stage, enter: People, events: Events, name: str, page: Page, roles: tuple[str, ...]
) -> None:
    enter(*roles)
    before = now(stage)
    answer = client.get(address(page), dict(page.form))
    assert answer.status_code in ((403, 405) if roles == ("reader",) else (200, 405))
    assert (sent(stage), now(stage), events()) == ([], before, [])


@ROLES
@pytest.mark.parametrize(("name", "page"), CASES)
def test_nothing_changes_without_a_token_against_forgery(
    stage: Stage, enter: People, name: str, page: Page, roles: tuple[str, ...]
) -> None:
    enter(*roles)
    before = now(stage)
    client = Client(enforce_csrf_checks=True, headers={belonging.HEADER: "project@RegionOne"})
    assert press(client, page).status_code == 403
    assert (stage.wire.calls, now(stage)) == ([], before)


@pytest.mark.parametrize(("name", "page"), CASES)
def test_a_reader_changes_nothing_and_is_told(
    client: Client, stage: Stage, enter: People, events: Events, name: str, page: Page
) -> None:
    enter("reader")
    before = now(stage)
    answer = press(client, page)
    assert answer.status_code == 403
    assert f"role '{'admin' if page.admin else 'member'}'" in sentence(answer)
    assert (stage.wire.calls, now(stage)) == ([], before)
    refused(events(), "project")


@pytest.mark.parametrize(("name", "page"), CASES)
def test_another_project_changes_nothing_and_is_told(
    stage: Stage, enter: People, events: Events, name: str, page: Page
) -> None:
    enter(*may(page), project="development")
    before = now(stage)
    client = Client(headers={belonging.HEADER: "development@RegionOne"})
    if page.mine:
        return
    answer = press(client, page)
    assert answer.status_code == 404
    assert sentence(answer)
    assert (sent(stage), now(stage)) == ([], before)
    refused(events(), "development")


@pytest.mark.parametrize(("name", "page"), CASES)
def test_a_page_of_another_project_changes_nothing_and_is_told(
    client: Client, stage: Stage, enter: People, events: Events, name: str, page: Page
) -> None:
    enter(*may(page), project="development")
    before = now(stage)
    answer = press(client, page)
    assert answer.status_code == 409
    assert "you are in" in sentence(answer)
    assert (stage.wire.calls, now(stage)) == ([], before)
    refused(events(), "project", by="development")


def refused(found: list[dict[str, Any]], project: str, by: str = "") -> None:
    (event,) = found
    assert event["outcome"] == "failure"
    assert (event["target"]["project_id"], event["initiator"]["project_id"]) == (project, by or project)


@pytest.mark.parametrize("roles", [MEMBER, ADMIN], ids=["member", "admin"])
@pytest.mark.parametrize(("name", "page"), CASES)
def test_who_may_does_it_once_and_no_more_is_said_than_was_seen(
    client: Client, stage: Stage, enter: People, events: Events, name: str, page: Page, roles: tuple[str, ...]
) -> None:
    enter(*roles)
    before = now(stage)
    answer = press(client, page)
    if page.admin and roles == MEMBER:
        assert (answer.status_code, now(stage)) == (403, before)
        return
    assert now(stage) != before
    (event,) = of_change(events(), name)
    assert event["outcome"] in ("pending", "success")
    assert event["target"]["project_id"] == "project"
    words = told(client, answer)
    assert words
    assert not DONE.search(words), words
    press(client, page)
    assert stage.doubled() == []


IN_PLACE = [case for case in CASES if case.values[1].in_place]


@pytest.mark.parametrize(("name", "page"), IN_PLACE)
def test_in_place_it_is_done_once_and_said_in_the_row(
    client: Client, stage: Stage, enter: People, events: Events, name: str, page: Page
) -> None:
    enter("reader")
    before = now(stage)
    refusal = client.post(address(page), dict(page.form), headers=SCRIPT)
    assert (refusal.status_code, now(stage)) == (403, before)
    assert "role 'member'" in refusal.json()["todo"]
    enter(*MEMBER)
    answer = client.post(address(page), dict(page.form), headers=SCRIPT)
    assert answer.status_code == 200
    assert now(stage) != before
    assert of_change(events(), name)[-1]["outcome"] in ("pending", "success")
    assert said(answer) == "", "nothing lies over the page"
    words = reading.Page(answer.json()["html"]).root.words()
    assert words
    assert not DONE.search(words), words
    client.post(address(page), dict(page.form), headers=SCRIPT)
    assert stage.doubled() == []


@pytest.mark.parametrize("kind", FAULTS, ids=str)
@pytest.mark.parametrize(("name", "page"), IN_PLACE)
def test_in_place_whatever_goes_wrong_is_a_sentence_for_the_row(
    client: Client, stage: Stage, enter: People, events: Events, name: str, page: Page, kind: str | int
) -> None:
    enter(*MEMBER)
    before = now(stage)
    stage.wire.arm(Fault(kind))
    answer = client.post(address(page), dict(page.form), headers=SCRIPT)
    if not stage.wire.struck:
        assert name in OURS, "nothing was sent that could go wrong"
        return
    (event,) = of_change(events(), name)
    fits(kind, event["outcome"], before != now(stage), page)
    told = answer.json()
    words = reading.Page(told["html"]).root.words() if answer.status_code == 200 else told["sentence"]
    assert words
    assert not DONE.search(words), words
    assert answer.status_code == 200 or not isinstance(kind, int) or told["request_id"] == REQUEST


@pytest.mark.parametrize("kind", FAULTS, ids=str)
@pytest.mark.parametrize(("name", "page"), CASES)
def test_whatever_goes_wrong_is_a_sentence_and_one_event(
    client: Client, stage: Stage, enter: People, events: Events, name: str, page: Page, kind: str | int
) -> None:
    enter(*may(page))
    before = now(stage)
    stage.wire.arm(Fault(kind))
    answer = press(client, page)
    if not stage.wire.struck:
        assert name in OURS or page.kept, "nothing was sent that could go wrong"
        return
    (event,) = of_change(events(), name)
    # What is made and taken back leaves a higher revision behind, and a later time.
    was, is_ = (MOVED.sub("", one) if page.staged else one for one in (before, now(stage)))
    fits(kind, event["outcome"], was != is_, page)
    if answer.status_code == 302:
        words = said(answer)
        assert words
        assert not DONE.search(words), words
        assert "accepted it" not in words or kind in ("lost", "half") or page.races
    else:
        assert answer.status_code in (403, 404, 409, 422, 502, 503, 504), "a page that was thought of"
        assert event["outcome"] in ("failure", "unknown")
        assert sentence(answer)
        assert not isinstance(kind, int) or page.gone or REQUEST in answer.content.decode()
    if event["outcome"] != "failure":
        press(client, page)
        assert stage.doubled() == []


def fits(kind: str | int, outcome: str, changed: bool, page: Page) -> None:
    """The outcome that is told fits what happened."""
    if kind in page.races:
        assert (outcome, changed) in (("pending", True), ("success", True))
    elif kind == 404 and page.gone:
        assert outcome in ("pending", "success", "failure")
    elif kind in ("refused", 403, 404, 409):
        assert (outcome, changed) == ("failure", False)
    elif page.staged and outcome == "failure":
        assert not changed, "what the lost answer may have made is taken back"
    elif kind == 500:
        assert outcome == "unknown" or changed
    else:
        assert changed
        assert outcome in ("pending", "success", "unknown")
