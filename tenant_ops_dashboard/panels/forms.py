"""What every form of the plugin has in common: each question is declared once, and a problem stands at its field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from tenant_ops_dashboard.environments.declared import field
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.panels import words

SHORT = "to-short"
# Names of questions that are not a form's own but somebody else's, such as a blueprint's.
PREFIX = "p-"
# Of those what nobody may read over a shoulder or in a log: they travel in no address.
HIDDEN = "hidden-"


class Form(forms.Form):
    """A form whose fields are drawn by `{% field %}`. A `live` one has its page's script write problems into it."""

    live = False

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"auto_id": "%s", "label_suffix": "", **options})

    @classmethod
    def of(cls, request: HttpRequest, *args: Any, initial: Mapping[str, Any] | None = None) -> Self:
        """The form as it was posted; else with what the address brings, which is what was typed before a failure."""
        if request.method == "POST":
            return cls(*args, data=request.POST, initial=initial)
        brought = {
            name: request.GET.getlist(name) if isinstance(field, forms.MultipleChoiceField) else request.GET[name]
            for name, field in cls.base_fields.items()
            if name in request.GET
        }
        return cls(*args, initial={**(initial or {}), **brought})

    def add_error(self, field: str | None, error: Any) -> None:
        """As Django's, in the reader's language."""
        super().add_error(field, words.told(error) if isinstance(error, str) else error)

    def refuse(self, error: BadInput) -> None:
        """Show what the service layer does not take, at its field where it names one."""
        self.add_error(error.field if error.field in self.fields else None, error.sentence)


class OfferedField(forms.ChoiceField):
    """One of what the cloud offers, looked up when it is drawn. What may be chosen is the service layer's to say.

    `refused` are sentences why something else that the cloud has is not offered.
    """

    refused: tuple[str, ...] = ()

    def valid_value(self, value: Any) -> bool:
        """Anything: what was offered may have gone since, and the service layer has the better sentence for it."""
        return True


class OfferedFields(OfferedField, forms.MultipleChoiceField):
    """Several of what the cloud offers."""


def number_field(label: Any, low: int, high: int, said: Any, **options: Any) -> forms.IntegerField:
    """A whole number from `low` to `high`; `said` is told of anything else, `required` where it is left empty."""
    words = dict.fromkeys(("invalid", "min_value", "max_value", "required"), said)
    widget = forms.TextInput({"inputmode": "numeric", "class": SHORT})
    return forms.IntegerField(
        label=label, min_value=low, max_value=high, widget=widget, error_messages=words, **options
    )


def port_field(label: Any, **options: Any) -> forms.IntegerField:
    """A port."""
    return number_field(label, 1, 65535, _("A port is a whole number from 1 to 65535."), **options)


def weight_field(**options: Any) -> forms.IntegerField:
    """A member's weight."""
    return number_field(_("Weight"), 0, 256, _("A weight is a whole number from 0 to 256."), **options)


def problem_name(field_name: str) -> str:
    """What a problem of a plan calls this field of the form: a question is called as its parameter is."""
    for prefix in (PREFIX, HIDDEN):
        if field_name.startswith(prefix):
            return field(field_name.removeprefix(prefix))
    return field_name
