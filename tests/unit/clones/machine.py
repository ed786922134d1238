"""Two projects on one cloud, the service user that acts for both through trusts, and a clock that tests turn."""

from __future__ import annotations

import base64
import datetime
import gzip
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests

from tenant_ops_dashboard.care import clones as care
from tenant_ops_dashboard.changes import run
from tenant_ops_dashboard.clones import freeze, markers, mask, served
from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.cloud import Cloud, deadline
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records
from tests.unit.fake_openstack.keystone import id_of
from tests.unit.fake_openstack.server import MORNING, Login, Wire
from tests.unit.fake_openstack.world import World

SCRIPT = "#!/bin/sh\nmask-all\n"
TERMS = Terms(("development",), "auto", 8 * 3600, 5)
KINDS = (
    "volumes", "snapshots", "transfers", "servers", "trusts", "networks", "subnets", "ports", "security-groups",
    "rbac-policies",
)  # fmt: skip
OPTIONS = {
    "mask_image": "debian-12", "mask_flavor": "tiny", "serve_image": "debian-12", "serve_flavor": "small",
}  # fmt: skip


class Machine:
    """Production has a server 'database' with the volume 'db'; development wants copies of it.

    Time goes by when somebody waits: what Cinder and Nova had begun is done then. `guest` is what the server that masks
    tells: 'done', 'failed', or 'silent'. `calls` counts what is sent, `breaks` does something at one of these calls.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path, wire: Wire | None = None) -> None:
        self.world, self.guest = World(wire=wire or Wire()), "done"
        self.now, self.ticks, self.calls = MORNING, 0.0, 0
        self.meanwhile: Callable[[], None] = lambda: None
        add = self.world.things.add
        self.server = add("servers", name="database", status="ACTIVE", metadata={"a": "b"})
        self.volume = add("volumes", name="db", size=20, status="available", volume_type="", attachments=[])
        self.world.things.servers._attach(self.server, self.volume)
        self.others = [add("volumes", name="other", size=1, status="available", project_id=one)
                       for one in ("project", "development")]  # fmt: skip
        service = self.world.service_user(monkeypatch, folder)
        self.service = replace(service, options=replace(service.options, **OPTIONS))
        self.owner, self.developer = self.login("project", "owner"), self.login("development", "dev")
        clock = SimpleNamespace(monotonic=lambda: self.ticks, sleep=self.sleep)
        for module in (care, freeze, run, deadline):
            monkeypatch.setattr(module, "time", clock)
        monkeypatch.setattr(care, "timezone", SimpleNamespace(now=lambda: self.now))
        self.before = self.things()

    def login(self, project: str, name: str) -> Cloud:
        made = self.world.cloud("member", project=project, name=name, service_user=id_of("tenant-ops"), **OPTIONS)
        return replace(made, project_domain_id="default")

    # --- what people do

    def offer(self, **terms: Any) -> Offer:
        return changes.offer(self.owner, "db", replace(TERMS, **terms), self.now)[0]

    def request(self, name: str = "ci", lease: str = "2h") -> Clone:
        return changes.request(self.developer, "db", name, lease, "a test", self.now)[0]

    def release(self) -> Clone:
        return changes.release(self.developer, "ci", self.now)

    # --- what goes by itself

    def care(self, holder: str = "host-1") -> care.Care:
        return care.Care(lambda: self.service, holder, (), 0.5)

    def round(self, rounds: int = 1, holder: str = "host-1") -> Clone:
        """So many rounds of one process, which is not the one of the last time; the clone 'ci' as it is then."""
        process = self.care(holder)
        for _ in range(rounds):
            process.round()
            self.forward(care.RESTS + 1)
        return self.clone

    def until_done(self, most: int = 8) -> Clone:
        """Rounds of one process after another until nothing is to do; the clone 'ci' as it is then."""
        for _ in range(most):
            if not records.due(self.now):
                break
            self.round()
        return self.clone

    def stop_at(self, step: str) -> None:
        """Whoever does the work is stopped while the clone is at this step; the clone is asked for before."""
        if step == "check":
            return

        def meanwhile() -> None:
            if self.clone.step == step:
                self.meanwhile = lambda: None
                raise KeyboardInterrupt

        self.meanwhile = meanwhile
        with pytest.raises(KeyboardInterrupt):
            self.round()
        self.settle()

    def sleep(self, seconds: float) -> None:
        self.forward(seconds or 0.1)
        self.settle()

    def forward(self, seconds: float) -> None:
        """Time goes by, for everybody."""
        self.ticks += seconds
        self.now += datetime.timedelta(seconds=seconds)
        self.world.wire.now = self.now

    def by_hand(self, project: str = "project") -> None:
        """What a test has the fakes do next is done by somebody of this project."""
        self.world.wire.who = Login(project)

    def settle(self) -> None:
        """What the services had begun is done, and the guest that masks goes on."""
        self.world.things.settle()
        for server in list(self.world.things.kept["servers"].values()):
            masks = markers.CLONE in server["metadata"] and served.SERVES not in server["metadata"]
            if masks and self.guest != "silent":
                self.world.things.servers.consoles[server["id"]] = f"boot\ntenant-ops mask {_nonce(server)} {self.guest} rows=3\n"
        self.meanwhile()

    # --- what is there then

    @property
    def clone(self) -> Clone:
        return records.clone(self.developer, "ci")

    def things(self) -> dict[str, set[str]]:
        return {name: set(self.world.things.kept[name]) for name in KINDS}

    def copies(self, project: str = "development") -> list[dict[str, Any]]:
        """The volumes of this project that were not there at the beginning."""
        kept = self.world.things.kept["volumes"].values()
        return [one for one in kept if one["project_id"] == project and one["id"] not in self.before["volumes"]]

    def stands(self, source: bool = True) -> None:
        """The source is in use, its server runs, and nothing of ours is on either."""
        if source:
            assert self.volume["status"] == "in-use"
        assert (self.server["status"], self.server["metadata"]) == ("ACTIVE", {"a": "b"})

    def nothing_is_left(self, but: int = 1) -> None:
        """In neither project is there anything that was not there, but the trusts of so many offers."""
        now = self.things()
        trusts = now.pop("trusts")
        assert now == {name: ids for name, ids in self.before.items() if name != "trusts"}
        assert len(trusts) == but, trusts
        assert all(not one["metadata"].get(markers.CLONE) for one in self.world.things.kept["volumes"].values())
        self.stands(self.volume["id"] in now["volumes"])

    @contextmanager
    def breaks(
        self, number: int, error: BaseException, after: bool = False, writes: bool = False, path: str = ""
    ) -> Iterator[list[str]]:
        """At call `number` (from 1; with `writes` of those that write, to such a `path`) this is raised, or `after` it.

        What is given says which call that was.
        """
        wire, seen, hit = self.world.wire, 0, []
        send = type(wire).send

        def broken(request: requests.PreparedRequest, **options: Any) -> requests.Response:
            nonlocal seen
            counts = path in str(request.path_url) and (not writes or _writes(request))
            seen += counts
            mine = seen == number and not hit and counts
            if mine:
                hit.append(f"{request.method} {request.path_url}")
                if not after:
                    raise error
            answer = send(wire, request, **options)
            if mine:
                raise error
            return answer

        wire.send = broken  # type: ignore[method-assign]
        try:
            yield hit
        finally:
            del wire.send  # type: ignore[attr-defined]


def _writes(request: requests.PreparedRequest) -> bool:
    path, body = str(request.path_url), request.body or b""
    text = body if isinstance(body, str) else body.decode()
    return request.method != "GET" and not path.endswith("/auth/tokens") and "os-getConsoleOutput" not in text


def _nonce(server: dict[str, Any]) -> str:
    told = gzip.decompress(base64.b64decode(server["user_data"])).decode()
    found = re.search(r"TENANT_OPS_NONCE=(\w+)", told)
    assert found, mask.USER_DATA
    return found[1]
