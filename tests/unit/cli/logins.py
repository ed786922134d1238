"""A Keystone that takes logins of every kind, and clouds.yaml with an entry of each; every call is kept with its host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import yaml

from tenant_ops_dashboard.cli import main
from tests.unit.fake_openstack.server import SERVICES, Answer, Json, Login, Query, Wire, catalogue
from tests.unit.fake_openstack.world import World

AUTH = {"auth_url": "http://fake/identity/v3"}
WHO = {"username": "ann", "user_domain_id": "default"}
WHERE = {"project_name": "production", "project_domain_id": "default"}
PASSWORD, PASSCODE, SECRET = "not-a-secret", "123456", "not-a-secret-either"
_FEDERATED = {
    "identity_provider": "corp", "protocol": "openid", "client_id": "tenant-ops", "client_secret": SECRET,
    "access_token_endpoint": "http://fake/idp/token",
}  # fmt: skip
#: What an entry of clouds.yaml has for each kind of login.
KINDS: dict[str, Json] = {
    "password": {"auth": {**AUTH, **WHO, **WHERE, "password": PASSWORD}},
    "v3password": {"auth_type": "v3password", "auth": {**AUTH, **WHO, **WHERE, "password": PASSWORD}},
    "v3totp": {"auth_type": "v3totp", "auth": {**AUTH, **WHO, **WHERE, "passcode": PASSCODE}},
    "v3multifactor": {
        "auth_type": "v3multifactor", "auth_methods": ["v3password", "v3totp"],
        "auth": {**AUTH, **WHO, **WHERE, "password": PASSWORD, "passcode": PASSCODE},
    },
    "v3applicationcredential": {
        "auth_type": "v3applicationcredential",
        "auth": {**AUTH, "application_credential_id": "credential", "application_credential_secret": SECRET},
    },
    "v3token": {"auth_type": "v3token", "auth": {**AUTH, **WHERE, "token": "token-of-ann"}},
    "token": {"auth_type": "token", "auth": {**AUTH, **WHERE, "token": "token-of-ann"}},
    "v3oidcpassword": {
        "auth_type": "v3oidcpassword", "auth": {**AUTH, **WHERE, **_FEDERATED, "username": "ann", "password": PASSWORD},
    },
    "v3oidcclientcredentials": {"auth_type": "v3oidcclientcredentials", "auth": {**AUTH, **WHERE, **_FEDERATED}},
    "v3oidcaccesstoken": {
        "auth_type": "v3oidcaccesstoken",
        "auth": {**AUTH, **WHERE, "identity_provider": "corp", "protocol": "openid", "access_token": "of-the-idp"},
    },
}  # fmt: skip
_HAS = {"password": ("password", PASSWORD), "totp": ("passcode", PASSCODE)}
_UNAUTHORIZED = (
    401,
    {"error": {"code": 401, "message": "The request you have made requires authentication.", "title": "U"}},
)


class Kept(Wire):
    """`sent` has method, host, path, and the options of requests of every call; forms are read as JSON is."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[str, str, str, Mapping[str, Any]]] = []

    def send(self, request: requests.PreparedRequest, timeout: Any = None, **options: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        self.sent.append((str(request.method), parts.netloc, parts.path, {**options, "timeout": timeout}))
        if "form" in str(request.headers.get("Content-Type")):
            request = request.copy()
            request.body = json.dumps(dict(parse_qsl(str(request.body))))
        return super().send(request, timeout, **options)


class Logins:
    """`logins` are the bodies that Keystone got, `catalog` is in every token that is for something."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.wire = Kept()
        self.world = World(wire=self.wire)
        self.world.wire_all(monkeypatch)
        self.catalog = catalogue()
        self.logins: list[Json] = []
        self.roles = frozenset({"member", "reader"})
        self.idp: Answer = {"access_token": "of-the-idp"}
        self.file = folder / "clouds.yaml"
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(self.file))
        for method, path, handler in (
            ("POST", "/identity/v3/auth/tokens", self.login),
            ("POST", "/identity/v3/OS-FEDERATION/identity_providers/corp/protocols/openid/auth", self.federated),
            ("GET", "/identity/v3/OS-FEDERATION/identity_providers/corp/protocols/openid/auth", self.federated),
            ("POST", "/idp/token", lambda query, body: self.idp),
        ):
            self.wire.on(method, path)(handler)
            self.wire.handlers.insert(0, self.wire.handlers.pop())

    def login(self, query: Query, body: Json) -> Answer:
        """A token for whoever knows what his method asks for, in a scope that he has."""
        self.logins.append(body["auth"])
        identity, scope = body["auth"]["identity"], body["auth"].get("scope", {})
        for method in identity["methods"]:
            told = identity[method]
            if method in _HAS:
                name, value = _HAS[method]
                good = told["user"].get(name) == value
            elif method == "application_credential":
                good = (told["id"], told["secret"]) == ("credential", SECRET)
                scope = {"project": {"name": "production"}}
            else:
                good = told["id"] in ("token-of-ann", "unscoped-of-ann", "token-for-ann")
            if not good:
                return _UNAUTHORIZED
        if "project" in scope and not {"production", "project"} & {*map(str, scope["project"].values())}:
            return _UNAUTHORIZED
        return self._given(scope if isinstance(scope, dict) else {})

    def federated(self, query: Query, body: Json) -> Answer:
        """An unscoped token, in Keystone's header."""
        status, told, _headers = self._given({})
        return status, told, {"X-Subject-Token": "unscoped-of-ann"}

    def _given(self, scope: Json) -> tuple[int, Json, dict[str, str]]:
        login = Login("project", self.roles, "ann", "user-ann")
        token = {**self.world.keystone._token(login), "catalog": self.catalog}
        if "project" not in scope:
            for name in ("project", "roles", "catalog", "is_domain"):
                token.pop(name)
        if "domain" in scope:
            token |= {"domain": {"id": "default", "name": "Default"}, "roles": [{"id": "admin", "name": "admin"}],
                      "catalog": [one for one in self.catalog if one["type"] == "identity"]}  # fmt: skip
        if "system" in scope:
            token |= {"system": {"all": True}, "roles": [{"id": "admin", "name": "admin"}], "catalog": self.catalog}
        self.wire.logins["token-for-ann"] = login
        return 201, {"token": token}, {"X-Subject-Token": "token-for-ann"}

    def entry(self, kind: str = "password", **more: Any) -> None:
        """clouds.yaml has one cloud, 'it', with this kind of login and what more is said of it."""
        made: Json = {**KINDS[kind], **more}
        if "auth" in more:
            made["auth"] = {name: value for name, value in more["auth"].items() if value is not None}
        self.file.write_text(yaml.safe_dump({"clouds": {"it": made}}))

    def environ(self, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
        """The same login in OS_ variables, and no clouds.yaml."""
        entry = KINDS[kind]
        for name, value in {**entry["auth"], "auth_type": entry.get("auth_type", "password")}.items():
            monkeypatch.setenv(f"OS_{name.upper()}", value)

    def hosts(self, service: str) -> set[str]:
        """Where the calls to a service went."""
        root = urlsplit(SERVICES[service]).path
        return {host for _, host, path, _ in self.wire.sent if path.startswith(root)}


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code, and what was said on both streams."""
    try:
        code = main.main(list(words))
    except SystemExit as left:
        code = int(str(left.code))
    said = capsys.readouterr()
    return code, said.out, said.err


def placed(**hosts: Mapping[str, str] | str) -> list[Json]:
    """A catalogue: by region the host where all services are, or a mapping of services to hosts."""
    made: list[Json] = []
    for name, address in SERVICES.items():
        endpoints = []
        for region, host in hosts.items():
            here = host if isinstance(host, str) else host.get(name, "")
            if here:
                endpoints.append(
                    {"interface": "public", "region": region, "region_id": region, "id": f"{name}-{region}",
                     "url": address.replace("fake", here)}
                )  # fmt: skip
        made.append({"type": name, "name": name, "id": name, "endpoints": endpoints})
    return made
