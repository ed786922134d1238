"""Buttons whose own value says what is to be done."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[3] / "templates"


def test_a_pressed_button_s_value_travels_with_its_form() -> None:
    """Horizon's script disables the buttons of a form that has a primary one, unless one is always enabled."""
    for file in TEMPLATES.rglob("*.html"):
        for form in re.findall(r"<form.*?</form>", file.read_text(), re.S):
            buttons = re.findall(r"<button[^>]*>", form)
            if any(" name=" in one for one in buttons) and any("btn-primary" in one for one in buttons):
                assert any("always-enabled" in one for one in buttons), file
