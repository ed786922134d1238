"""Keystone: logins with a password, into a project or through a trust that somebody gave."""

from __future__ import annotations

import datetime
from dataclasses import replace
from pathlib import Path

from tenant_ops_dashboard.cloud.values import moment
from tests.conformance.recorded import examples
from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.filters import filtered
from tests.unit.fake_openstack.server import Answer, Json, Login, Query, Wire, catalogue
from tests.unit.fake_openstack.things import Things

CLOUDS = """
clouds:
  {name}:
    region_name: RegionOne
    auth:
      auth_url: http://fake/identity/v3
      username: {name}
      password: {password}
      project_name: {project}
      user_domain_name: Default
      project_domain_name: Default
"""


def id_of(name: str) -> str:
    """A user's id: 32 letters, as Keystone's are."""
    return f"{name.encode().hex():0<32}"


NOT_ALLOWED = "You are not authorized to perform the requested action."
PAST = (
    "The 'expires_at' must not be before now. The server could not comply with the request since it is either malformed "
    "or otherwise incorrect. The client is assumed to be in error."
)
ROLES_LINKS = {"self": "", "next": None, "previous": None}
#: Keystone's of 2026.1 says so to whoever came with an application credential.
DELEGATED = "You are not authorized to perform the requested action: Delegated tokens cannot manage trusts.."


def _says(status: int, title: str, words: str) -> tuple[int, Json]:
    return status, {"error": {"code": status, "message": words, "title": title}}


def _forbidden(what: str) -> tuple[int, Json]:
    return _says(403, "Forbidden", f"You are not authorized to perform the requested action: identity:{what}.")


def _held(who: Login) -> frozenset[str]:
    """A member is a reader, too."""
    return who.roles | {"reader"} if "member" in who.roles else who.roles


