"""Every address of the panel, for somebody unknown, somebody who may only look, and somebody who may."""

from __future__ import annotations

import pytest
from django.urls import reverse

READING = [("index", []), ("state", []), ("show", ["shop"]), ("show_state", ["shop"])]
ASKING = [("launch", []), ("delete", ["shop"]), ("rollback", ["shop"]), ("restart", ["shop", "app_1"])]
CHANGING = [
    ("launch", [], "launch"),
    ("retry", ["shop"], "retry"),
    ("rollback", ["shop"], "rollback"),
    ("delete", ["shop"], "delete"),
    ("care", ["shop"], "give"),
    ("prove", ["shop"], "prove"),
    ("restart", ["shop", "app_1"], "restart"),
]
PLANNING = [("plan", []), ("download", ["template"])]
EVERY = (
    [("get", *page) for page in READING + ASKING]
    + [("post", name, args) for name, args, _ in CHANGING]
    + [("post", *page) for page in PLANNING]
)


def address(name: str, args: list[str]) -> str:
    return reverse(f"horizon:tenant_ops:environments:{name}", args=args)


def test_the_lists_above_name_every_address():
    from tenant_ops_dashboard.panels.environments.urls import urlpatterns

    assert {pattern.name for pattern in urlpatterns} == {name for _, name, _ in EVERY}


@pytest.mark.parametrize(("method", "name", "args"), EVERY)
def test_somebody_unknown_is_sent_to_the_login(client, service, method, name, args):
    answer = getattr(client, method)(address(name, args))
    assert answer.status_code == 302
    assert "/auth/login/?next=" in answer["Location"]


@pytest.mark.parametrize(("name", "args"), READING)
def test_an_auditor_may_look(client, auditor, service, name, args):
    assert client.get(address(name, args)).status_code == 200


@pytest.mark.parametrize(("name", "args"), ASKING)
def test_an_auditor_is_told_which_role_it_takes(client, auditor, service, name, args):
    answer = client.get(address(name, args))
    assert answer.status_code == 403
    assert "role &#x27;member&#x27;" in answer.content.decode()


@pytest.mark.parametrize(("name", "args", "call"), CHANGING)
def test_an_auditor_changes_nothing(client, auditor, service, name, args, call):
    answer = client.post(address(name, args), {"name": "shop", "do": "launch"})
    assert answer.status_code == 403
    getattr(service, call).assert_not_called()


@pytest.mark.parametrize(("name", "args"), PLANNING)
def test_an_auditor_does_not_plan(client, auditor, service, name, args):
    assert client.post(address(name, args), {"name": "shop"}).status_code == 403


def test_nobody_without_any_role_may_look(client, log_in, service):
    log_in("something")
    assert client.get(address("index", [])).status_code == 403
    service.listing.assert_not_called()


@pytest.mark.parametrize(("name", "args"), READING + ASKING)
def test_an_owner_may_see_every_page(client, owner, service, name, args):
    assert client.get(address(name, args)).status_code == 200


@pytest.mark.parametrize(("name", "args", "call"), CHANGING)
def test_an_owner_may_change(client, owner, service, name, args, call):
    answer = client.post(address(name, args), {"name": "shop", "do": "launch"})
    assert answer.status_code == 302
    getattr(service, call).assert_called_once()


@pytest.mark.parametrize(("name", "args", "call"), CHANGING)
def test_nothing_changes_without_a_token_against_forgery(owner, service, name, args, call):
    from django.test import Client

    answer = Client(enforce_csrf_checks=True).post(address(name, args), {"name": "shop", "do": "launch"})
    assert answer.status_code in (302, 403)
    getattr(service, call).assert_not_called()


@pytest.mark.parametrize(("name", "args"), [("retry", ["shop"]), ("care", ["shop"]), ("plan", [])])
def test_what_changes_something_takes_no_get(client, owner, service, name, args):
    assert client.get(address(name, args)).status_code == 405


@pytest.mark.parametrize(("name", "args"), READING)
def test_what_shows_something_takes_no_post(client, owner, service, name, args):
    assert client.post(address(name, args)).status_code == 405
