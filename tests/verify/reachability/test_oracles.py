"""The long comparisons of the reachability engine: whole with `make verify`, a sample with every other test run."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.settings import PROJECT, settings
from tests.verify.reachability import check_naive

SCHEMAS = ("usr/share/ovn/ovn-nb.ovsschema", "share/ovn/ovn-nb.ovsschema")


@pytest.fixture
def whole(pytestconfig):
    """Whether these tests were asked for by name."""
    return any("verify" in str(argument) for argument in pytestconfig.invocation_params.args)


def compared(check, configurations, *more):
    """What a comparison that needs Neutron's own code has to say."""
    done = subprocess.run(
        [settings().cloud_venv / "bin" / "python", "-W", "ignore", "-m", f"tests.verify.reachability.{check}",
         "--configurations", str(configurations), *more],
        cwd=PROJECT, env={**os.environ, "PATH": f"{settings().ovs_bin}:{os.environ['PATH']}"}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


def neutron():
    if not (settings().cloud_venv / "bin" / "python").exists():
        pytest.skip("the sandbox's Neutron is not installed (make demo)")


def test_a_million_packets_against_the_naive_cloud(whole):
    told = check_naive.run(1_000_000, seed=50_000, per_cloud=500, seconds=None if whole else 10)
    assert told["mismatches"] == []


def test_the_l3_agents_own_driver_with_real_packets(whole):
    neutron()
    if os.geteuid() or shutil.which("iptables") is None:
        pytest.skip("needs root and iptables")
    told = compared("check_l3_agent", 250 if whole else 3)
    assert told["mismatches"] == [] and told["answered"] > 0


def test_ovn_itself_switch_by_switch(whole):
    neutron()
    roots = [settings().ovs_bin.parent / "root", Path("/usr")]
    found = [root / tail for root in roots for tail in SCHEMAS if (root / tail).exists()]
    if not found:
        pytest.skip("needs OVN's programs and schemas")
    told = compared("check_ovn", 500 if whole else 3, "--schemas", str(found[0].parent))
    assert told["mismatches"] == [] and told["allow"] > 0
