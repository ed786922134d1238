"""One environment for all tests of this folder, launched by two at once; gone again at the end."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete, errors, follow, launch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.model import Details, Environment, Plan, Proof, Request
from tenant_ops_dashboard.environments.planning.plan import plan
from tests.conformance.blueprints import LAUNCHES
from tests.integration.by_hand import Hand

ROOT = Path(__file__).parents[3]
BLUEPRINTS = Path(__file__).parent / "blueprints"
PATIENCE = 1800.0
os.environ.setdefault("OS_CLIENT_CONFIG_FILE", str(ROOT / "sandbox" / "clouds.yaml"))
os.environ.setdefault("TENANT_OPS_PROOF_PROXY", "http://127.0.0.1:18081")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.sandbox)
            item.add_marker(pytest.mark.timeout(PATIENCE))


@pytest.fixture(scope="session")
def log_in() -> Callable[..., Cloud]:
    """A login of one of the sandbox's people."""

    def run(name: str, **options: object) -> Cloud:
        return clouds.from_clouds_yaml(name, proof_proxy=os.environ["TENANT_OPS_PROOF_PROXY"], timeout=60, **options)

    return run


@pytest.fixture(scope="session")
def owner(log_in: Callable[..., Cloud]) -> Cloud:
    return log_in("owner")


@pytest.fixture(scope="session")
def planned(owner: Cloud) -> Plan:
    """The plan of the environment, made before anything of it exists."""
    name = f"it-{uuid.uuid4().hex[:8]}"
    return plan(owner, Request(name, *LAUNCHES["tomcat-oracle with a jump host"]))


@pytest.fixture(scope="session")
def launched(log_in: Callable[..., Cloud], planned: Plan) -> Iterator[list[Environment]]:
    """What four launches at the same moment gave: two of one form, one of the same answers, one without a token."""
    assert planned.ok, planned.problems
    tokens = ["form", "form", "another form", ""]
    people = [log_in("owner") for _ in tokens]
    with ThreadPoolExecutor(len(tokens)) as pool:
        made = list(
            pool.map(
                lambda pair: launch.launch(pair[0], planned.request, (), pair[1]), zip(people, tokens, strict=True)
            )
        )
    yield made
    take_away(people[0], planned.request.name)


@pytest.fixture(scope="session")
def standing(owner: Cloud, launched: list[Environment]) -> tuple[Details, tuple[Proof, ...]]:
    """The environment once its proofs have run."""
    return follow.up(owner, launched[0], PATIENCE)


@pytest.fixture(scope="session")
def environment(standing: tuple[Details, tuple[Proof, ...]]) -> Environment:
    return standing[0].environment


def take_away(cloud: Cloud, name: str) -> None:
    """Everything of an environment, its data too."""
    try:
        gone = delete.delete(cloud, name, data=True)
    except errors.NotFound:
        return
    assert follow.down(cloud, gone, PATIENCE, data=True) is None
    for volume in data_volumes.volumes(cloud):
        if volume["metadata"].get(data_volumes.NAME) == name and volume["status"] == "available":
            Hand(cloud).delete("block-storage", f"/volumes/{volume['id']}")
