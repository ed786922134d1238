"""What the key manager keeps that a listener can take, why not the rest, and how soon it ends."""

from __future__ import annotations

import datetime

import pytest

from tenant_ops_dashboard.certificates import stored
from tenant_ops_dashboard.certificates.model import is_soon, until
from tenant_ops_dashboard.cloud import Cloud, NotAllowed
from tests.unit.fake_openstack.barbican import WITH_KEY_MANAGER, Barbican
from tests.unit.fake_openstack.world import World

NOW = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def barbican(world: World) -> Barbican:
    return Barbican(world.wire, page=2)


@pytest.fixture
def cloud(world: World) -> Cloud:
    return world.cloud(services=WITH_KEY_MANAGER)


def test_a_container_ends_with_the_first_of_its_parts(cloud: Cloud, barbican: Barbican) -> None:
    ref = barbican.container("shop", expiration="2099-01-31T10:00:00")
    (found,) = stored.known(cloud)
    assert (found.ref, found.kind, found.expires, found.refusal) == (ref, "container", "2099-01-31", "")


def test_why_the_rest_cannot_be_taken(cloud: Cloud, barbican: Barbican) -> None:
    barbican.container("ended", expiration="2020-01-01T00:00:00")
    barbican.container("other", kind="generic")
    barbican.container("half", status="PENDING")
    barbican.secret("password", content="text/plain")
    barbican.secret("key", secret_type="symmetric")
    barbican.secret("broken", status="ERROR")
    told = {one.name: one.refusal for one in stored.known(cloud)}
    assert told["ended"] == "ended lacks its certificate, private_key, or that is expired."
    assert told["other"] == "other is a container for something else (generic)."
    assert told["half"] == "half is PENDING in the key manager."
    assert told["broken"] == "broken is ERROR in the key manager."
    assert told["password"].startswith("password is no PKCS12 bundle")
    assert told["key"].startswith("key is no PKCS12 bundle")
    assert stored.read(cloud) == ()


def test_a_name_stands_for_one_certificate(cloud: Cloud, barbican: Barbican) -> None:
    shop, twin, other = barbican.secret("shop"), barbican.secret("twin"), barbican.secret("twin")
    barbican.secret("password", content="text/plain")
    found = stored.known(cloud)
    assert stored.chosen(found, "shop") == stored.chosen(found, shop) == (shop, "")
    assert stored.chosen(found, "twin") == (
        "", f"2 certificates are called 'twin': say the reference of one, {twin}, {other}."
    )  # fmt: skip
    assert stored.chosen(found, "password")[1].startswith("password is no PKCS12 bundle")
    assert stored.chosen(found, "none")[1].startswith("The key manager has no certificate 'none'")


def test_who_is_not_let_in_is_told_so(world: World, cloud: Cloud, barbican: Barbican) -> None:
    world.wire.trouble["key-manager"] = [403]
    with pytest.raises(NotAllowed):
        stored.known(cloud)


@pytest.mark.parametrize(
    ("days", "soon", "told"),
    [
        (59.5, False, "ends on 2027-01-29, in 59 days"),
        (30, False, "ends on 2026-12-30, in 30 days"),
        (29.9, True, "ends on 2026-12-30, in 29 days"),
        (1, True, "ends on 2026-12-01, in 1 day"),
        (-1, True, "ended on 2026-11-29"),
    ],
)
def test_how_soon_it_ends(days: float, soon: bool, told: str) -> None:
    ends = NOW + days * DAY
    assert (is_soon(ends, NOW), until(ends, NOW)) == (soon, told)
