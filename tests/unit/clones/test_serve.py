"""What is served: server and data stay in production, development reaches one port, and the owner alone ends it."""

from __future__ import annotations

import base64
import ipaddress
from typing import Any

import pytest
import requests
import yaml

from tenant_ops_dashboard.changes import perform
from tenant_ops_dashboard.clones import serve_removal, served
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records
from tests.unit.clones.machine import SCRIPT, Machine
from tests.unit.clones.test_steps_broken_off import MANY

pytestmark = pytest.mark.django_db
SERVED = {"deliver": "served"}


def kept(machine: Machine, kind: str) -> list[dict[str, Any]]:
    """What is there of this kind, and was not at the beginning."""
    return [one for id_, one in machine.world.things.kept[kind].items() if id_ not in machine.before.get(kind, ())]


def stands(machine: Machine) -> None:
    """It is served: once, by a server that is open to its own network alone."""
    made = machine.clone
    (network,), (subnet,), (port,) = kept(machine, "networks"), kept(machine, "subnets"), kept(machine, "ports")
    (group,), (share,), (server,) = kept(machine, "security-groups"), kept(machine, "rbac-policies"), kept(machine, "servers")
    assert (made.state, made.step, made.says, made.reason) == ("ready", "", "", "")
    assert (made.network_id, made.server_id, made.handed_at) == (network["id"], server["id"], None)
    assert made.address == port["fixed_ips"][0]["ip_address"]
    assert {one["project_id"] for one in (network, subnet, port, group, share, server)} == {"project"}
    assert (network["tags"], group["tags"], server["tags"]) == ([f"tenant-ops-clone-{made.id}"],) * 3
    assert (share["object_id"], share["target_tenant"], share["action"]) == (network["id"], "development", "access_as_shared")
    assert (subnet["gateway_ip"], subnet["network_id"]) == (None, network["id"])
    (rule,) = [one for one in group["security_group_rules"] if one["direction"] == "ingress"]
    told = (rule["protocol"], rule["port_range_min"], rule["port_range_max"], rule["remote_ip_prefix"])
    assert told == ("tcp", 1521, 1521, subnet["cidr"])
    assert (port["security_groups"], port["device_id"]) == ([group["id"]], server["id"])
    (copy,) = machine.copies("project")
    assert (copy["id"], copy["status"]) == (made.volume_id, "in-use")
    assert copy["attachments"][0]["server_id"] == server["id"]
    assert machine.copies() == []
    machine.stands()


@pytest.mark.parametrize("script", ["", SCRIPT], ids=["plain", "masked"])
def test_from_the_request_to_the_end(machine: Machine, script: str) -> None:
    machine.offer(**SERVED, mask=script, consistency="paused")
    made = machine.request()
    assert (made.trust_id, made.own_trust, made.get) == ("", False, "server")
    trusts = set(machine.world.things.kept["trusts"])
    machine.round()
    stands(machine)
    assert set(machine.world.things.kept["trusts"]) == trusts, "nothing of development's is needed"
    assert list(machine.clone.seconds)[-1] == "serve"
    (server,) = kept(machine, "servers")
    told = base64.b64decode(server["user_data"]).decode()
    (written,) = yaml.safe_load(told)["write_files"]
    assert told.startswith("#cloud-config\n") and written["path"] == "/etc/tenant-ops/tier.env"
    assert written["content"].splitlines() == [
        "TENANT_OPS_TIER=database", "TENANT_OPS_PORT=1521", f"TENANT_OPS_VOLUME_ID={machine.clone.volume_id}",
        "TENANT_OPS_SAMPLE=0",
    ]  # fmt: skip
    machine.forward(7300)
    assert machine.round().state == "released"
    machine.nothing_is_left()


def test_a_server_deleted_by_hand_whose_volume_ends_in_error_ends_the_clone(machine: Machine) -> None:
    machine.offer(**SERVED)
    machine.request()
    machine.stop_at("serve")
    (server,), (copy,) = kept(machine, "servers"), machine.copies("project")
    perform(serve_removal.RemoveServer(machine.owner, machine.clone, server["id"]))
    machine.settle()
    copy |= {"status": "error"}
    made = machine.until_done()
    assert made.state == "failed"
    assert "copy is in error" in (made.says or made.reason)
    machine.nothing_is_left()


