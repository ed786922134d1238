"""`tenant-ops` logs in as every OpenStack client does: each kind of login, and a sentence for each that fails."""

from __future__ import annotations

import getpass
import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from openstack.config import cloud_region

from tests.unit.cli import logins
from tests.unit.cli.logins import AUTH, KINDS, WHO, Logins, run

Out = pytest.CaptureFixture[str]
LIST = ("--os-cloud", "it", "environment", "list", "-f", "json")


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Logins:
    return Logins(monkeypatch, tmp_path)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_login_in_clouds_yaml(door: Logins, kind: str, capsys: Out) -> None:
    door.entry(kind)
    code, out, err = run(capsys, *LIST)
    assert (code, json.loads(out), err) == (0, [], "")
    methods = door.logins[-1]["identity"]["methods"]
    wanted = {"v3multifactor": ["password", "totp"], "v3applicationcredential": ["application_credential"]}
    usual = "totp" if "totp" in kind else "password" if "oidc" not in kind and "password" in kind else "token"
    assert sorted(methods) == wanted.get(kind, [usual])
    scope = door.logins[-1].get("scope", {})
    assert scope.get("project", {}).get("name") == (None if kind == "v3applicationcredential" else "production")


@pytest.mark.parametrize("kind", [one for one in KINDS if one != "v3multifactor"])
def test_each_kind_of_login_in_variables(door: Logins, kind: str, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    door.environ(monkeypatch, kind)
    code, out, err = run(capsys, "environment", "list", "-f", "json")
    assert (code, json.loads(out), err) == (0, [], "")
    assert len(door.logins) == 1


def test_a_login_is_one_token_for_all_calls_of_a_command(door: Logins, capsys: Out) -> None:
    door.entry("v3totp")
    assert run(capsys, "--os-cloud", "it", "environment", "plan", "shop", "-f", "json")[0] == 0
    assert len(door.logins) == 1


@pytest.mark.parametrize(
    ("kind", "variable", "value"),
    [("password", "OS_PASSWORD", logins.PASSWORD), ("v3totp", "OS_PASSCODE", logins.PASSCODE)],
)
def test_a_secret_that_the_entry_lacks_is_a_variable_s_or_asked_for(
    door: Logins, kind: str, variable: str, value: str, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.entry(kind, auth={**KINDS[kind]["auth"], variable[3:].lower(): None})
    code, out, err = run(capsys, *LIST)
    assert (code, out) == (2, "")
    assert f"it has no {'Password' if kind == 'password' else 'TOTP passcode'}" in err
    asked: list[str] = []
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: (asked.append(prompt), value)[1])
    assert run(capsys, *LIST)[0] == 0
    assert len(asked) == 1
    monkeypatch.setenv(variable, value)
    assert run(capsys, *LIST)[0] == 0
    assert len(asked) == 1


def test_a_token_is_kept_in_the_keyring_where_clouds_yaml_says_so(
    door: Logins, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A passcode is good once: with `cache: {auth: true}` the next command needs none, as with openstackclient."""
    kept: dict[tuple[str, str], str] = {}
    keyring = SimpleNamespace(
        get_password=lambda service, name: kept.get((service, name)),
        set_password=lambda service, name, value: kept.update({(service, name): value}),
    )
    monkeypatch.setattr(cloud_region, "keyring", keyring)
    door.entry("v3totp")
    assert [run(capsys, *LIST)[0] for _ in range(2)] == [0, 0]
    assert (len(door.logins), kept) == (2, {})
    door.file.write_text(door.file.read_text() + "cache: {auth: true}\n")
    assert [run(capsys, *LIST)[0] for _ in range(2)] == [0, 0]
    assert len(door.logins) == 3
    assert len(kept) == 1


WRONG: dict[str, tuple[dict[str, Any], int, str]] = {
    "a password": ({"auth": {**KINDS["password"]["auth"], "password": "x"}}, 3, "Keystone does not accept this login"),
    "a passcode": (
        {**KINDS["v3totp"], "auth": {**KINDS["v3totp"]["auth"], "passcode": "0"}}, 3, "Keystone does not accept this login",
    ),
    "a token": (
        {**KINDS["token"], "auth": {**KINDS["token"]["auth"], "token": "gone"}}, 3, "Keystone does not accept this login",
    ),
    "another's project": (
        {"auth": {**KINDS["password"]["auth"], "project_name": "another"}}, 3, "Keystone does not accept this login",
    ),
    "a token into another's project": (
        {**KINDS["v3token"], "auth": {**KINDS["v3token"]["auth"], "project_name": "another"}}, 3,
        "Keystone does not accept this login",
    ),
    "no Keystone": ({"auth_type": "none", "auth": {"endpoint": "http://fake/compute"}}, 2, "logs in to no Keystone"),
    "no such kind": ({"auth_type": "v3crystalball", "auth": {**AUTH}}, 2, "v3crystalball could not be found"),
    "no secret": (
        {"auth_type": "v3applicationcredential", "auth": {**AUTH, "application_credential_id": "a"}}, 2, "must provide an auth secret",
    ),
    "no time": ({**KINDS["password"], "api_timeout": "soon"}, 2, "soon"),
    "a time before now": ({**KINDS["password"], "api_timeout": "-1"}, 2, "api_timeout: -1"),
    "an address to fill in": (
        {**KINDS["password"], "orchestration_endpoint_override": "http://near/%(place)s"}, 2, "set for Heat cannot be filled in",
    ),
    "a domain": ({"auth": {**AUTH, **WHO, "password": logins.PASSWORD, "domain_id": "default"}}, 3, "for a whole domain"),
    "the system": ({"auth": {**AUTH, **WHO, "password": logins.PASSWORD, "system_scope": "all"}}, 3, "for the whole system"),
    "nothing": ({"auth": {**AUTH, **WHO, "password": logins.PASSWORD}}, 3, "for no project"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize(
    "command", ["environment list", "environment launch shop", "loadbalancer list", "firewall list"]
)
def test_a_login_that_fails_is_one_line_and_an_exit_code(door: Logins, wrong: str, command: str, capsys: Out) -> None:
    entry, code, says = WRONG[wrong]
    if wrong == "an address to fill in" and command not in ("environment list", "environment launch shop"):
        return
    door.entry(**entry)
    found, out, err = run(capsys, "--os-cloud", "it", *command.split())
    assert (found, out) == (code, ""), err
    (line,) = err.splitlines()
    assert says in line


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ((401, {"error": "invalid_grant"}), "Keystone does not accept this login"),
        (b"<html>Welcome</html>", "cannot be read"),
        ({"token_type": "Bearer"}, "cannot be read"),
        ((503, {}), "Keystone cannot be reached"),
    ],
)
def test_an_identity_provider_that_says_no_or_nothing_of_use(door: Logins, answer: Any, says: str, capsys: Out) -> None:
    door.entry("v3oidcpassword")
    door.idp = answer
    code, out, err = run(capsys, *LIST)
    assert (code, out) == (3, "")
    (line,) = err.splitlines()
    assert says in line


def test_a_keystone_that_is_away_is_out_of_reach(door: Logins, capsys: Out) -> None:
    door.entry()
    door.wire.trouble["auth/tokens"] = [requests.ConnectionError("refused")]
    code, out, err = run(capsys, *LIST)
    assert (code, out) == (3, "")
    assert "Keystone cannot be reached" in err


@pytest.mark.parametrize("service", ["orchestration", "load-balancer"])
def test_a_role_that_is_missing_is_in_the_plan_and_ends_a_launch(door: Logins, service: str, capsys: Out) -> None:
    door.entry()
    door.roles = frozenset({"member", "reader"}) if service == "load-balancer" else frozenset({"guest"})
    door.wire.trouble[f"GET /{service}"] = [403] * 99
    code, out, err = run(capsys, "--os-cloud", "it", "environment", "plan", "shop", "-f", "json")
    told = json.loads(out)
    wanted = "'load-balancer_member'" if service == "load-balancer" else "'member'"
    assert (code, told["ok"]) == (3, False)
    assert f"Ask whoever gives roles in production for {wanted}" in told["problems"]["roles"]
    assert err.startswith("roles: ")
    assert told["resources"] and not {one["service"] for one in told["quotas"]} & {service}
    code, out, err = run(capsys, "--os-cloud", "it", "environment", "launch", "shop", "-f", "json")
    assert (code, out) == (3, "")
    assert wanted in err
    assert door.world.heat.stacks == {}


@pytest.mark.parametrize(("service", "name"), [("compute", "Nova"), ("network", "Neutron"), ("image", "Glance")])
def test_a_service_that_lets_nobody_read_ends_a_plan_in_its_words(
    door: Logins, service: str, name: str, capsys: Out
) -> None:
    door.entry()
    door.wire.trouble[f"GET /{service}"] = [403] * 9
    code, out, err = run(capsys, "--os-cloud", "it", "environment", "plan", "shop", "-f", "json")
    assert (code, out) == (3, "")
    assert err.startswith(f"{name}: ") and "req-" in err


@pytest.mark.parametrize(
    ("roles", "said"),
    [(frozenset(), "Keystone knows no role of ann in the project production, so its catalogue for this login is empty"),
     (frozenset({"member"}), "Keystone's catalogue for ann in the project production is empty")],
)  # fmt: skip
@pytest.mark.parametrize("command", ["environment list", "clone orphans", "doctor"])
def test_an_empty_catalogue_is_told_as_what_it_is(
    door: Logins, command: str, roles: frozenset[str], said: str, capsys: Out
) -> None:
    door.entry()
    door.roles, door.catalog = roles, []
    code, out, err = run(capsys, "--os-cloud", "it", *command.split())
    assert code != 0
    assert said in " ".join((out + err).replace("|", " ").split()), (out, err)
    assert "catalogue has no" not in err.replace("catalogue has no service 'tenant-ops'", "")


@pytest.mark.parametrize("command", ["posture show", "reachability snapshot"])
def test_a_login_for_no_project_may_ask_for_all_projects(door: Logins, command: str, capsys: Out) -> None:
    """A token of the system has the services; one of a domain has those alone whose addresses need no project."""
    for scope, wanted, says in (
        ({"system_scope": "all"}, 0, ""),
        ({"domain_id": "default"}, 3, "catalogue has no Neutron"),
    ):
        door.entry(auth={**AUTH, **WHO, "password": logins.PASSWORD, **scope})
        code, _out, err = run(capsys, "--os-cloud", "it", *command.split(), "--all-projects")
        assert code == wanted, err
        assert says in err
