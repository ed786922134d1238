"""Barbican at the HTTP level, and what Octavia makes of a load balancer that comes in one request."""

from __future__ import annotations

from typing import Any

from tests.unit.fake_openstack import paging
from tests.unit.fake_openstack.server import SERVICES, Answer, Json, Query, Wire

SERVICE, ADDRESS = "key-manager", "http://fake/key-manager"
ROOT = "/key-manager/v1"


class Barbican:
    """`containers` and `secrets` as Barbican lists them; a page is never longer than `page`."""

    def __init__(self, wire: Wire, page: int = paging.CAP) -> None:
        self.page = page
        self.containers: list[Json] = []
        self.secrets: list[Json] = []
        for kind, kept in (("containers", self.containers), ("secrets", self.secrets)):
            wire.on("GET", f"{ROOT}/{kind}")(lambda query, body, kind=kind, kept=kept: self._list(kind, kept, query))

    def container(self, name: str, kind: str = "certificate", status: str = "ACTIVE") -> str:
        ref = f"{ADDRESS}/v1/containers/c{len(self.containers)}"
        self.containers.append({"container_ref": ref, "name": name, "type": kind, "status": status, "secret_refs": []})
        return ref

    def secret(self, name: str | None, content: str = "application/octet-stream", **fields: Any) -> str:
        ref = f"{ADDRESS}/v1/secrets/s{len(self.secrets)}"
        self.secrets.append(
            {"secret_ref": ref, "name": name, "status": "ACTIVE", "secret_type": "opaque", "expiration": None,
             "content_types": {"default": content}, **fields}
        )  # fmt: skip
        return ref

    def _list(self, kind: str, kept: list[Json], query: Query) -> Answer:
        return paging.barbican(kept, query, kind, f"/v1/{kind}", self.page)


def with_key_manager(monkeypatch: Any) -> tuple[str, ...]:
    """The services of a cloud that has a key manager."""
    monkeypatch.setitem(SERVICES, SERVICE, ADDRESS)
    return tuple(SERVICES)
