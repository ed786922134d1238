"""What time it is in the cloud: as its answers tell; a token tells it only to who was given it just now."""

from __future__ import annotations

import datetime

import pytest

from tenant_ops_dashboard import cloud as clouds
from tests.unit.fake_openstack.server import Login
from tests.unit.fake_openstack.world import World

KEYSTONE = "http://fake/identity/v3"


def test_a_token_that_somebody_had_for_long_is_no_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """uWSGI's services say no time: who asks with an old token would live in the past else."""
    world = World()
    world.wire_all(monkeypatch)
    world.wire.logins["old"] = Login("project", frozenset({"member"}), "owner")
    found = clouds.from_token("old", KEYSTONE)
    assert abs(found.now() - datetime.datetime.now(datetime.UTC)) < datetime.timedelta(minutes=1)
