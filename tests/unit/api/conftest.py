"""The API as a program meets it: a token, JSON, Horizon's own middleware in between."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.cache import cache
from django.test import Client

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.records import audit as kept
from tests.unit.fake_openstack.server import Login, connect
from tests.unit.fake_openstack.world import World
from tests.unit.panels import sessions

HOME = "/tenant_ops/api/"
KEYSTONE = "http://fake/identity/v3"
PEOPLE = {
    "owner": Login("project", frozenset({"member", "reader"}), "owner"),
    "auditor": Login("project", frozenset({"reader"}), "auditor"),
    "outsider": Login("project", frozenset({"load-balancer_observer"}), "outsider"),
    "developer": Login("development", frozenset({"member"}), "developer"),
    "auditor-there": Login("development", frozenset({"reader"}), "auditor"),
    "auditor-elsewhere": Login("secret", frozenset({"load-balancer_observer"}), "auditor"),
    "nowhere": Login("", frozenset(), "nowhere"),
}


@dataclass
class Api:
    """Asks with somebody's token; '' is none."""

    world: World
    client: Client = field(default_factory=Client)

    def ask(self, method: str, path: str, who: str = "owner", body: Any = None, **query: Any) -> Any:
        headers = {"X-Auth-Token": f"token-of-{who}"} if who else {}
        sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        return self.client.generic(
            method, f"{HOME}{path}", headers=headers, QUERY_STRING=urlencode(query), REMOTE_ADDR="192.0.2.9", **sent
        )

    def get(self, path: str, who: str = "owner", **query: Any) -> Any:
        return self.ask("GET", path, who, **query)

    def post(self, path: str, body: Any, who: str = "owner") -> Any:
        return self.ask("POST", path, who, body)


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Empty caches; events are kept, as Horizon has it once it started."""
    cache.clear()
    back = audit.also(kept.sink)
    yield
    back()
    cache.clear()


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Api:
    settings.MIDDLEWARE = sessions.middleware()
    settings.OPENSTACK_KEYSTONE_URL = KEYSTONE
    world = World()
    world.wire_all(monkeypatch)
    world.wire.logins.update({f"token-of-{name}": login for name, login in PEOPLE.items()})
    return Api(world)


@pytest.fixture
def record(api: Api) -> Callable[..., None]:
    """Something that was changed."""

    def run(name: str = "shop", project: str = "project", who: str = "owner", **more: Any) -> None:
        told = {"outcome": "success", "verb": "delete", **more}
        cloud = connect(api.world.wire, "member", project=project, name=who)
        audit.record(cloud, "delete", "environment", f"id-of-{name}", name, told.pop("outcome"), **told)

    return run
