"""What the dashboard finds of its own health, for programs: cache, database, care, audit trail, settings."""

from __future__ import annotations

import datetime
import logging
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.db import DatabaseError
from django.utils import timezone

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.panels import store
from tenant_ops_dashboard.records import heartbeats
from tests.unit.api.conftest import Api
from tests.unit.api.test_frame import conforms
from tests.unit.fake_openstack.server import Login, as_here

pytestmark = pytest.mark.django_db
DOCTOR = "/doctor"
CACHE = "django.core.cache.backends."


class PyMemcacheCache(LocMemCache):
    """Named as memcached's client, and kept here."""


class SmallCache(LocMemCache):
    """Has room for small values alone."""

    def set(self, key: str, value: Any, *more: Any, **named: Any) -> None:
        if len(pickle.dumps(value)) < 100_000:
            super().set(key, value, *more, **named)


@pytest.fixture
def api(api: Api, settings: Any) -> Api:
    """An administrator of a dashboard that lacks nothing."""
    api.world.wire.logins["token-of-operator"] = Login("project", frozenset({"admin", "member"}), "operator")
    api.world.wire.now = as_here()
    settings.TENANT_OPS_SERVICE_USER, settings.TENANT_OPS_SERVICE_CLOUD = "a" * 32, "tenant-ops"
    cared(*heartbeats.JOBS)
    return api


def cared(*jobs: str, ago: float = 1.0) -> None:
    for job in jobs:
        heartbeats.beat(job, "RegionOne", timezone.now() - datetime.timedelta(seconds=ago))


def rows(api: Api) -> dict[str, dict[str, str]]:
    """The worst finding of each check."""
    found = conforms(api.get(f"v1{DOCTOR}", "operator"), "get", DOCTOR)["findings"]
    return {one["check"]: one for one in reversed(found)}


def test_what_a_dashboard_knows_of_itself(api: Api) -> None:
    found = rows(api)
    assert set(found) == {"Settings", "Policy file", "Cache", "Database", "Audit trail", "Care", "Clock"}
    assert {name: one["state"] for name, one in found.items() if one["state"] != "good"} == {"Cache": "warning"}
    assert "each process's own" in found["Cache"]["found"], "the tests' own cache is"


def test_it_is_for_administrators(api: Api) -> None:
    answer = api.get(f"v1{DOCTOR}", "owner")
    assert answer.status_code == 403
    assert "'admin' (policy rule doctor:get)" in conforms(answer, "get", DOCTOR)["error"]["sentence"]


