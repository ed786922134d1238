"""Every list that the code asks for is whole in pages of two and of twenty; no list is read but by pages."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import tenant_ops_dashboard
from tenant_ops_dashboard.cloud.answers import NAMES
from tenant_ops_dashboard.firewall import neutron, snapshot
from tenant_ops_dashboard.loadbalancers import evidence, read
from tests.unit.fake_openstack import paging as pages
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.server import Answer, Json, Query, Wire, connect

PACKAGE = Path(tenant_ops_dashboard.__file__).parent
#: Our own API's pages have tests of their own.
OURS = "tenant-ops"
#: By service the pages that it gives.
FAKES: dict[str, Callable[[list[Json], Query, str, int], Answer]] = {
    "network": lambda items, query, key, cap: pages.neutron(items, query, key, "/v2.0/list", cap),
    "compute": lambda items, query, key, cap: pages.nova(items, query, key, "/v2.1/list", cap),
    "block-storage": lambda items, query, key, cap: pages.cinder(items, query, key, "/v3/list", cap),
    "load-balancer": lambda items, query, key, cap: pages.octavia(items, query, key, "/v2.0/list", cap),
    "image": lambda items, query, key, cap: pages.glance(items, query, key, "/v2/list", cap),
    "orchestration": lambda items, query, key, cap: pages.heat(items, query, key, "/v1/project/list", cap),
    "identity": lambda items, query, key, cap: pages.keystone(items, query, key, "/v3/list", cap),
    "key-manager": lambda items, query, key, cap: pages.barbican(items, query, key, "/v1/list", cap),
    "metric": lambda items, query, key, cap: pages.gnocchi(items, query, "/v1/metric", cap),
    "alarming": lambda items, query, key, cap: pages.aodh(items, query, cap),
}
#: What is read whole by one GET and is no page of a list: the file that reads it, and why.
WHOLE = {
    ("cloud/back_end.py", "/service-providers"): "Neutron's service providers have no pages (neutron/extensions/servicetype.py)",
    ("doctor/clock.py", "/auth/projects"): "only the time of the answer counts",
    ("doctor/network.py", "/agents"): "Neutron's agents have no pages (neutron/extensions/agent.py), OVN's refuse a limit",
    ("environments/planning/available.py", "/extensions"): "Neutron's extensions have no pages (neutron_lib/api/extensions.py)",
    ("environments/standstill/standstill.py", "/services"): "Heat's engines have no pages (heat/api/openstack/v1/services.py)",
    ("environments/heat/resources.py", "/resources"): "a stack's resources have no pages (Orchestration API v1)",
    ("loadbalancers/scaling/alarms.py", "/v1/archive_policy"): "Gnocchi's archive policies have no pages",
    ("walkthrough/marked.py", "/tags"): "a project's tags have no pages (Identity API v3)",
}  # fmt: skip
#: The ends of paths below which there is one thing.
SINGLE = ("/limits", "/details.json", "/template", "/files", "/metadata", "/catalog", "/{}")


def calls() -> Iterator[tuple[str, str, list[str]]]:
    """File, verb ('get', 'pages' or 'first') and the first three arguments of every read of a service; '?' is unknown."""
    for file in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(file.read_text())
        known: dict[str, Any] = {}
        for node in tree.body:
            if isinstance(node, ast.Assign):
                values = node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]
                names = node.targets[0].elts if isinstance(node.targets[0], ast.Tuple) else node.targets
                pairs = zip(names, values, strict=False)
                known |= {a.id: b.value for a, b in pairs if isinstance(a, ast.Name) and isinstance(b, ast.Constant)}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("get", "pages", "first")
            ):
                told = [_text(one, known) for one in node.args[:3]]
                if len(told) > 1 and told[0] in NAMES and told[0] != OURS:
                    yield str(file.relative_to(PACKAGE)), node.func.attr, told


def _text(node: ast.expr, known: dict[str, Any]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.Name):
        return str(known.get(node.id, "?"))
    if isinstance(node, ast.JoinedStr):
        return "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
    return "?"


def lists() -> set[tuple[str, str, str]]:
    """Service, path and key of every list: as the code writes them, and of its tables."""
    written = {
        (told[0], told[1], told[2]) for _, verb, told in calls() if verb != "get" and len(told) > 2 and "?" not in told
    }
    tables = {("network", path, key) for key, path, _ in (*snapshot.NEUTRON, *evidence._NEUTRON)}
    tables |= {("network", path, path.rpartition("/")[2].replace("-", "_")) for path in neutron.KINDS}
    tables |= {("load-balancer", f"/lbaas/{kind}", kind) for kind in read.SHAPES}
    return {(service, path.replace("{}", "x"), key) for service, path, key in written | tables}


LISTS = sorted(lists())


def test_lists_of_every_service_are_looked_at() -> None:
    assert {service for service, *_ in LISTS} == FAKES.keys()
    assert len(LISTS) > 30


@pytest.mark.parametrize(("cap", "number"), [(2, 5), (2, 4), (20, 45)])
@pytest.mark.parametrize(("service", "path", "key"), LISTS)
def test_every_list_is_whole(
    service: str, path: str, key: str, cap: int, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in ("key-manager", "metric", "alarming"):
        monkeypatch.setitem(server.SERVICES, one, f"http://fake/{one}")
    wire, items = Wire(), [{"id": f"{n:04d}", "alarm_id": f"{n:04d}", "name": f"{n:04d}"} for n in range(number)]

    def listing(query: Query, body: Json) -> Answer:
        wanted = {value for name, value in query if name == "id"}
        return FAKES[service]([one for one in items if not wanted or one["id"] in wanted], query, key, cap)

    wire.on("GET", f"/{service}(/.*)?{path}")(lambda *_, query, body: listing(query, body))
    cloud = connect(wire, services=tuple(server.SERVICES))
    # Nobody sees of a full page of two that it was cut where there is neither a link nor a count.
    if (service, cap) in {("alarming", 2), ("orchestration", 2)} and key != "stacks":
        assert cloud.pages(service, path, key, limit=2) == items
        return
    assert cloud.pages(service, path, key) == items
    assert len(wire.calls) > 1


def test_no_list_is_read_but_by_pages() -> None:
    """Who reads a list with `get` sees its first page alone: it goes by `pages`, or into `WHOLE` with the reason."""
    read_once = {
        (file, next((path for known, path in WHOLE if known == file and told[1].endswith(path)), told[1]))
        for file, verb, told in calls()
        if verb == "get" and not told[1].endswith(SINGLE)
    }
    # A path that a variable holds is one thing's, or, in the doctor, one that is not a list.
    read_once = {(file, path) for file, path in read_once if path != "?"}
    assert read_once == set(WHOLE)
