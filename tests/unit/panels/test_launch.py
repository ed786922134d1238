"""The launch page: everything filled in, the plan beside the form, messages at their fields, one launch."""

from __future__ import annotations

import copy
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
import requests
import yaml
from django.core.cache import cache

from tenant_ops_dashboard.cloud.lately import KEPT
from tenant_ops_dashboard.environments import launch as launching
from tenant_ops_dashboard.panels import store, turn
from tests.unit.panels.reading import Page, read
from tests.unit.panels.walk import SHOW

LAUNCH = "/tenant_ops/launch/"
PLAN = "/tenant_ops/launch/plan/"
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}
REQUEST_ID = "req-11111111-2222-3333-4444-555555555555"


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
def form(client, owner, world):
    found = posted(read(client.get(LAUNCH)))
    world.calls()
    return found


def message(page, field):
    node = next(n for n in page.find_all(attribute="data-to-problem") if n["data-to-problem"] == field)
    return "" if "hidden" in node.attributes else node.words()


def launched(world):
    """Name, parameters and tags of every stack."""
    rows = [one["row"] for one in world.heat.stacks.values()]
    return [(row["stack_name"], row["parameters"], row["tags"]) for row in rows]


def test_everything_but_the_name_is_filled_in(client, owner, world):
    page = read(client.get(LAUNCH))
    sent = posted(page)
    assert sent["name"] == ""
    assert sent["p-image"] == "debian-12"
    assert sent["p-external_network"] == "EXT-NET"
    assert sent["p-dmz_cidr"].endswith("/24")
    assert sent["p-sample_rows"] == "1000"
    assert "open" not in page.one("#advanced").attributes
    assert page.text("#launch-button") == "Launch (creates 30 resources)"
    assert message(page, "name") == ""


def test_questions_stand_in_the_groups_of_the_template(client, owner, world):
    page = read(client.get(LAUNCH))
    names = {}
    for group in page.find_all("fieldset", within="#launch-fields"):
        label = next((one.words() for one in group.everything() if one.name == "legend"), "")
        asked = [one["name"].removeprefix("p-") for one in group.everything() if one.get("name")]
        names[label] = asked
    assert list(names) == ["Networks", "Servers", "Data", "Way in by SSH", "Load balancer"]
    assert names["Way in by SSH"] == ["key_name", "jump_host", "ssh_from"]
    sent = [name.removeprefix("p-") for name in posted(page) if name.startswith("p-")]
    assert set(sent) <= {name for group in names.values() for name in group}


def test_a_launch_asks_for_what_stands_in_the_form(client, owner, world, form):
    answer = client.post(LAUNCH, {**form, "name": " shop ", "p-jump_host": "true", "p-database_size": "7"})
    assert answer["Location"] == SHOW
    ((name, parameters, tags),) = launched(world)
    assert name == "shop"
    assert (parameters["database_size"], parameters["jump_host"]) == ("7", "True")
    assert {"tenant-ops", "blueprint=tomcat-oracle"} <= set(tags)


def test_a_network_that_is_there_is_chosen_and_its_range_with_it(client, owner, world):
    lab = world.things.add("networks", name="lab")
    inside = world.things.add("subnets", network_id=lab["id"], cidr="10.60.1.0/24", ip_version=4, gateway_ip="10.60.1.1")
    closed = world.things.add("networks", name="closed")
    world.things.add("subnets", network_id=closed["id"], cidr="10.61.1.0/24", ip_version=4, enable_dhcp=False)
    page = read(client.get(LAUNCH))
    sent = posted(page)
    assert sent["p-existing_dmz"] == sent["p-existing_database"] == ""
    told = page.one("#advanced").words()
    assert "lab, 10.60.1.0/24, no router yet" in told
    assert "closed hands out no addresses: DHCP is off." in told
    asked = {**sent, "name": "shop", "p-existing_dmz": inside["id"], "p-dmz_cidr": "no range at all"}
    plan = client.post(PLAN, asked, headers=SCRIPT).json()
    assert plan["problems"] == {}
    assert "lab has no router yet" in str(plan)
    client.post(LAUNCH, {**asked, "do": "launch"})
    ((_, parameters, _),) = launched(world)
    told = {name: parameters[name] for name in ("dmz_cidr", "existing_dmz", "existing_dmz_network", "existing_dmz_router")}
    assert list(told.values()) == ["10.60.1.0/24", inside["id"], lab["id"], ""]


