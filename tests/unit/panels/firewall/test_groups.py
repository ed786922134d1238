"""The pages about a group itself: a new one, its settings in the draft, its end, and its policies' flags."""

from __future__ import annotations

import json

import pytest
from django.core.cache import cache
from django.utils import translation

from tenant_ops_dashboard.firewall import difference
from tests.unit.fake_openstack.server import Login
from tests.unit.fake_openstack.things import AGENTS, OVN
from tests.unit.firewall import standing
from tests.unit.panels.firewall.test_pages import INDEX, page, version
from tests.unit.panels.reading import read
from tests.unit.panels.test_launch import message

pytestmark = pytest.mark.django_db
CREATE = f"{INDEX}create/"


@pytest.fixture
def group(world):
    """The id of the environment's group."""
    standing.shop(world, world.cloud())
    (found,) = world.things.kept["firewall_groups"]
    return found


def detached(world):
    """The environment's group stands on no port, and is nobody's; its router's interfaces are free."""
    (row,) = world.things.kept["firewall_groups"].values()
    row.update(ports=[], description="", status="INACTIVE")
    cache.clear()


def interfaces(world):
    kept = world.things.kept["ports"].values()
    return [one["id"] for one in kept if one["device_owner"].startswith("network:router_interface")]


def boxes(found, name="ports"):
    return {one["value"]: one for one in found.find_all("input", "value") if one.get("name") == name}


def writes(world):
    return [call for call in world.calls() if not call.startswith("GET")]


def test_ports_are_offered_as_what_people_call_them(client, owner, group, world):
    detached(world)
    found = read(client.get(CREATE))
    text = found.text("#create-form")
    assert "router shop-router into network dmz_network 10.20.1.0/24" in text
    assert set(boxes(found)) == set(interfaces(world))
    others = found.text("#other-ports")
    assert "a server's port" in others and "10.20.1." in others


def test_a_port_of_another_group_is_listed_with_the_reason(client, owner, group, world):
    found = read(client.get(CREATE))
    assert not boxes(found)
    assert "is in the firewall group shop-fw; a port is in one at most." in found.text("#other-ports")
    assert "No port of this project can be in a firewall group now" in found.text("#no-ports")


def test_why_a_port_cannot_be_chosen_is_told_in_the_readers_language(client, owner, group, world, settings):
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "fr"
    with translation.override(translation.get_language()):
        (taken, *_) = interfaces(world)
        answer = client.post(CREATE, {"name": "edge", "ports": [taken], "start": "open", "do": "create"})
        assert "est dans le groupe de pare-feu shop-fw" in message(read(answer), "ports")


def test_what_an_empty_group_drops_is_said_before_it_is_created(client, owner, group, world):
    detached(world)
    world.calls()
    told = {"name": "edge", "ports": interfaces(world), "start": "empty", "do": "create"}
    answer = client.post(CREATE, told)
    found = read(answer)
    assert answer.status_code == 200 and writes(world) == []
    assert "Nothing was sent yet" in found.text("#asked")
    text = found.text("#effect")
    assert "now closed" in text and "all ingress traffic of its ports is blocked" in text
    (seen,) = boxes(found, "previewed")
    assert boxes(found)[interfaces(world)[0]].get("checked") is not None
    answer = client.post(CREATE, {**told, "previewed": seen})
    assert answer.status_code == 302
    rows = {one["name"]: one for one in world.things.kept["firewall_groups"].values()}
    assert sorted(rows["edge"]["ports"]) == sorted(interfaces(world))
    assert answer["Location"].endswith(f"/group/{rows['edge']['id']}/")


def test_what_lets_everything_through_is_created_at_once(client, owner, group, world):
    detached(world)
    answer = client.post(CREATE, {"name": "edge", "ports": interfaces(world), "start": "open", "do": "create"})
    assert answer.status_code == 302, read(answer).text("#create-form")


def test_where_nobody_can_tell_what_is_lost_it_is_asked_before(client, owner, group, world, monkeypatch):
    detached(world)
    monkeypatch.setattr(difference, "PAIRS", 0)
    world.calls()
    told = {"name": "edge", "ports": interfaces(world), "start": "open", "do": "create"}
    found = read(client.post(CREATE, told))
    assert writes(world) == [] and "Nothing was sent yet" in found.text("#asked") and "too complex" in found.text("#effect")
    (seen,) = boxes(found, "previewed")
    assert client.post(CREATE, {**told, "previewed": seen}).status_code == 302


def test_the_rules_of_another_group_can_be_its_start(client, owner, group, world):
    answer = client.post(CREATE, {"name": "edge", "start": f"copy:{group}", "do": "create"})
    assert answer.status_code == 302
    made = answer["Location"].split("/")[-2]
    assert "10.20.2.0/24 : 1521" in page(client, made).text("#ingress")


