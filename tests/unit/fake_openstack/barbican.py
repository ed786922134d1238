"""Barbican at the HTTP level: secrets and containers, as whoever has the project's role 'member' meets them."""

from __future__ import annotations

import base64
import binascii
import datetime
import itertools
from typing import Any

from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.server import SELDOM, SERVICES, Answer, Json, Query, Wire

SERVICE = "key-manager"
ADDRESS = SELDOM[SERVICE]
ROOT = "/key-manager/v1"
WITH_KEY_MANAGER = (*SERVICES, SERVICE)


class Barbican:
    """`containers` and `secrets` as Barbican lists them; a page is never longer than `page`."""

    def __init__(self, wire: Wire, page: int = paging.CAP) -> None:
        self.wire, self.page = wire, page
        self.projects: dict[str, str] = {}
        self.containers: list[Json] = []
        self.secrets: list[Json] = []
        self.numbers = itertools.count(1)
        for kind, kept in (("containers", self.containers), ("secrets", self.secrets)):
            one = f"{ROOT}/{kind}/([^/]+)"
            wire.on("GET", f"{ROOT}/{kind}")(lambda query, body, kind=kind, kept=kept: self._list(kind, kept, query))
            wire.on("GET", one)(lambda id_, query, body, kind=kind, kept=kept: _one(kind, kept, id_))
            wire.on("DELETE", one)(lambda id_, query, body, kind=kind, kept=kept: _gone(kind, kept, id_))
        wire.on("POST", f"{ROOT}/secrets")(self._store)
        wire.on("POST", f"{ROOT}/containers")(self._contain)

    def container(self, name: str, kind: str = "certificate", status: str = "ACTIVE", **secret: Any) -> str:
        """One with a certificate and a private key, both with the fields of `secret`."""
        parts = [
            {"name": part, "secret_ref": self.secret(part, "text/plain", **secret)}
            for part in ("certificate", "private_key")
        ]
        return self._add(self.containers, "container", name=name, type=kind, status=status, secret_refs=parts, consumers=[])

    def secret(self, name: str | None, content: str = "application/octet-stream", **fields: Any) -> str:
        told = {"name": name, "status": "ACTIVE", "secret_type": "opaque", "expiration": None, "algorithm": None,
                "bit_length": None, "mode": None, "content_types": {"default": content}}  # fmt: skip
        return self._add(self.secrets, "secret", **{**told, **fields})

    def _add(self, kept: list[Json], kind: str, **fields: Any) -> str:
        now = datetime.datetime(2026, 11, 21, 6).isoformat()
        ref = f"{ADDRESS}/v1/{kind}s/00000000-0000-4000-8000-{next(self.numbers):012d}"
        more = {"created": now, "updated": now, "creator_id": "user-1"}
        kept.append({f"{kind}_ref": ref, **more, **fields})
        self.projects[ref] = self.wire.who.project
        return ref

    def _list(self, kind: str, kept: list[Json], query: Query) -> Answer:
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None).isoformat()
        ours = [one for one in kept if self.projects[one[f"{kind[:-1]}_ref"]] == self.wire.who.project]
        alive = [one for one in ours if not one.get("expiration") or str(one["expiration"]) > now]
        return paging.barbican(alive, query, kind, f"/v1/{kind}", self.page)

    def _store(self, query: Query, body: Json) -> Answer:
        try:
            base64.b64decode(body["payload"], validate=True)
        except binascii.Error:
            return _refused(400, "Secret creation", "Unable to decode request data.")
        ref = self.secret(body["name"], body["payload_content_type"], expiration=body.get("expiration"))
        return 201, {"secret_ref": ref}

    def _contain(self, query: Query, body: Json) -> Answer:
        ref = self._add(
            self.containers, "container", name=body["name"], type=body["type"], status="ACTIVE",
            secret_refs=body["secret_refs"], consumers=[],
        )  # fmt: skip
        return 201, {"container_ref": ref}


def _one(kind: str, kept: list[Json], id_: str) -> Answer:
    return next(iter(_called(kind, kept, id_)), None) or _missing(kind)


def _called(kind: str, kept: list[Json], id_: str) -> list[Json]:
    return [one for one in kept if one[f"{kind[:-1]}_ref"].endswith(f"/{id_}")]


def _gone(kind: str, kept: list[Json], id_: str) -> Answer:
    found = _called(kind, kept, id_)
    for one in found:
        kept.remove(one)
    return (204, None) if found else _missing(kind)


def _missing(kind: str) -> Answer:
    return _refused(404, "Not Found", f"{kind[:-1].capitalize()} not found.")


def _refused(status: int, title: str, description: str) -> Answer:
    return status, {"code": status, "title": title, "description": description}
