"""Onto the message bus: each event at least once, by whoever's turn it is, and nothing is lost while the bus is away."""

from __future__ import annotations

import datetime
import logging
import sys
from collections.abc import Callable
from io import StringIO
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.care import notices
from tenant_ops_dashboard.management.commands import tenant_ops_collect
from tenant_ops_dashboard.records import audit as kept
from tenant_ops_dashboard.records import notes
from tenant_ops_dashboard.records.models import AuditEvent
from tests.unit.fake_openstack.world import World

pytestmark = pytest.mark.django_db
URL = "rabbit://guest:guest@bus:5672/"
NOW = datetime.datetime.now(datetime.UTC)


class Bus(ModuleType):
    """oslo.messaging as far as it is used: what it cannot send it tells its log, and nobody else."""

    def __init__(self) -> None:
        super().__init__("oslo_messaging")
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.made: dict[str, Any] = {}
        self.away = self.closed = False

    def get_notification_transport(self, conf: Any, url: str = "") -> Any:
        if "://" not in url:
            raise ValueError(f"Invalid transport URL {url}")
        return SimpleNamespace(url=url, cleanup=lambda: setattr(self, "closed", True))

    def Notifier(self, transport: Any, **options: Any) -> Any:
        self.made = {"url": transport.url, **options}
        return SimpleNamespace(
            info=lambda context, kind, event: self.send("info", kind, event),
            warn=lambda context, kind, event: self.send("warn", kind, event),
        )

    def send(self, level: str, kind: str, event: dict[str, Any]) -> None:
        if self.away:
            try:
                raise ConnectionRefusedError("the bus is away")
            except ConnectionRefusedError:
                logging.getLogger("oslo_messaging.notify.messaging").exception("Could not send notification")
            return
        self.sent.append((level, kind, event))


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Any:
    settings.TENANT_OPS_AUDIT_NOTIFY_URL = URL
    made = Bus()
    monkeypatch.setitem(sys.modules, "oslo_messaging", made)
    back = audit.also(kept.sink)
    yield made
    back()


@pytest.fixture
def record() -> Callable[..., None]:
    cloud = World().cloud("member")
    return lambda name, outcome="success": audit.record(cloud, "delete", "environment", name, name, outcome)


def tell() -> int:
    return notices.tell(URL, ("notifications",), "host", NOW)


def test_what_is_kept_is_told_once_oldest_first(bus: Bus, record: Callable[..., None]) -> None:
    record("one")
    record("two", "failure")
    assert bus.sent == [], "the web server waits for no bus"
    assert tell() == 2
    assert [(level, kind, event["target"]["name"]) for level, kind, event in bus.sent] == [
        ("info", "audit.tenant_ops.environment.delete", "one"), ("warn", "audit.tenant_ops.environment.delete", "two"),
    ]  # fmt: skip
    assert (bus.made["url"], bus.made["driver"], bus.made["topics"], bus.made["retry"]) == (
        URL, "messagingv2", ["notifications"], 0,
    )  # fmt: skip
    assert bus.closed
    assert tell() == 0
    assert len(bus.sent) == 2


def test_a_bus_that_is_away_hears_of_it_later(bus: Bus, record: Callable[..., None]) -> None:
    record("one")
    bus.away = True
    with pytest.raises(notices.NotTold, match="did not take the audit trail: the bus is away"):
        tell()
    bus.away = False
    record("two")
    assert tell() == 2


def test_a_bus_that_goes_away_in_the_middle_is_told_the_rest_alone(bus: Bus, record: Callable[..., None]) -> None:
    for number in range(4):
        record(f"shop-{number}")
    send = bus.send

    def going(level: str, kind: str, event: dict[str, Any]) -> None:
        bus.away = len(bus.sent) == 2
        send(level, kind, event)

    bus.send = going  # type: ignore[method-assign]
    with pytest.raises(notices.NotTold):
        tell()
    bus.send = send  # type: ignore[method-assign]
    bus.away = False
    assert tell() == 2
    assert [event["target"]["name"] for _, _, event in bus.sent] == [f"shop-{number}" for number in range(4)]


def test_one_host_tells_at_a_time(bus: Bus, record: Callable[..., None]) -> None:
    record("one")
    assert notes.take("", "audit notices", "another", NOW, 60) == {}
    assert tell() == 0
    notes.leave("", "audit notices", "another", NOW, {})
    assert tell() == 1


def test_without_a_bus_nothing_waits_for_one(bus: Bus, record: Callable[..., None], settings: Any) -> None:
    settings.TENANT_OPS_AUDIT_NOTIFY_URL = ""
    record("one")
    assert AuditEvent.objects.get().told


def test_a_library_that_is_missing_is_told(
    bus: Bus, record: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    record("one")
    monkeypatch.setitem(sys.modules, "oslo_messaging", None)
    with pytest.raises(notices.NotTold, match=r"oslo\.messaging is not installed"):
        tell()


def test_an_address_that_is_none_is_told(bus: Bus, record: Callable[..., None]) -> None:
    record("one")
    with pytest.raises(notices.NotTold, match="is no address of a message bus"):
        notices.tell("nowhere", ("notifications",), "host", NOW)


def test_the_timer_tells_prunes_and_says_what_went_wrong(
    bus: Bus, record: Callable[..., None], monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(tenant_ops_collect.Command, "observe", lambda command, names: [])
    record("old")
    AuditEvent.objects.update(at=NOW - datetime.timedelta(days=31))
    record("new")
    settings.TENANT_OPS_AUDIT_DAYS = 30
    call_command("tenant_ops_collect", stderr=StringIO())
    assert [event["target"]["name"] for _, _, event in bus.sent] == ["new"]
    assert [one.target_name for one in AuditEvent.objects.all()] == ["new"]
    record("newer")
    bus.away = True
    with pytest.raises(CommandError, match=r"the bus is away.*told with a later round"):
        call_command("tenant_ops_collect", stderr=StringIO())
