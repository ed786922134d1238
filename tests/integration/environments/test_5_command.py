"""`tenant-ops environment` as a pipeline calls it: exit codes, JSON alone on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tests.integration.environments.conftest import take_away

NAME = "it-web"


def tenant_ops(*words: str, cloud: str = "owner") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tenant_ops_dashboard.cli.main", "--os-cloud", cloud, *words]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.fixture(scope="module")
def launched(owner: Cloud) -> Iterator[subprocess.CompletedProcess[str]]:
    yield tenant_ops("environment", "launch", NAME, "--blueprint", "web-jump", "--wait", "-f", "json")
    take_away(owner, NAME)


def test_launch_ends_when_the_proofs_have_run(launched: subprocess.CompletedProcess[str]) -> None:
    assert launched.returncode == 0, launched.stderr
    told = json.loads(launched.stdout)
    assert told["name"] == NAME
    assert told["id"]
    assert told["status"] == "good"
    assert told["address"].startswith("http://")
    assert {one["name"]: one["state"] for one in told["proofs"]} == {
        "load-balancer": "good", "members": "good", "security-groups": "good", "firewall": "good", "http": "good",
    }  # fmt: skip


def test_list_and_show_tell_the_same(launched: subprocess.CompletedProcess[str]) -> None:
    listed = {one["name"]: one for one in json.loads(tenant_ops("environment", "list", "-f", "json").stdout)}
    shown = json.loads(tenant_ops("environment", "show", NAME, "-f", "json").stdout)
    assert {key: shown[key] for key in ("id", "name", "status", "address", "tiers")} == {
        key: listed[NAME][key] for key in ("id", "name", "status", "address", "tiers")
    }


@pytest.mark.parametrize("form", ["table", "yaml", "csv"])
def test_other_formats(launched: subprocess.CompletedProcess[str], form: str) -> None:
    for words in (("list",), ("show", NAME, "--no-packets")):
        done = tenant_ops("environment", *words, "-f", form)
        assert done.returncode == 0, done.stderr
        assert NAME in done.stdout


def test_exit_codes(launched: subprocess.CompletedProcess[str]) -> None:
    taken = tenant_ops("environment", "launch", NAME, "--blueprint", "web-jump", "-f", "json")
    assert (taken.returncode, taken.stdout) == (2, "")
    assert "name: This project already has a stack" in taken.stderr
    assert tenant_ops("environment", "show", "no-such").returncode == 2
    assert tenant_ops("environment", "list", cloud="no-such").returncode == 2
    forbidden = tenant_ops("environment", "launch", "it-none", cloud="auditor")
    assert (forbidden.returncode, forbidden.stdout) == (3, "")
    unasked = tenant_ops("environment", "delete", NAME)
    assert unasked.returncode == 2
    assert "--yes" in unasked.stderr


def test_plan_tells_problems_and_makes_nothing(launched: subprocess.CompletedProcess[str]) -> None:
    done = tenant_ops("environment", "plan", "<script>", "--set", "dmz_cidr=10.0.0.0/99", "-f", "json")
    assert done.returncode == 2
    assert set(json.loads(done.stdout)["problems"]) == {"name", "dmz_cidr"}
    good = tenant_ops("environment", "plan", "it-plan", "-f", "json")
    assert good.returncode == 0, good.stderr
    assert json.loads(good.stdout)["problems"] == {}


def test_delete_waits_until_all_is_gone(launched: subprocess.CompletedProcess[str]) -> None:
    done = tenant_ops("environment", "delete", NAME, "--yes", "--wait", "-f", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "deleted"
    assert tenant_ops("environment", "show", NAME).returncode == 2
