"""Intents in the browser: added on the environment's page, broken by a draft, the gate before Apply; nothing is applied."""

from __future__ import annotations

import pytest

from .looks import troubles
from .person import LONG

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def environment(web):
    """The id and name of an environment with its firewall group; an intent more is all that is left on it."""
    told = web.standing()
    return told["id"], told["name"]


def test_an_intent_is_added_broken_by_a_draft_and_gates_it(owner, environment):
    id_, name = environment
    owner.open(f"/tenant_ops/environment/{id_}/")
    owner.until(lambda: "The web site answers on port 80" in owner.text("#intents"), "the blueprint's own")
    owner.find("#intent-add").click()
    owner.until(lambda: owner.all("#intent-form"), "the form")
    assert not troubles(owner)
    owner.write("#says", "The jump host answers SSH.")
    owner.driver.execute_script("document.querySelector('#expect').value = 'allow'")
    owner.write("#target", f"tier:{name}/jump")
    owner.write("#protocol", "tcp")
    owner.write("#ports", "22")
    owner.find("#confirm").click()
    owner.until(lambda: "The jump host answers SSH" in owner.text("#intents"), "the intent on the page")
    assert not troubles(owner)
    owner.open("/tenant_ops/firewall/")
    row = f"{name}-fw"
    owner.until(lambda: row in owner.text("#firewall-groups"), "the group in the list", LONG)
    next(link for link in owner.all("#firewall-groups .to-rows__name a") if link.text == row).click()
    owner.until(lambda: owner.all("#ingress [data-fw-place]"), "the group's page")
    for box in owner.all("input[name=pick-ingress]"):
        owner.driver.execute_script("arguments[0].click()", box)
    off = next(one for one in owner.all("#ingress button[name=do]") if one.get_attribute("value") == "off")
    owner.driver.execute_script("arguments[0].click()", off)
    owner.until(lambda: "Breaks intent: The jump host answers SSH" in owner.text("#draft-bar"), "what the draft breaks")
    owner.find("#review").click()
    owner.until(lambda: owner.all("#confirm-although"), "the gate")
    assert owner.attribute("#confirm", "disabled") is not None
    assert not troubles(owner)
    owner.find("#confirm-although").click()
    owner.until(lambda: "Say why it is to be applied" in owner.text("#override-problem"), "the reason that is missing")
