"""A blueprint from a template that somebody brings along."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml

from tenant_ops_dashboard.cloud.values import cut, mapping, printable
from tenant_ops_dashboard.environments.declared import SLUG, Imported
from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.environments.model import Blueprint
from tenant_ops_dashboard.environments.template import hot
from tenant_ops_dashboard.environments.template.imported import check, environment_file, parameters
from tenant_ops_dashboard.sentences import join, say

_TITLE, _SUMMARY = 60, 300  # characters


@lru_cache(maxsize=16)
def blueprint(given: Imported, slug: str = SLUG) -> Blueprint:
    """The blueprint of a template, its files and its environment file.

    Raises NotValid with `template` or `environment` and what is wrong there, at which place.
    """
    template = _template(given.template)
    declared = mapping(template.get("parameters"))
    environment = environment_file.read(given.environment, declared)
    title = cut(" ".join(printable(given.called).split()), _TITLE) or say("A template of your own")
    about = template.get("description")
    summary = cut(" ".join(printable(about).split()), _SUMMARY) if isinstance(about, str) else ""
    asked = parameters.of(template, environment.parameters)
    return Blueprint(
        slug, title, summary, given.template, asked, files=dict(given.files), environment=environment.kept, bare=True
    )


def _template(text: str) -> Any:
    try:
        # What is read once is known: a mebibyte takes a second.
        found = hot.parse(text)
    except hot.NoTemplate as error:
        found = error.found
    except ValueError as error:
        raise NotValid({"template": _unreadable(error)}) from error
    if trouble := check.problems(found):
        raise NotValid({"template": join(" ", trouble)})
    return found


def _unreadable(error: ValueError) -> str:
    """The line and column where YAML has them."""
    cause = error.__cause__
    mark = getattr(cause, "problem_mark", None)
    if isinstance(cause, yaml.MarkedYAMLError) and mark is not None:
        return say(
            "This is no YAML: line {line}, column {column}: {problem}.",
            line=mark.line + 1,
            column=mark.column + 1,
            problem=cut(printable(cause.problem or "").rstrip("."), 200),
        )
    return say("This is no template: {error}.", error=cut(printable(str(error)), 300).rstrip("."))
