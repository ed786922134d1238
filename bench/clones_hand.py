"""What a person does without the plugin to give another project a copy of a volume.

By the `openstack` command, each call a process of its own; and by openstacksdk in one process, the calls alone.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.clones_stage import LOOK, Stage, until
from sandbox.settings import settings

OPENSTACK = str(Path(sys.executable).with_name("openstack"))


@dataclass(frozen=True)
class Model:
    """The stack that a clone's launch made, as the holder can read it; `volume_id` is what it stands on."""

    template: str
    files: dict[str, str]
    parameters: dict[str, str]
    volume_id: str

    def on(self, volume_id: str) -> dict[str, str]:
        """The parameters with another volume."""
        return {key: volume_id if value == self.volume_id else value for key, value in self.parameters.items()}


def volume(one: Stage, origin: dict[str, str], name: str) -> str:
    """Create from a volume or a snapshot, wait until it is available, transfer, accept; the volume's id."""
    made = one.owner.block_storage.create_volume(name=name, **origin)
    until(lambda: one.owner.block_storage.get_volume(made.id).status == "available", "a volume")
    transfer = one.owner.block_storage.create_transfer(volume_id=made.id, name=name)
    one.developer.block_storage.accept_transfer(transfer.id, transfer.auth_key)
    return str(made.id)


def paused(one: Stage, name: str) -> str:
    """The same of one moment: the server is paused while a snapshot is made, which goes once it was copied."""
    compute, storage = one.owner.compute, one.owner.block_storage
    compute.pause_server(one.server)
    until(lambda: compute.get_server(one.server.id).status == "PAUSED", "the pause", LOOK / 2)
    taken = storage.create_snapshot(volume_id=one.source.id, name=name, is_forced=True)
    until(lambda: storage.get_snapshot(taken.id).status == "available", "a snapshot", LOOK / 2)
    compute.unpause_server(one.server)
    until(lambda: compute.get_server(one.server.id).status == "ACTIVE", "the server", LOOK / 2)
    made = volume(one, {"snapshot_id": taken.id}, name)
    storage.delete_snapshot(taken.id)
    until(lambda: storage.find_snapshot(taken.id) is None, "the snapshot's end")
    return made


def model(one: Stage, clone: dict[str, Any]) -> Model:
    """Of a clone that stands as a server or an environment."""
    heat = one.developer.orchestration
    stack = heat.get_stack(clone["environment_id"])
    found = heat.get(f"/stacks/{stack.name}/{stack.id}/template").json()
    told = {key: value for key, value in stack.parameters.items() if not key.startswith("OS::")}
    return Model(json.dumps(found), dict(heat.get_stack_files(stack)), told, clone["volume_id"])


def stand(one: Stage, of: Model, volume_id: str, name: str) -> str:
    """The same stack on another volume; its id once it is complete."""
    heat = one.developer.orchestration
    made = heat.create_stack(name=name, template=of.template, files=of.files, parameters=of.on(volume_id))
    stood = until(lambda: (it := heat.get_stack(made.id)).status != "CREATE_IN_PROGRESS" and it, "a stack")
    if stood.status != "CREATE_COMPLETE":
        raise RuntimeError(f"{name}: {stood.status}: {stood.status_reason}")
    return str(stood.id)


def drop(one: Stage, volume_id: str, stack_id: str = "") -> None:
    """What was made by hand goes."""
    heat, storage = one.developer.orchestration, one.developer.block_storage
    if stack_id:
        heat.delete_stack(stack_id)
        until(lambda: stack_id not in {it.id for it in heat.stacks()}, "a stack's end")
    storage.delete_volume(volume_id)
    until(lambda: storage.find_volume(volume_id) is None, "a volume's end")


def commanded(one: Stage, origin: str, name: str) -> str:
    """`volume`, of a volume, by the openstack command."""
    made = openstack("owner", "volume", "create", "--source", origin, name)["id"]
    while openstack("owner", "volume", "show", made)["status"] != "available":
        pass
    words = ("volume", "transfer", "request")
    told = openstack("owner", *words, "create", "--name", name, made)
    openstack("developer", *words, "accept", "--auth-key", told["auth_key"], told["id"])
    return str(made)


def commanded_stand(of: Model, volume_id: str, name: str) -> str:
    """`stand` by the openstack command, which waits with the shortest pause it knows."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in {"stack.yaml": of.template, **of.files}.items():
            file = Path(folder, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        told = [word for key, value in of.on(volume_id).items() for word in ("--parameter", f"{key}={value}")]
        words = ["stack", "create", "--wait", "--poll", "1", "-t", f"{folder}/stack.yaml", *told, name]
        return str(openstack("developer", *words)["id"])


def openstack(cloud: str, *words: str) -> Any:
    """The command's JSON. Raises RuntimeError with what it says."""
    environment = {**settings().environment, "OS_CLIENT_CONFIG_FILE": os.environ["OS_CLIENT_CONFIG_FILE"]}
    done = subprocess.run(
        [OPENSTACK, "--os-cloud", cloud, *words, "-f", "json"], env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(f"openstack {' '.join(words)}: {done.stderr.strip()}")
    # A command that waits tells first what happens.
    return json.loads(done.stdout[done.stdout.index("{") :])
