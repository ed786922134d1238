"""The launch page: everything filled in, the plan beside the form, messages at their fields, one launch."""

from __future__ import annotations

import zipfile
from dataclasses import replace

import pytest

from tenant_ops_dashboard.cloud import Unreachable
from tenant_ops_dashboard.environments.errors import NotValid, QuotaExceeded
from tests.unit.panels import cases, plans
from tests.unit.panels.reading import Page, read

LAUNCH = "/tenant_ops/launch/"
PLAN = "/tenant_ops/launch/plan/"
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}


def posted(page):
    """What a browser would send of the form as it stands."""
    found = {}
    for node in page.one("#launch-form").everything():
        kind = node.get("type")
        if node.name == "select":
            found[node["name"]] = next(o["value"] for o in node.everything() if "selected" in o.attributes)
        elif node.name == "input" and (kind not in ("radio", "checkbox") or "checked" in node.attributes):
            found[node["name"]] = node.get("value") or ""
    return found


@pytest.fixture
def form(client, owner, service):
    return posted(read(client.get(LAUNCH)))


def message(page, field):
    node = next(n for n in page.find_all(attribute="data-to-problem") if n["data-to-problem"] == field)
    return "" if "hidden" in node.attributes else node.words()


def test_everything_but_the_name_is_filled_in(client, owner, service):
    page = read(client.get(LAUNCH))
    sent = posted(page)
    assert sent["name"] == ""
    assert sent["p-image"] == "debian-12"
    assert sent["p-dmz_cidr"] == "10.0.1.0/24"
    assert "open" not in page.one("#advanced").attributes
    assert page.text("#launch-button") == "Launch (creates 24 resources)"
    assert message(page, "name") == ""


def test_a_launch_asks_for_what_stands_in_the_form(client, owner, service, form):
    answer = client.post(LAUNCH, {**form, "name": " shop ", "p-jump_host": "true", "do": "launch"})
    assert answer["Location"] == "/tenant_ops/environment/shop/"
    (_, asked, folders), more = service.launch.call_args
    assert (asked.name, asked.blueprint) == ("shop", "tomcat-oracle")
    assert asked.values["db_size"] == "20"
    assert asked.values["jump_host"] == "true"
    assert more == {"token": form["token"]}
    assert folders == ()


def test_a_repeated_submit_carries_the_same_token_and_a_new_page_another(client, owner, service, form):
    for _ in range(2):
        client.post(LAUNCH, {**form, "name": "shop", "do": "launch"})
    first, second = (call.kwargs["token"] for call in service.launch.call_args_list)
    assert first == second == form["token"]
    assert posted(read(client.get(LAUNCH)))["token"] != form["token"]


BAD = [
    ("name", "", "Give the environment a name."),
    ("name", "a" * 300, "At most 40 characters; these are 300."),
    ("name", "<script>alert(1)</script>", "Use letters, digits and hyphens."),
    ("name", "shop", "This project already has a stack called shop."),
    ("p-dmz_cidr", "10.0.1/99", "Not a network."),
    ("p-db_cidr", "10.0.1.0/24", "Overlaps the DMZ."),
    ("p-image", "no-such-image", "This project sees no image called 'no-such-image'."),
]


@pytest.mark.parametrize(("field", "value", "sentence"), BAD)
def test_a_bad_answer_gets_its_message_at_its_field_and_the_form_is_kept(
    client, owner, service, form, field, value, sentence
):
    name = field.removeprefix("p-")
    problems = {name: sentence}
    service.launch.side_effect = NotValid(problems)
    service.plan.side_effect = lambda cloud, request, folders: plans.plan(request, problems=problems)
    answer = client.post(LAUNCH, {**form, "name": "good-name", "p-db_size": "33", field: value, "do": "launch"})
    page = read(answer)
    assert answer.status_code == 422
    assert message(page, name) == sentence
    assert posted(page)[field] == value
    assert posted(page)["p-db_size"] == "33"
    assert b"<script>alert(1)" not in answer.content
    assert ("open" in page.one("#advanced").attributes) == field.startswith("p-")


def test_a_quota_that_does_not_fit_is_the_first_line(client, owner, service, form):
    sentence = "Servers: 3 needed, 2 left of 10."
    service.launch.side_effect = QuotaExceeded({"": sentence})
    service.plan.side_effect = lambda cloud, request, folders: plans.plan(
        request, quotas=plans.quotas(2), problems={"": sentence}
    )
    page = read(client.post(LAUNCH, {**form, "name": "shop", "do": "launch"}))
    assert page.text("#plan-verdict") == "It does not fit: Servers: 3 needed, 2 left of 10."
    over = [node["data-quota"] for node in page.find_all("li", "data-quota") if "is-over" in node["class"]]
    assert over == ["instances"]


