"""What the panel asks about a group itself: a new one, its settings, its end."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.firewall.given import LONGEST
from tenant_ops_dashboard.panels.forms import Form, OfferedField, OfferedFields

EMPTY, OPEN, COPY = "empty", "open", "copy:"
STARTS = (
    (OPEN, _("What passes today goes on passing: rules that let everything through, to be narrowed")),
    (EMPTY, _("Empty: no rule, so all traffic of its ports is blocked")),
)


class PortsForm(Form):
    """Asks for ports among those that are offered."""

    ports = OfferedFields(label=_("Ports"), required=False, widget=forms.CheckboxSelectMultiple)

    def offer(self, choices: list[tuple[str, str]]) -> None:
        """What may be chosen."""
        field: Any = self.fields["ports"]
        field.choices = choices


class CreateForm(PortsForm):
    """A new group. `previewed` says which one's effect was shown."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST, strip=True, error_messages={"required": _("Say what it is called.")}
    )
    description = forms.CharField(label=_("Description"), required=False, max_length=LONGEST)
    start = OfferedField(
        label=_("It starts with"), initial=OPEN, widget=forms.RadioSelect, choices=STARTS,
        error_messages={"required": _("Choose what it starts with.")},
    )  # fmt: skip
    previewed = forms.CharField(required=False, widget=forms.HiddenInput)


class SettingsForm(PortsForm):
    """The group's own fields, for its draft."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST, error_messages={"required": _("Say a name.")})
    up = forms.BooleanField(label=_("Switched on"), required=False)
    version = forms.CharField(required=False, widget=forms.HiddenInput)


class DeleteForm(Form):
    """The last question. `version` is of the group that was shown."""

    version = forms.CharField(required=False, widget=forms.HiddenInput)
