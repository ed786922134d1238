"""Somebody whose Horizon speaks French: no page of ours says an English sentence, and French ones fit onto a phone."""

from __future__ import annotations

import openstack
import pytest

from tests import messages

from .looks import SIZES, as_seen, over_the_side, shoot
from .person import LONG

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(1200)]
PAGES = {
    "environments": "/tenant_ops/", "launch": "/tenant_ops/launch/", "loadbalancers": "/tenant_ops/loadbalancers/",
    "balancer": "/tenant_ops/loadbalancers/create/", "firewall": "/tenant_ops/firewall/", "posture": "/tenant_ops/posture/",
    "clones": "/tenant_ops/clones/",
}  # fmt: skip
ENGLISH = {
    one.id: one.string for one in messages.read("fr")
    if isinstance(one.id, str) and len(one.id) > 11 and " " in one.id and not set("{%<") & set(one.id) and one.string != one.id
}  # fmt: skip


def english(text):
    """Whole lines and sentences of ours that are still English."""
    return [one for one in ENGLISH if one in text]


@pytest.fixture
def reader(owner):
    """The owner, who chose French."""
    owner.driver.add_cookie({"name": "horizon_language", "value": "fr", "path": "/"})
    yield owner
    owner.driver.delete_cookie("horizon_language")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_french_and_fits(reader, name):
    as_seen(reader, "default", SIZES["narrow"])
    reader.open(PAGES[name])
    reader.until(lambda: reader.all("#tenant-ops"), "the page")
    told = reader.text("#tenant-ops")
    assert english(told) == []
    assert any(one in told for one in ENGLISH.values())
    for size, width in SIZES.items():
        as_seen(reader, "default", width)
        assert over_the_side(reader) == [], size
        shoot(reader, f"french-{name}", "default", size)


def test_what_an_environment_and_its_balancer_say_is_french_while_they_live(reader, web):
    told = web.standing()
    balancer = openstack.connect(cloud="owner", api_timeout=60).load_balancer.find_load_balancer(f"{told['name']}-lb")
    for name, path in {
        "environment": f"/tenant_ops/environment/{told['id']}/?events=all",
        "why": f"/tenant_ops/loadbalancers/?open={balancer.id}",
    }.items():
        reader.open(path)
        reader.until(lambda: told["name"] in reader.text("#tenant-ops"), "the page")
        # Why an intent holds or not is kept in the database, in English.
        kept = reader.text("#intents .to-proofs__evidence").splitlines()
        assert english("\n".join(one for one in reader.text("#tenant-ops").splitlines() if one not in kept)) == []
        shoot(reader, f"french-{name}", "default", "wide")
    reader.open(f"/tenant_ops/environment/{told['id']}/")
    reader.until(lambda: "Répond du dehors" in reader.text("#tenant-ops"), "what is promised, in French", LONG)


def test_what_the_service_layer_refuses_is_told_in_french(reader):
    reader.open("/tenant_ops/launch/")
    reader.write("[name=name]", "no_such-")
    reader.until(
        lambda: "traits d'union" in reader.text("#tenant-ops [data-to-problem=name]"), "what is wrong with the name"
    )
    missing = "00000000-0000-4000-8000-000000000000"
    reader.open(f"/tenant_ops/environment/{missing}/")
    reader.until(lambda: f"n'a pas d'environnement nommé {missing}" in reader.text("body"), "that there is none")
