"""What the panel asks people: which events they look for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.audit.wanted import LONGEST
from tenant_ops_dashboard.panels.audit.presenters import OUTCOMES
from tenant_ops_dashboard.panels.forms import Form, OfferedField


def _text(label: object, example: object) -> forms.CharField:
    # What is too long is told by the same sentence as at the API: a field's own limit would say another one.
    widget = forms.TextInput({"placeholder": example, "maxlength": LONGEST})
    return forms.CharField(label=label, required=False, widget=widget)  # type: ignore[arg-type]


class FilterForm(Form):
    """Which events; every answer stands in the address, so that what was found can be sent to somebody."""

    target = _text(_("Of what"), _("a name or an id"))
    user = _text(_("By whom"), _("a name or an id"))
    outcome = OfferedField(label=_("How it ended"), required=False, choices=[("", _("any way")), *OUTCOMES.items()])
    verb = OfferedField(label=_("What was done"), required=False)
    since = _text(_("From"), _("7d, or a time"))
    until = _text(_("Until"), _("12h, or a time"))

    all_projects = OfferedField(
        label=_("In which projects"), required=False, choices=[("", _("this one")), ("true", _("all of mine"))]
    )

    def offer(self, verbs: Sequence[str]) -> None:
        """Offer these verbs, and the one that was asked for, whether or not there is one."""
        asked = str(self.data.get("verb", ""))[:LONGEST]
        known = [*verbs, *([asked] if asked and asked not in verbs else [])]
        cast(forms.ChoiceField, self.fields["verb"]).choices = [("", _("anything")), *((one, one) for one in known)]
