"""Barbican: secrets and containers as a member of the project stores, lists and deletes them."""

from __future__ import annotations

import base64
from typing import Any

from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Person, Target

SERVICE = "key-manager"
BYTES = "application/octet-stream"


def _path(ref: str) -> str:
    kind, id_ = ref.split("/")[-2:]
    return f"/{kind}/{id_}"


def _stored(t: Target, me: Person, name: str, content: str = BYTES, **fields: Any) -> str:
    payload = base64.b64encode(b"a bundle").decode()
    asked = {"name": name, "payload": payload, "payload_content_type": content,
             "payload_content_encoding": "base64", **fields}  # fmt: skip
    answer = me.post(SERVICE, "/secrets", asked)
    assert (answer.status, list(answer.body)) == (201, ["secret_ref"])
    t.after(lambda: me.delete(SERVICE, _path(answer.body["secret_ref"])))
    return str(answer.body["secret_ref"])


def _all(me: Person, kind: str, name: str) -> list[dict[str, Any]]:
    """Those whose name begins so, over all pages."""
    found: list[dict[str, Any]] = []
    while True:
        answer = me.get(SERVICE, f"/{kind}", limit=2, offset=len(found))
        assert answer.status == 200
        assert ("next" in answer.body) == (len(found) + len(answer.body[kind]) < answer.body["total"])
        found += answer.body[kind]
        if "next" not in answer.body:
            return [one for one in found if str(one["name"]).startswith(name)]


@case
def secrets(t: Target) -> None:
    me = t.person()
    refs = [_stored(t, me, f"{t.name}-{index}") for index in range(3)]
    ending = _stored(t, me, f"{t.name}-ending", expiration="2099-01-31T00:00:00")
    listed = {one["secret_ref"]: one for one in _all(me, "secrets", t.name)}
    assert set(listed) == {*refs, ending}
    row = listed[ending]
    t.recorded.like("secret", row)
    assert (row["status"], row["secret_type"], row["content_types"]) == ("ACTIVE", "opaque", {"default": BYTES})
    assert row["expiration"].startswith("2099-01-31T00:00:00")
    assert listed[refs[0]]["expiration"] is None
    assert me.get(SERVICE, _path(ending)).body == row
    assert t.person("developer").get(SERVICE, "/secrets").body["secrets"] == []
    assert me.delete(SERVICE, _path(ending)).status == 204
    gone = me.get(SERVICE, _path(ending))
    assert (gone.status, gone.body["title"]) == (404, "Not Found")


@case
def containers(t: Target) -> None:
    me = t.person()
    parts = [
        {"name": part, "secret_ref": _stored(t, me, f"{t.name}-{part}")} for part in ("certificate", "private_key")
    ]
    asked = {"name": t.name, "type": "certificate", "secret_refs": parts}
    answer = me.post(SERVICE, "/containers", asked)
    assert (answer.status, list(answer.body)) == (201, ["container_ref"])
    ref = answer.body["container_ref"]
    t.after(lambda: me.delete(SERVICE, _path(ref)))
    (row,) = _all(me, "containers", t.name)
    t.recorded.like("container", row)
    assert (row["container_ref"], row["status"], row["type"]) == (ref, "ACTIVE", "certificate")
    told = {(one["name"], one["secret_ref"]) for one in row["secret_refs"]}
    assert told == {(one["name"], one["secret_ref"]) for one in parts}
    assert me.delete(SERVICE, _path(ref)).status == 204
    assert [one for one in _all(me, "secrets", t.name) if one["secret_ref"] == parts[0]["secret_ref"]]


@case
def nothing_of_the_key_manager(t: Target) -> None:
    me = t.person()
    for kind in ("secrets", "containers"):
        missing = me.get(SERVICE, f"/{kind}/{NOTHING}")
        assert (missing.status, missing.body["code"], missing.body["title"]) == (404, 404, "Not Found")
