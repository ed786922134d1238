"""Whose services a page asks: those of the person's region, by the interface that Horizon's settings name."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.test import Client, RequestFactory
from openstack_auth import utils as auth_utils

from tenant_ops_dashboard.panels import belonging, poll
from tests.unit.fake_openstack import server as fake
from tests.unit.panels.reading import read

LAUNCH = "/tenant_ops/launch/"


@pytest.fixture
def placed(owner, monkeypatch):
    """Give the person this catalogue, and the region that he chose."""
    get_user = auth_utils.get_user

    def run(catalogue, region):
        def other(request):
            user = get_user(request)
            user.service_catalog, user.services_region = catalogue, region
            return user

        monkeypatch.setattr(auth_utils, "get_user", other)

    return run


@pytest.fixture
def hosts(world, monkeypatch):
    """By service the hosts that were asked."""
    seen = {}
    send = world.wire.send

    def sending(request, **options):
        parts = urlsplit(request.url)
        seen.setdefault(parts.path.split("/")[1], set()).add(parts.netloc)
        return send(request, **options)

    monkeypatch.setattr(world.wire, "send", sending)
    return seen


def catalogue(*places, types=None):
    """Each place is an interface, a region, a host, and the services that are there."""
    return [
        {
            "type": (types or {}).get(service, service),
            "name": service,
            "endpoints": [
                {"interface": interface, "region": region, "region_id": region, "url": address.replace("fake", host)}
                for interface, region, host, services in places
                if service in services
            ],
        }
        for service, address in fake.SERVICES.items()
    ]


WORKING = tuple(one for one in fake.SERVICES if one != "identity")
EVERYTHING = tuple(fake.SERVICES)


@pytest.mark.parametrize("region", ["RegionOne", "RegionTwo"])
def test_services_are_those_of_the_chosen_region_and_keystone_is_in_every_one(placed, hosts, region):
    client = Client(headers={belonging.HEADER: f"project@{region}"})
    here = catalogue(("public", "RegionTwo", "two", WORKING), ("public", "RegionOne", "fake", EVERYTHING))
    placed(here, region)
    assert client.get(LAUNCH).status_code == 200
    assert client.get("/tenant_ops/").status_code == 200
    assert set().union(*(found for service, found in hosts.items() if service != "identity")) == {
        "two" if region == "RegionTwo" else "fake"
    }
    request = RequestFactory().get("/")
    request.user = auth_utils.get_user(request)
    assert poll.connect(request).get("identity", "/auth/projects")["projects"] == []
    assert hosts["identity"] == {"fake"}


def test_a_region_without_the_services_says_so(placed, hosts):
    client = Client(headers={belonging.HEADER: "project@RegionTwo"})
    placed(
        catalogue(("public", "RegionTwo", "two", ("network",)), ("public", "RegionOne", "fake", EVERYTHING)),
        "RegionTwo",
    )
    answer = client.get(LAUNCH)
    assert "Heat" in read(answer).text("#tenant-ops")
    assert hosts == {}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("internalURL", None, {"inside"}),
        ("publicURL", None, {"fake"}),
        # The network alone has no internal address.
        ("internalURL", "publicURL", {"inside", "fake"}),
    ],
)
def test_the_interface_is_that_of_horizon_s_settings(client, placed, hosts, settings, first, second, expected):
    settings.OPENSTACK_ENDPOINT_TYPE, settings.SECONDARY_ENDPOINT_TYPE = first, second
    inside = EVERYTHING if not second else tuple(one for one in EVERYTHING if one != "network")
    placed(
        catalogue(("public", "RegionOne", "fake", EVERYTHING), ("internal", "RegionOne", "inside", inside)), "RegionOne"
    )
    assert client.get(LAUNCH).status_code == 200
    assert set().union(*hosts.values()) == expected
    if second:
        assert hosts["network"] == {"fake"} and hosts["compute"] == {"inside"}


def test_a_service_that_has_no_address_of_that_interface_is_not_there(client, placed, hosts, settings):
    settings.OPENSTACK_ENDPOINT_TYPE = "internalURL"
    placed(catalogue(("public", "RegionOne", "fake", EVERYTHING)), "RegionOne")
    assert "Heat" in read(client.get(LAUNCH)).text("#tenant-ops")
    assert hosts == {}


def test_a_service_is_known_by_its_older_type(client, placed, hosts):
    placed(catalogue(("public", "RegionOne", "fake", EVERYTHING), types={"block-storage": "volumev3"}), "RegionOne")
    assert client.get(LAUNCH).status_code == 200
    assert hosts["block-storage"] == {"fake"}


def test_the_launch_page_names_the_role_that_is_missing(client, owner, world):
    world.wire.on("GET", "/load-balancer/.*")(lambda query, body: (403, {"faultstring": "Policy does not allow it."}))
    world.wire.handlers.insert(0, world.wire.handlers.pop())
    page = read(client.get(LAUNCH))
    assert "for 'load-balancer_member'" in page.text("#plan-verdict")
    assert "Load balancers" not in page.text("#plan-quotas")