def test_whom_the_clouds_own_rules_let_in_is_kept_out_from_the_beginning(machine: Machine) -> None:
    machine.offer(**SERVED)
    rule = {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "port_range_min": 22, "port_range_max": 22,
            "remote_ip_prefix": "0.0.0.0/0", "remote_group_id": None, "description": "", "project_id": "project"}  # fmt: skip
    machine.world.things.template_rules = [rule]
    machine.request()
    machine.round()
    stands(machine)
    writes = [one for one in machine.world.calls() if not one.startswith("GET")]
    closed = next(number for number, one in enumerate(writes) if one.startswith("DELETE /network/v2.0/security-group-rules/"))
    assert closed < writes.index("POST /network/v2.0/ports")


def test_the_door_opens_last(machine: Machine) -> None:
    machine.offer(**SERVED)
    machine.request()
    machine.stop_at("serve")
    (group,) = kept(machine, "security-groups")
    assert [one["direction"] for one in group["security_group_rules"] if one["direction"] == "ingress"] == []
    calls = machine.world.calls()
    machine.round()
    stands(machine)
    writes = [one for one in machine.world.calls() if not one.startswith("GET") and "tokens" not in one]
    assert writes == ["POST /network/v2.0/security-group-rules"], calls


def test_an_application_credential_asks_without_standing_authority(machine: Machine) -> None:
    machine.offer(**SERVED)
    pipeline = machine.world.cloud("member", project="development", name="dev", credential=True)
    made, existing = changes.request(pipeline, "db", "ci", "2h", "", machine.now)
    assert (made.trust_id, existing) == ("", False)
    machine.round()
    stands(machine)


@pytest.mark.parametrize("who", ["owner", "developer"])
def test_either_ends_it_before_its_time(machine: Machine, who: str) -> None:
    machine.offer(**SERVED)
    machine.request()
    machine.round()
    changes.release(getattr(machine, who), "ci", machine.now)
    machine.world.calls()
    assert machine.until_done().state == "released"
    deletes = [one.split("/")[-2] for one in machine.world.calls() if one.startswith("DELETE")]
    assert deletes == ["security-group-rules", "servers", "volumes", "ports", "rbac-policies", "networks", "security-groups"]
    machine.nothing_is_left()


def test_withdrawn_it_is_served_to_its_end(machine: Machine) -> None:
    machine.offer(**SERVED)
    machine.request()
    machine.round()
    changes.withdraw(machine.owner, "db", machine.now)
    machine.round()
    stands(machine)
    assert len(machine.things()["trusts"]) == 1, "the owner's authority is needed to the end"
    machine.forward(7300)
    machine.round()
    assert machine.round().state == "released"
    machine.care().round()
    machine.nothing_is_left(but=0)


def test_ports_of_the_other_project_hold_the_network_but_not_the_data(machine: Machine) -> None:
    machine.offer(**SERVED)
    machine.request()
    made = machine.round()
    theirs = machine.world.things.add(
        "ports", name="runner", network_id=made.network_id, project_id="development", device_id="server-9", fixed_ips=[]
    )
    machine.forward(7300)
    made = machine.round(2)
    assert (made.state, machine.copies("project"), kept(machine, "servers")) == ("parked", [], [])
    for word in ("The data is gone", "ci-db", made.network_id, "runner of development at server server-9"):
        assert word in made.says
    theirs["name"] = ""
    assert theirs["id"] in machine.round().says
    del machine.world.things.kept["ports"][theirs["id"]]
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


def test_its_own_port_holds_the_network_while_a_server_has_it(machine: Machine) -> None:
    machine.offer(**SERVED)
    machine.request()
    machine.round()
    (port,) = kept(machine, "ports")
    machine.release()
    port["device_id"] = "somebody"
    made = machine.round()
    assert (made.state, "ci-db of production at server somebody" in made.says) == ("parked", True)
    port["device_id"] = ""
    assert machine.until_done().state == "released"
    machine.nothing_is_left()