class Keystone:
    """`passwords` by user name; `logins` has every token given, newest last; `tags` are projects' by id."""

    def __init__(self, wire: Wire, things: Things) -> None:
        self.things = things
        self.passwords: dict[str, str] = {}
        self.logins: list[Json] = []
        self.given: set[tuple[str, ...]] = set()
        self.tags: dict[str, list[str]] = {}
        here = {"id": "v3.14", "status": "stable", "links": [{"rel": "self", "href": "http://fake/identity/v3/"}]}
        wire.on("GET", "/identity/v3/?")(lambda query, body: {"version": here})
        wire.on("POST", "/identity/v3/auth/tokens")(self.login)
        wire.on("GET", "/identity/v3/auth/tokens")(self.told)
        wire.on("GET", "/identity/v3/auth/projects")(self.projects)
        wire.on("GET", "/identity/v3/projects/([^/]+)/tags")(self.project_tags)
        wire.on("GET", "/identity/v3/auth/catalog")(lambda query, body: {"catalog": catalogue()})
        wire.on("GET", "/identity/v3/users")(self.users)
        wire.on("GET", "/identity/v3/OS-TRUST/trusts")(self.trusts)
        wire.on("POST", "/identity/v3/OS-TRUST/trusts")(self.give)
        wire.on("GET", "/identity/v3/OS-TRUST/trusts/([^/]+)")(self.trust)
        wire.on("DELETE", "/identity/v3/OS-TRUST/trusts/([^/]+)")(self.take_back)

    def login(self, query: Query, body: Json) -> Answer:
        if "token" in body["auth"]["identity"]["methods"]:
            return self.rescope(body["auth"])
        user = body["auth"]["identity"]["password"]["user"]
        if self.passwords.get(user["name"]) != user["password"]:
            return _says(401, "Unauthorized", "The request you have made requires authentication.")
        scope = body["auth"].get("scope", {})
        asked = scope.get("project", {}).get("name", "production")
        id_, roles, project, trusted = id_of(user["name"]), ["member"], "project" if asked == "production" else asked, ""
        if "OS-TRUST:trust" in scope:
            trust = self._standing(scope["OS-TRUST:trust"]["id"])
            if trust is None:
                return _says(401, "Unauthorized", "The request you have made requires authentication.")
            if trust["trustee_user_id"] != id_:
                return _says(403, "Forbidden", NOT_ALLOWED)
            id_, project, trusted = trust["trustor_user_id"], trust["project_id"], trust["id"]
            roles = [one["name"] for one in trust["roles"]]
        who = next((name for name in self.passwords if id_of(name) == id_), id_.removeprefix("user-"))
        login = Login(project, frozenset(roles), "owner" if id_ == "user-1" else who, id_, trusted)
        login = replace(login, roles=_held(login))
        self.logins.append(self._token(login))
        name = f"token-of-login-{len(self.logins)}"
        self.things.wire.logins[name] = login
        return 201, {"token": self.logins[-1]}, {"X-Subject-Token": name}

    def rescope(self, asked: Json) -> Answer:
        """A token for a token, into another project in which its owner has roles."""
        login = self.things.wire.logins.get(asked["identity"]["token"]["id"])
        there = self._theirs(login) if login else {}
        project = asked["scope"]["project"]["id"]
        if project not in there:
            return _says(401, "Unauthorized", "The request you have made requires authentication.")
        name = f"token-of-{there[project].user}-in-{project}"
        self.things.wire.logins[name] = there[project]
        return 201, {"token": self._token(there[project])}, {"X-Subject-Token": name}

    def projects(self, query: Query, body: Json) -> Answer:
        """The projects in which whoever asks has a role."""
        rows = [{"id": id_, "name": "production" if id_ == "project" else id_, "enabled": True, "domain_id": "default",
                 "is_domain": False, "parent_id": "default", "description": "", "options": {}, "tags": [], "links": {}}
                for id_ in self._theirs(self.things.wire.who)]  # fmt: skip
        return {
            "projects": rows,
            "links": {"next": None, "self": "http://fake/identity/v3/auth/projects", "previous": None},
        }

    def project_tags(self, id_: str, query: Query, body: Json) -> Answer:
        """A project's tags, to whoever has a token for it."""
        if self.things.wire.who.project != id_ and not self.things.wire.who.admin:
            return _forbidden("list_project_tags")
        return {"tags": self.tags.get(id_, []), "links": {"self": "http://fake/identity/v3"}}

    def _theirs(self, login: Login) -> dict[str, Login]:
        logins = self.things.wire.logins.values()
        return {one.project: one for one in logins if one.user == login.user and one.project}

    def told(self, query: Query, body: Json) -> Answer:
        """What a token says of itself, to whoever has it; one that nobody gave out is none."""
        who = self.things.wire.who
        if who is self.things.wire.anybody:
            return _says(401, "Unauthorized", "The request you have made requires authentication.")
        if who.trust:
            return _forbidden("validate_token")
        return {"token": self._token(who)}

    def _token(self, who: Login) -> Json:
        return {
            "methods": ["password"],
            "user": {"id": who.id or self._id(who.user), "name": who.user, "domain": {"id": "default", "name": "Default"},
                     "password_expires_at": None},
            **({"project": {"id": who.project, "name": "production" if who.project == "project" else who.project,
                            "domain": {"id": "default", "name": "Default"}},
                "roles": [{"id": name, "name": name} for name in sorted(who.roles)],
                "catalog": catalogue(), "is_domain": False} if who.project else {}),
            "audit_ids": ["audit"],
            "issued_at": "2026-11-21T06:00:00.000000Z",
            "expires_at": "2036-11-21T06:00:00.000000Z",
        }  # fmt: skip

    def users(self, query: Query, body: Json) -> Answer:
        """Those who ever logged in here or have a token, for administrators."""
        who = self.things.wire.who
        if not who.admin:
            return _forbidden("list_users")
        names = {*self.passwords, *(one.user for one in self.things.wire.logins.values())}
        rows = [{**examples()["user"], "id": self._id(name), "name": name} for name in sorted(names)]
        return paging.keystone(filtered(rows, query), query, "users", "/v3/users", self.things.cap)

    def trusts(self, query: Query, body: Json) -> Answer:
        """A list of trusts does not tell their roles, and is for those it is about."""
        who, asked = self.things.wire.who, dict(query)
        if who.credential:
            return _says(403, "Forbidden", DELEGATED)
        for side in ("trustor", "trustee"):
            if f"{side}_user_id" in asked and not self._is(asked[f"{side}_user_id"]) and not who.admin:
                return _forbidden(f"list_trusts_for_{side}")
        if not asked and not who.admin:
            return _forbidden("list_trusts")
        rows = [{name: value for name, value in one.items() if name != "roles"}
                for one in filtered(self.things.kept["trusts"].values(), query)]  # fmt: skip
        return paging.keystone(rows, query, "trusts", "/v3/OS-TRUST/trusts", self.things.cap)

    def give(self, query: Query, body: Json) -> Answer:
        """Nobody gives what he has not, or for another, or the same until the same second: not even once it is gone."""
        who, asked = self.things.wire.who, body["trust"]
        if who.credential or who.trust:
            return _says(403, "Forbidden", DELEGATED if who.credential else NOT_ALLOWED)
        if not self._is(asked["trustor_user_id"]):
            return _forbidden("create_trust")
        if lacking := [role["name"] for role in asked["roles"] if role["name"] not in _held(who)]:
            return _says(404, "Not Found", f"Could not find role: {lacking[0]}.")
        end = moment(asked.get("expires_at"))
        if end is not None and end < self._now():
            return _says(400, "Bad Request", PAST)
        same = (
            *(asked[name] for name in ("trustor_user_id", "trustee_user_id", "project_id")),
            str(asked.get("expires_at"))[:19],
        )
        if end is not None and same in self.given:
            words = f"Conflict occurred attempting to store trust - Duplicate entry found with ID {'a' * 32}."
            return _says(409, "Conflict", words)
        self.given.add(same)
        roles = [{"id": role["name"], **role} for role in asked["roles"]]
        again = 3 if asked.get("allow_redelegation") else 0
        kept = {name: value for name, value in asked.items() if name != "allow_redelegation"}
        made = self.things.add("trusts", **{"expires_at": None, **kept, "roles": roles, "redelegation_count": again})
        return 201, {"trust": {**made, "roles_links": ROLES_LINKS}}

    def trust(self, id_: str, query: Query, body: Json) -> Answer:
        """One trust with its roles, to the two whom it is about."""
        found, who = self._standing(id_), self.things.wire.who
        if who.credential:
            return _says(403, "Forbidden", DELEGATED)
        if found is None:
            return _says(404, "Not Found", f"Could not find trust: {id_}.")
        if not who.admin and not self._is(found["trustor_user_id"]) and not self._is(found["trustee_user_id"]):
            return _forbidden("get_trust")
        return {"trust": {**found, "roles_links": ROLES_LINKS}}

    def take_back(self, id_: str, query: Query, body: Json) -> Answer:
        if self.things.wire.who.credential:
            return _says(403, "Forbidden", DELEGATED)
        found = self._standing(id_)
        if found is None:
            return _says(404, "Not Found", f"Could not find trust: {id_}.")
        if not self._is(found["trustor_user_id"]) and not self.things.wire.who.admin:
            return _forbidden("delete_trust")
        del self.things.kept["trusts"][id_]
        return 204, None

    def _standing(self, id_: str) -> Json | None:
        """The trust, None once it has expired: then it is only listed."""
        found: Json | None = self.things.kept["trusts"].get(id_)
        end = moment(found.get("expires_at")) if found else None
        return None if end is not None and end <= self._now() else found

    def _now(self) -> datetime.datetime:
        """This cloud's time; tests give trusts by their own clock, which may be later."""
        now = datetime.datetime.now(datetime.UTC)
        return min(self.things.wire.now or now, now)

    def _is(self, user_id: str) -> bool:
        """Whether this is who asks; of a token that was not given out here nobody knows whose it is."""
        who = self.things.wire.who
        return who is self.things.wire.anybody or user_id == (who.id or self._id(who.user))

    def _id(self, name: str) -> str:
        """A user's id, as the logins of these tests have it."""
        return id_of(name) if name in self.passwords else "user-1" if name == "owner" else f"user-{name}"

    def clouds_yaml(self, folder: Path, name: str, project: str = "production") -> Path:
        """A clouds.yaml with the login of this user, who exists from now on."""
        self.passwords[name] = "not-a-secret"
        file = folder / "clouds.yaml"
        file.write_text(CLOUDS.format(name=name, password=self.passwords[name], project=project))
        return file
