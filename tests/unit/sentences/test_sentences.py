"""Sentences that remember how they were made: English for whoever prints them, the reader's language where it is asked for."""

from __future__ import annotations

import copy
import datetime
import json
import pickle

import pytest
import yaml
from django.template import engines
from django.utils.html import format_html

from tenant_ops_dashboard import sentences
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.panels import failures, words
from tenant_ops_dashboard.sentences import (
    Sentence,
    about,
    bare,
    capital,
    clause,
    join,
    say,
    say_many,
    translated,
    whole,
    within,
)

FRENCH = {
    "The member {name} was drained.": "Le membre {name} est vidé.",
    "no members": "aucun membre",
    "{n} member is down": "{n} membre ne répond pas",
    " and ": " et ",
    "{load:.1f} a server is above {most:g}": "au-dessus de {most:g} : {load:.1f} par serveur",
    "Wait for {what}.": "Attendez {inconnu}.",
    "Use {braces}.": "Employez {accolades}.",
    "Look at {what}.": "Regardez {what[nom]}.",
}


def gettext(message: str) -> str:
    return FRENCH.get(message, message)


def ngettext(one: str, many: str, number: int) -> str:
    return (
        FRENCH[one] if one in FRENCH and number < 2 else {"{n} members are down": "{n} membres ne répondent pas"}[many]
    )


def french(text: str) -> str:
    told = translated(text, gettext, ngettext)
    assert type(told) is str
    return told


@pytest.fixture
def reader(monkeypatch):
    """A page's reader is French."""
    monkeypatch.setattr(words, "_", gettext)
    monkeypatch.setattr(words, "ngettext", ngettext)


def test_is_its_english_for_whoever_compares_prints_or_keeps_it():
    said = say("The member {name} was drained.", name="web-1")
    assert said == "The member web-1 was drained." == str(said) == f"{said}" == "".join([said])
    assert {said: 1}["The member web-1 was drained."] == 1
    assert json.loads(json.dumps([said])) == ["The member web-1 was drained."]
    assert type(str(said)) is str


def test_is_told_in_another_language_with_its_arguments():
    assert french(say("The member {name} was drained.", name="web-1")) == "Le membre web-1 est vidé."
    assert (
        french(say("{load:.1f} a server is above {most:g}", load=7.25, most=5.0)) == "au-dessus de 5 : 7.2 par serveur"
    )
    assert french("no Sentence") == "no Sentence"


@pytest.mark.parametrize(("n", "english", "told"), [
    (1, "1 member is down", "1 membre ne répond pas"), (3, "3 members are down", "3 membres ne répondent pas"),
])  # fmt: skip
def test_counts(n, english, told):
    said = say_many("{n} member is down", "{n} members are down", n)
    assert (said, french(said)) == (english, told)


def test_tells_a_sentence_inside_a_sentence_too():
    inner = say("The member {name} was drained.", name=say("no members"))
    assert inner == "The member no members was drained."
    assert french(inner) == "Le membre aucun membre est vidé."


def test_what_is_joined_or_added_stays_to_be_told():
    said = join(say(" and "), [say("no members"), "web-1", say_many("{n} member is down", "{n} members are down", 1)])
    assert (said, french(said)) == (
        "no members and web-1 and 1 member is down", "aucun membre et web-1 et 1 membre ne répond pas",
    )  # fmt: skip
    added = "Pool: " + say("no members") + "."
    assert isinstance(added, Sentence)
    assert (added, french(added)) == ("Pool: no members.", "Pool: aucun membre.")
    assert (join("; ", []), french(join("; ", []))) == ("", "")
    assert french(join(", ", ["{a}", "{b"])) == "{a}, {b"


def test_begins_a_sentence():
    assert (capital(say("no members")), french(capital(say("no members")))) == ("No members", "Aucun membre")


