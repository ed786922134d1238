"""What a Sentence is kept as, and what comes of a text that somebody else wrote there."""

from __future__ import annotations

import datetime
import json

import pytest

from tenant_ops_dashboard.sentences import Sentence, about, capital, dump, join, load, say, say_many, translated, whole

MARK = "\x1e"
NOON = datetime.datetime(2026, 11, 30, 12, 5, tzinfo=datetime.UTC)
FRENCH = {"no members": "aucun membre", " and ": " et ", "Since {at:%H:%M}: {why}": "{why} depuis {at:%H:%M}"}


def french(text: str) -> str:
    return str(translated(text, lambda one: FRENCH.get(one, one), lambda one, many, n: f"FR {one if n < 2 else many}"))


def tampered(**changes: object) -> str:
    """A kept sentence whose message somebody changed, behind the English that it claims to be."""
    said = say("{n} of {name}", n=2, name="shop")
    return f"{said}{MARK}{json.dumps({**said.message.plain(), **changes})}"


@pytest.mark.parametrize("said", [
    say("no members"), say("Since {at:%H:%M}: {why}", at=NOON, why=say("no members")), say_many("{n} one", "{n} many", 3),
    say_many("{n} one", "{n} many", 1), join(" and ", [say("no members"), "Ben's <b>"]), about("pool", say("no members")),
    whole(say("no members")), capital(say("no members")), say("{load:.1f} of {most:,} by {who!r}", load=7.25, most=5000, who="é"),
    say('{"MAX_ENTRIES": 10000}'), say("{name} is up", name=f"a{MARK}b"), say("{why} {on}", why=say("no members"), on=True),
])  # fmt: skip
def test_a_sentence_comes_back_whole(said):
    kept = dump(said)
    assert type(kept) is str and kept.startswith(f"{said}{MARK}")
    came = load(kept)
    assert isinstance(came, Sentence)
    assert (came, french(came)) == (said, french(said))
    assert dump(came) == kept


@pytest.mark.parametrize("text", ["", "Ben's own words", '{"one": "x"}', "{name.__class__}"])
def test_a_text_that_is_none_stays_as_it_is(text):
    assert dump(text) == text == load(text)
    assert not isinstance(load(text), Sentence)


def test_nothing_is_kept_as_nothing():
    assert dump(join(", ", [])) == "" and load("") == ""


def test_what_is_too_long_is_its_english():
    said = say("Since {at:%H:%M}: {why}", at=NOON, why="w" * 30)
    enough = len(dump(said))
    assert load(dump(said, enough)) == said and MARK in dump(said, enough)
    assert dump(said, enough - 1) == str(said)
    assert dump(said, 10) == str(said)[:10]
    assert dump("a person's own", 8) == "a person"


def test_nobodys_own_words_become_a_message():
    words = tampered(one="{n} of {name}")
    assert isinstance(load(words), Sentence), "it is one if it stands in the table so"
    kept = load(dump(words))
    assert not isinstance(kept, Sentence) and kept.startswith("2 of shop {")


@pytest.mark.parametrize("changes", [
    {"one": "{n.__class__} of {name}"}, {"one": "{n} of {name[0]}"}, {"one": "{n:{name}} of {name}"}, {"one": "{n:9999999999} of {name}"},
    {"one": "{0} of {name}"}, {"one": "{} of {name}"}, {"one": "{n} of {name"}, {"one": "{n:.99999f} of {name}"}, {"one": "{n} of {name}", "many": "{n.real}"},
    {"one": ""}, {"one": ["{n}"]}, {"one": None}, {"many": 1}, {"number": "2"}, {"number": 2.5}, {"arguments": None}, {"arguments": [1]}, {"arguments": {}},
    {"arguments": {"n": 2, "name": None}}, {"arguments": {"n": 2, "name": ["shop"]}}, {"arguments": {"n": 2, "name": {}}},
    {"arguments": {"n": 2, "name": {"at": "noon"}}}, {"arguments": {"n": 2, "name": {"at": 5}}}, {"arguments": {"n": 2, "name": {"is": "x"}}},
    {"arguments": {"n": 2, "name": {"said": "shop"}}}, {"arguments": {"n": 2, "name": {"said": {"one": "{n.x}", "arguments": {"n": 1}}}}},
    {"arguments": {"n": 3, "name": "shop"}}, {"arguments": {"n": 2, "name": "another"}}, {"more": 1}, {"capital": True, "one": "x{n} of {name}"},
])  # fmt: skip
def test_a_message_that_somebody_changed_is_not_told(changes):
    came = load(tampered(**changes))
    assert came == "2 of shop" and not isinstance(came, Sentence)


@pytest.mark.parametrize("told", ["", "{", "null", "[]", '"x"', "5", '{"one": "2 of shop"', '{"a":' * 5000, '{"one": "{n:.1f}", "arguments": {"n": 1' + "0" * 400 + "}}"])
def test_what_is_no_message_leaves_the_english(told):
    came = load(f"2 of shop{MARK}{told}")
    assert came == "2 of shop" and not isinstance(came, Sentence)