def test_a_repeated_submit_is_one_launch_and_a_new_page_another(client, owner, world, form):
    first, again = (client.post(LAUNCH, {**form, "name": "shop", "do": "launch"}) for _ in range(2))
    assert first["Location"] == again["Location"] == SHOW
    assert len(launched(world)) == 1
    new = posted(read(client.get(LAUNCH)))
    assert new["token"] != form["token"]
    other = client.post(LAUNCH, {**new, "name": "shop", "p-database_size": "9", "do": "launch"})
    assert other.status_code == 422
    assert "shop" in message(read(other), "name")
    assert len(launched(world)) == 1


def test_two_clicks_at_one_moment_are_one_launch_in_turn(client, owner, world, form, monkeypatch):
    launch, inside, met = launching.launch, [], []

    def slow(*arguments, **options):
        met.extend(inside)
        inside.append("another")
        time.sleep(0.2)
        made = launch(*arguments, **options)
        inside.pop()
        return made

    monkeypatch.setattr(launching, "launch", slow)
    with ThreadPoolExecutor(2) as pool:
        clicks = [pool.submit(client.post, LAUNCH, {**form, "name": "shop", "do": "launch"}) for _ in range(2)]
        assert [one.result()["Location"] for one in clicks] == [SHOW, SHOW]
    assert (met, len(launched(world))) == ([], 1)


def test_the_next_look_withdraws_the_younger_of_two(client, owner, world, begun):
    rival = copy.deepcopy(world.heat.stacks[begun.id])
    rival["row"].update(id="rival", creation_time="2026-11-21T06:00:59Z")
    world.heat.stacks["rival"] = rival
    client.get(SHOW)
    assert world.heat.stacks[begun.id]["row"]["stack_status"] == "CREATE_IN_PROGRESS"
    assert "rival" not in world.heat.stacks or world.heat.stacks["rival"]["row"]["stack_status"].startswith("DELETE")


BAD = [
    ("name", "", "name"),
    ("name", "a" * 300, "300"),
    ("name", "<script>alert(1)</script>", "letters"),
    ("name", "shop\0", "letters"),
    ("p-dmz_cidr", "10.20.3.0/24\0", "no network"),
    ("p-dmz_cidr", "10.0.1/99", "no network"),
    ("p-database_cidr", "10.20.1.0/24", "verlap"),
    ("p-image", "no-such-image", "no-such-image"),
    ("p-database_size", "many", "number"),
    ("p-sample_rows", "100001", "100000"),
]


@pytest.mark.parametrize(("field", "value", "word"), BAD)
def test_a_bad_answer_gets_its_message_at_its_field_and_the_form_is_kept(
    client, owner, world, form, field, value, word
):
    sent = {**form, "name": "good-name", "p-dmz_cidr": "10.20.1.0/24", "p-key_name": "team", field: value}
    answer = client.post(LAUNCH, {**sent, "do": "launch"})
    page = read(answer)
    assert answer.status_code == 422
    assert word in message(page, field.removeprefix("p-"))
    assert posted(page)[field] == value
    assert posted(page)["p-key_name"] == "team"
    assert b"<script>alert(1)" not in answer.content
    assert ("open" in page.one("#advanced").attributes) == field.startswith("p-")
    assert launched(world) == []


@pytest.mark.parametrize("field", ["name", "token", "p-dmz_cidr"])
@pytest.mark.parametrize("where", [LAUNCH, PLAN, "/tenant_ops/launch/download/template/"])
def test_a_nul_is_a_message_and_not_an_error(client, owner, world, form, field, where):
    answer = client.post(where, {**form, "name": "shop", "do": "plan", field: "a\0b"}, headers=SCRIPT)
    assert answer.status_code in (200, 422)
    assert launched(world) == []


def test_a_quota_that_does_not_fit_is_the_first_line(client, owner, world, form):
    world.things.quota["instances"] = 3
    page = read(client.post(LAUNCH, {**form, "name": "shop", "do": "launch"}))
    assert page.text("#plan-verdict").startswith("It does not fit: Quota: Servers")
    over = [node["data-quota"] for node in page.find_all("li", "data-quota") if "is-over" in node["class"]]
    assert over == ["instances"]
    assert launched(world) == []