def test_a_preview_sends_nothing(client, owner, group, world):
    detached(world)
    world.calls()
    answer = client.post(CREATE, {"name": "edge", "ports": interfaces(world), "start": "open", "do": "preview"})
    assert client.post(CREATE, {"name": "edge", "start": "open"}).status_code == 200, "a button without its word"
    assert answer.status_code == 200 and writes(world) == []
    assert "nothing" in read(answer).text("#effect")


@pytest.mark.parametrize(
    ("told", "field"),
    [({"name": ""}, "name"), ({"name": "shop-fw"}, "name"), ({"name": "default"}, "name"), ({"name": "a\u202eb"}, "name"),
     ({"ports": ["nobody"]}, "ports"), ({"start": "full"}, None), ({"start": "copy:nobody"}, None)],
)  # fmt: skip
def test_a_mistake_stands_at_its_field_and_nothing_is_lost(client, owner, group, world, told, field):
    world.calls()
    answer = client.post(CREATE, {"name": "mine", "start": "open", "description": "typed", "do": "create", **told})
    assert answer.status_code in (404, 422) and writes(world) == []
    if field:
        found = read(answer)
        assert found.text(f"#{field}-problem")
        (kept,) = [one["value"] for one in found.find_all("input", "value") if one.get("name") == "description"]
        assert kept == "typed"


def configure(client, group, **told):
    found = read(client.get(f"{INDEX}group/{group}/settings/"))
    return client.post(f"{INDEX}group/{group}/settings/", {"version": version(found), **told})


def test_settings_are_an_edit_of_the_draft(client, owner, group, world):
    world.calls()
    ports = interfaces(world)
    answer = configure(client, group, name="shop-edge", up="on", ports=ports[:1])
    assert answer.status_code == 302 and writes(world) == []
    found = page(client, group)
    assert "Review draft (2 changes)" in found.text("#review")
    assert "10.20.2.0/24" not in found.text("#stands")
    review = read(client.get(f"{INDEX}group/{group}/apply/"))
    text = review.text("#group-settings")
    assert "It is called shop-edge, until now shop-fw." in text and "Detached: router shop-router" in text
    done = client.post(f"{INDEX}group/{group}/apply/", {"version": version(review)})
    assert done.status_code == 302
    (row,) = world.things.kept["firewall_groups"].values()
    assert (row["name"], row["ports"]) == ("shop-edge", ports[:1])


@pytest.mark.parametrize(
    ("routers", "says"),
    [(OVN, "OVN ignores that"), (AGENTS, "drops everything on its ports"), (("theirs",), "is not known here")],
)
def test_what_a_group_does_that_is_off_is_said_and_previewed(client, owner, group, world, routers, says):
    world.things.routers = routers
    cache.clear()
    assert says in read(client.get(f"{INDEX}group/{group}/settings/")).text("#settings-form")
    answer = configure(client, group, name="shop-fw", ports=interfaces(world))
    assert answer.status_code == 302
    found = page(client, group)
    assert says in found.text("#draft-bar") and says in found.text("#stands")
    assert ("now closed" in found.text("#draft-bar")) == (routers is not OVN)
    named = {OVN: "ovn", AGENTS: "l3-agent"}.get(routers, "back end not known")
    assert f"· {named}" in found.text("#firewall-lead")


def test_nothing_touched_is_no_change(client, owner, group, world):
    (row,) = world.things.kept["firewall_groups"].values()
    row["ports"].reverse()
    cache.clear()
    configure(client, group, name="shop-fw", up="on", ports=interfaces(world))
    assert "Review draft" not in page(client, group).text("#firewall-group")


@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "default"}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"ports": ["x"]}, "ports"),
    ],
)
def test_a_setting_that_cannot_be_is_told_at_its_field(client, owner, group, told, field):
    answer = configure(client, group, **{"name": "shop-fw", "up": "on", **told})
    assert answer.status_code == 422
    assert read(answer).text(f"#{field}-problem")


def test_an_interface_that_was_removed_meanwhile_is_told(client, owner, group, world):
    configure(client, group, name="other", up="on", ports=interfaces(world))
    gone = interfaces(world)[0]
    del world.things.kept["ports"][gone]
    cache.clear()
    text = read(client.get(f"{INDEX}group/{group}/settings/")).root.words()
    assert f"port {gone}, which is not there any more" in text
    assert "has no port" in page(client, group).text("#draft-bar")
    assert configure(client, group, name="other", up="on", ports=interfaces(world)).status_code == 302
    assert "has no port" not in page(client, group).text("#draft-bar")


