"""Where clones are measured: a database server on a volume in production, offers of it, and nothing left afterwards."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import openstack

from sandbox.settings import settings

PATIENCE = 280.0
#: Seconds between two looks: by the services' APIs, and by the dashboard's, which answers 120 times a minute.
LOOK, ASK = 0.5, 0.6
MEGABYTE = 1024 * 1024
#: Gigabytes by hand and by the plugin that stand at once beside the source, and what stays free on the disk.
COPIES, SPARE = 3, 15
_ENDED = ("released", "denied", "failed")
_WITHIN = {"service_type": "tenant-ops", "interface": "public"}


@dataclass
class Stage:
    """Both projects' logins and what was made: everything of it has a name that begins with `mark`.

    `written` are the gigabytes of the source that are no hole, `server` the one in production that has it.
    """

    owner: Any
    developer: Any
    mark: str
    size: int
    written: int
    source: Any = None
    server: Any = None
    offers: list[str] = field(default_factory=list)

    def offer(self, **terms: Any) -> dict[str, Any]:
        """Offers the source to development on these terms; where a golden copy is kept, once that is ready."""
        told = {"volume": self.source.id, "to": ["development"], "approve": "auto", **terms}
        made: dict[str, Any] = api(self.owner, "POST", "/clones/offers", told)
        if made["id"] not in self.offers:
            self.offers.append(made["id"])

        def ready() -> dict[str, Any] | None:
            found = api(self.owner, "GET", "/clones/offers")["offers"]
            (mine,) = [one for one in found if one["id"] == made["id"]]
            return mine if not mine["golden"] or mine["golden"]["state"] == "ready" else None

        found: dict[str, Any] = until(ready, "the golden copy", ASK)
        return found

    def name(self, words: str) -> str:
        return f"{self.mark}-{words}-{secrets.token_hex(2)}"


@contextlib.contextmanager
def stage(size: int, written: int) -> Iterator[Stage]:
    """A volume of `size` gigabytes, `written` of them no hole where the disk has room, on a database server."""
    os.environ.setdefault("OS_CLIENT_CONFIG_FILE", str(settings().clouds_yaml))
    owner, developer = (openstack.connect(cloud=name, api_timeout=60) for name in ("owner", "developer"))
    volumes = settings().data / "cinder/volumes"
    free = shutil.disk_usage(volumes).free // 1024**3
    one = Stage(owner, developer, f"bench-{secrets.token_hex(3)}", size, written if _fits(written, free) else 0)
    try:
        one.source = owner.block_storage.create_volume(name=one.mark, size=size)
        owner.block_storage.wait_for_status(one.source, "available", interval=LOOK)
        block = secrets.token_bytes(MEGABYTE)
        with (volumes / f"volume-{one.source.id}").open("r+b") as file:
            # The rows of the database stand at the beginning.
            file.seek(64 * MEGABYTE)
            for _ in range(one.written * 1024 - 128):
                file.write(block)
        one.server = _boot(owner, f"{one.mark}-db", one.source.id)
        yield one
    finally:
        _clear(one)


def api(cloud: Any, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """The dashboard's answer; where it was asked too often, once it answers again. Exits with its sentence."""
    while True:
        answer = cloud.session.request(f"/v1{path}", method, endpoint_filter=_WITHIN, json=body, raise_exc=False)
        if answer.status_code != 429:
            break
        time.sleep(float(answer.headers.get("Retry-After", 1)))
    if answer.status_code >= 400:
        raise RuntimeError(f"{method} {path}: {answer.text}")
    return answer.json() if answer.content else None


def until(test: Callable[[], Any], what: str, every: float = LOOK) -> Any:
    """What the test gives once that is something. Raises RuntimeError after `PATIENCE` seconds."""
    end = time.monotonic() + PATIENCE
    while not (found := test()):
        if time.monotonic() > end:
            raise RuntimeError(f"Waited for {what} for more than {PATIENCE:.0f} seconds.")
        time.sleep(every)
    return found


