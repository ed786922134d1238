"""Keystone: trusts, users, and what a token is good for."""

from __future__ import annotations

import datetime
import uuid

import pytest

from tenant_ops_dashboard import cloud as clouds
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Json, Target

PATH = "/OS-TRUST/trusts"


def said(code: int, title: str, words: str) -> Json:
    """An error of Keystone's."""
    return {"error": {"code": code, "message": words, "title": title}}


def forbidden(what: str) -> tuple[int, Json]:
    return 403, said(403, "Forbidden", f"You are not authorized to perform the requested action: identity:{what}.")


@case
def a_trust(t: Target) -> None:
    me, other = t.person(), t.person("developer")
    # Until another second in every run: even of those that are gone Keystone keeps no two alike.
    moment = datetime.datetime(2036, 1, 1) + datetime.timedelta(seconds=uuid.uuid4().int % 10**8)
    asked = {
        "trustor_user_id": me.cloud.user_id, "trustee_user_id": other.cloud.user_id, "project_id": me.project,
        "impersonation": True, "roles": [{"name": "member"}], "expires_at": f"{moment:%FT%T}.000000Z",
        "tenant_ops_environment": "x",
    }  # fmt: skip
    made = t.make("identity", PATH, {"trust": asked})
    t.recorded.like("trust, made", made)
    assert made["expires_at"] == asked["expires_at"]
    words = "Conflict occurred attempting to store trust - Duplicate entry found with ID ID."
    assert me.post("identity", PATH, {"trust": asked}).refused() == (409, said(409, "Conflict", words))
    assert me.post("identity", PATH, {"trust": {**asked, "expires_at": f"{moment:%FT%T}.000001Z"}}).status == 409
    later = {**asked, "expires_at": f"{moment + datetime.timedelta(seconds=1):%FT%T}.000000Z"}
    assert t.make("identity", PATH, {"trust": later})["id"] != made["id"]
    (role,) = made["roles"]
    assert role["name"] == "member"
    listed = me.get("identity", PATH, trustor_user_id=me.cloud.user_id)
    (row,) = [one for one in listed.body["trusts"] if one["id"] == made["id"]]
    t.recorded.like("trust", row)
    assert "roles" not in row
    assert {row[name] for name in ("tenant_ops_environment", "project_id")} == {"x", me.project}
    assert (set(listed.body), listed.body["links"]["next"]) == ({"trusts", "links"}, None)
    received = other.get("identity", PATH, trustee_user_id=other.cloud.user_id)
    assert made["id"] in [one["id"] for one in received.body["trusts"]]
    assert other.get("identity", PATH, trustor_user_id=me.cloud.user_id).refused() == forbidden(
        "list_trusts_for_trustor"
    )
    assert other.get("identity", PATH).refused() == forbidden("list_trusts")
    path = f"{PATH}/{made['id']}"
    assert other.delete("identity", path).refused() == forbidden("delete_trust")
    assert me.delete("identity", path).status == 204
    missing = (404, said(404, "Not Found", "Could not find trust: ID."))
    assert me.delete("identity", path).refused(made["id"]) == missing
    assert me.post("identity", PATH, {"trust": asked}).refused() == (409, said(409, "Conflict", words))
    assert me.post("identity", PATH, {"trust": {**asked, "roles": [{"name": "admin"}]}}).status in (403, 404)
    stranger = {**asked, "trustor_user_id": other.cloud.user_id}
    assert me.post("identity", PATH, {"trust": stranger}).status == 403


@case
def users(t: Target) -> None:
    assert t.person().get("identity", "/users", name="developer").refused() == forbidden("list_users")
    found = t.person("operator").get("identity", "/users", name="developer")
    (row,) = found.body["users"]
    t.recorded.like("user", row)
    assert row["id"] == t.person("developer").cloud.user_id
    assert t.person("operator").get("identity", "/users", name="nobody").body["users"] == []


@case
def the_catalogue_of_a_token(t: Target) -> None:
    me = t.person()
    found = me.get("identity", "/auth/catalog")
    assert found.status == 200
    (network,) = [one for one in found.body["catalog"] if one["type"] == "network"]
    t.recorded.like("service", {**network, "endpoints": []})
    (public,) = [one for one in network["endpoints"] if (one["interface"], one["region"]) == ("public", "RegionOne")]
    t.recorded.like("endpoint", public)


@case
def a_login(t: Target) -> None:
    version = t.person().get("identity", "").body["version"]
    assert (version["status"], version["links"][0]["rel"]) == ("stable", "self")
    refused = (401, said(401, "Unauthorized", "The request you have made requires authentication."))
    assert t.person().log_in("nobody", "wrong").refused() == refused
    assert t.person().log_in("owner", "wrong").refused() == refused


@case
def a_token_says_what_it_is(t: Target) -> None:
    me = t.person()
    told = me.says(str(me.cloud.session.get_token()))
    assert told.status == 200
    token = told.body["token"]
    assert (token["user"]["id"], token["user"]["name"]) == (me.cloud.user_id, me.cloud.user_name)
    assert (token["project"]["id"], token["project"]["name"]) == (me.project, me.cloud.project_name)
    assert {one["name"] for one in token["roles"]} >= {"member"}
    assert "network" in {one["type"] for one in token["catalog"]}
    assert {"issued_at", "expires_at", "methods"} <= set(token)
    unknown = "The request you have made requires authentication."
    assert me.says("gAAAAABinvented").refused() == (401, said(401, "Unauthorized", unknown))


@case
def a_token_for_another_project(t: Target) -> None:
    me = t.person("auditor")
    listed = me.get("identity", "/auth/projects")
    assert listed.status == 200
    assert (set(listed.body), listed.body["links"]["next"]) == ({"projects", "links"}, None)
    (row,) = [one for one in listed.body["projects"] if one["id"] == me.project]
    assert (row["name"], row["enabled"]) == (me.cloud.project_name, True)
    there = clouds.elsewhere(me.cloud, me.project)
    assert (there.user_id, there.project_id, there.roles) == (me.cloud.user_id, me.project, me.cloud.roles)
    assert there.session.get_token() != me.cloud.session.get_token()
    with pytest.raises(clouds.NotAllowed):
        clouds.elsewhere(me.cloud, t.person("developer").project if len(listed.body["projects"]) == 1 else NOTHING)


@case
def the_tags_of_a_project(t: Target) -> None:
    me, other = t.person(), t.person("developer")
    found = me.get("identity", f"/projects/{me.project}/tags")
    assert found.status == 200
    assert set(found.body) == {"tags", "links"}
    assert all(isinstance(one, str) for one in found.body["tags"])
    assert other.get("identity", f"/projects/{me.project}/tags").refused() == forbidden("list_project_tags")
