"""Sentences in the database: each table gives them back as they were said; rows of before stay what they are."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace

import pytest
from django.db import connection
from django.utils import translation

from tenant_ops_dashboard.clones.renewal import Renewal
from tenant_ops_dashboard.clones.reverting import Reverting
from tenant_ops_dashboard.environments.intent import Intent, identity
from tenant_ops_dashboard.firewall.checking import Checked
from tenant_ops_dashboard.firewall.standing import Standing
from tenant_ops_dashboard.loadbalancers.scaling.model import Last
from tenant_ops_dashboard.panels.words import told
from tenant_ops_dashboard.records import clone_golden, clones, heartbeats, intents, notes
from tenant_ops_dashboard.records import walkthrough as records
from tenant_ops_dashboard.records.clone_golden_models import CloneGolden
from tenant_ops_dashboard.records.clone_models import Clone as CloneRow
from tenant_ops_dashboard.records.heartbeat_models import Heartbeat
from tenant_ops_dashboard.records.models import FirewallIntent, Note
from tenant_ops_dashboard.sentences import Sentence, say
from tenant_ops_dashboard.walkthrough.model import Progress, Taken
from tests.unit.fake_openstack.world import World
from tests.unit.records.cloning import a_clone, an_offer

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 30, 12, 0, tzinfo=datetime.UTC)
SAID = say("Its owner withdrew the offer.")
FRENCH = "Son propriétaire a retiré l'offre."


def french(text: str) -> str:
    with translation.override("fr"):
        return told(text)


def stored(model: type, column: str) -> str:
    """What stands in the one row of a table, as any other program would read it."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{model._meta.db_table}"')
        ((found,),) = cursor.fetchall()
    return found


def overwrite(model: type, column: str, text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{model._meta.db_table}" SET "{column}" = %s', [text])


def note(sentence: str) -> str:
    notes.note("project", "lb-1", sentence, kind="scale", at=NOW)
    return notes.notes("project", ["lb-1"], NOW, 1)[0].sentence


def heartbeat(said: str) -> str:
    heartbeats.ended("scale", ["RegionOne"], NOW, NOW, 1.0, [said])
    heartbeats.beat("scale", "RegionOne", NOW)
    heartbeats.ended("scale", ["RegionOne"], NOW, NOW, 1.0, [said])
    return heartbeats.every()[0].said


def clone(**said: str) -> CloneRow:
    made, _existing = clones.add(a_clone(clones.add_offer(an_offer()), "ci"))
    clones.save(made, **said)
    return CloneRow.objects.get()


def golden(**said: str) -> CloneGolden:
    offer = clones.add_offer(an_offer())
    CloneGolden.objects.create(id="g", offer_id=offer.id, asked_at=NOW, state="copying", step="copy", outcome="released")
    (made,) = clone_golden.due()
    clone_golden.save(made, said)
    return CloneGolden.objects.get()


def intent(because: str) -> str:
    closed = Intent("deny", "internet", "10.0.0.5", says="Closed.")
    one = intents.add("project", Standing(identity(closed, ""), closed, "", who="ada", added=NOW))
    intents.keep("project", [one], [Checked(False, because)], NOW)
    (found,) = intents.broken("project")
    assert found.last is not None
    return found.last.because


STORES = {
    "a note": (note, Note, "sentence"),
    "a heartbeat": (heartbeat, Heartbeat, "said"),
    "an intent": (intent, FirewallIntent, "because"),
    "a clone's words": (lambda said: clone(says=said).says, CloneRow, "says"),
    "a clone's reason": (lambda said: clone(reason=said).reason, CloneRow, "reason"),
    "a golden copy's words": (lambda said: golden(says=said).says, CloneGolden, "says"),
    "a golden copy's reason": (lambda said: golden(reason=said).reason, CloneGolden, "reason"),
}


@pytest.mark.parametrize("store", STORES)
def test_it_comes_back_as_it_was_said_and_english_stands_first(store):
    keep, model, column = STORES[store]
    came = keep(SAID)
    assert (came, french(came)) == (SAID, FRENCH)
    assert stored(model, column).startswith(f"{SAID}\x1e")
    assert str(model.objects.filter(**{f"{column}__startswith": SAID[:20]}).values_list(column, flat=True)[0]) == SAID


@pytest.mark.parametrize("store", STORES)
@pytest.mark.parametrize("row", ["Kept by an older release.", 'Kept.\x1e{"one": "{a.__class__}", "arguments": {"a": 1}}'])
def test_rows_of_before_and_rows_that_somebody_changed_are_readable(store, row):
    keep, model, column = STORES[store]
    keep(SAID)
    overwrite(model, column, row)
    (found,) = model.objects.values_list(column, flat=True)
    assert found == row.partition("\x1e")[0] == french(found)
    assert not isinstance(found, Sentence)


@pytest.mark.parametrize(("store", "room"), [("a note", 600), ("a clone's reason", 600)])
def test_what_is_too_long_for_its_column_is_kept_in_english(store, room):
    keep, model, column = STORES[store]
    came = keep(say("Denied: {reason}.", reason="x" * 400))
    assert came == f"Denied: {'x' * 400}." and not isinstance(came, Sentence)
    model.objects.all().delete()
    assert keep(say("Denied: {reason}.", reason="x" * 700)) == f"Denied: {'x' * 700}."[:room]
    assert len(stored(model, column)) == room


@pytest.mark.parametrize(("words", "kept"), [("Ben's {name} %s", "Ben's {name} %s"), ("Ben's\x1eown", "Ben's own")])
def test_a_persons_own_words_are_his(words, kept):
    assert note(words) == kept == stored(Note, "sentence")


def test_why_newer_data_or_a_way_back_was_given_up_is_kept_with_the_clone():
    made, _existing = clones.add(a_clone(clones.add_offer(an_offer()), "ci"))
    made = clones.save(made, renewal=Renewal("volume", NOW, SAID), reverting=Reverting("server", "/dev/vdb", SAID))
    found = clones.named(made.region, made.project_id, "ci")
    assert found == made
    assert found.renewal and found.reverting
    assert [french(one.why) for one in (found.renewal, found.reverting)] == [FRENCH] * 2
    CloneRow.objects.update(reverting='{"server": "s", "device": "", "why": "Kept before."}')
    again = clones.named(made.region, made.project_id, "ci")
    assert again and again.reverting == Reverting("s", "", "Kept before.")


def test_what_a_step_of_the_walkthrough_did_and_saw():
    cloud = World().cloud("member")
    steps = (Taken("launch", "passed", SAID, "", say("no members"), NOW, NOW, 1.0, 1), Taken("answers", "skipped"))
    kept = records.save(cloud, Progress("orchestration", steps))
    found = records.load(cloud, "orchestration")
    assert found == kept
    assert [french(one) for one in (found.steps[0].did, found.steps[0].evidence)] == [FRENCH, "aucun membre"]
    before = {"steps": [{"step": "launch", "state": "passed", "did": "Kept before."}], "facts": {}}
    records.Walkthrough.objects.update(content=json.dumps(before))
    assert records.load(cloud, "orchestration").steps == (Taken("launch", "passed", "Kept before."),)


def test_why_scaling_by_itself_stopped():
    notes.take("project", "scale shop", "a", NOW, 60)
    notes.leave("project", "scale shop", "a", NOW, replace(Last(), stopped=SAID).memory())
    found = Last.of(notes.recall("project", "scale shop"))
    assert (found.stopped, french(found.stopped)) == (SAID, FRENCH)
    assert Last.of({**found.memory(), "stopped": "Kept before."}).stopped == "Kept before."
    assert Last.of({}) == Last()
