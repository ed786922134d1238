"""Two projects of their own on the running sandbox, with people in them: what is shown there hangs on nothing else.

Names are the same each time, and what an earlier stage of the same name left goes first; so two of one name never stand at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import openstack
from openstack.exceptions import SDKException

from sandbox.seed import DOMAIN, MEMBER
from sandbox.settings import PROJECT, REGION, settings, url

TENANT_OPS = str(Path(sys.executable).with_name("tenant-ops"))
#: Seconds that anything may take which is asked for here; reached only when something is wrong.
PATIENCE = 600.0
_ENDED = ("released", "denied", "failed")


@dataclass(frozen=True)
class Person:
    """Who logs in; `name` is the user's, `project` that of the one project he is in."""

    name: str
    project: str
    project_id: str
    password: str

    @cached_property
    def login(self) -> dict[str, str]:
        """Keystone's words for it, as openstacksdk takes them."""
        return {
            "auth_url": url("keystone", "/v3"), "username": self.name, "password": self.password,
            "project_name": self.project, "user_domain_id": DOMAIN, "project_domain_id": DOMAIN,
        }  # fmt: skip

    @cached_property
    def cloud(self) -> Any:
        return openstack.connection.Connection(auth=self.login, region_name=REGION, api_timeout=60)

    def tenant_ops(self, *words: str) -> Any:
        """What the command line tells as JSON, None where that is nothing. Raises RuntimeError with its words."""
        variables = {f"OS_{key.upper()}": value for key, value in self.login.items()}
        environment = {**settings().environment, **variables, "TENANT_OPS_PROOF_PROXY": url("door"), "OS_REGION_NAME": REGION}
        command = [TENANT_OPS, *words, "-f", "json"]
        done = subprocess.run(command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=PATIENCE)
        if done.returncode:
            raise RuntimeError(f"tenant-ops {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout) if done.stdout.strip() else None


@dataclass(frozen=True)
class Stage:
    """Anna's project has the application, Ben's asks for copies of its data."""

    anna: Person
    ben: Person


@contextlib.contextmanager
def stage(name: str, people: tuple[str, str] = ("anna", "ben"), keep: bool = False) -> Iterator[Stage]:
    """The projects `<name>` and `<name>-test`, and who is in them. With `keep` what stands of an earlier one is used, and stays."""
    os.environ.setdefault("OS_CLIENT_CONFIG_FILE", str(settings().clouds_yaml))
    operator = openstack.connect(cloud="operator", project_name="admin", api_timeout=120)
    made = Stage(_enter(operator, people[0], name), _enter(operator, people[1], f"{name}-test"))
    if keep:
        yield made
        return
    _clear(made)
    try:
        yield made
    finally:
        _clear(made)
        _leave(operator, made)


def until(test: Callable[[], Any], what: str, every: float = 0.5) -> Any:
    """What the test gives once that is something. Raises RuntimeError after `PATIENCE` seconds."""
    end = time.monotonic() + PATIENCE
    while not (found := test()):
        if time.monotonic() > end:
            raise RuntimeError(f"Waited for {what} for more than {PATIENCE:.0f} seconds.")
        time.sleep(every)
    return found


def sandbox(*words: str) -> str:
    """What a command of the sandbox prints. Raises RuntimeError with its words."""
    done = subprocess.run([sys.executable, "-m", "sandbox", *words], cwd=PROJECT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"python -m sandbox {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def _enter(operator: Any, person: str, project: str) -> Person:
    """The person is in the project, with a password, a key and the roles of a member."""
    i = operator.identity
    there = i.find_project(project) or i.create_project(name=project, domain_id=DOMAIN)
    password = settings().passwords[f"stage-{project}"]
    user = i.find_user(person) or i.create_user(name=person, password=password, domain_id=DOMAIN)
    for role in MEMBER:
        i.assign_project_role_to_user(there, user, i.find_role(role))
    made = Person(user.name, project, there.id, password)
    if not made.cloud.compute.find_keypair("team"):
        made.cloud.compute.create_keypair(name="team")
    return made


def _clear(one: Stage) -> None:
    """Whatever was made in both projects goes: clones first, then environments, then what they keep."""
    for clone in one.ben.tenant_ops("clone", "list"):
        if clone["state"] not in _ENDED:
            one.ben.tenant_ops("clone", "release", clone["id"])
            until(lambda c=clone: one.ben.tenant_ops("clone", "show", c["id"])["state"] in _ENDED, "a clone's end")
    for offer in one.anna.tenant_ops("clone", "offers"):
        with contextlib.suppress(RuntimeError):
            one.anna.tenant_ops("clone", "withdraw", offer["id"])
    for person in (one.ben, one.anna):
        for environment in person.tenant_ops("environment", "list"):
            person.tenant_ops("environment", "delete", environment["name"], "--data", "--yes", "--wait")
        until(lambda p=person: _emptied(p.cloud), "an empty project")


def _emptied(cloud: Any) -> bool:
    """One look at what no environment has; what is in use goes with a later look."""
    storage, network, mine = cloud.block_storage, cloud.network, {"project_id": cloud.current_project_id}
    groups = [one for one in network.firewall_groups(**mine) if one.name != "default"]
    snapshots, volumes = list(storage.snapshots()), list(storage.volumes())
    secured = [one for one in network.security_groups(**mine) if one.name != "default"]
    balancers, servers = list(cloud.load_balancer.load_balancers(**mine)), list(cloud.compute.servers())
    for delete, found in (
        (cloud.load_balancer.delete_load_balancer, balancers), (cloud.compute.delete_server, servers),
        (network.delete_firewall_group, groups), (storage.delete_snapshot, snapshots), (storage.delete_volume, volumes),
        (network.delete_security_group, secured),
    ):  # fmt: skip
        for thing in found:
            with contextlib.suppress(SDKException):
                delete(thing)
    return not any((balancers, servers, groups, snapshots, volumes, secured))


def _leave(operator: Any, one: Stage) -> None:
    """Neutron's defaults, people and projects go."""
    for person in (one.anna, one.ben):
        for policy in person.cloud.network.firewall_policies(project_id=person.project_id):
            with contextlib.suppress(SDKException):
                person.cloud.network.delete_firewall_policy(policy)
        for group in operator.network.security_groups(project_id=person.project_id):
            with contextlib.suppress(SDKException):
                operator.network.delete_security_group(group)
        operator.identity.delete_user(operator.identity.find_user(person.name))
        operator.identity.delete_project(person.project_id)
