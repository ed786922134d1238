"""What is offered may be named by the environment whose data it is, where that is one volume."""

from __future__ import annotations

from typing import Any

import pytest

from tenant_ops_dashboard.clones import source
from tenant_ops_dashboard.clones.errors import BadInput, NotFound
from tenant_ops_dashboard.clones.model import Terms
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clones as records
from tests.unit.changes.scenes import Environments
from tests.unit.records.cloning import NOW

pytestmark = pytest.mark.django_db
TERMS = Terms(("development",))


@pytest.fixture
def shop() -> Environments:
    """The environment 'shop', with one data volume."""
    return Environments()


def add(shop: Environments, name: str, **more: Any) -> str:
    return str(shop.world.things.add("volumes", name=name, size=7, status="available", **more)["id"])


def test_an_environment_s_one_data_volume_is_found_by_its_name_or_id(shop: Environments) -> None:
    for words in ("shop", shop.id):
        found = source.find(shop.owner, words)
        assert (found.id, found.environment) == (shop.volume()["id"], "shop")
    shop.world.calls()
    assert source.find(shop.owner, str(shop.volume()["id"])).environment == ""
    other = add(shop, "db")
    assert source.find(shop.owner, "db").id == other
    assert not [one for one in shop.world.calls() if "/stacks" in one], "what no volume says is not asked of Heat"


def test_what_is_called_like_an_environment_is_not_guessed(shop: Environments) -> None:
    mine = str(shop.volume()["id"])
    other = add(shop, "shop")
    with pytest.raises(BadInput) as raised:
        source.find(shop.owner, "shop")
    said = raised.value.sentence
    assert said.startswith("volume: a volume and an environment are called 'shop'")
    assert other in said
    assert shop.id in said
    assert source.find(shop.owner, shop.id).id == mine
    assert source.find(shop.owner, other).id == other


def test_an_environment_with_several_data_volumes_is_none(shop: Environments) -> None:
    mine = str(shop.volume()["id"])
    second = add(shop, "more", metadata=dict(shop.volume()["metadata"]))
    with pytest.raises(
        BadInput, match=r"^volume: the environment 'shop' has 2 data volumes: say the id of one"
    ) as raised:
        source.find(shop.owner, "shop")
    assert mine in str(raised.value)
    assert second in str(raised.value)
    assert source.environments(shop.owner, list(shop.world.things.kept["volumes"].values())) == {}


def test_data_that_outlived_its_environment_has_a_name_of_its_own_alone(shop: Environments) -> None:
    shop.world.heat.stacks.pop(shop.id)
    with pytest.raises(NotFound, match="no environment with data, called 'shop'"):
        source.find(shop.owner, "shop")


def test_an_offer_tells_whose_data_it_is_and_is_known_by_that_name(shop: Environments) -> None:
    made, _existing = changes.offer(shop.owner, "shop", TERMS, NOW)
    assert (made.source_id, made.terms.environment) == (shop.volume()["id"], "shop")
    assert records.own_offer(shop.owner, "shop").id == made.id
    again, existing = changes.offer(shop.owner, str(shop.volume()["id"]), TERMS, NOW)
    assert (again.id, existing) == (made.id, True), "the same volume on the same terms"
    developer = shop.world.cloud("member", project="development", name="dev", service_user="a" * 32)
    asked, _existing = changes.request(developer, "shop", "ci", "", "", NOW)
    assert asked.offer.id == made.id
    assert changes.request(developer, "shop", "ci", "", "", NOW) == (asked, True)
