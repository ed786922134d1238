"""Keystone: a trust with more in it than Keystone knows of, and acting through it."""

from __future__ import annotations

import datetime
import uuid

import pytest

from tenant_ops_dashboard import cloud as clouds
from tests.conformance.cases.identity import PATH, forbidden, said
from tests.conformance.registry import case
from tests.conformance.target import Json, Target

MISSING = (404, said(404, "Not Found", "Could not find trust: ID."))


def trust(t: Target, **fields: object) -> Json:
    """What is asked of Keystone for a trust of the owner's, for the service user."""
    me = t.person()
    # Until another second in every run: even of those that are gone Keystone keeps no two alike.
    moment = datetime.datetime(2036, 1, 1) + datetime.timedelta(seconds=uuid.uuid4().int % 10**8)
    return {"trust": {
        "trustor_user_id": me.cloud.user_id, "trustee_user_id": t.person("tenant-ops").cloud.user_id,
        "project_id": me.project, "impersonation": True, "roles": [{"name": "member"}, {"name": "reader"}],
        "expires_at": f"{moment:%FT%T}.000000Z", **fields,
    }}  # fmt: skip


@case
def what_a_trust_carries(t: Target) -> None:
    me, service, developer = t.person(), t.person("tenant-ops"), t.person("developer")
    more = {"tenant_ops_clone": t.name, "tenant_ops_terms": {"to": ["development"], "longest": 60}}
    made = t.make("identity", PATH, trust(t, **more, allow_redelegation=True))
    assert (made["redelegation_count"] > 0, "allow_redelegation" in made) == (True, False)
    listed = service.get("identity", PATH, trustee_user_id=service.cloud.user_id)
    (row,) = [one for one in listed.body["trusts"] if one["id"] == made["id"]]
    assert {name: row[name] for name in more} == more
    assert (row["trustor_user_id"], row["project_id"], "roles" in row) == (me.cloud.user_id, me.project, False)
    for person in (me, service):
        shown = person.get("identity", f"{PATH}/{made['id']}")
        assert (shown.status, {one["name"] for one in shown.body["trust"]["roles"]}) == (200, {"member", "reader"})
    assert developer.get("identity", f"{PATH}/{made['id']}").refused() == forbidden("get_trust")
    past = me.post("identity", PATH, trust(t, expires_at="2020-01-01T00:00:00.000000Z"))
    words = "The 'expires_at' must not be before now. The server could not comply with the request since it is either "
    words += "malformed or otherwise incorrect. The client is assumed to be in error."
    assert past.refused() == (400, said(400, "Bad Request", words))


@case
def acting_through_a_trust(t: Target) -> None:
    me, service = t.person(), t.person("tenant-ops")
    made = t.make("identity", PATH, trust(t))
    path = f"{PATH}/{made['id']}"
    there = t.through(made["id"])
    assert (there.cloud.user_id, there.cloud.user_name, there.project) == (
        me.cloud.user_id, me.cloud.user_name, me.project,
    )  # fmt: skip
    assert there.cloud.roles == {"member", "reader"}
    volume = t.volume()
    assert there.get("block-storage", f"/volumes/{volume}").status == 200
    assert service.get("block-storage", f"/volumes/{volume}").status == 404
    assert there.says(str(there.cloud.session.get_token())).refused() == forbidden("validate_token")
    words = said(403, "Forbidden", "You are not authorized to perform the requested action.")
    assert there.post("identity", PATH, trust(t)).refused() == (403, words)
    assert service.delete("identity", path).refused() == forbidden("delete_trust")
    assert there.delete("identity", path).status == 204
    for person in (me, service):
        assert person.get("identity", path).refused(made["id"]) == MISSING
    with pytest.raises(clouds.NotAllowed, match="HTTP 401"):
        t.through(made["id"])
    t.until(lambda: me.get("block-storage", f"/volumes/{volume}").body["volume"]["status"] == "available")


@case
def a_trust_of_others(t: Target) -> None:
    made = t.make("identity", PATH, trust(t, trustee_user_id=t.person("developer").cloud.user_id))
    with pytest.raises(clouds.NotAllowed):
        t.through(made["id"])


@case
def an_application_credential_and_trusts(t: Target) -> None:
    bearer, me = t.credential(), t.person()
    assert (bearer.cloud.user_id, bearer.project) == (me.cloud.user_id, me.project)
    made = t.make("identity", PATH, trust(t))
    words = "You are not authorized to perform the requested action: Delegated tokens cannot manage trusts.."
    for answer in (
        bearer.get("identity", PATH, trustor_user_id=me.cloud.user_id),
        bearer.post("identity", PATH, trust(t)),
        bearer.get("identity", f"{PATH}/{made['id']}"),
        bearer.delete("identity", f"{PATH}/{made['id']}"),
    ):
        assert answer.refused() == (403, said(403, "Forbidden", words))
