"""After a failure 'Try again' leads to a page that takes GET, with what was typed."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.db import DatabaseError

from tenant_ops_dashboard.environments import restart
from tenant_ops_dashboard.records.models import AuditEvent
from tenant_ops_dashboard.records.walkthrough_models import Walkthrough
from tests.unit.loadbalancers.octavia import Octavia
from tests.unit.panels.reading import read
from tests.unit.panels.walk import SHOW, addresses

pytestmark = pytest.mark.django_db
SILENT = requests.ConnectionError("no route")
EVERY = sorted(addresses())


def ways(answer):
    return {node.words(): node["href"] for node in read(answer).one("#tenant-ops").everything() if node.name == "a"}


#: What was read is forgotten, and the page asks anew; intents and clones stand in the database; the page of load
#: balancers opens before it asks; what pre-flight cannot look at is a finding, and what a reset means is known before.
ASKS_NOTHING = (
    "posture:again", "firewall:intents", "firewall:intent_add", "clones:index", "clones:state", "clones:trust",
    "loadbalancers:index", "walkthrough:look", "walkthrough:reset", "walkthrough:reset_state", "walkthrough:reset_all",
    "walkthrough:reset_all_state", "environments:import",
)  # fmt: skip


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_failure_leads_to_an_address_that_takes_no_get(
    client, owner, world, shop, name, method, settings, monkeypatch
):
    settings.TENANT_OPS_SERVICE_USER = "a" * 32

    def down(*told, **options):
        raise DatabaseError("gone")

    # The audit trail and the walkthrough ask nothing of OpenStack.
    monkeypatch.setattr(AuditEvent.objects, "filter", down)
    monkeypatch.setattr(Walkthrough.objects, "filter", down)
    world.wire.trouble["."] = [SILENT] * 500
    answer = getattr(client, method)(addresses()[name], {"hours": "4", "weight": "7", "do": "launch", "name": "typed"})
    if answer.status_code == 405 or name in ASKS_NOTHING:
        return
    assert answer.status_code >= 400
    found = ways(answer)
    assert found, name
    for where in found.values():
        assert client.get(where).status_code not in (405, 302), where
        assert "/state/" not in where


def test_what_takes_no_get_leads_to_its_environment_s_page(client, owner, world, shop):
    for verb in ("retry", "prove"):
        world.wire.trouble["."] = [SILENT] * 50
        assert ways(client.post(f"{SHOW}{verb}/"))["Try again"] == SHOW
    assert (
        ways(client.post("/tenant_ops/launch/download/template/", {"name": "x"}))["Try again"] == "/tenant_ops/launch/"
    )


def test_the_page_that_asks_knows_what_was_typed(client, owner, world, shop):
    sent = {
        "name": "typed",
        "p-key_name": "team",
        "do": "launch",
        "shown": "tomcat-oracle",
        "blueprint": "tomcat-oracle",
        "token": "t",
    }
    world.wire.trouble["."] = [SILENT] * 50
    again = ways(client.post("/tenant_ops/launch/", sent))["Try again"]
    assert parse_qs(urlsplit(again).query)["name"] == ["typed"]
    assert set(parse_qs(urlsplit(again).query)) == {"name", "p-key_name", "shown", "blueprint"}
    world.wire.trouble.clear()
    page = read(client.get(again))
    assert page.one("#environment-name")["value"] == "typed"
    assert next(n for n in page.find_all("input", "name") if n["name"] == "token")["value"] != "t"


def test_too_much_is_not_put_into_an_address(client, owner, world, shop):
    world.wire.trouble["."] = [SILENT] * 50
    assert ways(client.post("/tenant_ops/launch/", {"name": "x" * 3000}))["Try again"] == "/tenant_ops/launch/"


def test_what_may_have_happened_is_looked_up_first(client, owner, world, shop, monkeypatch):
    monkeypatch.setattr(restart.Restart, "patience", 0.0)
    world.wire.trouble["POST .*/action"] = [requests.ReadTimeout("no answer")]
    assert ways(client.post(f"{SHOW}restart/database/"))["Try again"] == SHOW
    world.wire.trouble["GET .*/stacks"] = [SILENT] * 9
    assert ways(client.post(f"{SHOW}restart/database/"))["Try again"] == f"{SHOW}restart/database/"


def test_a_form_of_a_load_balancer_keeps_what_was_typed(client, owner, monkeypatch):
    from tenant_ops_dashboard.panels import poll

    octavia = Octavia()
    monkeypatch.setattr(poll, "connect", lambda request: octavia.cloud())
    octavia.network["subnets"] = [{"id": "subnet", "name": "dmz", "cidr": "10.0.1.0/24"}]
    octavia.wire.trouble["POST .*/loadbalancers"] = [409]
    sent = {
        "name": "web",
        "subnet": "subnet",
        "protocol": "TCP",
        "port": "81",
        "server_port": "8080",
        "path": "/health",
    }
    page = read(client.get(ways(client.post("/tenant_ops/loadbalancers/create/", sent))["Try again"]))
    assert (page.one("#name")["value"], page.one("#port")["value"], page.one("#path")["value"]) == (
        "web",
        "81",
        "/health",
    )


@pytest.mark.parametrize(
    ("name", "back"),
    [
        ("firewall:undo", "/tenant_ops/firewall/group/fire-57/"),
        ("firewall:audited", "/tenant_ops/firewall/group/fire-57/ingress/policy/"),
        ("environments:prove", SHOW),
        ("environments:download", "/tenant_ops/launch/"),
        ("posture:review", "/tenant_ops/posture/"),
    ],
)
def test_who_is_led_to_a_button_s_address_finds_the_way_back(client, owner, world, shop, name, back):
    """A login that ended before the button was pressed leads there by itself (`next`)."""
    answer = client.get(addresses()[name])
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert ways(answer) == {"To its page": back}
    assert client.get(back).status_code == 200
    assert client.get(addresses()[name], headers={"X-Requested-With": "XMLHttpRequest"}).content == b""


def test_a_page_of_what_is_gone_says_so_without_a_field_s_name(client, owner, world):
    told = read(client.get("/tenant_ops/firewall/group/fire-9/")).one("#tenant-ops").words()
    assert "This project has no firewall group called fire-9." in told
    assert "group: " not in told
