"""HTTPS with a certificate of Barbican's: an environment has it, curl verifies it, and a delete leaves it alone."""

from __future__ import annotations

import base64
import datetime
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tenant_ops_dashboard.certificates.model import id_of
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import follow, launch
from tenant_ops_dashboard.environments.model import Details, Proof, Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.loadbalancers import tls, watch
from tests.certificates import Pair, authority, signed
from tests.integration.by_hand import Hand
from tests.integration.environments.conftest import PATIENCE, take_away
from tests.integration.packets.conftest import OUTSIDE, sandbox

DAYS = 60
#: curl's CURLE_PEER_FAILED_VERIFICATION.
NOT_VERIFIED = "60"


@dataclass
class Made:
    """An environment with the certificate `called`, which is for the same name, signed by `signer`."""

    called: str
    ref: str
    signer: Pair
    details: Details
    proofs: dict[str, Proof]

    @property
    def address(self) -> str:
        """Its floating IP."""
        return self.details.targets.application[0]


@pytest.fixture(scope="module")
def owner(log_in: Callable[..., Cloud]) -> Cloud:
    """A login of its own: one that asked for certificates before keeps what it was told."""
    return log_in("owner")


@pytest.fixture(scope="module")
def made(owner: Cloud) -> Iterator[Made]:
    signer, called = authority(), f"it-{uuid.uuid4().hex[:8]}.example"
    end = datetime.datetime.now(datetime.UTC).replace(tzinfo=None) + datetime.timedelta(days=DAYS)
    bundle = {
        "name": called, "payload": base64.b64encode(signed(signer, [called], DAYS).bundle(called)).decode(),
        "payload_content_type": "application/octet-stream", "payload_content_encoding": "base64",
        "expiration": end.isoformat(),
    }  # fmt: skip
    ref = Hand(owner).post("key-manager", "/secrets", bundle)["secret_ref"]
    name = called.partition(".")[0]
    asked = Request(name, "tomcat-oracle", {"certificate": called, "database_size": "1", "sample_rows": "50"})
    planned = plan.plan(owner, asked)
    assert planned.ok, planned.problems
    details, proofs = follow.up(owner, launch.launch(owner, asked), PATIENCE)
    yield Made(called, str(ref), signer, details, {one.name: one for one in proofs})
    take_away(owner, name)
    Hand(owner).delete("key-manager", f"/secrets/{id_of(ref)}")


def curl(made: Made, authorities: Path, *options: str) -> tuple[str, str, str]:
    """The status of the answer, curl's own exit code, and the protocol's certificate check (0: verified)."""
    place = f"{made.called}:443:{made.address}"
    told = sandbox(
        *OUTSIDE, "--", "curl", "-s", "-m", "8", "-o", "/dev/null", "-w", "%{http_code} %{exitcode} %{ssl_verify_result}",
        "--cacert", str(authorities), "--resolve", place, *options, f"https://{made.called}/",
    )  # fmt: skip
    status, code, verified = told.split()
    return status, code, verified


def test_curl_verifies_it_by_its_authority_and_by_no_other(made: Made, tmp_path: Path) -> None:
    right, wrong = tmp_path / "right.pem", tmp_path / "wrong.pem"
    right.write_text(made.signer.pem)
    wrong.write_text(authority().pem)
    assert curl(made, right) == ("200", "0", "0")
    assert curl(made, wrong)[:2] == ("000", NOT_VERIFIED)


def test_the_proof_says_what_was_verified(made: Made) -> None:
    proof = made.proofs["https"]
    assert (proof.state, made.details.environment.status) == ("good", "good")
    assert proof.evidence.startswith(f"https://{made.address}/ was answered with HTTP 200 over TLSv1")
    found = re.search(rf"The certificate for {re.escape(made.called)} ends on [0-9-]+, in ([0-9]+) days", proof.evidence)
    assert found and int(found[1]) in (DAYS - 1, DAYS)
    assert "Its chain was not verified: the host that asked does not trust An authority of tests" in proof.evidence
    assert {made.proofs["http"].state, made.proofs["closed"].state} == {"good"}


def test_the_load_balancer_tells_of_it(owner: Cloud, made: Made) -> None:
    ours = next(one for one in watch.listing(owner) if one.environment_id == made.details.environment.id)
    listeners = {one.port: tls.told(one, watch.now()) for one in ours.listeners}
    assert set(listeners) == {80, 443}
    assert (ours.state, listeners[80]) == ("good", "")
    assert listeners[443].startswith(f"certificate {made.called} ends on ")


def test_a_delete_leaves_the_certificate_and_nothing_of_ours(owner: Cloud, made: Made) -> None:
    path = f"/secrets/{id_of(made.ref)}"
    readers = owner.get("key-manager", f"{path}/acl")["read"]["users"]
    assert len(readers) == 1, "Octavia's own user reads it"
    _, left = follow.away(owner, made.details.environment.name, PATIENCE, data=True)
    assert left is None
    assert owner.get("key-manager", path)["name"] == made.called
    now = owner.get("key-manager", f"{path}/acl")["read"].get("users", [])
    assert set(now) <= set(readers), "Octavia leaves itself the right to read it, and gives it to nobody else"
