"""The catalogue: every folder with a template.yaml is a blueprint, and every template that lies there by itself."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from tenant_ops_dashboard.cloud.values import listing, mapping, real, text, texts
from tenant_ops_dashboard.environments import intent
from tenant_ops_dashboard.environments.errors import BadBlueprint, NotValid
from tenant_ops_dashboard.environments.intent import Intent
from tenant_ops_dashboard.environments.model import Blueprint, Kind, Parameter, Request
from tenant_ops_dashboard.environments.template import groups, hot
from tenant_ops_dashboard.environments.template.imported import folder as templates
from tenant_ops_dashboard.environments.template.imported import read as imported
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.sentences import say

SHIPPED = Path(__file__).parent.parent / "blueprints"
FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_PORTS = re.compile(r"[0-9]{1,5}(-[0-9]{1,5})?")
_LOG = logging.getLogger(__name__)


def catalogue(folders: Sequence[str | Path] = ()) -> tuple[Blueprint, ...]:
    """The shipped blueprints, then those of the operator's folders; a slug found again replaces the earlier one.

    Those that need a volume which must be there come last: they are not what a first launch begins with.
    A folder that cannot be used is logged and left out, so that one bad file does not close the page.
    """
    found: dict[str, Blueprint] = {}
    for folder in (SHIPPED, *map(Path, folders)):
        for place in _places(folder):
            try:
                found[place.stem if place.suffix else place.name] = read(place)
            except BadBlueprint as error:
                _LOG.warning("Blueprint left out: %s", error)
    return tuple(sorted(found.values(), key=_needs_volume))


def find(slug: str, folders: Sequence[str | Path] = ()) -> Blueprint | None:
    """The blueprint called `slug`, or None."""
    return next((one for one in catalogue(folders) if one.slug == slug), None)


def of(request: Request, folders: Sequence[str | Path] = ()) -> Blueprint | None:
    """The blueprint that is asked for: what somebody brought along, or the catalogue's; None where it has no such one.

    Raises NotValid where what was brought along is no template.
    """
    return imported.blueprint(request.imported) if request.imported else find(request.blueprint, folders)


def intents(one: Blueprint, answers: Mapping[str, str]) -> tuple[Intent, ...]:
    """What must never, or must always, get through where it was launched with these answers.

    The blueprint's own where there is none, and where an answer (a tag, which anybody may write) is no port.
    """
    if not answers:
        return one.intents
    try:
        return intent.of_blueprint(one.metadata.get("intents"), {**defaults(one), **answers})
    except BadInput:
        return one.intents


def named(one: Blueprint, values: Mapping[str, str]) -> dict[str, str]:
    """The answers among `values` that its intents name, where they are not its own ones: ports, or yes and no."""
    own, given = defaults(one), one.metadata.get("intents")
    told = {name: values.get(name, "") for name in intent.answers(given)}
    # They become tags, and a comma would begin another one.
    told = {name: value for name, value in told.items() if value != own.get(name) and _PORTS.fullmatch(value)}
    for name in intent.conditions(given):
        said = intent.is_given(values.get(name, own.get(name, "")))
        if said != intent.is_given(own.get(name, "")):
            told[name] = intent.YES if said else intent.NO
    return told


def defaults(one: Blueprint) -> dict[str, str]:
    """Its own answers, by parameter."""
    return {parameter.name: parameter.default for parameter in one.parameters}


def hidden(request: Request) -> frozenset[str]:
    """The parameters whose values Heat shows nobody, of what somebody brought along; Raises NotValid as `of`."""
    asked = imported.blueprint(request.imported).parameters if request.imported else ()
    return frozenset(one.name for one in asked if one.declared and one.declared.hidden)


def _needs_volume(one: Blueprint) -> bool:
    return any(it.kind == "volume" and it.required for it in one.parameters)


def read(place: Path) -> Blueprint:
    """The blueprint in the folder or file `place`. Raises BadBlueprint, naming the file and what is wrong with it.

    A template without a `blueprint.yaml` beside it is read for itself.
    """
    bare = place.is_file() or not (place / "blueprint.yaml").is_file()
    if bare:
        return _bare(place)
    try:
        stamps = tuple(sorted((file.name, file.stat().st_mtime_ns) for file in place.glob("*.yaml")))
    except OSError as error:
        raise BadBlueprint(f"{place}: {error}") from error
    return _read(place, stamps)


def _bare(place: Path) -> Blueprint:
    template = place if place.is_file() else place / "template.yaml"
    slug = place.stem if place.is_file() else place.name
    try:
        return imported.blueprint(templates.read(template, called=slug.replace("-", " ").capitalize()), slug)
    except NotValid as error:
        raise BadBlueprint(say("{place}: {error}", place=template, error=error.sentence)) from error


def _places(folder: Path) -> Iterator[Path]:
    try:
        places = sorted(folder.iterdir())
    except OSError as error:
        _LOG.warning("Blueprint folder %s cannot be read: %s", folder, error)
        return
    yield from filter(_is_one, places)


def _is_one(place: Path) -> bool:
    try:
        if place.suffix in templates.ENDINGS and place.is_file():
            return SLUG.fullmatch(place.stem) is not None
        return SLUG.fullmatch(place.name) is not None and (place / "template.yaml").is_file()
    except OSError as error:
        _LOG.warning("Blueprint left out: %s: %s", place, error)
        return False


@lru_cache(maxsize=64)
def _read(place: Path, stamps: tuple[tuple[str, int], ...]) -> Blueprint:
    try:
        about = hot.load((place / "blueprint.yaml").read_text())
        source = (place / "template.yaml").read_text()
        template = hot.parse(source)
        files = {
            name: (place / name).read_text() for name, _ in stamps if name not in ("blueprint.yaml", "template.yaml")
        }
    except (OSError, ValueError) as error:
        raise BadBlueprint(f"{place}: {error}") from error
    if odd := next((name for name in files if not FILE.fullmatch(name)), None):
        raise BadBlueprint(
            say(
                "{place}: a file's name has letters, digits, dots, hyphens and underscores, not {odd!r}.",
                place=place,
                odd=odd,
            )
        )
    if not isinstance(about, dict) or not about.get("title"):
        raise BadBlueprint(say("{place}: it needs a title.", place=place / "blueprint.yaml"))
    declared = {name: mapping(it) for name, it in mapping(template.get("parameters")).items()}
    labels = groups.labels(template)
    told = (_parameter(place, mapping(one), declared) for one in listing(about.get("parameters")))
    parameters = tuple(replace(one, group=say(labels.get(one.name, ""))) for one in told)
    asked = {parameter.name for parameter in parameters}
    open_ = [name for name, it in declared.items() if "default" not in it and name not in asked]
    if open_:
        raise BadBlueprint(
            say(
                "{place}: the template's parameter {open_} has no default and is not asked for.",
                place=place / "blueprint.yaml",
                open_=open_[0],
            )
        )
    try:
        wishes = intent.of_blueprint(about.get("intents"), {one.name: one.default for one in parameters})
    except BadInput as error:
        raise BadBlueprint(f"{place / 'blueprint.yaml'}: {error}") from error
    title, summary = say(text(about["title"])), say(text(about.get("summary")))
    return Blueprint(place.name, title, summary, source, parameters, about, files, wishes)


def _parameter(place: Path, one: Mapping[str, Any], declared: Mapping[str, Any]) -> Parameter:
    name, kind = text(one.get("name")), text(one.get("kind", "text"))
    if name not in declared:
        raise BadBlueprint(
            say("{place}: the template has no parameter {name!r}.", place=place / "blueprint.yaml", name=name)
        )
    if kind not in get_args(Kind):
        raise BadBlueprint(
            say("{place}: {name} has the unknown kind {kind!r}.", place=place / "blueprint.yaml", name=name, kind=kind)
        )
    fills = texts(one.get("fills"))
    if unknown := next((it for it in fills.values() if it not in declared), None):
        raise BadBlueprint(
            say("{place}: the template has no parameter {name!r}.", place=place / "blueprint.yaml", name=unknown)
        )
    default = one.get("default", declared[name].get("default", ""))
    return Parameter(
        name=name,
        label=say(text(one.get("label", name))),
        kind=kind,  # type: ignore[arg-type]
        default=str(default).lower() if isinstance(default, bool) or kind == "boolean" else text(default),
        help=say(text(one.get("help"))),
        minimum=_bound(one.get("minimum")),
        maximum=_bound(one.get("maximum")),
        required=bool(one.get("required", True)),
        fills=fills,
    )


def _bound(value: Any) -> int | None:
    found = real(value)
    return None if found is None or abs(found) > 10**15 else int(found)