def test_a_lost_answer_is_told_and_the_form_is_kept(client, owner, service, form):
    service.launch.side_effect = Unreachable("Heat does not answer.", "Heat", 0, cases.REQUEST_ID)
    page = read(client.post(LAUNCH, {**form, "name": "shop", "do": "launch"}))
    assert "Heat does not answer." in page.text("#launch-failure")
    assert cases.REQUEST_ID in page.text("#launch-failure")
    assert posted(page)["token"] == form["token"]


def test_without_scripts_the_plan_is_a_page_and_makes_nothing(client, owner, service, form):
    answer = client.post(LAUNCH, {**form, "name": "shop", "do": "plan"})
    assert answer.status_code == 200
    assert "Creates 24 resources" in read(answer).text("#plan-verdict")
    service.launch.assert_not_called()


def test_the_plan_follows_the_form_and_makes_nothing(client, owner, service, form):
    answer = client.post(PLAN, {**form, "name": "shop"}, headers=SCRIPT).json()
    plan = Page(answer["html"])
    assert answer["button"] == "Launch (creates 24 resources)"
    assert answer["problems"] == {}
    assert answer["fields"] == ""
    assert "All of it fits into your quota." in plan.text("#plan-verdict")
    assert len(plan.find_all("li", "data-quota")) == 11
    service.launch.assert_not_called()


def test_another_blueprint_brings_its_own_questions(client, owner, service, form):
    sent = {**form, "blueprint": "web-jump", "p-image": "sandbox"}
    answer = client.post(PLAN, sent, headers=SCRIPT).json()
    assert answer["shown"] == "web-jump"
    assert 'name="p-image"' in answer["fields"]
    assert 'name="p-db_cidr"' not in answer["fields"]
    asked = service.plan.call_args.args[1]
    assert asked.blueprint == "web-jump"
    assert asked.values["image"] == "debian-12"


def test_an_unknown_blueprint_is_a_message_and_not_an_error(client, owner, service, form):
    problems = {"blueprint": "There is no blueprint called 'x'."}
    service.plan.side_effect = lambda cloud, request, folders: plans.plan(request, blueprint=None, problems=problems)
    service.launch.side_effect = NotValid(problems)
    answer = client.post(LAUNCH, {**form, "name": "shop", "blueprint": "x", "do": "launch"})
    assert answer.status_code == 422
    assert message(read(answer), "blueprint") == "There is no blueprint called 'x'."


@pytest.mark.parametrize(
    ("what", "name", "beginning"),
    [("template", "shop.yaml", b"heat_template"), ("environment", "shop.env.yaml", b"parameters")],
)
def test_the_files_can_be_taken_away(client, owner, service, form, what, name, beginning):
    answer = client.post(f"/tenant_ops/launch/download/{what}/", {**form, "name": "shop"})
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.content.startswith(beginning)


def test_all_of_it_comes_as_one_archive(client, owner, service, form, tmp_path):
    answer = client.post("/tenant_ops/launch/download/archive/", {**form, "name": "shop"})
    assert answer["Content-Disposition"] == 'attachment; filename="shop.zip"'
    (tmp_path / "shop.zip").write_bytes(answer.content)
    with zipfile.ZipFile(tmp_path / "shop.zip") as packed:
        assert "shop.yaml" in packed.namelist()


@pytest.mark.parametrize("name", ['a"b\r\nX-Evil: 1', "<script>", "../../etc/passwd", ""])
def test_a_file_s_name_has_only_harmless_letters(client, owner, service, form, name):
    answer = client.post("/tenant_ops/launch/download/template/", {**form, "name": name})
    file = answer["Content-Disposition"].split('"')[1]
    assert set(file) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
    assert "X-Evil" not in answer


def test_a_quota_without_a_limit_says_so(client, owner, service):
    page = read(client.get(LAUNCH))
    assert "load_balancer" not in [node["data-quota"] for node in page.find_all("li", "data-quota")]
    assert "Not limited here: Load balancers +1" in page.text("#plan-quotas")


def test_a_command_is_shown_as_text(client, owner, service):
    service.plan.side_effect = lambda cloud, request, folders: replace(plans.plan(request), command="<b>openstack</b>")
    assert read(client.get(LAUNCH)).text("#plan-command") == "<b>openstack</b>"
