"""The files that operators copy: they are read as systemd and Kubernetes do, and their command line is one."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import load_command_class

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"


def asked(words: list[str]) -> Any:
    """What the plugin's command makes of a command line; whatever stands before it starts manage.py."""
    place = next(number for number, word in enumerate(words) if word.endswith("manage.py"))
    command = load_command_class("tenant_ops_dashboard", words[place + 1])
    return command.create_parser("manage.py", words[place + 1]).parse_args(words[place + 2 :])


def container(name: str) -> dict[str, Any]:
    """The one container of a manifest; its secret is mounted where the login is looked for."""
    found = yaml.safe_load((EXAMPLES / name).read_text())
    spec = found["spec"]["jobTemplate"]["spec"] if found["kind"] == "CronJob" else found["spec"]
    pod = spec["template"]["spec"]
    (one,) = pod["containers"]
    (mount,) = one["volumeMounts"]
    assert [volume["name"] for volume in pod["volumes"]] == [mount["name"]]
    (login,) = [variable["value"] for variable in one["env"] if variable["name"] == "OS_CLIENT_CONFIG_FILE"]
    assert login.startswith(mount["mountPath"] + "/")
    assert pod["terminationGracePeriodSeconds"] > 20
    return dict(one)


def test_the_unit_runs_the_command_and_ends_in_peace() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string((EXAMPLES / "tenant-ops-care.service").read_text())
    service = unit["Service"]
    words = shlex.split(service["ExecStart"])
    assert Path(words[0]).is_absolute()
    assert words[1] == "tenant_ops_care"
    told = asked(words)
    assert (told.every, told.seconds, told.os_cloud) == (2, 0, "")
    assert service["SuccessExitStatus"] == "143"
    assert int(service["TimeoutStopSec"]) > 20
    assert unit["Install"]["WantedBy"] == "multi-user.target"


@pytest.mark.parametrize(
    ("name", "seconds"), [("tenant-ops-care.yaml", 0), ("tenant-ops-care-cronjob.yaml", 50)]
)  # fmt: skip
def test_the_manifests_run_it_too(name: str, seconds: int) -> None:
    command = container(name)["command"]
    assert command[2] == "tenant_ops_care"
    told = asked(command)
    assert (told.every, told.seconds) == (2, seconds)


def test_what_runs_all_the_time_finds_its_own_pods() -> None:
    found = yaml.safe_load((EXAMPLES / "tenant-ops-care.yaml").read_text())["spec"]
    assert found["selector"]["matchLabels"] == found["template"]["metadata"]["labels"]
    assert found["replicas"] == 2
