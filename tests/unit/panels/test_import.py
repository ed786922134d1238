"""'Import my own': a template from somebody's disk becomes a plan, and is launched as any blueprint; nothing keeps it."""

from __future__ import annotations

import re

import pytest
import requests
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from tenant_ops_dashboard.panels.environments import brought
from tests.unit.panels.reading import read
from tests.unit.panels.test_launch import LAUNCH, PLAN, SCRIPT, launched, message, posted
from tests.unit.panels.walk import SHOW

IMPORT = "/tenant_ops/launch/import/"
TEMPLATE = """
heat_template_version: rocky
description: One net of my own.
parameters:
  name: {type: string, label: Its name, default: mine}
  code: {type: string, hidden: true, label: Secret}
  note: {type: string, default: "one\\ntwo"}
  sort: {type: string, default: a, constraints: [{allowed_values: [a, b]}]}
resources:
  net: {type: OS::Neutron::Net, properties: {name: {get_param: name}}}
  conf: {type: OS::Heat::SoftwareConfig, properties: {config: {get_file: scripts/start.sh}}}
  data: {type: OS::Trove::Instance}
"""


def upload(text, name="mine.yaml"):
    return SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())


@pytest.fixture
def sent(client, owner, world):
    """What a browser sends of the launch page for this template."""
    answer = client.post(IMPORT, {"template": upload(TEMPLATE), "files": [upload("echo", "start.sh")]})
    assert answer.status_code == 200
    return posted(read(answer))


def test_the_launch_page_leads_there_and_it_asks_for_files(client, owner, world):
    assert read(client.get(LAUNCH)).one("#import-own")["href"] == IMPORT
    world.calls()
    page = read(client.get(IMPORT))
    assert page.one("#import-form")["enctype"] == "multipart/form-data"
    assert "multiple" in page.one("#import-files").attributes
    assert world.calls() == []


def test_what_was_brought_is_a_card_with_its_questions_and_its_plan(client, owner, world):
    files = [upload("echo", "start.sh")]
    page = read(client.post(IMPORT, {"template": upload(TEMPLATE), "files": files}))
    assert page.one("#launch-form")["action"] == LAUNCH
    assert next(node["value"] for node in page.find_all("input") if node.get("name") == "blueprint") == "imported"
    assert "One net of my own." in page.text("#launch-form")
    told = page.text("#plan-silent")
    assert "OS::Trove::Instance is not known here" in told
    assert "output called 'firewall'" in told
    assert page.one("#parameter-code")["type"] == "password"
    assert page.one("#parameter-note").name == "textarea"
    assert message(page, "name") == ""
    assert launched(world) == []


def test_it_is_launched_with_the_answers(client, owner, world, sent):
    answer = client.post(LAUNCH, {**sent, "name": "shop", "p-name": "ours", "hidden-code": "s3cret", "p-note": "a\nb",
                                  "p-sort": "b", "do": "launch"})  # fmt: skip
    assert answer["Location"] == SHOW
    ((name, parameters, tags),) = launched(world)
    assert name == "shop"
    assert (parameters["name"], parameters["sort"]) == ("ours", "b")
    assert "blueprint=imported" in tags
    assert next(iter(world.heat.stacks.values()))["launch"]["files"] == {"scripts/start.sh": "echo"}


def test_each_problem_stands_at_its_field(client, owner, world, sent):
    answer = client.post(LAUNCH, {**sent, "name": "", "p-sort": "c", "hidden-code": "", "do": "launch"})
    page = read(answer)
    assert answer.status_code == 422
    assert message(page, "name") == "Give it a name."
    assert message(page, "parameters.name") == ""
    assert message(page, "sort") == "It must be one of these: a, b."
    assert message(page, "code") == "Give a value."
    assert launched(world) == []


def test_the_plan_follows_and_files_can_be_downloaded(client, owner, world, sent):
    told = client.post(PLAN, {**sent, "name": "shop", "hidden-code": "x"}, headers=SCRIPT).json()
    assert told["problems"] == {}
    assert "plan-silent" in told["html"]
    answer = client.post("/tenant_ops/launch/download/template/", {**sent, "name": "shop"})
    assert answer.content.decode() == TEMPLATE
    answer = client.post("/tenant_ops/launch/download/environment/", {**sent, "name": "shop", "hidden-code": "x"})
    assert yaml.safe_load(answer.content)["parameters"]["code"] == "x"


