"""Intents on any page: the forms that ask for them, and one of them in a line."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.firewall.standing import Standing
from tenant_ops_dashboard.panels.forms import SHORT, Form
from tenant_ops_dashboard.sentences import bare, capital, clause


@dataclass(frozen=True)
class Line:
    """One intent. `since` is when it began to be so, None where nobody knows.

    With `act`, the words while it goes on, it is switched on in place where the page has a script for it.
    """

    id: str
    state: str
    word: str
    says: str
    why: str
    since: datetime.datetime | None
    source: str
    do: str
    off: str = ""
    act: str = ""


class IntentForm(Form):
    """What must never, or must always, get through."""

    says = forms.CharField(
        label=gettext_lazy("What must hold"), max_length=255,
        widget=forms.TextInput({"placeholder": gettext_lazy("The database is never reachable from the internet.")}),
        error_messages={"required": gettext_lazy("Say in a sentence what must hold.")},
    )  # fmt: skip
    expect = forms.ChoiceField(
        label=gettext_lazy("Traffic"), initial="deny",
        choices=[("deny", gettext_lazy("never gets through")), ("allow", gettext_lazy("always gets through"))],
    )  # fmt: skip
    source = forms.CharField(
        label=gettext_lazy("From"), initial="internet", max_length=255, widget=forms.TextInput({"list": "ends"}),
        help_text=gettext_lazy("internet, an address, server:NAME, network:NAME, security-group:NAME or a tier."),
        error_messages={"required": gettext_lazy("Say where it comes from.")},
    )  # fmt: skip
    target = forms.CharField(
        label=gettext_lazy("To"), max_length=255, widget=forms.TextInput({"list": "ends"}),
        error_messages={"required": gettext_lazy("Say where it goes.")},
    )  # fmt: skip
    protocol = forms.CharField(
        label=gettext_lazy("Protocol"), required=False, max_length=20,
        widget=forms.TextInput({"class": SHORT, "placeholder": "tcp"}),
    )  # fmt: skip
    ports = forms.CharField(
        label=gettext_lazy("Port or range"), required=False, max_length=11,
        widget=forms.TextInput({"class": SHORT, "placeholder": "1521"}),
    )  # fmt: skip

    @property
    def told(self) -> dict[str, Any]:
        """The intent as it was typed."""
        told = self.cleaned_data
        return {
            "expect": told["expect"], "from": told["source"].strip(), "to": told["target"].strip(),
            "protocol": told["protocol"].strip() or None, "dst_port": told["ports"].strip() or None,
            "says": told["says"].strip(),
        }  # fmt: skip

    def refuse_end(self, error: TenantOpsError) -> None:
        """What is wrong, at the field that its sentence begins with."""
        key, colon, _said = error.sentence.partition(": ")
        name = {"from": "source", "to": "target", "dst_port": "ports"}.get(key, key)
        here = bool(colon) and name in self.fields
        self.add_error(name if here else None, capital(bare(error.sentence)) if here else error.sentence)


class SwitchForm(Form):
    """Why a blueprint's intent is switched off."""

    why = forms.CharField(
        label=gettext_lazy("Reason"), required=False, max_length=600,
        help_text=gettext_lazy("Everybody in the project reads it, and the audit trail keeps it with your name."),
    )  # fmt: skip

    def __init__(self, asks: bool, **options: Any) -> None:
        super().__init__(**options)
        self.asks = asks

    @property
    def reason(self) -> str:
        return str(self.cleaned_data["why"]).strip() if self.asks else ""

    def clean(self) -> dict[str, Any]:
        if self.asks and not self.cleaned_data.get("why", "").strip():
            self.add_error("why", _("Say why it is switched off."))
        return self.cleaned_data


def line(one: Standing, names: Mapping[str, str]) -> Line:
    """What is told of one; `names` are the environments' by id."""
    last = one.last
    state, word = "unknown", _("not checked yet")
    if one.off:
        state, word = "planned", _("switched off")
    elif last is not None and last.holds is None:
        word = _("nobody can tell")
    elif last is not None:
        state, word = ("good", _("holds")) if last.holds else ("warning", _("broken"))
    source = _("from the blueprint") if one.origin == "blueprint" else _("added by %s") % one.who
    off = f"{one.off.who}: {one.off.reason}" if one.off else ""
    why = last.because if last and not one.off and not last.holds else ""
    says = clause(standing.named(one, names))
    do = _("remove…") if one.origin == "person" else _("switch on…") if one.off else _("switch off…")
    since = last.since if last and not one.off and last.holds is not None else None
    act = _("Switching it on …") if one.off and one.origin != "person" else ""
    return Line(one.id, state, word, says, why, since, source, do, off, act)
