"""`tenant-ops doctor`: each thing that would be in the way is found with its fix, and nothing is changed by looking."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.cloud import versions
from tests.unit.fake_openstack import server
from tests.unit.fake_openstack.world import World

Out = pytest.CaptureFixture[str]
API = "/tenant_ops/api/v1/doctor"
ONE = {"check": "Cache", "state": "good", "found": "It keeps.", "fix": ""}


@dataclass
class Patient:
    """A cloud that lacks nothing; `findings` are what the dashboard says of itself, with the status before them."""

    world: World = field(default_factory=World)
    roles: tuple[str, ...] = ("member", "reader")
    services: tuple[str, ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    answer: Any = field(default_factory=lambda: {"findings": [ONE]})

    def cloud(self, *_: Any, **__: Any) -> clouds.Cloud:
        return self.world.cloud(*self.roles, services=self.services or tuple(server.SERVICES), **self.options)


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> Patient:
    made = Patient()
    monkeypatch.setitem(server.SERVICES, "tenant-ops", "http://fake/tenant_ops/api")
    for name in ("key-manager", "alarming", "metric"):
        monkeypatch.setitem(server.SERVICES, name, f"http://fake/{name}")
    made.world.wire.on("GET", "/key-manager/v1/secrets")(lambda query, body: {"secrets": [], "total": 0})
    made.world.wire.on("GET", API)(lambda query, body: made.answer)
    made.world.wire.now = server.as_here()
    made.world.things.add("networks", name="own")
    made.world.things.images.append({**made.world.things.images[0], "id": "image-2", "name": "debian-13"})
    monkeypatch.setattr(clouds, "from_clouds_yaml", made.cloud)
    return made


@pytest.fixture
def told(capsys: Out) -> Callable[[], tuple[int, list[dict[str, str]]]]:
    """The exit code and the rows."""

    def run() -> tuple[int, list[dict[str, str]]]:
        code = main.main(["doctor", "-f", "json"])
        return code, json.loads(capsys.readouterr().out)

    return run


def test_where_all_is_well_everything_is_good_and_nothing_was_changed(patient: Patient, told: Any) -> None:
    code, rows = told()
    assert [one for one in rows if one["state"] != "good"] == []
    assert code == 0
    assert all(set(one) == {"check", "state", "found", "fix"} and one["found"] and not one["fix"] for one in rows)
    assert {one["check"] for one in rows} >= {
        "Services", "Service Heat", "Service Nova", "Service Neutron", "Service Octavia", "Service Cinder", "Service Glance",
        "Service Keystone", "Long lists", "Load balancers", "Firewall", "Roles", "Policy file", "Images", "Flavors",
        "Floating IPs", "Packets", "Clock", "Dashboard: Cache",
    }  # fmt: skip
    assert {call.partition(" ")[0] for call in patient.world.calls()} == {"GET"}


def _poor(patient: Patient) -> None:
    patient.services = tuple(one for one in server.SERVICES if one not in ("orchestration", "key-manager"))


def _without_volumes(patient: Patient) -> None:
    patient.services = tuple(one for one in server.SERVICES if one != "block-storage")


def _silent(patient: Patient) -> None:
    patient.world.wire.trouble["GET /orchestration"] = [503] * 9


def _old(patient: Patient) -> None:
    patient.world.wire.trouble["GET /compute/v2.1/limits"] = [406] * 9


def _unlike(path: str) -> Callable[[Patient], None]:
    """Something before a service, whose versions nobody asks for, does not take what is sent."""

    def spoil(patient: Patient) -> None:
        patient.world.wire.trouble[f"GET {path}"] = [406] * 99

    return spoil


def document(patient: Patient, service: str, path: str, *told: dict[str, Any], status: int = 300) -> None:
    """What stands at the root of a service, as its own release has it."""
    links = [{"rel": "self", "href": f"http://fake/{service}/"}]
    versions: Any = [{"links": links, **one} for one in told]
    written = {"versions": {"values": versions} if service == "identity" else versions}
    patient.world.wire.on("GET", path)(lambda query, body: (status, written))


def _old_by_its_word(patient: Patient) -> None:
    document(patient, "compute", "/compute/?", {"id": "v2.1", "status": "CURRENT", "version": "2.40", "min_version": "2.1"})


def _new_by_its_word(patient: Patient) -> None:
    document(patient, "block-storage", "/block-storage/?",
             {"id": "v3.0", "status": "CURRENT", "version": "3.99", "min_version": "3.50"})  # fmt: skip


def _cut_off(patient: Patient) -> None:
    @_before(patient, "/image/v2/images")
    def images(query: server.Query, body: Any) -> Any:
        return {"images": patient.world.things.images[: int(dict(query).get("limit", 500))]}


def _one_provider(patient: Patient) -> None:
    patient.world.things.providers = ["ovn"]


def _no_provider(patient: Patient) -> None:
    patient.world.things.providers = []


def _no_firewall(patient: Patient) -> None:
    patient.world = World(firewall=False)
    patient.world.wire.now = server.as_here()


def _other_firewall(patient: Patient) -> None:
    patient.options = {"firewall_profile": "l3-agent"}


def _agents_under_ovn(patient: Patient) -> None:
    patient.world.things.routed_by_agents()
    patient.options = {"firewall_profile": "ovn"}


def _own_routers(patient: Patient) -> None:
    patient.world.things.routers = ("ovn", "user-defined-1")


def _other_agents(patient: Patient) -> None:
    patient.world.things.routed_by_agents()
    patient.world.things.routers = ("theirs",)
    patient.roles = ("admin", "member")


def _reader(patient: Patient) -> None:
    patient.roles = ("reader",)


def _without_balancers(patient: Patient) -> None:
    patient.world.wire.trouble["GET /load-balancer"] = [403] * 9


def _without_stacks(patient: Patient) -> None:
    patient.world.wire.trouble["GET /orchestration"] = [403] * 9


def _no_image(patient: Patient) -> None:
    patient.world.things.images.clear()


def _large_image(patient: Patient) -> None:
    patient.world.things.images[1]["min_disk"] = 10_000


def _large_images(patient: Patient) -> None:
    for one in patient.world.things.images:
        one["min_ram"] = 10**6


def _small_flavors(patient: Patient) -> None:
    @_before(patient, "/compute/v2.1/flavors/detail")
    def flavors(query: server.Query, body: Any) -> Any:
        return {"flavors": [{"id": "tiny", "name": "tiny", "vcpus": 1, "ram": 512, "disk": 0}]}


def _no_flavor(patient: Patient) -> None:
    _before(patient, "/compute/v2.1/flavors/detail")(lambda query, body: {"flavors": []})


def _inside(patient: Patient) -> None:
    patient.world.things.clear("networks", "subnets")


def _no_packets(patient: Patient) -> None:
    patient.options = {"packet_proofs": False}


def _late(patient: Patient) -> None:
    patient.world.wire.now = server.as_here(-30.0)


def _early(patient: Patient) -> None:
    patient.world.wire.now = server.as_here(3600.0)


def _alone(patient: Patient) -> None:
    patient.services = tuple(one for one in server.SERVICES if one != "tenant-ops")


def _not_for_him(patient: Patient) -> None:
    patient.answer = 403, {"error": {"sentence": "Your roles do not allow this.", "todo": "", "request_id": "", "field": ""}}


def _older(patient: Patient) -> None:
    patient.answer = 404, {"error": {"sentence": "There is nothing at this address.", "todo": "", "request_id": "", "field": ""}}


def _odd(patient: Patient) -> None:
    patient.answer = {"findings": [{"what": "Cache"}]}


def _ill(patient: Patient) -> None:
    patient.answer = {"findings": [{**ONE, "state": "failed", "found": "It keeps nothing.", "fix": "Look at CACHES."}]}


def _before(patient: Patient, path: str) -> Callable[[server.Handler], server.Handler]:
    def put(handler: server.Handler) -> server.Handler:
        patient.world.wire.on("GET", path)(handler)
        patient.world.wire.handlers.insert(0, patient.world.wire.handlers.pop())
        return handler

    return put


@pytest.mark.parametrize(
    ("spoil", "check", "state", "says", "fix"),
    [
        (_poor, "Services", "failed", "lacks orchestration", "cloud or region that has them"),
        (_without_volumes, "Services", "warning", "no Cinder", "add it to the catalogue"),
        (_poor, "Services", "skipped", "no Barbican", "If you need it"),
        (_silent, "Service Heat", "failed", "Heat", "tell your operator"),
        (_old, "Service Nova", "failed", "Nova does not take microversion 2.52", "upgrade"),
        (_unlike("/network"), "Service Neutron", "failed", "406", "operator"),
        (_unlike("/image"), "Service Glance", "failed", "406", "operator"),
        (_unlike("/load-balancer"), "Service Octavia", "failed", "406", "operator"),
        (_old_by_its_word, "Service Nova", "failed", "Nova 2.1 to 2.40 does not take microversion 2.52", "upgrade"),
        (_new_by_its_word, "Service Cinder", "failed", "Cinder 3.50 to 3.99 does not take microversion 3.40", "upgrade"),
        (_cut_off, "Long lists", "failed", "Glance", "paging"),
        (_one_provider, "Load balancers", "warning", "'ovn' alone", "amphora"),
        (_no_provider, "Load balancers", "failed", "no provider", "octavia.conf"),
        (_no_firewall, "Firewall", "warning", "no FWaaS v2", "whose Neutron has FWaaS v2"),
        (_other_firewall, "Firewall", "failed", "says 'l3-agent'", "TENANT_OPS_FIREWALL_PROFILE to 'ovn'"),
        (_agents_under_ovn, "Firewall", "failed", "those of 'l3-agent'", "TENANT_OPS_FIREWALL_PROFILE to 'l3-agent'"),
        (_own_routers, "Firewall", "warning", "neither Neutron nor a setting", "TENANT_OPS_FIREWALL_PROFILE"),
        (_other_agents, "Firewall", "failed", "those of 'l3-agent'", "TENANT_OPS_FIREWALL_PROFILE to 'l3-agent'"),
        (_reader, "Roles", "warning", "environments:launch", "role 'member'"),
        (_without_balancers, "Roles", "warning", "Octavia does not let you in", "for 'load-balancer_member'"),
        (_without_stacks, "Roles", "warning", "you have the roles member, reader", "ask your operator which one"),
        (_no_image, "Images", "failed", "no image that can be a server", "openstack image create"),
        (_large_image, "Images", "warning", "debian-13", "larger flavor"),
        (_large_images, "Images", "failed", "debian-12, debian-13", "larger flavor"),
        (_small_flavors, "Flavors", "warning", "512 MB", "4096 MB"),
        (_no_flavor, "Flavors", "failed", "no flavor", "openstack flavor create"),
        (_inside, "Floating IPs", "failed", "no external network", "--external"),
        (_no_packets, "Packets", "warning", "sends no packets", "TENANT_OPS_PACKET_PROOFS"),
        (_late, "Clock", "warning", "s ahead of the cloud's", "NTP"),
        (_early, "Clock", "failed", "s behind the cloud's", "NTP"),
        (_alone, "Dashboard", "skipped", "no service 'tenant-ops'", "openstack service create"),
        (_not_for_him, "Dashboard", "skipped", "do not allow this", "administrator's"),
        (_older, "Dashboard", "failed", "there is nothing that could", "Upgrade"),
        (_odd, "Dashboard", "failed", "another release", "operator"),
        (_ill, "Dashboard: Cache", "failed", "It keeps nothing.", "Look at CACHES."),
    ],
)  # fmt: skip
def test_what_would_be_in_the_way_is_found_with_its_fix(
    patient: Patient, told: Any, spoil: Callable[[Patient], None], check: str, state: str, says: str, fix: str
) -> None:
    spoil(patient)
    code, rows = told()
    one = next(one for one in rows if (one["check"], one["state"]) == (check, state))
    assert says in one["found"] and fix.lower() in one["fix"].lower()
    assert all(bool(one["fix"]) == (one["state"] != "good") for one in rows)
    assert code == (1 if state == "failed" else code)
    assert code == int(any(one["state"] == "failed" for one in rows))


def test_a_service_that_is_away_keeps_nothing_else_from_being_looked_at_and_the_worst_is_first(
    patient: Patient, told: Any
) -> None:
    patient.world.wire.trouble["GET /(compute|image)"] = [503] * 99
    code, rows = told()
    states = [one["state"] for one in rows]
    assert code == 1 and states == sorted(states, key=("failed", "warning", "skipped", "good").index)
    found = {one["check"]: one["state"] for one in rows}
    assert (found["Service Nova"], found["Service Glance"], found["Images"]) == ("failed",) * 3
    assert (found["Service Heat"], found["Clock"], found["Dashboard: Cache"]) == ("good",) * 3


@pytest.mark.parametrize("said", ["", "l3-agent"])
def test_a_member_s_look_knows_the_firewall_s_back_end(patient: Patient, told: Any, said: str) -> None:
    patient.world.things.routed_by_agents()
    patient.options = {"firewall_profile": said}
    one = next(one for one in told()[1] if one["check"] == "Firewall")
    assert (one["state"], "'l3-agent'" in one["found"]) == ("good", True)


@pytest.mark.parametrize("spoil", [_own_routers, _other_agents])
def test_the_setting_tells_the_back_end_that_neutron_does_not(
    patient: Patient, told: Any, spoil: Callable[[Patient], None]
) -> None:
    spoil(patient)
    patient.options = {"firewall_profile": "l3-agent"}
    one = next(one for one in told()[1] if one["check"] == "Firewall")
    assert (one["state"], "as TENANT_OPS_FIREWALL_PROFILE says" in one["found"]) == ("good", True)


def test_the_versions_are_those_that_each_service_tells(patient: Patient, told: Any) -> None:
    document(patient, "compute", "/compute/?", {"id": "v2.0", "status": "SUPPORTED", "version": "", "min_version": ""},
             {"id": "v2.1", "status": "CURRENT", "version": "2.96", "min_version": "2.1"}, status=200)  # fmt: skip
    document(patient, "block-storage", "/block-storage/?",
             {"id": "v3.0", "status": "CURRENT", "version": "3.71", "min_version": "3.0"})  # fmt: skip
    document(patient, "image", "/image/?", *({"id": f"v2.{one}", "status": "SUPPORTED"} for one in (17, 9, 2)))
    document(patient, "load-balancer", "/load-balancer/?", {"id": "v1", "status": "SUPPORTED"},
             {"id": "v2.0", "status": "SUPPORTED"}, {"id": "v2.27", "status": "CURRENT"}, status=200)  # fmt: skip
    document(patient, "identity", "/identity/?", {"id": "v3.14", "status": "stable"})
    document(patient, "key-manager", "/key-manager/?",
             {"id": "v1", "status": "CURRENT", "min_version": "1.0", "max_version": "1.1"})  # fmt: skip
    # It asks who it is before it tells, as some set it up.
    document(patient, "network", "/network/?", {"id": "v2.0", "status": "CURRENT"}, status=200)
    patient.world.wire.trouble["GET /network/?$"] = [401]
    code, rows = told()
    found = {one["check"].removeprefix("Service "): one["found"] for one in rows if one["check"].startswith("Service ")}
    assert code == 0
    assert {name: said.partition(" answers at ")[0] for name, said in found.items()} == {
        "Nova": "Nova 2.1 to 2.96", "Cinder": "Cinder 3.0 to 3.71", "Glance": "Glance 2.17", "Octavia": "Octavia 2.27",
        "Keystone": "Keystone 3.14", "Barbican": "Barbican 1.0 to 1.1", "Neutron": "Neutron 2.0",
        "Heat": "It",
    }  # fmt: skip
    assert found["Nova"].endswith("; 2.52 is needed to mask and to serve clones.")
    assert found["Heat"].endswith("; which versions it has it does not tell.")


@pytest.mark.parametrize("trouble", [requests.ReadTimeout("slow"), requests.ConnectionError("lost"), 500, 404])
def test_a_version_document_that_does_not_answer_keeps_nobody_waiting(
    patient: Patient, told: Any, trouble: BaseException | int, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient.world.wire.trouble["GET /compute(/v2.1)?/?$"] = [trouble] * 9
    began = len(patient.world.wire.timeouts)
    code, rows = told()
    one = next(one for one in rows if one["check"] == "Service Nova")
    assert (code, one["state"]) == (0, "good") and "which versions it has it does not tell" in one["found"]
    asked = zip(patient.world.wire.calls[began:], patient.world.wire.timeouts[began:], strict=True)
    waits = [one for call, one in asked if re.fullmatch(r"GET /compute(/v2.1)?/?", call)]
    assert waits and all(one.total <= versions.SECONDS if hasattr(one, "total") else one <= versions.SECONDS for one in waits)


LINKS = [{"rel": "self", "href": "http://fake/compute/v2.1/"}]


@pytest.mark.parametrize(
    "written",
    [[], {}, {"versions": "2.1"}, {"versions": [None]}, {"version": {"id": "v2.1"}}, {"versions": {"values": 3}},
     {"versions": [{"id": 5, "status": "CURRENT", "links": LINKS}]}, {"versions": [{"id": "new", "links": LINKS}]},
     {"versions": [{"id": "v2.1", "status": "CURRENT", "version": "many", "min_version": [], "links": LINKS}]},
     {"versions": [{"id": "v2.1", "status": {}, "links": {}}]}],
    ids=str,
)  # fmt: skip
def test_a_version_document_that_is_none_is_no_failure(patient: Patient, told: Any, written: Any) -> None:
    patient.world.wire.on("GET", "/compute(?:/v2.1)?/?")(lambda query, body: written)
    one = next(one for one in told()[1] if one["check"] == "Service Nova")
    assert one["state"] == "good", one


def test_what_a_login_may_not_see_is_skipped(patient: Patient, told: Any) -> None:
    patient.world.wire.trouble["GET /load-balancer"] = [403] * 9
    code, rows = told()
    found = {one["check"]: one for one in rows}
    assert (code, found["Service Octavia"]["state"], found["Load balancers"]["state"]) == (0, "skipped", "skipped")
    assert "a login that may" in found["Load balancers"]["fix"]


@pytest.mark.parametrize(
    ("text", "state", "says"),
    [('"environments:launch": "role:member"\n', "warning", "environments:read"), ("words", "failed", "cannot be read")],
)
def test_a_policy_file_is_looked_at(
    patient: Patient, told: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str, state: str, says: str
) -> None:
    file = tmp_path / "policy.yaml"
    file.write_text(text)
    monkeypatch.setenv(policy.VARIABLE, str(file))
    one = next(one for one in told()[1] if one["check"] == "Policy file")
    assert one["state"] == state and str(file) in one["found"] and says in one["found"]


def test_people_are_told_in_a_table(patient: Patient, capsys: Out) -> None:
    assert main.main(["doctor"]) == 0
    assert "Service Heat" in capsys.readouterr().out
