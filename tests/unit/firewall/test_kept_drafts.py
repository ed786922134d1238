"""Drafts are kept: one a person and group, whatever ends in between, and no save goes over another."""

from __future__ import annotations

import dataclasses
import datetime

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.firewall import draft, edit
from tenant_ops_dashboard.firewall.model import Rule
from tenant_ops_dashboard.records import drafts, models
from tests.unit.fake_openstack.world import World

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 29, 12, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
START = draft.parse({"group": {"id": "g", "ports": []}, "ingress": {"rules": [{"name": "web"}]}})


def person(name: str, project: str = "project") -> Cloud:
    return dataclasses.replace(World().cloud("member"), user_id=name, user_name=name.title(), project_id=project)


def test_a_draft_is_there_again_as_it_was_saved() -> None:
    ann = person("ann")
    assert drafts.load(ann, "g", NOW) is None
    assert drafts.save(ann, "g", START, 0, NOW) == 1
    edited = edit.insert(START, "ingress", [Rule(name="<b>\u202e", source_ip_address="192.0.2.1")])
    assert drafts.save(ann, "g", edited, 1, NOW + SECOND) == 2
    kept = drafts.load(ann, "g", NOW + SECOND)
    assert kept == drafts.KeptDraft(edited, 2, NOW + SECOND)
    assert not drafts.discard(ann, "g", 1), "a page of an older version discards nothing"
    assert drafts.discard(ann, "g", 2) and not drafts.discard(ann, "g")
    assert drafts.load(ann, "g", NOW) is None and drafts.mine(ann) == frozenset()
    assert drafts.save(ann, "g", START, 0, NOW) == 4, "no page takes the next draft for one that it showed"


@pytest.mark.parametrize("version", [0, 1, 3])
def test_a_page_of_an_older_version_changes_nothing(version: int) -> None:
    ann = person("ann")
    drafts.save(ann, "g", START, drafts.save(ann, "g", START, 0, NOW), NOW)
    with pytest.raises(drafts.ElsewhereChanged):
        drafts.save(ann, "g", edit.remove(START, "ingress", [0]), version, NOW + SECOND)
    kept = drafts.load(ann, "g", NOW)
    assert kept == drafts.KeptDraft(START, 2, NOW)


def test_of_several_drafts_all_are_kept_or_none() -> None:
    ann = person("ann")
    other = dataclasses.replace(START, state=dataclasses.replace(START.state, group=dataclasses.replace(START.state.group, id="h")))
    drafts.save(ann, "h", other, 0, NOW)
    with pytest.raises(drafts.ElsewhereChanged):
        drafts.save_all(ann, [("g", START, 0), ("h", other, 0)], NOW)
    assert drafts.mine(ann) == {"h"}
    drafts.save_all(ann, [("g", START, 0), ("h", other, 1)], NOW)
    assert drafts.mine(ann) == {"g", "h"}


def test_a_draft_is_of_one_person_in_one_project_for_one_group() -> None:
    ann, bob, elsewhere = person("ann"), person("bob"), person("ann", "another")
    drafts.save(ann, "g", START, 0, NOW)
    assert drafts.load(bob, "g", NOW) is drafts.load(elsewhere, "g", NOW) is drafts.load(ann, "h", NOW) is None
    assert not drafts.discard(bob, "g") and not drafts.discard(elsewhere, "g")
    assert drafts.load(ann, "g", NOW) is not None


def test_two_people_see_each_other() -> None:
    ann, bob = person("ann"), person("bob")
    drafts.save(ann, "g", START, 0, NOW)
    assert drafts.others(ann, "g", NOW) == ()
    assert drafts.others(bob, "g", NOW + SECOND) == (drafts.Editor("Ann", NOW, True),)
    later = NOW + SECOND * 60
    assert drafts.others(bob, "g", later) == (drafts.Editor("Ann", NOW, False),)
    drafts.load(ann, "g", later)
    assert drafts.others(bob, "g", later + SECOND) == (drafts.Editor("Ann", NOW, True),)
    assert drafts.others(person("bob", "another"), "g", later) == ()


def test_drafts_that_nobody_looks_at_go() -> None:
    ann, bob = person("ann"), person("bob")
    drafts.save(ann, "g", START, 0, NOW)
    drafts.save(bob, "g", START, 0, NOW)
    later = NOW + drafts.KEPT + SECOND
    drafts.load(bob, "g", later)
    assert drafts.prune(later) == 1
    assert drafts.load(ann, "g", later) is None and drafts.load(bob, "g", later) is not None


def test_a_draft_of_another_release_can_be_discarded() -> None:
    ann = person("ann")
    drafts.save(ann, "g", START, 0, NOW)
    models.FirewallDraft.objects.update(content='{"format": 9}')
    kept = drafts.load(ann, "g", NOW)
    assert kept is not None and kept.draft is None
    assert drafts.discard(ann, "g", kept.version)
