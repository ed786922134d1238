"""A blueprint's questions as fields of the launch form, whatever kind they are of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from tenant_ops_dashboard.environments.model import Parameter
from tenant_ops_dashboard.panels.forms import HIDDEN, PREFIX, OfferedField
from tenant_ops_dashboard.sentences import join

_REFUSED = 12  # sentences below a field
_ODD = re.compile(r"[^A-Za-z0-9_-]")


def place(one: Parameter) -> str:
    """What the field of a question is called in the form."""
    return (HIDDEN if one.declared and one.declared.hidden else PREFIX) + one.name


def answer(one: Parameter, answers: Mapping[str, str]) -> str:
    """What was answered, or the question's own default."""
    if one.kind == "boolean" and answers:
        return answers.get(place(one), "")
    return answers.get(place(one), one.default).strip()


def question(one: Parameter, answered: str | None) -> forms.Field:
    """The field of a question; a value that is not offered stays visible, as it was sent."""
    shown: dict[str, Any] = {"id": f"parameter-{_ODD.sub('-', one.name)}"}
    more: dict[str, Any] = {"label": one.label, "help_text": join(" ", (one.help, one.reason)), "required": False}
    declared = one.declared
    if one.kind == "boolean":
        return forms.BooleanField(widget=forms.CheckboxInput({**shown, "value": "true"}), **more)
    if one.choices:
        offered = [(choice.value, choice.label) for choice in one.choices]
        if (answered or "") not in dict(offered):
            offered.append((answered or "", answered or "—"))
        field = OfferedField(choices=offered, widget=forms.Select(shown), **more)
        if one.kind in ("image", "subnet", "certificate"):
            field.refused = tuple(dict.fromkeys(one.refusals.values()))[:_REFUSED]
        return field
    if declared and declared.hidden:
        if one.default:
            more["help_text"] = join(" ", (one.help, one.reason, _("Empty: what the template says.")))
        return forms.CharField(widget=forms.PasswordInput(shown), strip=False, **more)
    if declared and declared.lines:
        return forms.CharField(widget=forms.Textarea({**shown, "rows": 4}), **more)
    numeric = {"inputmode": "numeric"} if one.kind in ("integer", "port") else {}
    return forms.CharField(widget=forms.TextInput({**shown, **numeric}), **more)
