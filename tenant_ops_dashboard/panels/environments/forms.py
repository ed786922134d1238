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
from tenant_ops_dashboard.environments.declared import SLUG, Imported
from tenant_ops_dashboard.environments.declared import field as filed
from tenant_ops_dashboard.environments.model import Blueprint, Parameter, Request
from tenant_ops_dashboard.environments.planning import defaults
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.environments.template.imported import read as templates
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.panels.environments import brought, own_address
from tenant_ops_dashboard.panels.environments.questions import answer, place, question
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
    imported = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, cards: tuple[Blueprint, ...], chosen: Blueprint, questions: tuple[Parameter, ...],
        own: Imported | None = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        self.cards, self.chosen, self.own = cards, chosen, own
        self.places = {one.name: place(one) for one in questions}
        self.fields.update({place(one): question(one, self.data.get(place(one))) for one in questions})
        self.asked = {one.name: "" if one.required or one.kind == "boolean" else _("optional") for one in questions}
        self.labels = {one.name: one.group for one in questions}
        self.full_clean()

    @property
    def questions(self) -> list[tuple[forms.BoundField, str]]:
        """The blueprint's own questions, each with what stands behind its label."""
        return [(self[self.places[name]], hint) for name, hint in self.asked.items()]

    @property
    def groups(self) -> list[tuple[str, list[tuple[forms.BoundField, str]]]]:
        """The same in groups, each with its label, '' for none; a group is where its first question is."""
        made: dict[str, list[tuple[forms.BoundField, str]]] = {}
        for label, one in zip(self.labels.values(), self.questions, strict=True):
            made.setdefault(label, []).append(one)
        return list(made.items())

    @property
    def open(self) -> bool:
        """Whether one of the questions has a problem, which must be seen."""
        return any(one.errors for one, _hint in self.questions)

    @property
    def request(self) -> Request:
        """What is asked for, unchecked."""
        told = {name: self._told(self.places[name]) for name in self.asked}
        answers = {name: str(value).lower() if isinstance(value, bool) else value for name, value in told.items()}
        own = self.own if self.chosen.slug == SLUG else None
        return Request(self._told("name"), self.chosen.slug, answers, own)

    @property
    def sent_by(self) -> str:
        """What is this form's own, however often it is sent."""
        return str(self._told("token"))

    def refuse_all(self, problems: Mapping[str, str]) -> None:
        """Each problem of the plan at its field."""
        questions = {filed(name): where for name, where in self.places.items()}
        for name, said in problems.items():
            if (where := questions.get(name, name)) in self.fields:
                self.add_error(where, said)

    def _told(self, name: str) -> Any:
        # What Django does not take, such as a NUL, is the plan's to judge as it was typed.
        return self.cleaned_data[name] if name in self.cleaned_data else self.data.get(name, "")


def read(request: HttpRequest, cloud: Cloud) -> LaunchForm:
    """The form from what was posted; what was not posted has the cloud's defaults."""
    # After a failure the address brings what was typed; a launch of its own is another one all the same.
    posted = request.POST if request.method == "POST" else request.GET
    sealed = posted.get("imported", "")
    own = brought.unseal(request, sealed)
    cards = (*_own(own), *blueprints.catalogue(settings.read().blueprint_folders))
    asked = posted.get("blueprint", cards[0].slug)
    chosen = next((card for card in cards if card.slug == asked), None) or Blueprint(asked, asked, "", "", ())
    # Answers belong to the blueprint whose questions were shown.
    answers = posted if posted.get("shown") == chosen.slug else {}
    told = {name.removeprefix(PREFIX): answers[name] for name in answers if name.startswith(PREFIX)}
    questions = defaults.form(cloud, chosen, told) if chosen in cards else ()
    questions = tuple(own_address.offered(one, cloud.options.caller) for one in questions)
    token = request.POST.get("token") or uuid.uuid4().hex
    typed = {"name": posted.get("name", ""), "blueprint": chosen.slug, "token": token, "shown": chosen.slug}
    typed |= {place(one): found for one in questions if (found := answer(one, answers))}
    return LaunchForm(cards, chosen, questions, own, data={**typed, "imported": sealed if own else ""})


def launching(request: HttpRequest, cloud: Cloud, own: Imported) -> LaunchForm:
    """The form for a template that was just brought along, its questions as it answers them itself.

    Raises NotValid where it is no template, or a CloudError.
    """
    (chosen,) = _own(own)
    questions = tuple(own_address.offered(one, cloud.options.caller) for one in defaults.form(cloud, chosen))
    typed = {"blueprint": chosen.slug, "token": uuid.uuid4().hex, "shown": chosen.slug}
    typed |= {place(one): found for one in questions if (found := answer(one, {}))}
    cards = (chosen, *blueprints.catalogue(settings.read().blueprint_folders))
    return LaunchForm(cards, chosen, questions, own, data={**typed, "imported": brought.seal(request, own)})


def _own(own: Imported | None) -> tuple[Blueprint, ...]:
    return (templates.blueprint(own),) if own else ()


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
