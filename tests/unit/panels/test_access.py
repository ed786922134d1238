"""Every address of the panel, for somebody unknown, somebody who may only look, and somebody who may."""

from __future__ import annotations

import html
import json
import logging

import pytest
from django.test import Client
from django.urls import reverse

from tenant_ops_dashboard.environments.proofs import answer, sending
from tests.unit.panels.walk import ID, INTENT

READING = [("index", []), ("state", []), ("show", [ID]), ("show_state", [ID])]
ASKING = [
    ("launch", []), ("delete", [ID]), ("rollback", [ID]), ("restart", [ID, "database"]),
    ("intent_add", [ID]), ("intent", [ID, INTENT]), ("import", []),
]  # fmt: skip
# With what each sends to OpenStack.
CHANGING = [
    ("launch", [], "POST /orchestration/v1/project/stacks"),
    ("retry", [ID], "PATCH /orchestration/v1/project/stacks/shop/"),
    ("rollback", [ID], "DELETE /orchestration/v1/project/stacks/shop/"),
    ("delete", [ID], "DELETE /orchestration/v1/project/stacks/shop/"),
    ("care", [ID], "POST /identity/v3/OS-TRUST/trusts"),
    ("restart", [ID, "database"], "POST /compute/v2.1/servers/"),
    ("intent_add", [ID], ""),
    ("intent", [ID, INTENT], ""),
    ("keep", [ID], "DELETE /block-storage/v3/volumes/"),
]
SENDING = [("prove", [ID])]
PLANNING = [("plan", []), ("download", ["template"])]
EVERY = (
    [("get", *page) for page in READING + ASKING]
    + [("post", name, args) for name, args, _ in CHANGING]
    + [("post", *page) for page in PLANNING + SENDING]
)


def address(name: str, args: list[str]) -> str:
    return reverse(f"horizon:tenant_ops:environments:{name}", args=args)


def test_the_lists_above_name_every_address():
    from tenant_ops_dashboard.panels.environments.urls import urlpatterns

    # Old addresses by name: tests/unit/panels/test_identity.py.
    assert {pattern.name for pattern in urlpatterns} == {name for _, name, _ in EVERY} | {"moved"}


@pytest.mark.parametrize(
    ("services", "status", "said"),
    [((), 403, "Keystone's catalogue for owner in the project"), (("network",), 503, "This cloud does not offer Heat")],
)
def test_an_empty_catalogue_is_the_login_s_and_not_the_cloud_s(client, log_in, services, status, said):
    log_in("member", services=services)
    for page in (address("index", []), address("launch", [])):
        told = client.get(page)
        assert told.status_code == status
        assert said in html.unescape(told.content.decode())


@pytest.fixture(autouse=True)
def entrusted(settings):
    """There is a service user whom environments can be entrusted to."""
    settings.TENANT_OPS_SERVICE_USER = "a" * 32


@pytest.fixture
def answer_form():
    """A form with an answer for every view that reads one."""
    intent = {"says": "Closed.", "expect": "deny", "source": "internet", "target": "tier:shop/jump", "why": "moved"}
    return {"name": "another", "do": "launch", **intent}


def changed(world):
    """What was sent to change something."""
    return [call for call in world.calls() if not call.startswith("GET")]


def broken(world, shop, name):
    """Where only what failed can be mended, it failed."""
    if name in ("retry", "rollback"):
        world.heat.stacks[shop.id]["row"].update(stack_status="CREATE_FAILED")
    if name == "keep":
        next(iter(world.things.kept["volumes"].values()))["metadata"]["tenant_ops_delete"] = "of another delete"


@pytest.mark.parametrize(("method", "name", "args"), EVERY)
def test_somebody_unknown_is_sent_to_the_login(client, world, method, name, args):
    answer = getattr(client, method)(address(name, args))
    assert answer.status_code == 302
    assert "/auth/login/?next=" in answer["Location"]
    assert world.calls() == []


@pytest.mark.parametrize(("name", "args"), READING)
def test_an_auditor_may_look(client, auditor, shop, name, args):
    assert client.get(address(name, args)).status_code == 200


@pytest.mark.parametrize(("name", "args"), ASKING)
def test_an_auditor_is_told_which_role_it_takes(client, auditor, world, name, args):
    answer = client.get(address(name, args))
    assert answer.status_code == 403
    assert "role &#x27;member&#x27;" in answer.content.decode()


@pytest.mark.parametrize(("name", "args"), [page[:2] for page in CHANGING] + SENDING + PLANNING)
def test_an_auditor_changes_sends_and_plans_nothing(client, auditor, world, answer_form, name, args):
    assert client.post(address(name, args), answer_form).status_code == 403
    assert world.calls() == []


