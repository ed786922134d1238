"""What the database keeps of a clone is English, and whole sentences of ours are told in the reader's language."""

from __future__ import annotations

import pytest
from django.template import engines
from django.utils import translation


@pytest.mark.parametrize(
    ("kept", "told"),
    [("the offer was withdrawn", "l&#x27;offre a été retirée"), ("Ben <b>asked</b> twice", "Ben &lt;b&gt;asked&lt;/b&gt; twice"), ("", "")],
)
def test_a_sentence_of_ours_is_french_and_a_person_s_own_words_are_his(kept, told):
    template = engines["django"].from_string("{% load i18n %}{% trans clone.reason %}")
    with translation.override("fr"):
        assert template.render({"clone": {"reason": kept}}) == told