def test_ram_is_told_in_gb_wherever_it_is(client, owner, world, form):
    world.things.quota["ram"] = 6000
    page = read(client.post(LAUNCH, {**form, "name": "shop", "do": "launch"}))
    assert page.text("#plan-verdict").endswith("Quota: RAM (GB): 8 more are needed, 1.86 of 5.86 are left.")
    told = page.text("#plan-quotas")
    assert "RAM (GB) 6.14 too many" in told
    world.things.quota["ram"] = -1
    page = read(client.post(LAUNCH, {**form, "name": "shop", "do": "plan"}))
    assert "RAM (GB) +8" in page.text("#plan-quotas")
    assert "MB" not in page.text("#plan-quotas")


def test_a_lost_answer_is_told_and_the_form_is_kept(client, owner, world, form):
    world.wire.trouble["POST .*/stacks$"] = [requests.ConnectionError("reset")] * 3
    page = read(client.post(LAUNCH, {**form, "name": "shop", "do": "launch"}))
    assert "Heat" in page.text("#launch-failure")
    assert posted(page)["token"] == form["token"]
    assert posted(page)["name"] == "shop"


def test_a_refusal_of_heat_comes_with_its_request_id(client, owner, world, form):
    world.heat.refused.append((400, {"error": {"message": "The template is not good."}}))
    page = read(client.post(LAUNCH, {**form, "name": "shop", "do": "launch"}))
    assert "The template is not good." in page.text("#launch-failure")
    assert REQUEST_ID in page.text("#launch-failure")


def test_without_scripts_the_plan_is_a_page_and_makes_nothing(client, owner, world, form):
    answer = client.post(LAUNCH, {**form, "name": "shop", "do": "plan"})
    assert answer.status_code == 200
    assert "Creates 30 resources" in read(answer).text("#plan-verdict")
    assert launched(world) == []


def test_the_plan_follows_the_form_and_makes_nothing(client, owner, world, form):
    answer = client.post(PLAN, {**form, "name": "shop"}, headers=SCRIPT).json()
    plan = Page(answer["html"])
    assert answer["button"] == "Launch (creates 30 resources)"
    assert answer["problems"] == {}
    assert answer["fields"] == ""
    assert "All of it fits into your quota." in plan.text("#plan-verdict")
    assert {"instances", "cores", "gigabytes", "firewall_rule"} <= {
        node["data-quota"] for node in plan.find_all("li", "data-quota")
    }
    assert launched(world) == []


def test_a_pause_in_typing_costs_one_call_for_the_name(client, owner, world, form):
    for name in ("s", "sho", "shop"):
        assert client.post(PLAN, {**form, "name": name}, headers=SCRIPT).json()["problems"] == {}
        assert [call.partition("?")[0].rpartition("/")[2] for call in world.calls()] == ["stacks"], name


def test_what_the_cache_forgot_is_asked_again_once(client, owner, world, form):
    cache.clear()
    client.post(PLAN, {**form, "name": "shop"}, headers=SCRIPT)
    assert len(world.calls()) == 22
    client.post(PLAN, {**form, "name": "shop"}, headers=SCRIPT)
    assert len(world.calls()) == 1


def test_what_a_plan_was_told_is_a_moment_old_at_most(client, owner, world, form, monkeypatch):
    now = time.time()
    monkeypatch.setattr(store, "time", SimpleNamespace(time=lambda: now + KEPT + 1))
    client.post(PLAN, {**form, "name": "shop"}, headers=SCRIPT)
    assert len(world.calls()) == 14


@pytest.mark.parametrize(("roles", "user"), [(("member", "reader"), "somebody"), (("member",), ""), (("admin",), "")])
def test_nobody_else_is_told_what_somebody_was(client, log_in, owner, world, form, roles, user):
    log_in(*roles, user_id=user)
    client.post(PLAN, {**form, "name": "shop"}, headers=SCRIPT)
    assert len(world.calls()) == 14


def test_the_launch_itself_reads_what_the_plan_beside_it_had_of_a_moment_ago(client, owner, world, form):
    world.things.quota["instances"] = 1
    shown = client.post(PLAN, {**form, "name": "shop"}, headers=SCRIPT).json()
    assert shown["problems"] == {}, "no more than a moment old"
    refused = client.post(LAUNCH, {**form, "name": "shop"})
    assert "Quota: Servers" in read(refused).text("#plan-verdict")
    assert launched(world) == []
    told = client.post(PLAN, {**form, "name": "shop"}, headers=SCRIPT).json()
    assert "Quota: Servers" in told["problems"][""], "and what the launch read is what is shown from then on"


CASES = Path(__file__).parents[1] / "environments" / "blueprint_cases"


