"""Whoever switches 'Scale by itself' on gives the trust it needs with the same press, and is told where none lets it."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone, translation

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.loadbalancers.scaling.entrusted import Entrusted
from tenant_ops_dashboard.panels import poll
from tenant_ops_dashboard.panels.entrusting import Entrusting
from tenant_ops_dashboard.records import heartbeats
from tests.unit.fake_openstack.keystone import Keystone
from tests.unit.fake_openstack.server import connect
from tests.unit.fake_openstack.things import Things
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.loadbalancers.scaling.server_group import ID, Tier
from tests.unit.panels.reading import Page, read

pytestmark = pytest.mark.django_db
INDEX = "/tenant_ops/loadbalancers/"
RULES, ENTRUST = f"{INDEX}balancer/lb-1/scaling/", f"{INDEX}balancer/lb-1/entrust/"
SERVICE = "a" * 32
ANSWERS = {
    "minimum": "2", "maximum": "4", "step": "1", "threshold": "20", "window": "300", "ahead": "180", "calm": "600",
    "cooldown": "120", "metric": "connections",
}  # fmt: skip
ON = {**ANSWERS, "on": "1", "entrust": "1"}


@pytest.fixture
def tier(octavia: Octavia) -> Tier:
    octavia.build(description=f"Environment {ID}")
    return Tier(octavia)


@pytest.fixture
def told(octavia: Octavia, settings: Any, data: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The trusts there are; a service user is named, and everybody who logs in is a user of his own in Keystone."""
    settings.TENANT_OPS_SERVICE_USER = SERVICE
    settings.TENANT_OPS_TRUST_DAYS = 9
    things = Things(octavia.wire)
    Keystone(octavia.wire, things)

    def login(request: Any) -> Cloud:
        name = "owner" if request.user.id == data.user.id else request.user.id
        roles = [role["name"] for role in request.user.roles]
        options = {"service_user": settings.TENANT_OPS_SERVICE_USER, "trust_days": settings.TENANT_OPS_TRUST_DAYS}
        return connect(octavia.wire, *roles, name=name, **options)

    monkeypatch.setattr(poll, "connect", login)
    return things.kept["trusts"]


def form(client: Any) -> Page:
    return read(client.get(RULES))


def ticked(page: Page) -> bool:
    return "checked" in page.one("#entrust").attributes


def runs(looks_at: str = "") -> None:
    """The care job runs, and looks after this environment."""
    heartbeats.beat("scale", "RegionOne", timezone.now())
    if looks_at:
        heartbeats.looked("project", f"scale {looks_at}", timezone.now())


def card(client: Any) -> tuple[str, bool]:
    """What the scaling card says of the care job, and whether it has a button for it."""
    page = read(client.get(f"{INDEX}?whole=1"))
    return next((one.words() for one in page.root.everything() if one.get("data-cared") == "lent"), ""), page.has(
        "#entrust-lb-1"
    )


def test_the_form_says_what_is_given_and_gives_it_with_the_rules(client: Any, owner: Any, tier: Tier, told: Any) -> None:
    page = form(client)
    assert ticked(page)
    said = page.text("#entrust-more")
    end = timezone.localtime(timezone.now() + datetime.timedelta(days=9))
    assert f"gets your roles member in production until {end.day} {end:%b} {end.year}" in said
    assert page.links("#entrust-more") == [f"/tenant_ops/environment/{ID}/#care"]
    assert client.post(RULES, ON).status_code == 302
    (given,) = told.values()
    assert (given["tenant_ops_environment"], given["tenant_ops_name"]) == (ID, "shop")
    assert (given["trustee_user_id"], [role["name"] for role in given["roles"]]) == (SERVICE, ["member"])
    assert tier.template["resources"]["application"]["metadata"]["tenant_ops"]["scaling"]["on"]


def test_a_second_press_gives_no_second_trust(client: Any, owner: Any, tier: Tier, told: Any) -> None:
    for _ in range(2):
        assert client.post(RULES, ON).status_code == 302
    assert len(told) == 1


