"""The catalogues have every message of the sources, each with a translation that its arguments fit."""

from __future__ import annotations

import re
import string

import pytest
from babel.messages import mofile
from django.utils import translation

from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.panels import failures, words
from tenant_ops_dashboard.sentences import say_many
from tests import messages

LANGUAGES = messages.languages()
_PERCENT = re.compile(r"%(?:\(\w+\))?[sd]")


def holes(text):
    """What is filled in: Django's and ours, however often ours is named."""
    return sorted(_PERCENT.findall(text)), {name for _, name, *_ in string.Formatter().parse(text) if name}


def forms(message):
    """Pairs of a message's forms and what they are translated to."""
    return zip(message.id, message.string, strict=True) if message.pluralizable else [(message.id, message.string)]


def told(catalog):
    """What a catalogue says, by message."""
    return {tuple(one.id): tuple(one.string) for one in catalog if one.id}


@pytest.fixture(scope="module")
def sources():
    return {one.id for one in messages.extracted() if one.id}


def test_french_is_there():
    assert "fr" in LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_has_every_message_of_the_sources_and_no_other(language, sources):
    known = {one.id for one in messages.read(language) if one.id}
    assert known ^ sources == set(), "make messages"


@pytest.mark.parametrize("language", LANGUAGES)
def test_has_a_translation_of_each(language):
    assert [one.id for one in messages.missing(messages.read(language))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_fills_in_what_the_message_fills_in(language):
    pairs = [pair for one in messages.read(language) if one.id for pair in forms(one)]
    assert [pair for pair in pairs if holes(pair[0]) != holes(pair[1])] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_django_reads_what_translators_wrote(language):
    file = messages.LOCALES / language / "LC_MESSAGES" / "django.mo"
    with file.open("rb") as opened:
        read = told(mofile.read_mo(opened))
    assert read == told(messages.read(language)), "make messages"


def test_a_message_of_a_template_and_of_a_capability_is_found(sources):
    assert {"Environments of this project", "no members", ("{n} server", "{n} servers")} <= sources


def test_what_a_capability_says_is_told_in_french():
    with translation.override("fr"):
        assert words.told(say_many("{n} server", "{n} servers", 2)) == "2 serveurs"
        assert words.told(failures.of(NotFound("web-1")).todo).startswith("Regardez la liste")
    with translation.override("en"):
        assert words.told(say_many("{n} server", "{n} servers", 2)) == "2 servers"
