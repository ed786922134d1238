"""A page acts on the project and region it was made for; after a switch in another tab it says so and does nothing."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from django.test import Client

from tenant_ops_dashboard.panels import belonging
from tests.unit.panels import sessions
from tests.unit.panels.reading import read
from tests.unit.panels.test_session import SCRIPT
from tests.unit.panels.walk import addresses

pytestmark = pytest.mark.django_db
TEMPLATES = Path(__file__).parents[3] / "templates"
INDEX = "/tenant_ops/"
LAUNCH = "/tenant_ops/launch/"
EVERY = sorted(addresses())
FORMS = {"environments:launch", "environments:delete", "environments:restart", "loadbalancers:create"}


@pytest.fixture
def person(settings, world, projects):
    """Somebody in production, with Horizon's own middleware."""
    settings.MIDDLEWARE = sessions.middleware()
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    made = Client()
    sessions.log_in(made, sessions.token())
    return made


def switch(person, project="development", region="RegionOne"):
    """In another tab, the same session."""
    sessions.log_in(person, sessions.token(project, project), region)


def fields(page, form):
    """What a browser sends of a form as it stands."""
    found = {}
    for node in page.one(form).everything():
        if node.name == "input" and (node.get("type") not in ("radio", "checkbox") or "checked" in node.attributes):
            found[node["name"]] = node.get("value") or ""
    return found


def refused(answer):
    """The words of a refusal that takes the reader back."""
    assert answer.status_code == 409
    return read(answer).text("#tenant-ops")


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("said", ["nothing", "another project", "another region", "two projects"])
def test_no_address_takes_a_change_that_is_not_from_a_page_of_this_project(person, world, shop, name, said):
    form = {"name": "another", "do": "launch", "hours": "1", "weight": "3", "address": "10.0.0.9"}
    if said == "another project":
        form[belonging.FIELD] = "development@RegionOne"
    elif said == "another region":
        form[belonging.FIELD] = "project@RegionTwo"
    elif said == "two projects":
        form[belonging.FIELD] = ["project@RegionOne", "development@RegionOne"]
    answer = person.post(addresses()[name], form)
    assert world.calls() == []
    if answer.status_code != 405:
        assert refused(answer)


def test_some_addresses_take_changes(person, world, shop):
    taken = {name for name, where in addresses().items() if person.post(where).status_code == 409}
    assert taken >= {*FORMS, "environments:retry", "environments:prove", "environments:care", "environments:plan",
                     "loadbalancers:change", "loadbalancers:mute", "loadbalancers:add", "loadbalancers:rules"}  # fmt: skip


def test_a_form_left_open_does_nothing_to_the_other_project(person, world, shop):
    where = addresses()["environments:delete"].replace(addresses()["environments:delete"].split("/")[3], shop.id)
    page = read(person.get(where))
    sent = fields(page, "#delete-form")
    switch(person)
    world.calls()
    answer = person.post(where, sent)
    assert "This page is of production; you are in development now. Nothing was done." in refused(answer)
    assert world.calls() == []
    assert world.heat.stacks[shop.id]["row"]["stack_status"] == "CREATE_COMPLETE"
    back = next(link for link in read(answer).links("#tenant-ops") if "/switch/" in link)
    assert back.startswith("/auth/switch/project/?next=")
    assert "switch_services_region%2FRegionOne" in back
    switch(person, "project")
    assert person.post(where, sent).status_code == 302


def test_what_a_form_left_open_wanted_is_in_the_audit_trail(person, world, shop, caplog):
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    address = addresses()["environments:delete"]
    switch(person)
    refused(person.post(address, {belonging.FIELD: "project@RegionOne"}))
    refused(person.post(address, {belonging.FIELD: "x" * 1000}))
    person.post("/tenant_ops/launch/plan/", {belonging.FIELD: "project@RegionOne"})
    events = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    assert [one["outcome"] for one in events] == ["failure", "failure"], "a plan changes nothing"
    assert [one["target"]["project_id"] for one in events] == ["project", "x" * 64]
    assert (events[0]["initiator"]["project_id"], events[0]["target"]["name"]) == ("development", address)


