"""Keystone: logins with a password, into a project or through a trust that somebody gave."""

from __future__ import annotations

from pathlib import Path

from tests.unit.fake_openstack.server import Json, Query, Wire, catalogue
from tests.unit.fake_openstack.things import Things

CLOUDS = """
clouds:
  {name}:
    region_name: RegionOne
    auth:
      auth_url: http://fake/identity/v3
      username: {name}
      password: {password}
      project_name: production
      user_domain_name: Default
      project_domain_name: Default
"""


def id_of(name: str) -> str:
    """A user's id: 32 letters, as Keystone's are."""
    return f"{name.encode().hex():0<32}"


class Keystone:
    """`passwords` by user name; `logins` has every token given, newest last."""

    def __init__(self, wire: Wire, things: Things) -> None:
        self.things = things
        self.passwords: dict[str, str] = {}
        self.logins: list[Json] = []
        here = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "http://fake/identity/v3/"}]}
        wire.on("GET", "/identity/v3/?")(lambda query, body: {"version": here})
        wire.on("POST", "/identity/v3/auth/tokens")(self.login)

    def login(self, query: Query, body: Json) -> tuple[int, Json]:
        user = body["auth"]["identity"]["password"]["user"]
        if self.passwords.get(user["name"]) != user["password"]:
            return 401, {"error": {"message": "The request you have made requires authentication."}}
        id_, roles = id_of(user["name"]), [{"id": "member", "name": "member"}]
        scope = body["auth"].get("scope", {})
        if "OS-TRUST:trust" in scope:
            trust = self.things.kept["trusts"].get(scope["OS-TRUST:trust"]["id"])
            if trust is None or trust["trustee_user_id"] != id_:
                return 403, {"error": {"message": "The trust is not this user's."}}
            id_, roles = trust["trustor_user_id"], [{"id": one["name"], **one} for one in trust["roles"]]
        token = {
            "methods": ["password"],
            "user": {"id": id_, "name": user["name"], "domain": {"id": "default", "name": "Default"}},
            "project": {"id": "project", "name": "production", "domain": {"id": "default", "name": "Default"}},
            "roles": roles,
            "catalog": catalogue(),
            "issued_at": "2026-11-21T06:00:00.000000Z",
            "expires_at": "2036-11-21T06:00:00.000000Z",
        }
        self.logins.append(token)
        return 201, {"token": token}

    def clouds_yaml(self, folder: Path, name: str) -> Path:
        """A clouds.yaml with the login of this user, who exists from now on."""
        self.passwords[name] = "not-a-secret"
        file = folder / "clouds.yaml"
        file.write_text(CLOUDS.format(name=name, password=self.passwords[name]))
        return file