def planned(client, settings, form, case, **answers):
    """The answer to the page's script, for a blueprint of the plan's own cases."""
    settings.TENANT_OPS_BLUEPRINT_FOLDERS = [CASES / case / "blueprint"]
    slug = case.partition("-")[2]
    return client.post(PLAN, {**form, "name": "shop", "blueprint": slug, **answers}, headers=SCRIPT).json()


def test_what_cannot_be_told_stands_beside_the_quotas_and_no_number_is_promised(client, owner, world, form, settings):
    answer = planned(client, settings, form, "108-yaql")
    plan = Page(answer["html"])
    assert answer["button"] == "Launch"
    assert answer["problems"] == {}
    assert plan.text("#plan-verdict") == "Creates at least 5 resources. Whether all of it fits cannot be told."
    told = next(node for node in plan.one("#plan-quotas").everything() if node.get("id") == "plan-unknown").words()
    assert "It takes at least this much." in told
    assert "How many ports server has cannot be told: it depends on yaql, which only Heat works out." in told
    ports = next(node for node in plan.find_all("li", "data-quota") if node["data-quota"] == "volumes")
    assert "at most 9 of 10 left" in ports.words()
    assert "fits into your quota" not in answer["html"]


def test_what_does_not_fit_is_said_before_what_cannot_be_told(client, owner, world, form, settings):
    world.things.quota["instances"] = 1
    cache.clear()
    answer = planned(client, settings, form, "108-yaql")
    assert "It does not fit: Quota: Servers" in Page(answer["html"]).text("#plan-verdict")
    assert "at least 1 too many" in answer["html"]


def test_a_flavor_of_another_cloud_stands_at_the_blueprint_and_nothing_is_launched(
    client, owner, world, form, settings
):
    settings.TENANT_OPS_BLUEPRINT_FOLDERS = [CASES / "83-flavor-of-another-cloud" / "blueprint"]
    sent = {**form, "name": "shop", "blueprint": "foreign-flavor"}
    answer = client.post(PLAN, sent, headers=SCRIPT).json()
    assert "no flavor called 'm1.seven'" in answer["problems"]["blueprint"]
    page = client.post(LAUNCH, {**sent, "do": "launch"})
    assert page.status_code == 422
    assert "no flavor called 'm1.seven'" in message(read(page), "blueprint")
    assert launched(world) == []


def test_another_blueprint_brings_its_own_questions(client, owner, world, form):
    answer = client.post(PLAN, {**form, "blueprint": "web-jump", "p-image": "sandbox"}, headers=SCRIPT).json()
    assert answer["shown"] == "web-jump"
    assert 'name="p-image"' in answer["fields"]
    assert 'name="p-database_cidr"' not in answer["fields"]
    image = Page(answer["fields"]).one("#parameter-image")
    assert [o["value"] for o in image.everything() if "selected" in o.attributes] == ["debian-12"]


def test_an_unknown_blueprint_is_a_message_and_not_an_error(client, owner, world, form):
    answer = client.post(LAUNCH, {**form, "name": "shop", "blueprint": "x", "do": "launch"})
    assert answer.status_code == 422
    assert "x" in message(read(answer), "blueprint")
    assert launched(world) == []


@pytest.mark.parametrize(("what", "name"), [("template", "shop.yaml"), ("environment", "shop.env.yaml")])
def test_the_files_can_be_taken_away(client, owner, world, form, what, name):
    answer = client.post(f"/tenant_ops/launch/download/{what}/", {**form, "name": "shop"})
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    told = yaml.safe_load(answer.content)
    assert "heat_template_version" in told or told["parameters"]["image"] == "debian-12"


def test_all_of_it_comes_as_one_archive(client, owner, world, form, tmp_path):
    answer = client.post("/tenant_ops/launch/download/archive/", {**form, "name": "shop"})
    assert answer["Content-Disposition"] == 'attachment; filename="shop.zip"'
    (tmp_path / "shop.zip").write_bytes(answer.content)
    with zipfile.ZipFile(tmp_path / "shop.zip") as packed:
        assert {"shop.yaml", "application.yaml"} <= set(packed.namelist())


@pytest.mark.parametrize("name", ['a"b\r\nX-Evil: 1', "<script>", "../../etc/passwd", ""])
def test_a_file_s_name_has_only_harmless_letters(client, owner, world, form, name):
    answer = client.post("/tenant_ops/launch/download/template/", {**form, "name": name})
    file = answer["Content-Disposition"].split('"')[1]
    assert set(file) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_")
    assert "X-Evil" not in answer