def held(cloud: Any) -> dict[str, set[str]]:
    """What a project has of all kinds that a clone may leave."""
    trusts = cloud.identity.get(f"/OS-TRUST/trusts?trustor_user_id={cloud.current_user_id}").json()["trusts"]
    return {
        "volumes": {one.id for one in cloud.block_storage.volumes()},
        "snapshots": {one.id for one in cloud.block_storage.snapshots()},
        "transfers": {one.id for one in cloud.block_storage.transfers()},
        "servers": {one.id for one in cloud.compute.servers()},
        "stacks": {one.id for one in cloud.orchestration.stacks()},
        "networks": {one.id for one in cloud.network.networks() if not one.is_router_external},
        "groups": {one.id for one in cloud.network.security_groups(project_id=cloud.current_project_id)},
        "trusts": {one["id"] for one in trusts},
    }


def release(one: Stage, clone: dict[str, Any]) -> None:
    """Gives a clone back, and waits until nothing of it is left."""
    api(one.developer, "POST", f"/clones/{clone['id']}/release", {})
    until(lambda: api(one.developer, "GET", f"/clones/{clone['id']}")["state"] in _ENDED, "a clone's end", ASK)


def _fits(written: int, free: int) -> bool:
    return written * (1 + COPIES) + SPARE <= free


def _boot(cloud: Any, name: str, volume: str) -> Any:
    """A database server without a network."""
    tier = "TENANT_OPS_TIER=database\nTENANT_OPS_SAMPLE=50\n"
    config = json.dumps({"write_files": [{"path": "/etc/tenant-ops/tier.env", "content": tier}]})
    image = cloud.image.find_image("debian-12").id
    disk = {"boot_index": 0, "uuid": image, "source_type": "image", "destination_type": "local",
            "delete_on_termination": True}  # fmt: skip
    data = {"boot_index": -1, "uuid": volume, "source_type": "volume", "destination_type": "volume"}
    made = cloud.compute.create_server(
        name=name, image_id=image, flavor_id=cloud.compute.find_flavor("small").id, networks="none",
        user_data=base64.b64encode(f"#cloud-config\n{config}".encode()).decode(), block_device_mapping=[disk, data],
    )  # fmt: skip
    return cloud.compute.wait_for_server(made, wait=PATIENCE, interval=LOOK)


def _clear(one: Stage) -> None:
    """Whatever was made goes, in the order in which the services let it go; what does not hinders nothing else.

    Raises RuntimeError with what is left then.
    """
    clones: list[dict[str, Any]] = []
    with _on():
        clones = [it for it in api(one.owner, "GET", "/clones")["clones"] if it["offer"] in one.offers]
    for clone in clones:
        with _on():
            release(one, clone)
    for id_ in one.offers:
        with _on():
            api(one.owner, "DELETE", f"/clones/offers/{id_}")
    left = []
    for cloud in (one.developer, one.owner):
        for stack in _mine(one, cloud.orchestration.stacks()):
            with _on():
                cloud.orchestration.delete_stack(stack)
        with _on():
            until(lambda cloud=cloud: not _mine(one, cloud.orchestration.stacks()), "the stacks' end")
        for server in _mine(one, cloud.compute.servers()):
            with _on():
                cloud.compute.delete_server(server)
        for transfer in _mine(one, cloud.block_storage.transfers()):
            with _on():
                cloud.block_storage.delete_transfer(transfer)
        with _on():
            until(lambda cloud=cloud: _emptied(one, cloud), "the volumes' end")
        storage, compute, heat = cloud.block_storage, cloud.compute, cloud.orchestration
        left += [it.name for listed in (storage.volumes, storage.snapshots, storage.transfers, compute.servers,
                                        heat.stacks) for it in _mine(one, listed())]  # fmt: skip
    if left:
        raise RuntimeError(f"This is left in the sandbox: {', '.join(left)}.")


def _on() -> contextlib.AbstractContextManager[None]:
    return contextlib.suppress(RuntimeError, openstack.exceptions.SDKException)


def _emptied(one: Stage, cloud: Any) -> bool:
    """Snapshots and volumes go, one that is still in use with a later look; whether no server either is left."""
    storage = cloud.block_storage
    snapshots, volumes = (_mine(one, listed()) for listed in (storage.snapshots, storage.volumes))
    for it in snapshots:
        if it.status in ("available", "error"):
            with _on():
                storage.delete_snapshot(it)
    for it in volumes:
        if it.status in ("available", "error") and not snapshots:
            with _on():
                storage.delete_volume(it)
    return not snapshots and not volumes and not _mine(one, cloud.compute.servers())


def _mine(one: Stage, found: Any) -> list[Any]:
    return [thing for thing in found if (thing.name or "").startswith(one.mark)]
