"""No page is forgotten where every page is looked at: each can be opened on the sandbox, or is none and says why."""

from __future__ import annotations

import pytest

from tests.browser import pages
from tests.unit.panels.walk import addresses
from tests.unit.panels.walk import pages as every_page


def test_every_page_can_be_opened_on_the_sandbox():
    assert pages.unknown() == {}, "tests/browser/pages.py has no value for these parts of an address"


def test_what_is_told_of_pages_is_of_pages_that_there_are():
    assert every_page().keys() >= pages.VISITS.keys() | pages.NO_PAGE.keys()
    assert not pages.VISITS.keys() & pages.NO_PAGE.keys()


def test_a_page_with_a_part_that_nobody_knows_is_told(monkeypatch):
    known = every_page() | {"firewall:another": frozenset({"group", "never_heard_of"})}
    monkeypatch.setattr(pages.walk, "pages", lambda: known)
    assert pages.unknown() == {"firewall:another": {"never_heard_of"}}


def test_polls_and_what_only_takes_changes_are_no_pages():
    assert every_page().keys() >= {"environments:index", "firewall:apply", "clones:show"}
    assert not every_page().keys() & {"environments:state", "firewall:edit", "clones:approve"}
    assert every_page().keys() < addresses().keys()


@pytest.mark.parametrize("name", sorted(pages.NO_PAGE))
def test_what_is_said_to_show_no_page_shows_none(client, owner, shop, name):
    answer = client.get(addresses()[name])
    if name == "walkthrough:show":
        assert answer.status_code == 302
        assert "/step/" in answer["Location"]
    else:
        assert answer.status_code == 200
        assert "attachment" in answer["Content-Disposition"]