@pytest.mark.parametrize("without", ["entrust", "on"])
def test_nothing_is_given_that_was_not_asked_for(
    client: Any, owner: Any, tier: Tier, told: Any, without: str
) -> None:  # fmt: skip
    sent = {name: value for name, value in ON.items() if name != without}
    assert client.post(RULES, sent).status_code == 302
    assert told == {}


def test_a_wrong_answer_gives_nothing_away(client: Any, owner: Any, tier: Tier, told: Any) -> None:
    assert client.post(RULES, {**ON, "threshold": "0"}).status_code == 422
    assert told == {}


def test_what_heat_would_not_take_gives_nothing_away(client: Any, owner: Any, tier: Tier, told: Any) -> None:
    tier.live = {"scaling_in_progress": True}
    assert "Heat is at work" in read(client.post(RULES, ON)).root.words()
    assert (told, tier.body) == ({}, {})


def test_a_trust_that_cannot_be_given_leaves_the_rules_alone(
    client: Any, owner: Any, octavia: Octavia, tier: Tier, told: Any
) -> None:
    octavia.wire.trouble["POST .*/OS-TRUST/trusts"] = [403]
    assert client.post(RULES, ON).status_code == 403
    assert (told, tier.body) == ({}, {})


def test_one_that_stands_is_told_and_not_asked_for(client: Any, owner: Any, tier: Tier, told: Any) -> None:
    client.post(RULES, ON)
    page = form(client)
    assert not page.has("#entrust")
    assert "You let the care job act for you with your roles member, until " in page.text("#rules-form")


def test_where_somebody_else_s_is_used_one_s_own_is_not_ticked(client: Any, owner: Any, tier: Tier, told: Any) -> None:
    runs(ID)
    assert not ticked(form(client))


def test_one_that_went_to_another_service_user_is_replaced(
    client: Any, owner: Any, tier: Tier, told: Any, settings: Any
) -> None:
    client.post(RULES, ON)
    settings.TENANT_OPS_SERVICE_USER = "b" * 32
    page = form(client)
    assert "is of no use any more: it went to a service user that this dashboard has no more." in page.text("#rules-form")
    assert ticked(page)
    client.post(RULES, ON)
    assert [one["trustee_user_id"] for one in told.values()] == ["b" * 32]


def test_one_with_a_role_that_its_giver_lost_is_replaced(client: Any, log_in: Any, tier: Tier, told: Any) -> None:
    log_in("member", "load-balancer_member")
    client.post(RULES, ON)
    log_in("member")
    assert "you no longer have here: load-balancer_member." in form(client).text("#rules-form")
    client.post(RULES, ON)
    assert [[role["name"] for role in one["roles"]] for one in told.values()] == [["member"]]


def test_without_a_service_user_it_is_said_and_not_offered(
    client: Any, owner: Any, tier: Tier, told: Any, settings: Any
) -> None:
    settings.TENANT_OPS_SERVICE_USER = ""
    page = form(client)
    assert not page.has("#entrust")
    assert "no service user for unattended care" in page.text("#rules-form")
    assert client.post(RULES, ON).status_code == 302
    assert told == {}


def test_why_nothing_can_be_given_is_told_in_the_readers_language(
    client: Any, owner: Any, tier: Tier, told: Any, settings: Any
) -> None:
    client.post(RULES, ON)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    with translation.override(translation.get_language()):
        settings.TENANT_OPS_SERVICE_USER = "b" * 32
        assert "un utilisateur de service que ce tableau de bord n'a plus" in form(client).text("#rules-form")
        settings.TENANT_OPS_SERVICE_USER = ""
        assert "Ce tableau de bord n'a pas d'utilisateur de service" in form(client).text("#rules-form")