def test_stands_alone():
    assert [whole(one) for one in (say("no members"), "done!", "")] == ["No members.", "Done!", ""]
    assert french(whole(say("no members"))) == "Aucun membre."


def test_stands_inside_another():
    assert [clause(one) for one in (say("{a}.", a="x"), "y.", "z")] == ["x", "y", "z"]
    assert french(clause(whole(say("no members")))) == "Aucun membre"


def test_names_are_put_in_for_ids():
    said = within(
        say("The member {name} was drained.", name=join(", ", ["id-1", "b"])), lambda one: one.replace("id-1", "web-1")
    )
    assert (said, french(said)) == ("The member web-1, b was drained.", "Le membre web-1, b est vidé.")
    assert within("about id-1", str.upper) == "ABOUT ID-1"


def test_a_field_is_taken_off_again():
    said = about("pool", say("no members"))
    assert (said, french(said)) == ("pool: no members", "pool: aucun membre")
    assert french(bare(said)) == french(bare(said, "pool")) == "aucun membre"
    assert bare(said, "name") == said
    assert (bare("pool: x: y"), bare("pool: x: y", "pool"), bare("pool: x", "name"), bare("x")) == (
        "x: y",
        "x: y",
        "pool: x",
        "x",
    )


@pytest.mark.parametrize(
    "text", [say("Use {braces}."), say("Wait for {what}.", what="it"), say("Look at {what}.", what="it")]
)
def test_a_translation_that_does_not_fit_breaks_no_page(text):
    assert french(text) in ("Employez {accolades}.", "Wait for it.", "Look at it.")


def test_a_message_without_its_argument_is_noticed_where_it_is_written():
    with pytest.raises(KeyError, match="name"):
        say("The member {name} was drained.", other="web-1")


@pytest.mark.parametrize("again", [lambda one: pickle.loads(pickle.dumps(one)), copy.deepcopy, copy.copy])
def test_survives_the_cache(again):
    at = datetime.datetime(2026, 11, 29, 8, 30, tzinfo=datetime.UTC)
    for said in (
        say("Since {at:%H:%M}: {why}", at=at, why=say("no members")),
        join(", ", [say("no members"), OSError("x")]),
    ):
        came = again(said)
        assert isinstance(came, Sentence)
        assert (came, french(came)) == (said, french(said))
        assert "aucun membre" in french(came)


def test_a_command_writes_it_as_a_text():
    assert base.DONE == 0
    assert yaml.safe_dump([say("no members")]) == "- no members\n"


def test_an_error_keeps_its_sentence():
    error = BadInput(about("pool", say("no members")), "req-1", field="pool")
    assert str(error) == "pool: no members"
    assert french(error.sentence) == "pool: aucun membre"
    assert (error.line, french(error.line)) == (
        "pool: no members (request req-1)",
        "pool: aucun membre (request req-1)",
    )
    assert isinstance(error.todo, Sentence)
    assert french(BadInput(say("no members")).line) == "aucun membre"


def test_a_template_tells_it_in_the_readers_language_and_escapes_it(reader):
    shown = engines["django"].from_string(
        "{{ said }}|{% if said %}{{ said|default:'x' }}{% endif %}|{% with a=said %}<i title=\"{{ a }}\">{% endwith %}"
    )
    said = say("The member {name} was drained.", name='<b> & "x"')
    told = "Le membre &lt;b&gt; &amp; &quot;x&quot; est vidé."
    assert shown.render({"said": said}) == f'{told}|{told}|<i title="{told}">'
    assert format_html("<p>{}</p>", said) == f"<p>{told}</p>"


def test_a_page_of_a_failure_is_told_whole(reader):
    failure = failures.of(NotFound(about("pool", say("no members")), field="pool"))
    assert words.told(failure.sentence) == "aucun membre"
    assert isinstance(failure.todo, Sentence)


def test_until_somebody_tells_a_template_shows_english():
    assert sentences.say("no <members>").__html__() == "no &lt;members&gt;"
