"""What the panel asks people: a name and a blueprint with all its questions answered; whether the data goes along."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Blueprint, Parameter, Request
from tenant_ops_dashboard.environments.planning import defaults
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.panels.forms import PREFIX, Form, OfferedField


class LaunchForm(Form):
    """`token` makes repeated submits one launch; the chosen blueprint's questions are fields named 'p-…'.

    Nothing is judged here: the plan says what is wrong with an answer, for the page and the command line alike.
    """

    live = True
    name = forms.CharField(
        label=gettext_lazy("Name"), required=False,
        widget=forms.TextInput(
            {"id": "environment-name", "autofocus": True, "placeholder": gettext_lazy("for example shop")}
        ),
    )  # fmt: skip
    blueprint = OfferedField(label=gettext_lazy("Blueprint"), required=False, widget=forms.RadioSelect)
    token = forms.CharField(required=False, widget=forms.HiddenInput)
    shown = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, cards: tuple[Blueprint, ...], chosen: Blueprint, questions: tuple[Parameter, ...], **options: Any
    ) -> None:
        super().__init__(**options)
        self.cards, self.chosen = cards, chosen
        self.fields.update({PREFIX + one.name: _question(one, self.data.get(PREFIX + one.name)) for one in questions})
        self.asked = {one.name: "" if one.required or one.kind == "boolean" else _("optional") for one in questions}
        self.full_clean()

    @property
    def questions(self) -> list[tuple[forms.BoundField, str]]:
        """The blueprint's own questions, each with what stands behind its label."""
        return [(self[PREFIX + name], hint) for name, hint in self.asked.items()]

    @property
    def open(self) -> bool:
        """Whether one of the questions has a problem, which must be seen."""
        return any(one.errors for one, _hint in self.questions)

    @property
    def request(self) -> Request:
        """What is asked for, unchecked."""
        told = {name: self._told(PREFIX + name) for name in self.asked}
        answers = {name: str(value).lower() if isinstance(value, bool) else value for name, value in told.items()}
        return Request(self._told("name"), self.chosen.slug, answers)

    @property
    def sent_by(self) -> str:
        """What is this form's own, however often it is sent."""
        return str(self._told("token"))

    def refuse_all(self, problems: Mapping[str, str]) -> None:
        """Each problem of the plan at its field."""
        for name, said in problems.items():
            if (place := PREFIX + name if name in self.asked else name) in self.fields:
                self.add_error(place, said)

    def _told(self, name: str) -> Any:
        # What Django does not take, such as a NUL, is the plan's to judge as it was typed.
        return self.cleaned_data[name] if name in self.cleaned_data else self.data.get(name, "")


def read(request: HttpRequest, cloud: Cloud) -> LaunchForm:
    """The form from what was posted; what was not posted has the cloud's defaults."""
    # After a failure the address brings what was typed; a launch of its own is another one all the same.
    posted = request.POST if request.method == "POST" else request.GET
    cards = tuple(blueprints.catalogue(settings.read().blueprint_folders))
    asked = posted.get("blueprint", cards[0].slug)
    chosen = next((card for card in cards if card.slug == asked), None) or Blueprint(asked, asked, "", "", ())
    questions = defaults.form(cloud, chosen) if chosen in cards else ()
    # Answers belong to the blueprint whose questions were shown.
    answers = posted if posted.get("shown") == chosen.slug else {}
    token = request.POST.get("token") or uuid.uuid4().hex
    typed = {"name": posted.get("name", ""), "blueprint": chosen.slug, "token": token, "shown": chosen.slug}
    typed |= {PREFIX + one.name: answer for one in questions if (answer := _answer(one, answers))}
    return LaunchForm(cards, chosen, questions, data=typed)


class DeleteForm(Form):
    """Whether the data goes with its environment; that is meant only with the environment's name typed out."""

    data = forms.BooleanField(  # type: ignore[assignment]  # the field of the page; Django keeps it apart from `data`
        label=gettext_lazy("Delete the data as well. It cannot be brought back."), required=False,
        widget=forms.CheckboxInput({"id": "delete-data", "data-to-opens": "delete-confirm"}),
    )  # fmt: skip
    confirm = forms.CharField(required=False, strip=False, widget=forms.TextInput({"id": "confirm-name"}))

    def __init__(self, name: str, **options: Any) -> None:
        super().__init__(**options)
        self.name = name
        self.fields["confirm"].label = _("Type %s to confirm that its data goes") % name

    def clean(self) -> dict[str, Any]:
        told = self.cleaned_data
        if told["data"] and told.get("confirm") != self.name:
            self.add_error("confirm", _("Type the name, %s, exactly.") % self.name)
        return told


def _answer(question: Parameter, answers: Mapping[str, str]) -> str:
    if question.kind == "boolean" and answers:
        return answers.get(PREFIX + question.name, "")
    return answers.get(PREFIX + question.name, question.default).strip()


def _question(one: Parameter, answer: str | None) -> forms.Field:
    shown: dict[str, Any] = {"id": f"parameter-{one.name}"}
    more: dict[str, Any] = {"label": one.label, "help_text": one.help, "required": False}
    field: forms.Field
    if one.kind == "boolean":
        field = forms.BooleanField(widget=forms.CheckboxInput({**shown, "value": "true"}), **more)
    elif one.choices:
        offered = [(choice.value, choice.label) for choice in one.choices]
        # A value that is not offered stays visible, as it was sent.
        if (answer or "") not in dict(offered):
            offered.append((answer or "", answer or "—"))
        field = OfferedField(choices=offered, widget=forms.Select(shown), **more)
    else:
        numeric = {"inputmode": "numeric"} if one.kind == "integer" else {}
        field = forms.CharField(widget=forms.TextInput({**shown, **numeric}), **more)
    return field
