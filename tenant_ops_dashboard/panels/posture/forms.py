"""What the panel asks people: which findings they look for, and why one may stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.panels.forms import SHORT, Form, OfferedField
from tenant_ops_dashboard.panels.posture.presenters import ACKNOWLEDGED, LEVEL_WORDS
from tenant_ops_dashboard.records.posture_changes import LONGEST


class FilterForm(Form):
    """Which findings; every answer stands in the address, so that what was found can be sent to somebody."""

    text = forms.CharField(
        label=_("With the words"), required=False,
        widget=forms.TextInput({"placeholder": _("a name, an id, a rule"), "maxlength": 120}),
    )  # fmt: skip
    severity = OfferedField(label=_("Severity"), required=False, choices=[("", _("any")), *LEVEL_WORDS.items()])
    kind = OfferedField(label=_("Kind"), required=False)
    acknowledged = OfferedField(label=_("Acknowledged"), required=False, choices=list(ACKNOWLEDGED.items()))
    project = OfferedField(label=_("Project"), required=False)

    def offer(self, kinds: Sequence[str], projects: Sequence[tuple[str, str]]) -> None:
        """Offer what there is, and what was asked for, whether or not there is any."""
        asked = str(self.data.get("kind", ""))[:64]
        kinds = [*kinds, *([asked] if asked and asked not in kinds else [])]
        shown = [("", _("any")), *((one, one.replace("-", " ")) for one in kinds)]
        cast(forms.ChoiceField, self.fields["kind"]).choices = shown
        if len(projects) < 2:
            del self.fields["project"]
        else:
            cast(forms.ChoiceField, self.fields["project"]).choices = [("", _("any")), *projects]


class AcknowledgeForm(Form):
    """Why a finding may stand, and until when that counts."""

    reason = forms.CharField(
        label=_("Why it may stand"), max_length=LONGEST, strip=True,
        widget=forms.Textarea({"rows": 3, "maxlength": LONGEST}),
        error_messages={"required": _("Say why this may stand; whoever reviews it next reads that.")},
    )  # fmt: skip
    until = forms.CharField(
        label=_("Until"), initial="30d", widget=forms.TextInput({"class": SHORT}),
        help_text=_("A span such as 12h, 30d or 8w, or a time such as 2026-12-24T08:30; a year at most."),
        error_messages={"required": _("Say until when; then it shows again.")},
    )  # fmt: skip