def test_a_form_of_another_region_is_refused_with_the_way_back(person, world, shop):
    sent = fields(read(person.get(LAUNCH)), "#launch-form")
    switch(person, "project", "RegionTwo")
    answer = person.post(LAUNCH, {**sent, "name": "shop"})
    assert "This page is of region RegionOne; you are in region RegionTwo now." in refused(answer)
    assert [link for link in read(answer).links("#tenant-ops") if "RegionOne" in link] == [
        "/auth/switch_services_region/RegionOne/?next=%2Ftenant_ops%2Flaunch%2F%3F"
        + next(link for link in read(answer).links("#tenant-ops") if "RegionOne" in link).partition("%3F")[2]
    ]


@pytest.mark.parametrize("name", ["environments:state", "environments:show_state", "loadbalancers:state"])
def test_a_poll_of_another_project_says_the_same(person, world, shop, name):
    mark = read(person.get(INDEX)).one("#tenant-ops")["data-to-page"]
    assert mark == "project@RegionOne"
    switch(person)
    world.calls()
    answer = person.get(addresses()[name], headers={**SCRIPT, belonging.HEADER: mark})
    assert answer.status_code == 409
    told = answer.json()
    assert told["belongs"] is True
    assert told["sentence"] == "This page is of production; you are in development now."
    assert told["ways"][0][0].startswith("/auth/switch/project/?next=")
    assert told["ways"][0][1] == "Back to production"
    assert "/state/" not in told["ways"][0][0]
    assert world.calls() == []


def test_a_page_of_a_project_that_is_no_longer_ours_has_no_way_back(person, world):
    answer = person.post(LAUNCH, {belonging.FIELD: "somebody-s@RegionOne"})
    assert "This page is of another project; you are in production now." in refused(answer)
    assert not [link for link in read(answer).links("#tenant-ops") if "/switch/" in link]


def test_a_mark_is_text_and_never_markup(person, world):
    answer = person.post(LAUNCH, {belonging.FIELD: "<script>alert(1)</script>@<b>"})
    assert b"<script>alert(1)" not in answer.content
    answer = person.post(LAUNCH, {belonging.FIELD: "project@<b>x"})
    assert b"<b>x" not in answer.content


@pytest.mark.parametrize("file", sorted(TEMPLATES.rglob("*.html")), ids=lambda file: file.name)
def test_every_form_that_changes_something_says_where_it_belongs(file):
    for form in re.findall(r"<form\b[^>]*method=\"post\"[^>]*>.{0,120}", file.read_text(), re.DOTALL | re.IGNORECASE):
        assert "{% page_field %}" in form, file


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("how", ["get", "post", "script"])
def test_a_login_without_a_project_is_asked_to_choose_one(person, world, name, how):
    sessions.log_in(person, sessions.token(""))
    where = addresses()[name]
    answer = person.post(where) if how == "post" else person.get(where, headers=SCRIPT if how == "script" else {})
    assert world.calls() == []
    if answer.status_code == 405:
        return
    assert answer.status_code == 409
    if how == "script":
        assert answer.json()["sentence"] == "Choose a project."
        return
    page = read(answer)
    assert "Choose a project." in page.text("#tenant-ops")
    found = {node.words(): node["href"] for node in page.one("#tenant-ops").everything() if node.name == "a"}
    assert found["production"].startswith("/auth/switch/project/?next=%2Ftenant_ops%2F")
    assert (
        person.get(found["production"].partition("next=")[2].replace("%2F", "/").partition("%3F")[0]).status_code != 405
    )


def test_horizon_s_own_pages_stand_without_a_project(person, world):
    sessions.log_in(person, sessions.token(""))
    page = person.get("/settings/")
    assert page.status_code == 200
    assert b"/tenant_ops/" not in page.content


@pytest.mark.parametrize("kind", ["domain", "system"])
def test_who_is_in_no_project_at_all_is_told_whom_to_ask(person, world, projects, kind):
    projects.clear()
    made = sessions.token("")
    made.system_scoped = kind == "system"
    sessions.log_in(person, made)
    assert "ask your operator" in refused(person.get(INDEX))