def test_a_hidden_answer_is_never_sent_back_and_travels_in_no_address(client, owner, world, sent):
    answer = client.post(LAUNCH, {**sent, "name": "", "hidden-code": "s3cret-word", "do": "launch"})
    assert b"s3cret-word" not in answer.content
    world.wire.trouble["GET .*/stacks"] = [requests.ConnectionError("away")] * 40
    answer = client.post(LAUNCH, {**sent, "name": "shop", "p-sort": "b", "hidden-code": "s3cret-word", "do": "launch"})
    assert answer.status_code == 504
    assert b"p-sort=b" in answer.content
    assert b"s3cret-word" not in answer.content


@pytest.mark.parametrize(
    ("files", "field", "said"),
    [
        ({}, "template", "Choose a template."),
        ({"template": upload("resources: {}")}, "template", "heat_template_version: is missing"),
        ({"template": upload("a: [")}, "template", "This is no YAML: line 2, column 1"),
        ({"template": upload(b"\xff\xfe\x00")}, "template", "Only texts in UTF-8"),
        ({"template": upload(TEMPLATE)}, "files", "the file 'scripts/start.sh' is not there: add it."),
        ({"template": upload(TEMPLATE), "files": [upload("x", "start.sh")], "environment": upload("x: {}")},
         "environment", "x: is no section of an environment file."),
        ({"template": upload(TEMPLATE), "files": [upload("x" * 2**20, "start.sh")]}, "files", "1,048,576 characters"),
        ({"template": upload("x" * (4 * 2**20 + 1))}, "template", "at most 4 MB each"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_told_at_its_field(client, owner, world, files, field, said):
    answer = client.post(IMPORT, files)
    assert answer.status_code == 422
    page = read(answer)
    assert said in page.text(f"#import-{field}-problem")
    assert world.calls() == []


@pytest.mark.parametrize(
    "change", [lambda text: text[:-1] + ("a" if text[-1] != "a" else "b"), lambda text: "x", lambda text: ""]
)
def test_what_is_not_ours_is_not_taken(client, owner, world, sent, change):
    answer = client.post(LAUNCH, {**sent, "imported": change(sent["imported"]), "name": "shop", "do": "launch"})
    assert answer.status_code == 422
    assert "choose its file again" in message(read(answer), "blueprint")
    assert launched(world) == []


def test_it_is_of_the_one_who_brought_it(client, log_in, owner, world, sent):
    log_in("member", user_id="another")
    answer = client.post(LAUNCH, {**sent, "name": "shop", "hidden-code": "x", "do": "launch"})
    assert "choose its file again" in message(read(answer), "blueprint")
    assert launched(world) == []


def test_it_is_for_a_day(client, owner, world, sent, monkeypatch):
    monkeypatch.setattr(brought, "SECONDS", -1)
    answer = client.post(LAUNCH, {**sent, "name": "shop", "hidden-code": "x", "do": "launch"})
    assert "choose its file again" in message(read(answer), "blueprint")


def test_who_may_not_launch_may_not_import(client, log_in, world):
    log_in("reader")
    for answer in (client.get(IMPORT), client.post(IMPORT, {"template": upload(TEMPLATE)})):
        assert answer.status_code == 403


def test_names_from_a_template_are_words_and_no_markup(client, owner, world):
    template = TEMPLATE.replace("Its name", "<script>alert(1)</script>").replace("One net", "<b>One</b>")
    template = template.replace("  sort:", "  '\"><i x=\"':").replace("Secret", "\u202eSecret")
    answer = client.post(IMPORT, {"template": upload(template), "files": [upload("echo", "start.sh")]})
    assert answer.status_code == 200
    assert b"<script>alert(1)" not in answer.content
    assert b"<b>One</b>" not in answer.content
    assert b"<i x=" not in answer.content
    assert not re.search("\u202e", answer.content.decode())