def test_a_port_that_the_owner_does_not_see_holds_it_too(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.offer(**SERVED)
    machine.request()
    made = machine.round()
    hidden = machine.world.things.add("ports", network_id=made.network_id, project_id="development", fixed_ips=[])
    seen = served.ports
    monkeypatch.setattr(served, "ports", lambda *a: [one for one in seen(*a) if one["id"] != hidden["id"]])
    machine.release()
    made = machine.round(2)
    assert (made.state, "does not see" in made.says) == ("parked", True)
    assert kept(machine, "rbac-policies"), "they still see it"


def test_several_do_not_overlap(machine: Machine) -> None:
    machine.offer(**SERVED)
    for name in ("ci", "second", "third"):
        machine.request(name)
    machine.until_done()
    ranges = [ipaddress.ip_network(one["cidr"]) for one in kept(machine, "subnets")]
    assert [one.prefixlen for one in ranges] == [28, 28, 28]
    assert not any(one.overlaps(other) for one in ranges for other in ranges if one is not other)
    assert len({one.address for one in records.clones(machine.developer)}) == 3
    machine.forward(7300)
    machine.until_done()
    machine.nothing_is_left()


def test_what_is_not_masked_is_not_served(machine: Machine) -> None:
    machine.offer(**SERVED, mask=SCRIPT)
    machine.request()
    machine.guest = "failed"
    made = machine.until_done()
    assert (made.state, kept(machine, "networks")) == ("failed", [])
    machine.nothing_is_left()


def test_a_mark_that_is_gone_serves_nothing(machine: Machine) -> None:
    machine.offer(**SERVED, mask=SCRIPT)
    machine.request()
    machine.stop_at("serve")
    for copy in machine.copies("project"):
        copy["metadata"].pop("tenant_ops_masked", None)
    made = machine.until_done()
    assert (made.state, "masked" in made.reason) == ("failed", True)
    machine.nothing_is_left()


def test_another_projects_network_with_the_same_mark_is_not_used(machine: Machine) -> None:
    machine.offer(**SERVED)
    made = machine.request()
    theirs = machine.world.things.add(
        "networks", name="trap", description=served.note(made), project_id="elsewhere", shared=True
    )
    machine.world.things.add(
        "rbac-policies", object_id=theirs["id"], target_tenant="project", project_id="elsewhere",
        action="access_as_shared", object_type="network",
    )  # fmt: skip
    machine.before["networks"].add(theirs["id"])
    machine.before["rbac-policies"] = set(machine.world.things.kept["rbac-policies"])
    machine.round()
    stands(machine)
    machine.forward(7300)
    machine.until_done()
    machine.nothing_is_left()


@pytest.mark.parametrize("status", ["ERROR", "SHUTOFF"])
def test_a_server_that_does_not_come_up(machine: Machine, status: str) -> None:
    machine.offer(**SERVED)
    machine.request()
    machine.stop_at("serve")
    (server,) = kept(machine, "servers")
    server["status"] = status
    made = machine.round()
    if status == "SHUTOFF":
        assert (made.state, "start it" in made.says) == ("parked", True)
        server["status"] = "ACTIVE"
        machine.round()
        stands(machine)
        return
    assert ("could not build" in machine.until_done().reason, machine.clone.state) == (True, "failed")
    machine.nothing_is_left()


def test_no_room_for_a_network_waits(machine: Machine) -> None:
    machine.offer(**SERVED)
    machine.request()
    machine.world.wire.trouble["POST /network/v2.0/networks"] = [409] * 2
    assert machine.round().state == "parked"
    machine.until_done()
    stands(machine)


def test_authority_that_is_gone_says_what_is_left(machine: Machine) -> None:
    machine.offer(**SERVED)
    machine.request()
    made = machine.round()
    machine.world.things.kept["trusts"].clear()
    machine.release()
    found = machine.round()
    assert found.state == "orphaned"
    for word in (made.server_id, made.volume_id, made.network_id, "in production"):
        assert word in found.says


@pytest.mark.parametrize(
    ("error", "after", "step"), [(KeyboardInterrupt(), False, 1), (SystemExit(0), True, 1), (KeyboardInterrupt(), False, 5)],
    ids=["before a change", "after a change", "before any call"],
)  # fmt: skip
def test_stopped(machine: Machine, error: BaseException, after: bool, step: int) -> None:
    machine.offer(**SERVED)
    for number in range(1, MANY, step):
        machine.request()
        with machine.breaks(number, error, after, writes=step == 1) as hit:
            try:
                whole(machine)
            except (KeyboardInterrupt, SystemExit):
                machine.settle()
        ends_well(machine, hit)
        if not hit:
            break
    assert number > 12 * step


@pytest.mark.parametrize("after", [False, True], ids=["never sent", "done"])
def test_any_answer_is_lost(machine: Machine, after: bool) -> None:
    machine.offer(**SERVED)
    for number in range(1, MANY):
        machine.request()
        with machine.breaks(number, requests.ReadTimeout("slow"), after, writes=True) as hit:
            whole(machine)
        ends_well(machine, hit)
        if not hit:
            break
    assert number > 12


def whole(machine: Machine) -> None:
    """From the request to the lease's end."""
    machine.round()
    machine.forward(7300)
    machine.round()


def ends_well(machine: Machine, hit: list[str]) -> None:
    made = machine.until_done()
    if made.state == "ready":
        stands(machine)
        machine.release()
        made = machine.until_done()
    assert (made.state, made.step, made.reason) == ("released", "", ""), (hit, made.says)
    machine.nothing_is_left()
