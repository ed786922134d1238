"""A member that was just made is coming up, until its monitor's own time has passed: then it is down."""

from __future__ import annotations

import datetime
import json

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.loadbalancers import member_history, watch
from tests.unit.fake_openstack.server import MORNING
from tests.unit.loadbalancers.octavia import Octavia

WAITS = "1 of 2 members is waiting for its first health check since 06:00:25 UTC"


def made(seconds: int) -> str:
    """So long ago, as Octavia and Nova write it; the monitor takes 3 x 3 + 3 seconds."""
    return (MORNING - datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")


def young(octavia: Octavia, shop: str, operating: str, seconds: int) -> None:
    octavia.status(shop, 1, operating)
    octavia.member(shop, 1)["created_at"] = made(seconds)


def looked(octavia: Octavia) -> tuple[str, str, str]:
    found = watch.listing(octavia.cloud())[0]
    return found.state, found.reason, list(found.members())[1].state


@pytest.mark.parametrize(
    ("operating", "seconds", "expected"),
    [
        ("ERROR", 5, ("building", WAITS, "building")),
        ("OFFLINE", 5, ("building", WAITS, "building")),
        ("ERROR", 13, ("warning", "1 of 2 members down", "failed")),
        ("OFFLINE", 13, ("warning", "1 of 2 members down", "warning")),
        ("NO_MONITOR", 5, ("good", "", "good")),
        ("ONLINE", 5, ("good", "", "good")),
    ],
)
def test_it_is_down_only_after_the_monitors_own_time(
    octavia: Octavia, shop: str, operating: str, seconds: int, expected: tuple[str, str, str]
) -> None:
    young(octavia, shop, operating, seconds)
    assert looked(octavia) == expected


def test_the_time_begins_when_its_server_runs(octavia: Octavia, shop: str) -> None:
    young(octavia, shop, "ERROR", 25)
    octavia.networked()
    port = {**octavia.network["ports"][0], "id": "port", "device_id": "server"}
    port["fixed_ips"] = [{"subnet_id": "subnet", "ip_address": octavia.member(shop, 1)["address"]}]
    octavia.network["ports"].append(port)
    octavia.servers.append({"id": "server", "name": "app-2", "OS-SRV-USG:launched_at": f"{made(5)}.000000"})
    assert looked(octavia)[:2] == ("building", WAITS)
    octavia.servers[0]["OS-SRV-USG:launched_at"] = None
    assert looked(octavia)[0] == "warning", "a server that never ran gives no time"


def test_one_that_is_long_down_is_told_beside_one_that_comes(octavia: Octavia, shop: str) -> None:
    octavia.status(shop, 0, "ERROR")
    young(octavia, shop, "ERROR", 5)
    assert looked(octavia) == ("failed", "1 of 2 members down", "building")


def test_a_first_launch_waits_for_all_of_them(octavia: Octavia, shop: str) -> None:
    young(octavia, shop, "ERROR", 5)
    octavia.status(shop, 0, "ERROR")
    octavia.member(shop, 0)["created_at"] = made(7)
    assert looked(octavia)[:2] == ("building", "waiting for the first health check since 06:00:23 UTC")


def test_where_nobody_checks_or_a_clock_is_wrong_there_is_no_time(octavia: Octavia, shop: str) -> None:
    young(octavia, shop, "ERROR", -3600)
    (monitor,) = octavia.monitors.values()
    monitor["created_at"] = made(-3600)
    assert looked(octavia)[0] == "warning", "what is made in an hour from now tells nothing"
    young(octavia, shop, "ERROR", 5)
    assert looked(octavia)[0] == "building"
    monitor["admin_state_up"] = False
    assert looked(octavia)[0] == "warning"


def test_history_keeps_no_outage_of_it(octavia: Octavia, shop: str) -> None:
    young(octavia, shop, "ERROR", 5)
    kinds = [kind for kind, _ in member_history.observed(watch.listing(octavia.cloud())[0]).values()]
    assert kinds == ["good", "other"]


def test_commands_say_since_when(
    octavia: Octavia, shop: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: octavia.cloud(**options))
    young(octavia, shop, "ERROR", 5)
    assert main.main(["loadbalancer", "show", "shop-lb", "-f", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    (up, coming) = found["tree"]["listeners"][0]["pools"][0]["members"]
    assert (found["status"], found["reason"]) == ("building", WAITS)
    assert up["first_check"] is None
    assert coming["first_check"] == {
        "since": "2026-11-21T06:00:25+00:00", "until": "2026-11-21T06:00:37+00:00", "over": False,
    }  # fmt: skip