def events(caplog):
    return [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]


@pytest.mark.parametrize(("name", "args"), [page[:2] for page in CHANGING] + SENDING + PLANNING)
def test_what_an_auditor_tried_is_audited(client, auditor, shop, answer_form, caplog, name, args):
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    where = address(name, args)
    assert client.post(where, answer_form, REMOTE_ADDR="192.0.2.9").status_code == 403
    (event,) = events(caplog)
    assert (event["outcome"], event["target"]["name"]) == ("failure", where)
    assert event["reason"]["policyId"].startswith(("environments:", "firewall:intent"))
    assert event["initiator"]["host"]["address"] == "192.0.2.9"
    assert event["initiator"]["project_id"] == event["target"]["project_id"] == "project"


@pytest.mark.parametrize(("name", "args"), [page[:2] for page in CHANGING])
def test_what_an_owner_changed_is_audited(client, owner, world, shop, answer_form, caplog, name, args):
    broken(world, shop, name)
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    assert client.post(address(name, args), answer_form, REMOTE_ADDR="192.0.2.9").status_code == 302
    told = events(caplog)
    assert told
    for event in told:
        assert event["outcome"] in ("pending", "success")
        assert event["initiator"]["host"]["address"] == "192.0.2.9"
        assert event["target"]["project_id"] == "project"


def test_nobody_without_any_role_may_look(client, log_in, world):
    log_in("something")
    assert client.get(address("index", [])).status_code == 403
    assert world.calls() == []


@pytest.mark.parametrize(("name", "args"), READING + ASKING)
def test_an_owner_may_see_every_page(client, owner, shop, name, args):
    assert client.get(address(name, args)).status_code == 200


@pytest.mark.parametrize(("name", "args", "wanted"), CHANGING)
def test_an_owner_may_change(client, owner, world, shop, answer_form, name, args, wanted):
    broken(world, shop, name)
    assert client.post(address(name, args), answer_form).status_code == 302
    # What has no call is kept in the dashboard's own database.
    assert [call for call in changed(world) if call.startswith(wanted)] if wanted else not changed(world)


@pytest.mark.parametrize(("trouble", "status"), [(403, 403), (404, 502), (500, 502)])
def test_what_fails_before_a_change_began_is_in_the_audit_trail(client, owner, world, shop, caplog, trouble, status):
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    world.wire.trouble["GET .*/stacks"] = [trouble] * 9
    assert client.get(address("delete", [ID])).status_code == status
    assert client.post(address("delete", [ID])).status_code == status
    # A plan names the role that is missing instead.
    assert client.post(address("plan", [])).status_code == (200 if trouble == 403 else status)
    (event,) = [json.loads(one.message) for one in caplog.records if one.name == "tenant_ops.audit"]
    assert (event["action"], event["outcome"]) == ("update/environments", "failure")
    assert event["target"]["name"] == address("delete", [ID])
    assert event["requestId"].startswith("req-")


def test_an_owner_may_send_packets(client, owner, shop, monkeypatch, caplog):
    sent = []
    monkeypatch.setattr(sending.Way, "get", lambda way, address, *_: sent.append(address) or answer.read(200, "app-1"))
    monkeypatch.setattr(sending.Way, "opens", lambda *_: False)
    caplog.set_level(logging.INFO, "tenant_ops.audit")
    assert client.post(address(*SENDING[0]), REMOTE_ADDR="192.0.2.9").status_code == 302
    assert set(sent) == {"203.0.113.50"}
    (event,) = events(caplog)
    assert (event["action"], event["target"]["id"]) == ("evaluate/packet-proof", ID)
    assert event["initiator"]["host"]["address"] == "192.0.2.9"
    assert "203.0.113.50 tcp 80" in event["attachments"][0]["content"]["after"]["sent_to"]


@pytest.mark.parametrize(("name", "args"), [page[:2] for page in CHANGING] + SENDING)
def test_nothing_changes_without_a_token_against_forgery(owner, world, answer_form, name, args):
    answer = Client(enforce_csrf_checks=True).post(address(name, args), answer_form)
    assert answer.status_code in (302, 403)
    assert world.calls() == []


@pytest.mark.parametrize(("name", "args"), [("retry", [ID]), ("care", [ID]), ("plan", [])])
def test_what_changes_something_takes_no_get(client, owner, world, name, args):
    assert client.get(address(name, args)).status_code == 405


@pytest.mark.parametrize(("name", "args"), READING)
def test_what_shows_something_takes_no_post(client, owner, world, name, args):
    assert client.post(address(name, args)).status_code == 405
