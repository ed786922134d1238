"""Whose token it is, and for what: region, domain and system; and addresses that a person overrides."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard import policy
from tests.unit.fake_openstack.server import horizon_request
from tests.unit.fake_openstack.world import World


@pytest.mark.parametrize("nothing", [None, ""])
def test_a_login_for_no_project_is_told_so(nothing: str | None) -> None:
    request = horizon_request("admin")
    request.user.project_id = request.user.project_name = nothing
    request.user.service_catalog = None
    request.user.services_region = None
    with pytest.raises(clouds.NoProject, match="Choose a project") as caught:
        clouds.from_request(request)
    assert "Choose a project" in caught.value.todo


def test_the_domains_and_the_region_of_horizon_s_user_are_known() -> None:
    request = horizon_request("member")
    request.user.user_domain_id = "people"
    request.user.token = SimpleNamespace(id="token-1", expires=None, project={"id": "project", "domain_id": "places"})
    made = clouds.from_request(request)
    assert (made.user_domain_id, made.project_domain_id, made.region) == ("people", "places", "RegionOne")
    assert (made.domain_id, made.system_scope) == ("", "")


SCOPES = {
    "project": (
        {"project": {"id": "project", "name": "p", "domain": {"id": "places", "name": "P"}}},
        "project",
        "",
        "",
    ),
    "domain": ({"domain": {"id": "places", "name": "P"}}, "", "places", ""),
    "system": ({"system": {"all": True}}, "", "", "all"),
}


@pytest.mark.parametrize("scope", SCOPES)
def test_the_scope_of_a_login_is_known(scope: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(world.keystone.clouds_yaml(tmp_path, "operator")))
    world.wire_all(monkeypatch)
    told, project, domain, system = SCOPES[scope]
    login = world.keystone.login

    def scoped(query: object, body: object) -> object:
        status, answer, *headers = login(query, body)  # type: ignore[arg-type]
        del answer["token"]["project"]
        answer["token"].update(told, is_admin_project=False)
        return status, answer, *headers

    world.wire.handlers = [
        (method, path, scoped if handler == world.keystone.login else handler)
        for method, path, handler in world.wire.handlers
    ]
    made = clouds.from_clouds_yaml("operator")
    assert (made.project_id, made.domain_id, made.system_scope) == (project, domain, system)
    assert made.user_domain_id == "default"
    assert made.project_domain_id == ("places" if project else "")
    assert made.region == "RegionOne"
    rules = tmp_path / "policy.yaml"
    rules.write_text(
        '"project": "project_domain_id:places and project_id:%(project_id)s"\n"domain": "domain_id:places"\n'
        '"system": "system_scope:all"\n"admin": "is_admin_project:True"\n'
    )
    assert [rule for rule in (*SCOPES, "admin") if policy.allowed(made, rule, rules)] == [scope]


def test_an_overridden_address_counts_more_than_the_catalogue_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    file = world.keystone.clouds_yaml(tmp_path, "owner")
    file.write_text(
        file.read_text() + "    network_endpoint_override: http://near/n:9696/v2.0\n"
        "    load_balancer_endpoint_override: http://near/lb\n    metric_endpoint_override: http://near/metric/\n"
    )
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    world.wire_all(monkeypatch)
    made = clouds.from_clouds_yaml("owner")
    assert made.endpoint("network") == "http://near/n:9696/v2.0"
    assert made.endpoint("load-balancer") == made.octavia.endpoint == "http://near/lb/v2.0"
    assert made.endpoint("metric") == "http://near/metric"
    assert made.has("metric")
    assert made.endpoint("compute") == "http://fake/compute/v2.1"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_keystone_in_trouble_is_no_wrong_password(
    status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(world.keystone.clouds_yaml(tmp_path, "owner")))
    world.wire_all(monkeypatch)
    world.wire.trouble["/auth/tokens"] = [status]
    with pytest.raises(clouds.Unreachable, match="Keystone cannot be reached"):
        clouds.from_clouds_yaml("owner")
    world.keystone.passwords["owner"] = "changed"
    with pytest.raises(clouds.NotAllowed, match="Keystone does not accept this login"):
        clouds.from_clouds_yaml("owner")
