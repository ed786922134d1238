"""The launch form: one name, a blueprint, and questions that are all answered already."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Blueprint, Choice, Parameter, Request
from tenant_ops_dashboard.environments.planning import defaults
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.panels import settings

PREFIX = "p-"


@dataclass(frozen=True)
class Field:
    """One question as the template draws it."""

    parameter: Parameter
    value: str
    problem: str = ""

    @property
    def name(self) -> str:
        return self.parameter.name

    @property
    def post(self) -> str:
        return PREFIX + self.parameter.name

    @property
    def id(self) -> str:
        return f"parameter-{self.parameter.name}"

    @property
    def label(self) -> str:
        return self.parameter.label

    @property
    def help(self) -> str:
        return self.parameter.help

    @property
    def kind(self) -> str:
        return self.parameter.kind

    @property
    def required(self) -> bool:
        return self.parameter.required

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What the field offers; a value that is not offered stays visible, as it was sent."""
        offered = self.parameter.choices
        if not offered or any(choice.value == self.value for choice in offered):
            return offered
        return (*offered, Choice(self.value, self.value or "—"))


@dataclass(frozen=True)
class Form:
    """The form as it stands; `token` makes repeated submits one launch."""

    name: str
    token: str
    blueprint: Blueprint
    cards: tuple[Blueprint, ...]
    fields: tuple[Field, ...]
    name_problem: str = ""
    blueprint_problem: str = ""
    open: bool = False

    @property
    def request(self) -> Request:
        """What is asked for, unchecked."""
        return Request(self.name, self.blueprint.slug, {field.name: field.value for field in self.fields})


def read(request: HttpRequest, cloud: Cloud) -> Form:
    """The form from what was posted; what was not posted has the cloud's defaults."""
    # After a failure the address brings what was typed; a launch of its own is another one all the same.
    posted = request.POST if request.method == "POST" else request.GET
    cards = tuple(blueprints.catalogue(settings.read().blueprint_folders))
    asked = posted.get("blueprint", cards[0].slug)
    chosen = next((card for card in cards if card.slug == asked), None) or Blueprint(asked, asked, "", "", ())
    # Answers belong to the blueprint whose questions were shown.
    answers = posted if posted.get("shown") == chosen.slug else {}
    questions = defaults.form(cloud, chosen) if chosen in cards else ()
    fields = tuple(Field(question, _value(question, answers)) for question in questions)
    return Form(posted.get("name", "").strip(), request.POST.get("token") or uuid.uuid4().hex, chosen, cards, fields)


def _value(question: Parameter, answers: Mapping[str, str]) -> str:
    if question.kind == "boolean" and answers:
        return "true" if answers.get(PREFIX + question.name) else "false"
    return answers.get(PREFIX + question.name, question.default).strip()


def with_problems(form: Form, problems: Mapping[str, str]) -> Form:
    """The form with each message at its field."""
    fields = tuple(Field(f.parameter, f.value, problems.get(f.name, "")) for f in form.fields)
    name, slug = problems.get("name", ""), problems.get("blueprint", "")
    opened = any(field.problem for field in fields)
    return Form(form.name, form.token, form.blueprint, form.cards, fields, name, slug, opened)
