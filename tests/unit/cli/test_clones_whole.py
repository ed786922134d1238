"""`tenant-ops clone` with the dashboard's own API behind it: two projects, one volume."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import clones
from tenant_ops_dashboard.clones.markers import CLONE
from tenant_ops_dashboard.records import clones as records
from tests.unit.cli.clone_api import run
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.world import World
from tests.unit.panels import sessions

pytestmark = pytest.mark.django_db
Out = pytest.CaptureFixture[str]
WHO = {"owner": "project", "developer": "development"}


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, settings: Any) -> World:
    """`--os-cloud` names who logs in; both ask the same dashboard."""
    settings.MIDDLEWARE = sessions.middleware()
    settings.OPENSTACK_KEYSTONE_URL = "http://fake/identity/v3"
    settings.ALLOWED_HOSTS = ["fake"]
    settings.TENANT_OPS_API_RATE = 0
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    made, browser = World(), Client()
    made.things.add("volumes", name="shop-data", project_id="project", size=20, status="in-use", attachments=[])
    made.wire_all(monkeypatch)

    def serve(method: str) -> Callable[..., Any]:
        def answer(path: str, query: server.Query, body: server.Json) -> Any:
            token = made.wire.headers["X-Auth-Token"]
            sent = {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
            told = browser.generic(
                method, f"/tenant_ops/api/v1/{path}", QUERY_STRING=urlencode(query, doseq=True),
                headers={"X-Auth-Token": token, "Host": "fake"}, **sent,
            )  # fmt: skip
            return told.status_code, told.json(), dict(told.headers)

        return answer

    for method in ("GET", "POST", "DELETE"):
        made.wire.on(method, "/tenant_ops/api/v1/(.*)")(serve(method))
    monkeypatch.setitem(server.SERVICES, "tenant-ops", "http://fake/tenant_ops/api")
    monkeypatch.setattr(
        clouds, "from_clouds_yaml",
        lambda name, **options: made.cloud(
            "member", name=name, project=WHO[name], services=tuple(server.SERVICES), **options
        ),
    )  # fmt: skip
    monkeypatch.setattr(clones, "EVERY", 0.0)
    # The web server's own log, which stands on the same standard error here.
    monkeypatch.setattr(logging.getLogger("django.request"), "disabled", True)
    return made


def told(capsys: Out, who: str, *words: str, code: int = 0) -> Any:
    assert run(*words, "--os-cloud", who, "-f", "json") == code
    return json.loads(capsys.readouterr().out)


def test_from_the_offer_to_the_end(world: World, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    made = told(capsys, "owner", "offer", "shop-data", "--to", "development")
    assert [one["id"] for one in told(capsys, "developer", "offers")] == [made["id"]]
    asked = told(capsys, "developer", "request", "shop-data", "--name", "ci/1")
    assert (asked["state"], asked["existing"]) == ("requested", False)
    assert told(capsys, "owner", "approve", "ci/1")["state"] == "approved"

    def job(seconds: float) -> None:
        """Hands it over while somebody waits."""
        now = timezone.now()
        volume = world.things.add(
            "volumes", name="ci/1", project_id="development", size=20, status="available", attachments=[],
            metadata={CLONE: asked["id"]},
        )  # fmt: skip
        (clone,) = records.due(now)
        records.save(clone, state="ready", step="", volume_id=volume["id"], ready_at=now, data_at=now, expires_at=now)

    monkeypatch.setattr(clones.time, "sleep", job)
    ready = told(capsys, "developer", "request", "shop-data", "--name", "ci/1", "--wait")
    assert (ready["state"], ready["existing"], ready["id"]) == ("ready", True, asked["id"])
    assert told(capsys, "developer", "lineage", "ci/1")["clone"]["volume_id"] == ready["volume_id"]
    assert told(capsys, "developer", "orphans") == told(capsys, "owner", "orphans") == []
    del world.things.kept["volumes"][ready["volume_id"]]
    assert told(capsys, "developer", "orphans", code=1)[0]["clone"] == asked["id"]
    assert told(capsys, "owner", "orphans") == []
    assert told(capsys, "developer", "release", "ci/1")["state"] == "releasing"
    assert told(capsys, "owner", "withdraw", "shop-data")["open"] is False
    assert told(capsys, "developer", "offers") == []


@pytest.mark.parametrize(
    ("who", "words", "code", "says"),
    [
        ("owner", ("offer", "shop-data"), 2, "--to: "),
        ("owner", ("offer", "nothing", "--to", "development"), 2, "VOLUME: "),
        ("owner", ("offer", "shop-data", "--to", "production"), 2, "--to: "),
        ("owner", ("offer", "shop-data", "--to", "development", "--approve", "x"), 2, "--approve: "),
        ("owner", ("offer", "shop-data", "--to", "development", "--max-lease", "x"), 2, "--max-lease: "),
        ("owner", ("offer", "shop-data", "--to", "development", "--max-clones", "x"), 2, "--max-clones: "),
        ("developer", ("request", "nothing", "--name", "n"), 2, "OFFER: "),
        ("developer", ("request", "shop-data", "--name", " "), 2, "--name: "),
        ("developer", ("request", "shop-data", "--name", "n", "--lease", "9h"), 2, "--lease: "),
        ("developer", ("list", "--ended", "x"), 2, "--ended: "), ("developer", ("show", "nothing"), 2, "CLONE: "),
        ("developer", ("extend", "ci", "--by", "x"), 2, "--by: "), ("developer", ("extend", "ci", "--by", "1h"), 1, "It "),
        ("developer", ("trust", "revoke", "nothing"), 2, "TRUST: "), ("developer", ("approve", "ci"), 3, "The project"),
        ("owner", ("pin", "ci"), 1, "It is requested"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_line(
    world: World, capsys: Out, who: str, words: tuple[str, ...], code: int, says: str
) -> None:  # fmt: skip
    told(capsys, "owner", "offer", "shop-data", "--to", "development")
    told(capsys, "developer", "request", "shop-data", "--name", "ci")
    assert run(*words, "--os-cloud", who) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(says)
    assert said.err.count("\n") == 1
