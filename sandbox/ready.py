"""Waits until the services that work in the background say that they do, each since it was last started."""

from __future__ import annotations

import datetime
import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from typing import Any

from sandbox import catalogue, process
from sandbox.errors import SandboxError
from sandbox.settings import Settings, url

COMPUTE = ("nova-conductor", "nova-scheduler", "nova-compute")
STORAGE = ("cinder-scheduler", "cinder-volume", "cinder-backup")
REPORTING = frozenset({*COMPUTE, *STORAGE, "heat-engine", "octavia-worker"})
PATIENCE = 180
TIMEOUT = 60


def wait(s: Settings) -> None:
    """Raises SandboxError where one has ended, or does not report in three minutes."""
    names = [p.name for service in catalogue.CLOUD for p in service.processes(s)]
    late = set(REPORTING)

    def done() -> bool:
        for name in names:
            if not process.pid_of(s, name):
                raise SandboxError(
                    f"{name} ended: {process.last_line(s, name)}",
                    f"See {s.log}/{name}.log, then run 'make demo' again.",
                )
        late.intersection_update(missing(s, late))
        return not late

    if not process.wait(done, PATIENCE, 0.5):
        raise SandboxError(
            f"These do not report for work: {', '.join(sorted(late))}.",
            f"See their logs in {s.log}, then run 'make demo' again.",
        )


def missing(s: Settings, wanted: Iterable[str]) -> set[str]:
    """Which of these have not reported since they were started; all of them where an API does not answer."""
    late = set(wanted)
    if "octavia-worker" in late and "Starting V2 consumer" in process.said(s, "octavia-worker"):
        late.discard("octavia-worker")
    try:
        token, project = _token(s)
        if late & {*COMPUTE}:
            late -= reported(s, _get(token, url("nova", "/v2.1/os-services")))
        if late & {*STORAGE}:
            late -= reported(s, _get(token, url("cinder", f"/v3/{project}/os-services")))
        if "heat-engine" in late:
            late -= reported(s, _get(token, url("heat", f"/v1/{project}/services")))
    except (OSError, KeyError, ValueError):
        # an API that still starts; one that ended is told by its process
        pass
    return late


def reported(s: Settings, services: Iterable[Mapping[str, Any]]) -> set[str]:
    """The names of the services (`binary`, `updated_at` or `created_at` in UTC) that wrote after their start."""
    found = set()
    for service in services:
        told = service.get("updated_at") or service.get("created_at")
        if told:
            at = datetime.datetime.fromisoformat(told).replace(tzinfo=datetime.UTC).timestamp()
            # the services write whole seconds
            if at >= int(process.started_at(s, service["binary"])):
                found.add(service["binary"])
    return found


def _token(s: Settings) -> tuple[str, str]:
    """A token of the operator in the project admin, and that project's id."""
    user = {"name": "operator", "password": s.passwords["operator"], "domain": {"id": "default"}}
    body = {"auth": {
        "identity": {"methods": ["password"], "password": {"user": user}},
        "scope": {"project": {"name": "admin", "domain": {"id": "default"}}},
    }}  # fmt: skip
    asked = urllib.request.Request(
        url("keystone", "/v3/auth/tokens"), json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with _OPENER.open(asked, timeout=TIMEOUT) as reply:
        return reply.headers["X-Subject-Token"], json.load(reply)["token"]["project"]["id"]


def _get(token: str, address: str) -> list[dict[str, Any]]:
    with _OPENER.open(urllib.request.Request(address, headers={"X-Auth-Token": token}), timeout=TIMEOUT) as reply:
        return json.load(reply)["services"]


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
