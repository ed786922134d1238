"""What shipped blueprints tell a server: whole, small enough for Nova, and in need of no device's name."""

from __future__ import annotations

import base64
import json
import re
import subprocess
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import launch
from tenant_ops_dashboard.environments.model import Request
from tenant_ops_dashboard.environments.template import blueprint, hot
from tests.unit.fake_openstack.world import World

#: Nova's limit of user data, in base64 (nova/api/openstack/compute/schemas/servers.py).
MOST = 65535
VOLUME = "0c7f9a52-6f53-4a44-9d3e-6a7b1c2d3e4f"
LAUNCHES = {
    "tomcat-oracle": {"jump_host": "true"},
    "tomcat-oracle prepared": {"jump_host": "true", "prepared_image": "true"},
    "web-jump": {},
    "database-server": {"data_volume": VOLUME},
    "database-server prepared": {"data_volume": VOLUME, "prepared_image": "true"},
}


@pytest.fixture(params=LAUNCHES)
def told(request: pytest.FixtureRequest, world: World, cloud: Cloud) -> dict[str, str]:
    """User data by the key of its server, as the servers of one launch have it."""
    told = {"size": 30, "status": "available", "attachments": [], "metadata": {}}
    world.things.add("volumes", id=VOLUME, name="golden", **told)
    made = launch.launch(cloud, Request("shop", request.param.split()[0], LAUNCHES[request.param]), (), "token")
    world.heat.finish(made.id)
    servers = [one for one in world.heat.stacks[made.id]["planned"] if one.type == hot.SERVER]
    assert len(servers) >= 1
    return {one.key: one.properties["user_data"] for one in servers}


def files(user_data: str) -> dict[str, str]:
    return {one["path"]: one["content"] for one in yaml.safe_load(user_data).get("write_files", ())}


def test_it_is_whole_and_fits(told: dict[str, str]) -> None:
    for key, user_data in told.items():
        assert user_data.startswith("#cloud-config\n"), key
        assert re.findall(r"@[a-z]+@", user_data) == [], key
        assert len(base64.b64encode(user_data.encode())) <= MOST, key
        assert "/dev/vd" not in user_data, key
        assert "/etc/tenant-ops/tier.env" in files(user_data), key


def test_its_programs_and_units_belong_together(told: dict[str, str]) -> None:
    for key, user_data in told.items():
        written = files(user_data)
        for path, text in written.items():
            if text.startswith("#!/bin/sh"):
                subprocess.run(["/bin/sh", "-n"], input=text, text=True, check=True)
            if path.endswith(".service"):
                (program,) = re.findall(r"^ExecStart=(\S+)$", text, re.MULTILINE)
                assert written[program].startswith("#!/bin/sh"), key
                commands = yaml.safe_load(user_data)["runcmd"]
                assert ["systemctl", "enable", path.rpartition("/")[2]] in commands, key
            if path.endswith(".xml"):
                assert ElementTree.fromstring(text).tag.endswith("web-app")


@pytest.mark.parametrize("slug", ["tomcat-oracle", "database-server"])
def test_heat_makes_the_databases_password_and_no_output_tells_it(slug: str) -> None:
    found: Any = blueprint.find(slug)
    template = hot.parse(found.template)
    assert template["resources"]["database_password"]["type"] == "OS::Heat::RandomString"
    assert "password" not in json.dumps(template["outputs"])
    asked = [one for one in template["parameters"] if "password" in one]
    assert asked == []


def test_on_another_volume_the_server_stays_the_same_one() -> None:
    for slug in ("tomcat-oracle", "database-server"):
        found: Any = blueprint.find(slug)
        server = hot.parse(found.template)["resources"]["database"]["properties"]
        assert server["user_data_update_policy"] == "IGNORE"
        assert "tenant_ops_volume" in server["metadata"]