def test_keystone_that_is_away_keeps_nobody_from_the_rules(
    client: Any, owner: Any, octavia: Octavia, tier: Tier, told: Any
) -> None:
    octavia.wire.trouble["GET .*/OS-TRUST/trusts"] = [503] * 9
    page = form(client)
    assert page.has("#threshold")
    assert not page.has("#entrust")


def test_the_card_says_that_nothing_lets_it_and_mends_it(client: Any, owner: Any, tier: Tier, told: Any) -> None:
    tier.rules(on=True)
    runs()
    said, button = card(client)
    assert said.startswith("Nothing scales by itself: the care job runs, and nobody entrusted this to it.")
    assert button
    page = read(client.get(ENTRUST))
    assert "gets your roles member in production until " in page.text("#tenant-ops")
    assert told == {}
    assert client.post(ENTRUST).status_code == 302
    assert len(told) == 1
    said, button = card(client)
    assert said.startswith("Nothing scales by itself yet: you entrusted it to the care job, which looks about twice")
    assert "nobody" not in said
    assert not button
    runs(ID)
    client.get(f"{INDEX}state/")
    assert read(client.get(ENTRUST)).text("#not-now").startswith("You let the care job act for you")


def test_the_card_is_silent_once_the_care_job_looks(client: Any, owner: Any, tier: Tier, told: Any, fresh: Any) -> None:
    tier.rules(on=True)
    runs()
    assert card(client)[0]
    runs(ID)
    assert card(client) == ("", False)


def test_the_card_says_why_what_was_given_is_of_no_use(
    client: Any, owner: Any, tier: Tier, told: Any, settings: Any
) -> None:
    client.post(RULES, ON)
    runs()
    settings.TENANT_OPS_SERVICE_USER = "b" * 32
    said, button = card(client)
    assert "What you gave the care job is of no use any more: it went to a service user" in said
    assert button


def test_what_one_gave_is_not_told_to_her_colleague(
    client: Any, owner: Any, log_in: Any, tier: Tier, told: Any, settings: Any
) -> None:
    settings.TENANT_OPS_CACHE_SECONDS = settings.TENANT_OPS_POLL_IDLE_SECONDS = 6000
    client.post(RULES, ON)
    runs()
    mine = client.get(f"{INDEX}state/")
    assert "you entrusted it" in read(mine).root.words()
    log_in("member", "reader", user_id="colleague")
    hers = client.get(f"{INDEX}state/")
    assert "you entrusted it" not in read(hers).root.words()
    assert read(hers).has("#entrust-lb-1")
    assert hers["ETag"] != mine["ETag"]


def test_a_page_that_opens_at_once_does_not_wait_for_keystone(
    client: Any, log_in: Any, owner: Any, octavia: Octavia, tier: Tier, told: Any
) -> None:
    tier.rules(on=True)
    runs()
    client.get(f"{INDEX}state/")
    log_in("member", "reader", user_id="colleague")
    octavia.calls()
    page = read(client.get(INDEX))
    assert page.has("#lb-lb-1")
    assert octavia.calls() == []
    assert not page.has("#entrust-lb-1")
    assert read(client.get(page.one("#loadbalancers")["data-to-live"])).has("#entrust-lb-1"), "its first question brings it"


def test_what_could_be_given_is_the_same_until_another_day_is_told() -> None:
    noon = datetime.datetime(2027, 3, 1, 12, tzinfo=datetime.UTC)

    def version(until: datetime.datetime) -> str:
        return Entrusting(Entrusted(False, ("member",), until), ID, "production").version

    assert version(noon) == version(noon + datetime.timedelta(seconds=5)), "a page that waits is not told anew"
    assert version(noon) != version(noon + datetime.timedelta(days=1))


def test_an_auditor_entrusts_nothing(client: Any, auditor: Any, tier: Tier, told: Any) -> None:
    tier.rules(on=True)
    runs()
    said, button = card(client)
    assert said.startswith("Nothing scales by itself")
    assert not button
    assert client.get(ENTRUST).status_code == 403
    assert client.post(ENTRUST).status_code == 403
    assert told == {}
