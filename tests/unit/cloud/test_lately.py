"""What was read a moment ago does for the same person in the same place, and for nobody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenant_ops_dashboard.cloud import CloudError, lately
from tenant_ops_dashboard.cloud.store import Kept
from tests.unit.fake_openstack.world import World


@pytest.fixture
def cloud():
    made = World().cloud("member")
    return replace(made, options=replace(made.options, store=Kept(), lately=True))


def read(cloud, value):
    return lately(cloud, "thing", tuple, lambda: (value,))


def test_it_is_read_once(cloud):
    assert [read(cloud, value) for value in (1, 2)] == [(1,), (1,)]


def test_who_wants_it_anew_reads_it_for_the_others_too(cloud):
    read(cloud, 1)
    assert read(replace(cloud, options=replace(cloud.options, lately=False)), 2) == (2,)
    assert read(cloud, 3) == (2,)


@pytest.mark.parametrize(
    "other", [{"project_id": "another"}, {"user_id": "somebody"}, {"roles": frozenset({"admin"})}, {"region": "Two"}]
)
def test_nobody_else_is_told(cloud, other):
    read(cloud, 1)
    if region := other.pop("region", ""):
        other["options"] = replace(cloud.options, region=region)
    assert read(replace(cloud, **other), 2) == (2,)


def test_what_is_of_another_kind_is_read_anew(cloud):
    lately(cloud, "thing", str, lambda: "of another release")
    assert read(cloud, 1) == (1,)


def test_a_failure_is_not_kept(cloud):
    def fail():
        raise CloudError("away")

    with pytest.raises(CloudError):
        lately(cloud, "thing", tuple, fail)
    assert read(cloud, 1) == (1,)


def test_without_a_store_that_others_share_everything_is_read_anew(cloud):
    alone = replace(cloud, options=replace(cloud.options, store=None))
    assert [read(alone, value) for value in (1, 2)] == [(1,), (2,)]
