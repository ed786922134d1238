"""How long the plugin's launch takes against Heat alone with the same template, in the same run."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import openstack

from sandbox.settings import settings

TENANT_OPS = [str(Path(sys.executable).with_name("tenant-ops")), "--os-cloud", "owner"]


def tenant_ops(*words: str) -> Any:
    """Runs the command line; gives its JSON. Raises CalledProcessError with its words where it fails."""
    done = subprocess.run(
        [*TENANT_OPS, *words, "-f", "json"],
        env={**settings().environment, "TENANT_OPS_PROOF_PROXY": "http://127.0.0.1:18081"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        sys.exit(f"tenant-ops {' '.join(words)} ended with {done.returncode}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def measure() -> tuple[dict[str, Any], str]:
    """Seconds of both, and the name of the environment, which is left running for what is measured next."""
    import os

    os.environ["OS_CLIENT_CONFIG_FILE"] = str(settings().clouds_yaml)
    name = f"bench-{time.monotonic_ns() % 10**6}"
    began = time.monotonic()
    shown = tenant_ops("environment", "launch", name, "--wait")
    whole = time.monotonic() - began
    cloud = openstack.connect(cloud="owner", api_timeout=60)
    stack = cloud.orchestration.find_stack(name)
    ours = _created(cloud, stack)
    template = cloud.orchestration.get_stack_template(stack)
    files = cloud.orchestration.get_stack_files(stack)
    plain = cloud.orchestration.create_stack(
        name=f"{name}-plain",
        template=template.template if isinstance(template.template, str) else json.dumps(template.template),
        files=dict(files),
        parameters={k: v for k, v in stack.parameters.items() if not k.startswith("OS::")},
    )
    heat = _created(cloud, plain)
    cloud.orchestration.delete_stack(plain)
    return {
        "plugin_create_complete_seconds": round(ours, 1),
        "heat_alone_create_complete_seconds": round(heat, 1),
        "ratio": round(ours / heat, 2),
        "launch_with_proofs_seconds": round(whole, 1),
        "proofs": shown.get("proofs"),
    }, name


def _created(cloud: Any, stack: Any) -> float:
    """Seconds from the stack's first event to CREATE_COMPLETE, by Heat's own clock."""
    import datetime

    end = time.monotonic() + 900
    while time.monotonic() < end:
        now = cloud.orchestration.get_stack(stack.id)
        if "IN_PROGRESS" not in now.status:
            break
        time.sleep(0.5)
    if now.status != "CREATE_COMPLETE":
        sys.exit(f"{now.name}: {now.status}: {now.status_reason}")
    events = [datetime.datetime.fromisoformat(e.event_time.rstrip("Z")) for e in cloud.orchestration.stack_events(now)]
    return (max(events) - min(events)).total_seconds()


def delete(name: str) -> None:
    tenant_ops("environment", "delete", name, "--yes", "--wait")
