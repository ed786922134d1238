"""Who is shown what of a cloud, by which calls, and what odd rows cost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.errors import BadInput, NotAllowed, NotFound
from tenant_ops_dashboard.posture import export
from tenant_ops_dashboard.posture.assess import assess
from tenant_ops_dashboard.posture.brought import brought
from tenant_ops_dashboard.posture.drift import drift
from tenant_ops_dashboard.posture.keeping import pack, unpack
from tenant_ops_dashboard.posture.look import Look, look, only
from tenant_ops_dashboard.reachability.snapshot import COLLECTIONS
from tests.unit.fake_openstack.server import Login
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.standing import expose_database, shop
from tests.unit.posture.readings import NAMES, OTHER, cases, ids, raw, renamed
from tests.unit.posture.test_ids import world as exposed

Json = dict[str, Any]
ADMIN = ("member", "admin")


@pytest.fixture
def world() -> World:
    """An environment in this project, and another project that has things of its own."""
    made = World()
    shop(made, made.cloud())
    expose_database(made)
    external = next(one for one in made.things.kept["networks"].values() if one["router:external"])
    rule = {"id": "foreign-rule", "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 22,
            "port_range_max": 22, "remote_ip_prefix": None, "security_group_id": "foreign-group"}  # fmt: skip
    add = made.things.add
    add("security-groups", id="foreign-group", name="foreign", project_id="other", security_group_rules=[rule])
    add("routers", id="foreign-router", name="foreign", project_id="other", external_gateway_info=None, routes=[])
    add(
        "ports", id="foreign-port", name="foreign-vm", project_id="other", network_id=external["id"],
        device_owner="compute:nova", device_id="foreign-server", security_groups=["foreign-group"], fixed_ips=[],
        port_security_enabled=True,
    )  # fmt: skip
    made.calls()
    return made


def asked(world: World) -> list[str]:
    return [one for one in world.calls() if "/identity/" not in one]


def shown_all(world: World, cloud: Cloud) -> None:
    """OpenStack's own policies show this login everything, whatever its roles are called."""
    world.wire.logins[str(cloud.session.get_token())] = Login(roles=frozenset({"admin"}))


def told(found: Look) -> str:
    """All that anybody is told of a reading."""
    posture = assess(found)
    return "\n".join(
        (export.json(posture), export.csv(posture), export.html(posture), repr(posture), repr(drift(found, found)))
    )


def test_a_whole_cloud_is_one_reading_without_a_filter_by_project(world: World) -> None:
    found = look(world.cloud(*ADMIN), all_projects=True)
    calls = asked(world)
    assert found.scope == "cloud"
    assert {"project", "other"} <= set(found.projects)
    assert not [one for one in calls if "project_id=" in one or "tenant_id=" in one]
    assert {one.partition(" ")[0] for one in calls} == {"GET"}
    lists = [one for one in calls if "/members" not in one]
    assert len(lists) == len({one.partition("?")[0] for one in lists}), "one list a kind"
    assert not [one for one in calls if "security-group-rules" in one]
    assert any(one.project == "other" for one in assess(found).findings)


def test_of_one_project_an_admin_is_shown_what_its_members_are(world: World) -> None:
    found = look(world.cloud(*ADMIN), project="other")
    assert not [one for one in asked(world) if "fwaas" in one and "project_id=" in one]
    assert (found.scope, list(found.projects)) == ("projects", ["other"])
    assert {one.project for one in assess(found).findings} <= {"other"}
    assert "shop" not in told(found)


@pytest.mark.parametrize("roles", [("reader",), ("member",), ("member", "reader")])
@pytest.mark.parametrize("all_projects", [False, True])
@pytest.mark.parametrize("neutron_shows_all", [False, True])
def test_who_may_not_list_all_is_never_shown_another_project(
    world: World, roles: tuple[str, ...], all_projects: bool, neutron_shows_all: bool
) -> None:
    cloud = world.cloud(*roles)
    if neutron_shows_all:
        shown_all(world, cloud)
    found = look(cloud, all_projects=all_projects)
    assert {one.partition(" ")[0] for one in asked(world)} == {"GET"}
    assert (found.scope, list(found.projects)) == ("projects", ["project"])
    assert "foreign" not in told(found)
    assert {one.project for one in assess(found).findings} == {"project"}