def test_of_neutrons_own_group_only_ports_are_asked_for(client, owner, group, world):
    (row,) = world.things.kept["firewall_groups"].values()
    row.update(name="default", description="")
    cache.clear()
    found = read(client.get(f"{INDEX}group/{group}/settings/"))
    assert "only its ports may be changed" in found.text("#default")
    assert not [one for one in found.find_all("input", "name") if one["name"] in ("name", "up")]
    assert "an administrator deletes it" in read(client.get(f"{INDEX}group/{group}/delete/")).text("#refused")
    assert client.post(f"{INDEX}group/{group}/delete/", {}).status_code == 409


def test_an_environments_group_goes_with_it(client, owner, group, world):
    world.calls()
    found = read(client.get(f"{INDEX}group/{group}/delete/"))
    assert "comes and goes with it" in found.text("#refused")
    assert client.post(f"{INDEX}group/{group}/delete/", {}).status_code == 409
    assert writes(world) == []


def test_what_opens_is_said_before_a_group_is_deleted(client, owner, group, world):
    (row,) = world.things.kept["firewall_groups"].values()
    row["description"] = ""
    cache.clear()
    found = read(client.get(f"{INDEX}group/{group}/delete/"))
    assert "router shop-router into network" in found.text("#stands")
    assert found.text("#effect")
    answer = client.post(f"{INDEX}group/{group}/delete/", {"version": version(found)})
    assert answer.status_code == 302 and answer["Location"].endswith(INDEX)
    assert world.things.kept["firewall_groups"] == {}


def test_a_group_that_changed_since_it_was_shown_is_not_deleted(client, owner, group, world):
    (row,) = world.things.kept["firewall_groups"].values()
    row["description"] = ""
    cache.clear()
    found = read(client.get(f"{INDEX}group/{group}/delete/"))
    row["name"] = "theirs"
    assert client.post(f"{INDEX}group/{group}/delete/", {"version": version(found)}).status_code == 409
    assert world.things.kept["firewall_groups"]


def test_a_policy_says_what_its_flags_are_worth(client, owner, group, world):
    path = f"{INDEX}group/{group}/ingress/policy/"
    assert "not audited since its last change" in page(client, group).text("#ingress")
    assert "Not audited" in read(client.get(path)).text("#audited")
    assert client.post(f"{path}audited/", {"on": "1"}).status_code == 302
    assert "Neutron keeps neither who it was nor when" in read(client.get(path)).text("#audited")
    assert "not audited" not in page(client, group).text("#ingress")
    assert "administrators alone" in read(client.get(path)).text("#shared")
    assert client.get(f"{INDEX}group/{group}/sideways/policy/").status_code == 404


def test_nobody_says_audited_of_rules_that_he_was_not_shown(client, owner, group, world):
    path = f"{INDEX}group/{group}/ingress/policy/"
    shown = next(one["value"] for one in read(client.get(path)).find_all("input", "value") if one.get("name") == "shown")
    row = world.things.kept["firewall_policies"][world.things.kept["firewall_groups"][group]["ingress_firewall_policy_id"]]
    rules = list(row["firewall_rules"])
    # The policy's revision does not move with it.
    row["firewall_rules"] = rules[1:]
    answer = client.post(f"{path}audited/", {"on": "1", "shown": shown})
    assert answer.status_code == 409
    assert not row["audited"]
    row["firewall_rules"] = rules
    assert client.post(f"{path}audited/", {"on": "1", "shown": shown}).status_code == 302
    assert row["audited"]


def test_an_administrator_shares_and_what_that_means_is_said(client, log_in, group, world):
    log_in("admin", "member")
    world.wire.anybody = Login("project", frozenset({"admin", "member"}))
    path = f"{INDEX}group/{group}/ingress/policy/"
    assert "Sharing shares each of its rules first" in read(client.get(path)).text("#shared")


def test_a_reader_sees_no_button(client, group, world, auditor):
    text = json.dumps(client.get(INDEX).content.decode())
    assert "firewall/create" not in text
    assert "settings/" not in client.get(f"{INDEX}group/{group}/").content.decode()


def test_an_answer_links_the_rule_that_decides_on_the_page_of_its_group(client, owner, group, world):
    asked = {"source": "tier:shop/dmz", "target": "tier:shop/database", "protocol": "tcp", "port": "1521"}
    answer = client.get(f"{INDEX}probe/", asked).content.decode()
    assert f"/group/{group}/#ingress-rule-" in answer or f"/group/{group}/#egress-rule-" in answer
    assert "router shop-router into network" in answer and f"group {group}" not in answer
    assert "<strong>firewall</strong>" in answer and "<strong>security group</strong>" in answer
    assert 'value="security-group:' in answer and 'value="environment:shop"' in answer
