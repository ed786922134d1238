"""Where `tenant-ops` sends its calls: addresses, regions, interfaces, aliases and certificates as clouds.yaml has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tests.unit.cli.logins import Logins, placed, run
from tests.unit.fake_openstack.server import SERVICES

Out = pytest.CaptureFixture[str]
PLAN = ("environment", "plan", "shop", "-f", "json")
WORKING = tuple(one for one in SERVICES if one != "identity")
#: Of a plan.
ASKED = ("orchestration", "compute", "network", "load-balancer", "block-storage", "image")


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Logins:
    return Logins(monkeypatch, tmp_path)


def planned(door: Logins, capsys: Out, *words: str) -> dict[str, set[str]]:
    """The hosts that each service was asked at by a plan that is fine."""
    door.wire.sent.clear()
    code, out, err = run(capsys, *(words or ("--os-cloud", "it", *PLAN)))
    assert code == 0, err
    assert json.loads(out)["ok"]
    return {service: door.hosts(service) for service in ASKED}


@pytest.mark.parametrize("service", ASKED)
def test_an_address_set_for_a_service_counts_more_than_the_catalogue_s(door: Logins, service: str, capsys: Out) -> None:
    root = SERVICES[service].replace("fake", "near").replace("/project", "/%(project_id)s")
    door.entry(**{f"{service.replace('-', '_')}_endpoint_override": root})
    assert planned(door, capsys) == {one: {"near" if one == service else "fake"} for one in ASKED}


@pytest.mark.parametrize("name", ["volume", "volumev3", "block_storage"])
def test_an_address_may_be_set_by_any_of_a_service_s_names(door: Logins, name: str, capsys: Out) -> None:
    door.entry(**{f"{name}_endpoint_override": "http://near/block-storage/v3"})
    assert planned(door, capsys)["block-storage"] == {"near"}


def test_an_address_may_be_a_variable(door: Logins, capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    door.environ(monkeypatch, "v3applicationcredential")
    monkeypatch.setenv("OS_LOAD_BALANCER_ENDPOINT_OVERRIDE", "http://near/load-balancer/v2.0")
    monkeypatch.setenv("OS_REGION_NAME", "RegionOne")
    assert planned(door, capsys, *PLAN)["load-balancer"] == {"near"}


@pytest.mark.parametrize("said", ["before", "behind", "variable", "entry", "region's own values"])
def test_services_are_those_of_the_region_and_keystone_is_in_every_one(
    door: Logins, said: str, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.catalog = placed(RegionOne="fake", RegionTwo=dict.fromkeys(WORKING, "two"))
    values = {"network_endpoint_override": "http://near/network/v2.0"}
    door.entry(
        **({"region_name": "RegionTwo"} if said == "entry" else {}),
        **({"regions": ["RegionOne", {"name": "RegionTwo", "values": values}]} if "own" in said else {}),
    )
    if said == "variable":
        monkeypatch.setenv("OS_REGION_NAME", "RegionTwo")
    option = ("--os-region-name", "RegionTwo")
    before = option if said in ("before", "region's own values") else ()
    found = planned(door, capsys, "--os-cloud", "it", *before, *PLAN, *(option if said == "behind" else ()))
    assert found == {one: {"near" if "own" in said and one == "network" else "two"} for one in ASKED}
    door.wire.sent.clear()
    _code, out, _err = run(
        capsys, "--os-cloud", "it", *before, "doctor", "-f", "json", *(option if said == "behind" else ())
    )
    told = {one["check"]: one["state"] for one in json.loads(out)}
    assert told["Service Keystone"] == "good"
    assert door.hosts("identity") == {"fake"}


def test_a_region_that_the_entry_does_not_know_is_told_with_those_that_it_does(door: Logins, capsys: Out) -> None:
    door.entry(regions=["RegionOne", "RegionTwo"])
    code, out, err = run(capsys, "--os-cloud", "it", "--os-region-name", "RegionThree", *PLAN)
    assert (code, out) == (2, "")
    assert "RegionThree" in err and "RegionOne,RegionTwo" in err


def test_a_region_that_the_catalogue_does_not_know_has_no_services(door: Logins, capsys: Out) -> None:
    door.entry()
    code, out, err = run(capsys, "--os-cloud", "it", "--os-region-name", "RegionThree", *PLAN)
    assert (code, out) == (3, "")
    assert "catalogue has no" in err


def test_where_nobody_names_a_region_it_is_the_one_that_has_all(door: Logins, capsys: Out) -> None:
    """OpenStack's own clients would take Neutron from the other one, which stands first."""
    door.catalog = placed(RegionTwo={"network": "two", "compute": "two"}, RegionOne="fake")
    door.entry()
    assert planned(door, capsys) == {one: {"fake"} for one in ASKED}
    assert clouds.from_clouds_yaml("it").region == "RegionOne"


