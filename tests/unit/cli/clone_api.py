"""The dashboard's API of clones as a command meets it: what it is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.world import World

API = "/tenant_ops/api/v1/clones"
OFFER = {
    "id": "o1", "project": "production",
    "source": {"volume_id": "v1", "name": "shop-data", "size": 20, "environment": None, "bootable": False},
    "to": ["development"], "to_by_name": [], "approve": "auto", "max_lease_seconds": 28800, "max_clones": 5,
    "consistency": "running", "deliver": "handed-over", "masked": None, "golden": None, "usually_seconds": None,
    "clones": 1, "at": "2026-11-29T08:00:00Z", "user": "owner", "open": True,
}  # fmt: skip
CLONE = {
    "id": "c1", "name": "ci-1", "state": "approved", "says": "", "volume_id": None, "server_id": None,
    "network_id": None, "network": None, "deliver": "handed-over",
    "environment_id": None, "get": "volume", "blueprint": None, "set": {}, "address": None, "data_at": None,
    "refreshed_at": None, "ready_at": None, "expires_at": None,
    "asked_at": "2026-11-29T08:00:00Z", "ended_at": None, "pinned": False, "revertible": False, "purpose": "",
    "project": "development",
    "source": "shop-data", "offer": "o1", "user": "developer", "decided_by": "", "reason": "", "place": 1,
    "seconds": {}, "usually_seconds": None, "ends_soon": False,
    "lineage": {
        "source": {"project": "production", "volume_id": None, "name": "shop-data"}, "golden": None, "snapshot": None,
        "masked": None, "data_at": None, "clone": {"volume_id": None, "project": "development"},
    },
}  # fmt: skip
READY = {
    **CLONE, "state": "ready", "says": "", "place": None, "volume_id": "v2", "data_at": "2026-11-29T08:00:02Z",
    "ready_at": "2026-11-29T08:00:05Z", "expires_at": "2026-11-29T10:00:05Z", "seconds": {"copy": 3.21},
    "lineage": {
        **CLONE["lineage"], "data_at": "2026-11-29T08:00:02Z", "clone": {"volume_id": "v2", "project": "development"},
    },
}  # fmt: skip
TRUST = {
    "id": "t1", "user": "developer", "roles": ["member"], "given_at": "2026-11-29T08:00:00Z",
    "until": "2027-02-27T08:00:00Z", "ended_at": None,
}  # fmt: skip
#: By method and path: a status and a body; a list of them one after the other, the last for ever.
Answers = dict[tuple[str, str], Any]


class Dashboard:
    """`asked` has each call as method, path, query, body."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world, self.asked = World(), list[Any]()
        self.answers: Answers = {
            ("GET", "/offers"): {"offers": [OFFER]}, ("POST", "/offers"): (201, {**OFFER, "existing": False}),
            ("DELETE", "/offers/o1"): {**OFFER, "open": False}, ("GET", ""): {"clones": [CLONE], "links": [], "cared_at": None},
            ("POST", ""): (201, {**CLONE, "existing": False}), ("GET", "/c1"): READY,
            ("GET", "/trusts"): {"trusts": [TRUST]}, ("POST", "/trusts"): (201, TRUST),
            ("DELETE", "/trusts/t1"): {**TRUST, "ended_at": "2026-11-29T08:01:00Z"},
        }  # fmt: skip
        monkeypatch.setitem(server.SERVICES, "tenant-ops", "http://fake/tenant_ops/api")
        for method in ("GET", "POST", "DELETE"):
            self.world.wire.on(method, f"{API}(.*)")(self._serve(method))
        monkeypatch.setattr(requests.Session, "get_adapter", lambda session, url: self.world.wire)
        monkeypatch.setattr(requests.sessions, "get_environ_proxies", lambda url, no_proxy=None: {})
        services = tuple(server.SERVICES)
        login = lambda name, **options: server.connect(self.world.wire, "member", services=services, **options)  # noqa: E731
        monkeypatch.setattr(clouds, "from_clouds_yaml", login)

    def _serve(self, method: str) -> Callable[..., Any]:
        def answer(path: str, query: Any, body: Any) -> Any:
            self.asked.append((method, path, dict(query), body))
            found = self.answers.get((method, path), refusal(404, f"clone: this project sees no clone '{path}'."))
            return (found.pop(0) if len(found) > 1 else found[0]) if isinstance(found, list) else found

        return answer


def refusal(status: int, sentence: str) -> Any:
    """What the API answers where it does not do it."""
    return status, {"error": {"sentence": sentence, "todo": "", "request_id": "", "field": ""}}


def run(*words: str) -> int:
    """The exit code of `tenant-ops clone`."""
    return main.main(["clone", *words])
