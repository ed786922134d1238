"""Lists to their end: as each service says it, over a server that gives 20 at once, whatever is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import paging
from tests.unit.fake_openstack import paging as pages
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.server import Answer, Json, Query, Wire, connect

Make = Callable[[list[Json], Query, int], Answer]
#: By service: path below its endpoint, key, and the fake that gives its pages.
SERVICES: dict[str, tuple[str, str, str, Make]] = {
    "network": ("/network/v2.0", "/routers", "routers", lambda i, q, c: pages.neutron(i, q, "routers", "/v2.0/routers", c)),
    "compute": (
        "/compute/v2.1", "/servers/detail", "servers", lambda i, q, c: pages.nova(i, q, "servers", "/v2.1/servers/detail", c),
    ),
    "block-storage": (
        "/block-storage/v3", "/volumes/detail", "volumes", lambda i, q, c: pages.nova(i, q, "volumes", "/v3/volumes/detail", c),
    ),
    "load-balancer": (
        "/load-balancer/v2.0", "/lbaas/pools", "pools", lambda i, q, c: pages.octavia(i, q, "pools", "/v2.0/lbaas/pools", c),
    ),
    "image": ("/image/v2", "/images", "images", lambda i, q, c: pages.glance(i, q, "images", "/v2/images", c)),
    "orchestration": (
        "/orchestration/v1/project", "/stacks", "stacks", lambda i, q, c: pages.heat(i, q, "stacks", "/v1/project/stacks", c),
    ),
    "identity": (
        "/identity/v3", "/OS-TRUST/trusts", "trusts", lambda i, q, c: pages.keystone(i, q, "trusts", "/v3/OS-TRUST/trusts", c),
    ),
    "key-manager": ("/key-manager/v1", "/secrets", "secrets", lambda i, q, c: pages.barbican(i, q, "secrets", "/v1/secrets", c)),
    "metric": ("/metric", "/v1/metric", "", lambda i, q, c: pages.gnocchi(i, q, "/v1/metric", c)),
    "alarming": ("/alarming", "/v2/alarms", "", lambda i, q, c: pages.aodh(i, q, c)),
    "events": (
        "/orchestration/v1/project", "/stacks/a/b/events", "events", lambda i, q, c: pages.heat(i, q, "events", "/events", c),
    ),
}  # fmt: skip


class Listed:
    """A service with `number` things of the project and one of another's; `cap` is how many it gives at once."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, name: str, number: int, cap: int = pages.CAP) -> None:
        self.service = "orchestration" if name == "events" else name
        root, self.path, self.key, make = SERVICES[name]
        for one in ("key-manager", "metric", "alarming"):
            monkeypatch.setitem(server.SERVICES, one, f"http://fake/{one}")
        ids = [f"{number:04d}" for number in range(number)]
        self.items = [{"id": one, "alarm_id": one, "project_id": "project"} for one in ids]
        self.wire = Wire()
        other: Json = {"id": "other", "alarm_id": "other", "project_id": "another"}

        def listing(query: Query, body: Json) -> Answer:
            ours = dict(query).get("project_id") == "project"
            wanted = {value for name, value in query if name == "id"}
            found = [one for one in self.items if not wanted or one["id"] in wanted]
            return make(found if ours else [other, *found], query, cap)

        self.wire.on("GET", root + self.path)(listing)
        self.cloud = connect(self.wire, services=tuple(server.SERVICES))

    def read(self, **query: Any) -> list[str]:
        found = self.cloud.pages(self.service, self.path, self.key, project_id="project", **query)
        return [one["id"] for one in found]


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize(("number", "calls"), [(45, 3), (40, 3), (21, 2)])
def test_every_service_s_list_is_whole(monkeypatch: pytest.MonkeyPatch, name: str, number: int, calls: int) -> None:
    listed = Listed(monkeypatch, name, number)
    assert listed.read() == [one["id"] for one in listed.items]
    # Of an empty page of Neutron's nobody knows whether it is the end, or the item before it has gone: that is asked.
    assert len(listed.wire.calls) <= calls + (name == "network" and number == 40)
    # What a link says of host and path is that of the inside of the cloud.
    assert listed.wire.hosts == {"fake"}
    assert len({one.partition("?")[0] for one in listed.wire.calls}) == 1
    assert all("project_id=project" in one for one in listed.wire.calls)


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("number", [0, 1, 19])
def test_what_fits_into_a_page_is_one_call(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    listed = Listed(monkeypatch, name, number)
    assert len(listed.read()) == number
    assert len(listed.wire.calls) == 1


@pytest.mark.parametrize("name", SERVICES)
@pytest.mark.parametrize("number", [20, 50, 100, 400])
def test_it_is_one_call_too_where_the_service_tells_its_end(
    monkeypatch: pytest.MonkeyPatch, name: str, number: int
) -> None:
    listed = Listed(monkeypatch, name, number, cap=500)
    assert len(listed.read()) == number
    # Of alarms and events nobody says whether such a page was cut.
    asked = 2 if name in ("alarming", "events") and number in (20, 50, 100) else 1
    assert len(listed.wire.calls) == asked


@pytest.mark.parametrize("name", [one for one in SERVICES if one != "identity"])
def test_a_limit_of_one_s_own_is_a_size_of_pages_and_no_end(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    listed = Listed(monkeypatch, name, 10)
    assert listed.read(limit=3) == [one["id"] for one in listed.items]


@pytest.mark.parametrize(("most", "calls"), [(5, 1), (20, 1), (21, 2), (45, 3), (60, 3)])
def test_the_first_few_cost_no_page_more(monkeypatch: pytest.MonkeyPatch, most: int, calls: int) -> None:
    listed = Listed(monkeypatch, "events", 45)
    found = listed.cloud.first(listed.service, listed.path, listed.key, most, project_id="project")
    assert [one["id"] for one in found] == [one["id"] for one in listed.items][:most]
    assert len(listed.wire.calls) == calls


def test_key_pairs_have_no_ids_and_are_followed_by_name() -> None:
    wire = Wire()
    kept = [{"keypair": {"name": f"key-{number}"}} for number in range(45)]
    wire.on("GET", "/compute/v2.1/os-keypairs")(
        lambda query, body: pages.nova(kept, query, "keypairs", "/v2.1/os-keypairs")
    )
    assert connect(wire).pages("compute", "/os-keypairs", "keypairs", "2.35") == kept


@pytest.mark.parametrize("links", ["links", "ports_links", "next"])
def test_a_service_that_leads_in_a_circle_is_told(links: str) -> None:
    wire = Wire()
    again = "http://fake/network/v2.0/ports?marker=1"
    told = {"links": {"next": again}, "ports_links": [{"rel": "next", "href": again}], "next": again}[links]
    wire.on("GET", "/network/v2.0/ports")(lambda query, body: {"ports": [{"id": "1"}], links: told})
    with pytest.raises(clouds.CloudError, match="Neutron repeats itself in its list of ports"):
        connect(wire).pages("network", "/ports", "ports")
    assert len(wire.calls) == 2


def test_a_list_without_end_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "MOST", 7)
    wire = Wire()

    def listing(query: Query, body: Json) -> Answer:
        number = int(dict(query).get("marker", 0)) + 1
        return {"ports": [{"id": str(number)}], "ports_links": [{"rel": "next", "href": f"?marker={number}"}]}

    wire.on("GET", "/network/v2.0/ports")(listing)
    with pytest.raises(clouds.CloudError, match="Neutron's list of ports does not end"):
        connect(wire).pages("network", "/ports", "ports")
    assert len(wire.calls) == 7


def test_a_service_that_knows_no_markers_gave_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(server.SERVICES, "alarming", "http://fake/alarming")
    wire = Wire()
    kept = [{"alarm_id": str(number)} for number in range(20)]
    wire.on("GET", "/alarming/v2/alarms")(lambda query, body: kept)
    assert connect(wire, services=("alarming",)).pages("alarming", "/v2/alarms", "") == kept
    assert len(wire.calls) == 2


def test_a_full_page_whose_links_are_lost_on_the_way_goes_on_by_marker() -> None:
    wire = Wire()
    kept = [{"id": f"{number:04d}"} for number in range(1200)]

    def listing(query: Query, body: Json) -> Answer:
        return {"ports": pages.neutron(kept, query, "ports", "/", 5000)["ports"]}

    wire.on("GET", "/network/v2.0/ports")(listing)
    assert connect(wire).pages("network", "/ports", "ports") == kept


def test_a_list_cut_off_without_a_way_on_is_told() -> None:
    wire = Wire()
    wire.on("GET", "/identity/v3/users")(
        lambda query, body: {"users": [{"id": "1"}], "links": {"next": None}, "truncated": True}
    )
    with pytest.raises(clouds.CloudError, match="Keystone gives no more than 1 users: the rest is not known"):
        connect(wire).pages("identity", "/users", "users")


@pytest.mark.parametrize("name", ["compute", "network"])
def test_a_list_whose_marker_goes_meanwhile_is_whole_and_nothing_is_twice(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    listed = Listed(monkeypatch, name, 45)
    send = listed.wire.send
    gone: list[Json] = []

    def meanwhile(request: Any, **options: Any) -> Any:
        answer = send(request, **options)
        if not gone:
            gone.append(listed.items.pop(19))
        return answer

    monkeypatch.setattr(listed.wire, "send", meanwhile)
    found = listed.read()
    assert sorted({*found} - {gone[0]["id"]}) == [one["id"] for one in listed.items]
    assert len(found) == len(set(found))


def test_a_list_that_never_stands_still_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = Listed(monkeypatch, "compute", 100)
    send = listed.wire.send

    def meanwhile(request: Any, **options: Any) -> Any:
        answer = send(request, **options)
        del listed.items[19:20]
        return answer

    monkeypatch.setattr(listed.wire, "send", meanwhile)
    with pytest.raises(clouds.Conflict, match="Nova's list of servers changed while it was read"):
        listed.read()


def test_what_is_not_there_at_all_is_told_as_such(wire: Wire) -> None:
    with pytest.raises(clouds.NotFound):
        connect(wire).pages("network", "/address-groups", "address_groups")