def test_an_auditor_of_the_operators_is_shown_what_neutron_shows_him(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text('"posture:read": "role:auditor"\n"posture:read_all": "role:auditor"\n')
    monkeypatch.setenv("TENANT_OPS_POLICY_FILE", str(file))
    assert look(world.cloud("auditor"), all_projects=True).scope == "projects", "Neutron shows him his own"
    cloud = world.cloud("auditor")
    shown_all(world, cloud)
    assert look(cloud, all_projects=True).scope == "cloud"


def test_without_a_role_nothing_is_read(world: World) -> None:
    with pytest.raises(NotAllowed):
        look(world.cloud("guest"), all_projects=True)
    assert not asked(world)


def test_a_project_that_nobody_shows_is_named(world: World) -> None:
    for roles in (("reader",), ADMIN):
        with pytest.raises(NotFound, match="nowhere"):
            look(world.cloud(*roles), project="nowhere")


def test_a_name_that_several_projects_have_is_asked_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": one, "name": "twin"} for one in ("a", "b")]
    world.wire.on("GET", "/identity/v3/projects")(lambda query, body: {"projects": rows, "links": {}})
    with pytest.raises(BadInput, match="a, b"):
        look(world.cloud(*ADMIN), project="twin")


def test_environments_and_servers_have_their_names(world: World) -> None:
    found = assess(look(world.cloud("reader")))
    assert {one.environment for one in found.findings} >= {"shop"}
    assert found.ports and found.taken_at


@pytest.mark.parametrize("everywhere", [False, True])
def test_what_a_blueprint_wants_finds_its_servers(world: World, everywhere: bool) -> None:
    found = look(world.cloud(*ADMIN), all_projects=everywhere)
    assert brought(found)
    assert brought(unpack(pack(found))) == brought(found)
    for seen in (found, unpack(pack(found))):
        broken = [one.why for one in assess(seen, brought(seen)).findings if one.kind == "broken-intent"]
        assert not [why for why in broken if "Nothing is there" in why]


@pytest.mark.parametrize("everywhere", [False, True])
@pytest.mark.parametrize(("path", "says"), [("/compute/", "Nova does not answer"), ("/orchestration/", "Heat does not")])
def test_without_names_no_intent_is_called_broken_or_kept(
    world: World, everywhere: bool, path: str, says: str
) -> None:  # fmt: skip
    wanted = brought(look(world.cloud(*ADMIN), all_projects=everywhere))
    world.wire.trouble[path] = [503] * 20
    found = look(world.cloud(*ADMIN), all_projects=everywhere)
    for seen in (found, unpack(pack(found))):
        posture = assess(seen, wanted if "Nova" in says else brought(seen))
        assert posture.findings
        assert "broken-intent" not in {one.kind for one in posture.findings}
        assert [one for one in posture.unknown if says in one]


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
def test_no_word_of_another_project_is_told(case: Path) -> None:
    """Each case stands twice in a cloud, once in another project: a project's own reading knows nothing of that."""
    mine, foreign = raw(case), raw(case, OTHER)
    theirs = renamed(foreign, lambda one: f"foreign-{one}", frozenset(ids(foreign)))
    both: Json = {"meta": mine.get("meta") or {}}
    for key in COLLECTIONS:
        for row in theirs.get(key) or ():
            row["name"] = f"foreign {row.get('name')}"
        if key in mine:
            both[key] = [*mine[key], *theirs[key]]
    whole = Look(both, {**NAMES, OTHER: "elsewhere"}, "cloud")
    text = told(only(whole, NAMES))
    assert "foreign" not in text
    assert "elsewhere" not in text


def test_an_odd_row_costs_itself_and_is_named() -> None:
    found = exposed()
    was = assess(Look(found, NAMES, "cloud"))
    found["ports"].insert(0, {"id": "odd", "network_id": 7})
    found["security_groups"].append({"id": "odd-group", "security_group_rules": "none"})
    found["floatingips"].append("what")
    now = assess(Look(found, NAMES, "cloud"))
    assert now.findings == was.findings
    assert [any(name in one for one in now.unknown) for name in ("odd", "odd-group", "floatingips")] == [True] * 3


def test_a_row_that_names_what_is_gone_stays_and_is_named() -> None:
    found = exposed()
    found["ports"][1]["security_groups"].append("gone")
    now = assess(Look(found, NAMES, "cloud"))
    assert any("gone" in one for one in now.unknown)
    assert any(one.kind == "open-to-world" for one in now.findings)


@pytest.mark.parametrize("kind", ["networks", "subnets", "ports"])
def test_what_is_no_neutron_is_no_empty_cloud(world: World, kind: str) -> None:
    """A wrong address in the catalogue answers 404 to everything: nothing was seen, so no gate is passed."""
    world.wire.trouble[f"/network/v2.0/{kind}"] = [404] * 20
    with pytest.raises(CloudError):
        look(world.cloud())