def test_a_quota_without_a_limit_says_so(client, owner, world):
    page = read(client.get(LAUNCH))
    assert "pool" not in [node["data-quota"] for node in page.find_all("li", "data-quota")]
    assert "Not limited here:" in page.text("#plan-quotas")
    assert "Pools +1" in page.text("#plan-quotas")


def test_a_command_is_shown_as_text(client, owner, world, form):
    answer = client.post(LAUNCH, {**form, "name": "shop", "p-key_name": "<b>team</b>", "do": "plan"})
    assert b"<b>team" not in answer.content
    assert read(client.get(LAUNCH)).text("#plan-command").startswith("openstack stack create")


def test_a_volume_of_the_project_can_be_taken(client, owner, world):
    golden = "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
    world.things.add("volumes", id=golden, name="golden", size=30, status="available", attachments=[], metadata={})
    page = read(client.get(LAUNCH))
    sent = posted(page)
    assert sent["p-data_volume"] == ""
    assert "golden, 30 GB" in page.text("#parameter-data_volume")
    answer = client.post(LAUNCH, {**sent, "name": "shop", "do": "launch", "p-data_volume": golden})
    assert answer.status_code == 302
    ((_, parameters, tags),) = launched(world)
    assert parameters["data_volume"] == golden
    assert f"volume={golden}" in tags
    again = client.post(LAUNCH, {**sent, "token": "other", "name": "next", "do": "launch", "p-data_volume": golden})
    assert again.status_code == 422
    assert "golden belongs to the environment shop" in message(read(again), "data_volume")
    assert len(launched(world)) == 1


def test_where_no_volume_can_be_taken_the_form_says_so(client, owner, world):
    page = read(client.get(LAUNCH))
    assert "a new volume; no other of this project is available" in page.text("#parameter-data_volume")


def test_why_something_is_proposed_stands_below_it(client, owner, world):
    world.things.images.insert(0, {**world.things.images[0], "id": "image-0", "name": "amphora", "tags": ["amphora"]})
    world.things.images.append({**world.things.images[1], "id": "image-2", "name": "debian-13"})
    page = read(client.get(LAUNCH))
    assert posted(page)["p-image"] == "debian-13"
    assert "amphora" not in page.text("#parameter-image")
    assert "debian-13 is the newest Debian of this project's images." in page.text("#parameter-image-more")
    assert "small is the smallest with at least" in page.text("#parameter-application_flavor-more")


@pytest.mark.parametrize(
    ("address", "offered"),
    [("203.0.113.7", "203.0.113.7/32"), ("10.1.2.3", "10.1.2.3/32"), ("127.0.0.1", ""), ("2001:db8::7", "")],
)
def test_ssh_is_offered_to_whoever_asks_and_he_may_say_no(client, owner, world, address, offered):
    sent = posted(read(client.get(LAUNCH + "?blueprint=web-jump", REMOTE_ADDR=address)))
    assert sent["p-ssh_from"] == offered
    page = read(client.get(LAUNCH + "?blueprint=web-jump", REMOTE_ADDR=address))
    assert (f"Your request came from {address}." in page.text("#parameter-ssh_from-more")) is bool(offered)
    answer = client.post(LAUNCH, {**sent, "name": "shop", "p-ssh_from": "", "do": "launch"}, REMOTE_ADDR=address)
    assert answer["Location"] == SHOW
    ((_, parameters, _tags),) = launched(world)
    assert parameters["ssh_from"] == ""


def test_what_is_easily_overlooked_stands_in_the_plan(client, owner, world, form):
    answer = client.post(PLAN, {**form, "name": "shop", "p-boot_from_volume": "true"}, headers=SCRIPT).json()
    assert answer["problems"] == {}
    assert "It is deleted with its server: only data volumes are kept." in Page(answer["html"]).text("#plan-notes")
    plain = client.post(PLAN, {**form, "name": "shop"}, headers=SCRIPT).json()
    assert "plan-notes" not in plain["html"]


def test_a_cache_that_keeps_silent_keeps_no_launch_waiting(client, owner, world, form, monkeypatch):
    """As pymemcache's, told to ignore its errors (Django's documentation, 'Memcached'), while it is away."""
    for name, answer in (("add", False), ("set", False), ("get", None)):
        monkeypatch.setattr(cache, name, lambda *_, answer=answer, **__: answer)
    monkeypatch.setattr(turn, "PAUSE", 3600.0)
    assert client.post(LAUNCH, {**form, "name": "shop", "do": "launch"}).status_code == 302
