"""The posture's story: what is exposed, somebody says that it may stand, it is reviewed, and that is taken back."""

from __future__ import annotations

import secrets

import openstack
import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.browser, pytest.mark.timeout(900)]
PAGE = "/tenant_ops/posture/"


@pytest.fixture(scope="module", autouse=True)
def finding(sandbox):
    """A firewall rule that another one in front of it makes useless, whatever else the project holds."""
    network = openstack.connect(cloud="owner", api_timeout=60).network
    name = f"posture-{secrets.token_hex(3)}"
    made = []
    try:
        rules = []
        for source in ("198.51.100.0/24", "198.51.100.7"):
            rule = {"name": name, "action": "allow", "protocol": "tcp", "source_ip_address": source, "enabled": True}
            rules.append(network.create_firewall_rule(**rule))
            made.append((network.delete_firewall_rule, rules[-1]))
        policy = network.create_firewall_policy(name=name, firewall_rules=[one.id for one in rules])
        made.append((network.delete_firewall_policy, policy))
        group = network.create_firewall_group(name=name, ingress_firewall_policy_id=policy.id)
        made.append((network.delete_firewall_group, group))
        yield name
    finally:
        for delete, one in reversed(made):
            delete(one)


def read_anew(browser, finding):
    """The page of a reading that has the finding: the one shown first may be of before."""
    browser.open(PAGE)
    browser.until(lambda: browser.all("#again"), "the page")
    browser.find("#again").click()
    browser.until(lambda: finding in browser.driver.page_source, "the finding")


def test_a_finding_is_acknowledged_reviewed_and_taken_back(owner, finding):
    read_anew(owner, finding)
    assert len(owner.all("#posture-numbers a")) == 4
    owner.find("#posture-table tbody tr .to-rows__name a").click()
    owner.until(lambda: owner.all("#acknowledge"), "the page of the finding")
    its_page = owner.driver.current_url
    owner.find("#acknowledge").click()
    owner.until(lambda: owner.all("#acknowledge-form"), "the form")
    owner.write("#reason", "It is only looked at here.")
    owner.write("#until", "2020-01-01")
    owner.find("#confirm").click()
    owner.until(lambda: "this is past" in owner.text("#until-more"), "the sentence at its field")
    assert owner.find("#reason").get_attribute("value") == "It is only looked at here."
    owner.write("#until", "12h")
    owner.find("#confirm").click()
    owner.until(lambda: "It is only looked at here." in owner.text("#finding-acknowledged"), "the word")
    owner.open(f"{PAGE}?acknowledged=yes")
    owner.until(lambda: owner.all("#posture-table tbody tr"), "what was acknowledged")
    owner.open(PAGE)
    owner.until(lambda: owner.all("#review"), "the button")
    owner.find("#review").click()
    owner.until(lambda: "–" not in owner.text("#number-drift"), "the review")
    owner.driver.get(its_page)
    owner.until(lambda: owner.all("#withdraw"), "the button")
    owner.find("#withdraw").click()
    owner.until(lambda: owner.all("#finding-open"), "that nobody says so any more")


def test_a_reader_sees_and_cannot(browser, sandbox, finding):
    production = openstack.connect(cloud="auditor", api_timeout=60).current_project_id
    browser.log_in("auditor", sandbox["logins"]["auditor"], production)
    read_anew(browser, finding)
    assert not browser.all("#review")
    browser.find("#posture-table tbody tr .to-rows__name a").click()
    browser.until(lambda: browser.all("#finding-fix"), "the page of the finding")
    assert not browser.all("#acknowledge")
