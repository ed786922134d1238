"""Golden copies, what is usual and what ends soon, at the API; what a copy takes of the quota is the owner's to know."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from tenant_ops_dashboard.records import clone_golden as goldens
from tenant_ops_dashboard.records import clones as records
from tests.unit.api.conftest import Api
from tests.unit.api.test_clones import CLONES, OFFERS, ONE, cloud, do, kept, listed, offer, ready, request
from tests.unit.api.test_frame import conforms

__all__ = ["cloud"]
pytestmark = pytest.mark.django_db
DAY = 86400


def golden(offer_id: str, **changes: Any) -> None:
    """As the job leaves it."""
    goldens.begin(timezone.now())
    (made,) = goldens.of([offer_id])[offer_id]
    goldens.save(made, changes)


def test_a_golden_copy_is_told_with_what_it_costs_to_its_owner(cloud: Api) -> None:
    made = offer(cloud, golden="24h")
    assert (made["golden"]["every_seconds"], made["golden"]["state"], made["golden"]["gigabytes"]) == (DAY, "approved", 20)
    assert offer(cloud, 200, golden="1d")["id"] == made["id"]
    assert offer(cloud)["id"] != made["id"]
    at = timezone.now().replace(microsecond=0)
    there = {"state": "ready", "step": "", "volume_id": "golden-1", "size": 20, "data_at": at, "ready_at": at}
    golden(made["id"], **there)
    (told,) = [one["golden"] for one in listed(cloud, OFFERS, "owner") if one["id"] == made["id"]]
    assert (told["state"], told["gigabytes"], told["says"]) == ("ready", 20, "")
    assert [(one["volume_id"], one["state"]) for one in told["copies"]] == [("golden-1", "ready")]
    (told,) = [one["golden"] for one in listed(cloud, OFFERS, "developer") if one["id"] == made["id"]]
    assert (told["gigabytes"], told["copies"], told["state"]) == (None, None, "ready")
    assert datetime.datetime.fromisoformat(told["data_at"]) == at


def test_why_it_could_not_be_made_is_told_at_the_offer(cloud: Api) -> None:
    made = offer(cloud, golden="24h")
    failed = {"state": "failed", "outcome": "failed", "step": "", "reason": "The masking script failed: x"}
    golden(made["id"], **failed, ended_at=timezone.now())
    for who in ("owner", "developer"):
        (told,) = listed(cloud, OFFERS, who)
        assert (told["golden"]["state"], told["golden"]["says"]) == ("failed", "The masking script failed: x")


def test_lineage_names_the_golden_copy(cloud: Api) -> None:
    made = offer(cloud, golden="24h")
    request(cloud, offer=made["id"])
    found = kept(do(cloud, "approve", "owner")["id"])
    records.save(found, golden_id="golden-1", data_at=timezone.now())
    for who, seen in (("owner", "golden-1"), ("developer", None)):
        told = conforms(cloud.get("v1/clones/ci", who), "get", ONE)["lineage"]["golden"]
        assert (told["volume_id"], bool(told["data_at"])) == (seen, True)


def test_what_is_usual_and_what_ends_soon(cloud: Api) -> None:
    offer(cloud, approve="auto")
    first = request(cloud)
    assert (first["usually_seconds"], first["ends_soon"]) == (None, False)
    clone = ready(first["id"])
    assert listed(cloud, OFFERS, "developer")[0]["usually_seconds"] == 3.0
    second = request(cloud, "second")
    assert second["usually_seconds"] == 3.0
    assert conforms(cloud.get("v1/clones/ci", "developer"), "get", ONE)["usually_seconds"] is None
    soon = timezone.now() + datetime.timedelta(minutes=5)
    records.save(replace(clone), expires_at=soon)
    assert {one["name"]: one["ends_soon"] for one in listed(cloud, CLONES, "developer")} == {"ci": True, "second": False}


@pytest.mark.parametrize("span", ["x", "59s", "2h " * 20, 7])
def test_bad_spans(cloud: Api, span: Any) -> None:
    assert offer(cloud, 422, golden=span)["error"]["field"] == "golden"
