"""The reference of the settings: each is there with words, and its links lead somewhere."""

from __future__ import annotations

import re
from dataclasses import fields

from docs.ext.settings_text import FILE, markdown
from tenant_ops_dashboard.panels.settings import Settings
from tests.unit.docs.pages import ROOT, anchors

TEXT = "\n".join(markdown(FILE.read_text()))


def test_every_setting_is_in_a_section_below_words_of_its_own() -> None:
    blocks = re.findall(r"(?:^|\n)(?!```)([^\n#`][^\n]*)\n(?:[^\n`]+\n)*\n```python\n(.*?)\n```", TEXT, re.DOTALL)
    told = {name for words, code in blocks if words for name in re.findall(r"^(TENANT_OPS_\w+) = ", code, re.MULTILINE)}
    assert told == {f"TENANT_OPS_{field.name.upper()}" for field in fields(Settings)}
    assert TEXT.startswith("## ")


def test_a_switched_off_line_is_code_and_not_words() -> None:
    assert '```python\n# POLICY_FILES["tenant_ops"] = ' in TEXT


def test_where_comments_lead_is_a_link_of_the_page() -> None:
    assert "docs/" not in TEXT
    for page, anchor in re.findall(r"\]\(([\w-]+\.md)#?([\w-]*)\)", TEXT):
        assert (ROOT / "docs" / page).exists()
        assert not anchor or anchor in anchors(ROOT / "docs" / page)