def _settings(**told: Any) -> Callable[[Any, pytest.MonkeyPatch, Path], None]:
    def spoil(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        for name, value in told.items():
            setattr(settings, name, value)

    return spoil


def _cache(backend: str, **options: Any) -> Callable[[Any, pytest.MonkeyPatch, Path], None]:
    def spoil(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        settings.CACHES = {"default": {"BACKEND": CACHE + backend, "LOCATION": str(folder), "OPTIONS": options}}

    return spoil


def _named(backend: type, **options: Any) -> Callable[[Any, pytest.MonkeyPatch, Path], None]:
    def spoil(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        settings.CACHES = {"default": {"BACKEND": f"{__name__}.{backend.__name__}", "LOCATION": "here", "OPTIONS": options}}

    return spoil


def _down(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    class Down:
        def __getattr__(self, name: str) -> Any:
            raise ConnectionRefusedError("memcached")

    monkeypatch.setattr(store, "cache", Down())


def _no_database(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.dummy")


def _unwritable(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    settings.TENANT_OPS_AUDIT_LOG = str(folder / "nowhere" / "audit.log")


def _quiet(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    monkeypatch.setattr(logging.getLogger("tenant_ops.audit"), "level", logging.ERROR)
    logging.getLogger("tenant_ops.audit").manager._clear_cache()  # type: ignore[attr-defined]


def _no_tables(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="tenant_ops_dashboard", name__startswith="0015").delete()


def _database_away(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def away(*_: Any) -> Any:
        raise DatabaseError("gone")

    monkeypatch.setattr("django.db.migrations.recorder.MigrationRecorder.applied_migrations", away)


def _late(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    cared("scale", ago=400.0)


def _never(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    heartbeats.Heartbeat.objects.all().delete()


def _one_never(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    heartbeats.Heartbeat.objects.filter(job="clones").delete()


def _in_trouble(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    now = timezone.now()
    heartbeats.ended("collect", ["RegionOne"], now, now, 1.0, ["Nova does not answer."])


def _policy(settings: Any, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    file = folder / "policy.yaml"
    file.write_text('"doctor:get": "role:admin"\n')
    monkeypatch.setenv(policy.VARIABLE, str(file))


@pytest.mark.parametrize(
    ("spoil", "check", "state", "says", "fix"),
    [
        (_cache("dummy.DummyCache"), "Cache", "failed", "keeps nothing", "CACHES"),
        (_down, "Cache", "failed", "keeps nothing", "CACHES"),
        (_named(SmallCache), "Cache", "failed", "no value of more than 1 MB", "has room"),
        (_cache("filebased.FileBasedCache"), "Cache", "warning", "little room", "MAX_ENTRIES"),
        (_cache("filebased.FileBasedCache", MAX_ENTRIES=10_000), "Cache", "good", "small and large", ""),
        (_named(PyMemcacheCache), "Cache", "warning", "waits for ever", "connect_timeout"),
        (_named(PyMemcacheCache, connect_timeout=1, timeout=1), "Cache", "good", "small and large", ""),
        (_no_database, "Database", "warning", "no database", "migrate"),
        (_no_tables, "Database", "failed", "1 migration was not made", "manage.py migrate"),
        (_database_away, "Database", "failed", "does not answer", "database"),
        (_unwritable, "Audit trail", "failed", "cannot be written", "TENANT_OPS_AUDIT_LOG"),
        (_quiet, "Audit trail", "failed", "above INFO", "LOGGING"),
        (_late, "Care", "failed", "not run for 5 minutes: scale", "tenant_ops_care"),
        (_never, "Care", "warning", "never ran: clones, collect, scale, reconcile", "tenant_ops_care"),
        (_one_never, "Care", "failed", "never ran: clones", "tenant_ops_care"),
        (_in_trouble, "Care", "warning", "Nova does not answer.", "log"),
        (_policy, "Policy file", "warning", "environments:read", "oslopolicy-sample-generator"),
        (_settings(TENANT_OPS_FIREWALL_PROFILE="x"), "Settings", "failed", "'x'", "'l3-agent'"),
        (_settings(TENANT_OPS_BLUEPRINT_FOLDERS=["/nowhere"]), "Settings", "failed", "/nowhere", "Make the folder"),
        (_settings(TENANT_OPS_SERVICE_CLOUD=""), "Settings", "failed", "one is empty", "Set both"),
        (_settings(TENANT_OPS_SERVICE_CLOUD="", TENANT_OPS_SERVICE_USER=""), "Settings", "warning", "unattended care", "user for the plugin"),
        (_settings(TENANT_OPS_PROOF_PROXY="proxy:3128"), "Settings", "failed", "proxy:3128", "http://HOST:PORT"),
        (_settings(TENANT_OPS_MASK_IMAGE="debian"), "Settings", "failed", "TENANT_OPS_MASK_FLAVOR", "Set both"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_fix(
    api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, spoil: Callable[..., None],
    check: str, state: str, says: str, fix: str,
) -> None:  # fmt: skip
    spoil(settings, monkeypatch, tmp_path)
    one = rows(api)[check]
    assert one["state"] == state, one
    assert says in one["found"] and fix in one["fix"]
    assert bool(one["fix"]) == (state != "good")


def test_jobs_that_never_ran_hide_none_that_are_late(api: Api) -> None:
    heartbeats.Heartbeat.objects.filter(job="clones").delete()
    cared("scale", ago=400.0)
    told = conforms(api.get(f"v1{DOCTOR}", "operator"), "get", DOCTOR)["findings"]
    assert [one["found"] for one in told if one["check"] == "Care"] == [
        "These jobs never ran: clones.", "These jobs have not run for 5 minutes: scale.",
    ]  # fmt: skip


def test_a_file_that_events_go_to_is_named(api: Api, settings: Any, tmp_path: Path) -> None:
    file = tmp_path / "audit.log"
    file.write_text("")
    settings.TENANT_OPS_AUDIT_LOG = str(file)
    assert rows(api)["Audit trail"]["found"] == f"Events go to the file {file}. They are kept in the database, too."