def test_where_two_regions_have_all_somebody_has_to_name_one(door: Logins, capsys: Out) -> None:
    door.catalog = placed(RegionTwo=dict.fromkeys(WORKING, "two"), RegionOne="fake")
    door.entry()
    code, out, err = run(capsys, "--os-cloud", "it", *PLAN)
    assert (code, out) == (2, "")
    assert "RegionOne, RegionTwo: name one with --os-region-name" in err


INTERFACES: dict[str, tuple[dict[str, Any], tuple[str, ...], dict[str, str]]] = {
    "one": ({"interface": "internal"}, (), dict.fromkeys(ASKED, "inside")),
    "by its old name": ({"endpoint_type": "internalURL"}, (), dict.fromkeys(ASKED, "inside")),
    "several": ({"interface": ["admin", "internal"]}, (), {**dict.fromkeys(ASKED, "inside"), "network": "office"}),
    "a service's own": ({"network_interface": "admin"}, (), {**dict.fromkeys(ASKED, "fake"), "network": "office"}),
    "an option": ({"interface": "public"}, ("--os-interface", "internal"), dict.fromkeys(ASKED, "inside")),
}


@pytest.mark.parametrize("case", INTERFACES)
def test_the_interface_is_the_one_that_is_set(door: Logins, case: str, capsys: Out) -> None:
    entry, option, hosts = INTERFACES[case]
    for service in door.catalog:
        public = service["endpoints"][-1]
        for interface, host in (
            ("internal", "inside"),
            *([("admin", "office")] if service["type"] == "network" else []),
        ):
            service["endpoints"].append({**public, "interface": interface, "url": public["url"].replace("fake", host)})
    door.entry(region_name="RegionOne", **entry)
    found = planned(door, capsys, "--os-cloud", "it", *option, *PLAN)
    assert found == {service: {host} for service, host in hosts.items()}


def test_services_are_known_by_their_other_names_and_by_the_name_that_is_set(door: Logins, capsys: Out) -> None:
    by_type = {one["type"]: one for one in door.catalog}
    old = {"type": "volumev2", "name": "cinderv2", "id": "old", "endpoints": [
        {**by_type["block-storage"]["endpoints"][0], "url": "http://old/block-storage/v2/project"}
    ]}  # fmt: skip
    by_type["block-storage"].update(type="volumev3", name="cinderv3")
    beside = {**by_type["network"], "name": "quantum", "endpoints": [
        {**one, "url": one["url"].replace("fake", "beside")} for one in by_type["network"]["endpoints"]
    ]}  # fmt: skip
    door.catalog[:0] = [old, beside]
    door.entry(region_name="RegionOne", network_service_name="network")
    assert planned(door, capsys) == {one: {"fake"} for one in ASKED}


@pytest.mark.parametrize(
    ("entry", "verify", "cert"),
    [
        ({}, True, None),
        ({"verify": False}, False, None),
        ({"insecure": True}, False, None),
        ({"cacert": "~/ca.pem"}, "/home/ann/ca.pem", None),
        ({"cert": "~/ann.pem", "key": "/keys/ann.key"}, True, ("/home/ann/ann.pem", "/keys/ann.key")),
    ],
)
def test_certificates_are_those_of_the_entry_in_another_project_too(
    door: Logins, entry: dict[str, Any], verify: Any, cert: Any, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    door.entry(**entry)
    planned(door, capsys)
    clouds.elsewhere(clouds.from_clouds_yaml("it"), "project")
    assert door.logins[-1]["identity"]["methods"] == ["token"]
    assert {(sent["verify"], sent["cert"]) for *_, sent in door.wire.sent} == {(verify, cert)}


def test_a_call_takes_as_long_as_the_entry_says(door: Logins, capsys: Out) -> None:
    door.entry(api_timeout=7)
    planned(door, capsys)
    made = clouds.from_clouds_yaml("it")
    assert (made.options.timeout, made.options.write_timeout) == (7, 7)
    assert {sent["timeout"] for *_, sent in door.wire.sent} == {7}


def test_which_version_is_asked_for_is_ours_whatever_is_set(door: Logins, capsys: Out) -> None:
    """Answers are read as those of the version that is asked for; a default of somebody's own would change them."""
    door.entry()
    seen = []
    send = door.wire.send
    door.wire.send = lambda request, **options: (seen.append(request.headers), send(request, **options))[1]  # type: ignore[method-assign,assignment]
    planned(door, capsys)
    usual = [one.get("OpenStack-API-Version") for one in seen]
    seen.clear()
    door.entry(
        compute_default_microversion="2.95", volume_api_version="2", identity_api_version="3", image_api_version="1",
        compute_api_version="2.1", network_api_version="2.0",
    )  # fmt: skip
    planned(door, capsys)
    assert [one.get("OpenStack-API-Version") for one in seen] == usual


def test_openstacksdk_on_the_same_login_goes_to_the_same_addresses(door: Logins) -> None:
    door.entry(network_endpoint_override="http://near/network/v2.0", region_name="RegionOne")
    made = clouds.from_clouds_yaml("it")
    assert made.connection.network.get_endpoint() == "http://near/network/v2.0"
    assert made.connection.config.get_session_endpoint("compute") == "http://fake/compute/v2.1"
