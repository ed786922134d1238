"""Plan before apply: what a launch would create, whether it fits, and the same as files and a command."""

from __future__ import annotations

import io
import shlex
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import yaml

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import mapping
from tenant_ops_dashboard.environments.declared import SLUG, field
from tenant_ops_dashboard.environments.errors import NotValid
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group import rules
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Blueprint, Picture, Plan, Request
from tenant_ops_dashboard.environments.planning import (
    certificates,
    counting,
    defaults,
    inventory,
    ip_versions,
    notes,
    offered,
    quota,
    roles,
    subnets,
    validate,
    volumes,
)
from tenant_ops_dashboard.environments.planning import imported as tells
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.environments.template import hot, picture
from tenant_ops_dashboard.environments.template.budget import DRAWN
from tenant_ops_dashboard.environments.template.imported import files
from tenant_ops_dashboard.sentences import join, say

_REFUSED = 3  # sentences at the blueprint about what Heat would refuse


def plan(
    cloud: Cloud, request: Request, folders: Sequence[str | Path] = (), there: Sequence[object] | None = None
) -> Plan:  # fmt: skip
    """What launching `request` would do; nothing is created. Bad answers are in `problems`, by field.

    `there` are the stacks of that name, where somebody asked for them already. Raises a CloudError where OpenStack
    cannot be asked.
    """
    try:
        blueprint = blueprints.of(request, folders)
    except NotValid as error:
        return _nothing(request, error.problems)
    if blueprint is None:
        said = say("There is no blueprint called '{blueprint}'.", blueprint=request.blueprint[:60])
        if request.blueprint == SLUG:
            said = say("The template that you brought along is not here any more: choose its file again.")
        return _nothing(request, {"blueprint": said})
    found = inventory.take(cloud)
    form = defaults.form(cloud, blueprint, request.values)
    asked = [one.name for one in form if one.kind == "volume"]
    offers = volumes.known(cloud) if asked else ()
    nets = subnets.known(cloud) if any(one.kind == "subnet" for one in form) else ()
    keys = certificates.known(cloud) if any(one.kind == "certificate" for one in form) else ()
    asked_for = {one.name: one.kind for one in blueprint.parameters}
    values, problems = validate.check(request, form, found, offers, asked_for, nets, keys)
    taken = tuple(dict.fromkeys(values[name] for name in asked if values[name] and field(name) not in problems))
    refused = roles.Refused(cloud)

    def taken_by() -> Sequence[object]:
        return stack.all_named(cloud, request.name) if there is None else there

    if "name" not in problems and refused.unless("orchestration", taken_by, ()):
        problems["name"] = say("This project already has a stack called {name}.", name=request.name)
    used = tuple(subnets.taken(form, values, nets).values())
    template = hot.parse(blueprint.template)
    at = tells.scope(blueprint, template, values, request.name, cloud.region)
    resources = hot.resources(template, at)
    filtered = hot.asks(template, "firewall", at)
    wanted = None
    try:
        wanted = _firewall(cloud, template, at) if filtered else None
    except rules.Unreadable as error:
        # A bad answer, such as no network, explains it.
        problems = problems or {"blueprint": rules.unreadable(error)}
    needed = counting.needs(resources, offered.of(cloud), wanted, at.budget)
    # A bad answer, such as no flavor, explains what Heat would refuse.
    by_heat = needed.refused if not set(problems) - {"name"} else ()
    if trouble := (*at.budget.problems, *by_heat[:_REFUSED]):
        further = say(" And {n} more of the kind.", n=len(by_heat) - _REFUSED) if len(by_heat) > _REFUSED else ""
        problems["blueprint"] = join(" ", trouble) + further
    lines = quota.lines(cloud, needed.amounts, refused)
    proven, unproven = tells.proofs(template, at, resources, wanted is not None) if blueprint.bare else ((), ())
    short = next((line for line in lines if not line.fits), None)
    if short is not None:
        problems[""] = quota.sentence(short)
    if missing := refused.sentence:
        problems[roles.FIELD] = missing
    outside = ip_versions.outside(cloud, form, values, found)
    problems = {**problems, **ip_versions.overlaps(form, values, outside)}
    listed, more = told(resources)
    named = {} if problems else blueprints.named(blueprint, values)
    return Plan(
        request=request,
        blueprint=blueprint,
        resources=(*listed, *([(picture.FIREWALL, say("Firewall group"))] if wanted else ())),
        more=more,
        quotas=lines,
        picture=picture.draw(_drawn(resources), _standing(resources, offers, used), picture.Seen() if wanted else None),
        problems=problems,
        unknown=needed.unknown,
        template=blueprint.template,
        environment_file=environment_file(values, blueprint.environment),
        command=command(request.name, blueprint, taken, filtered, named),
        answers=named,
        files=blueprint.files,
        volumes=taken,
        proven=proven,
        unproven=unproven,
        changed=tells.changed(blueprint, form, request.values),
        choices=notes.chosen(form, values),
        notes=notes.notes(form, values, resources, used, wanted is not None, outside),
        filtered=filtered,
    )


def _nothing(request: Request, problems: Mapping[str, str]) -> Plan:
    said = validate.name(request.name)
    return Plan(request, None, (), (), Picture(()), {**problems, **({"name": said} if said else {})})


def _drawn(resources: Sequence[hot.Resource]) -> list[hot.Resource]:
    """What the environment's own picture will have: a stack of its own is one thing there."""
    return [one for one in resources if not one.foreign]


def _standing(
    resources: Sequence[hot.Resource], offers: Sequence[volumes.Offer], used: Sequence[subnets.Offer]
) -> dict[str, picture.Seen]:
    """What is there already, as the picture shows it: volumes, networks and a router."""
    words = {one.id: say("{size} GB", size=one.size) for one in offers}
    words |= {one.network: f"{one.called}, {one.range}" for one in used}
    words |= {one.router: one.router_called for one in used if one.router}
    brought = {one.key: hot.brought(one) for one in resources}
    return {key: picture.Seen("good", id_, words.get(id_, "")) for key, id_ in brought.items() if id_ in words}


def told(resources: Sequence[hot.Resource]) -> tuple[list[tuple[str, str]], int]:
    """Name and words of what is made, a hundred at most, and how many more; wrappers of nested templates are none."""
    made = [one for one in resources if not picture.is_wrapper(one) and not one.stands]
    listed = [one for one in made if one.copies == 1][:DRAWN]
    return [(one.key, picture.title(one)) for one in listed], sum(one.copies for one in made) - len(listed)


def environment_file(values: Mapping[str, str], more: Mapping[str, Mapping[str, object]] | None = None) -> str:
    """The Heat environment file with these parameters, and `more` sections."""
    return yaml.safe_dump({"parameters": dict(values), **(more or {})}, sort_keys=False, allow_unicode=True)


def tags(
    blueprint: Blueprint, taken: Iterable[str], filtered: bool, answers: Mapping[str, str] | None = None
) -> tuple[str, ...]:  # fmt: skip
    """The tags by which a stack is known as an environment, one that stands on the volumes with these ids.

    `filtered` says that it asks for a firewall group; `answers` are those that its intents name, where they are not
    the blueprint's own.
    """
    known = (stack.TAG, f"{stack.BLUEPRINT}{blueprint.slug}", *(f"{stack.VOLUME}{id_}" for id_ in taken))
    known += tuple(f"{stack.ANSWER}{name}:{value}" for name, value in (answers or {}).items())
    return (*known, stack.FIREWALL) if filtered else known


def command(
    name: str, blueprint: Blueprint, taken: Iterable[str], filtered: bool, answers: Mapping[str, str] | None = None
) -> str:  # fmt: skip
    """The `openstack` command that launches the same from the downloaded files."""
    template, environment, _ = file_names(name, blueprint.files)
    words = [
        "openstack",
        "stack",
        "create",
        "-t",
        template,
        "-e",
        environment,
        "--tags",
        ",".join(tags(blueprint, taken, filtered, answers)),
        name or "NAME",
    ]
    return shlex.join(words)


def file_names(name: str, files: Iterable[str]) -> tuple[str, str, str]:
    """What the template, the environment file and the script are called beside the blueprint's own files, each once.

    A name is one plain part of a path, whatever was typed.
    """
    kept = "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in "._-"))
    stem = kept.lstrip(".-")[:60] or "NAME"
    taken = {file.lower() for file in files}
    while {f"{stem}.yaml".lower(), f"{stem}.env.yaml".lower()} & taken:
        stem = f"{stem}-stack"
    script = "launch.sh"
    while script in taken:
        script = f"stack-{script}"
    return f"{stem}.yaml", f"{stem}.env.yaml", script


def archive(made: Plan) -> bytes:
    """Template, the files it refers to, environment file and the command, as one ZIP file."""
    template, environment, script = file_names(made.request.name, made.files)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(template, made.template)
        packed.writestr(environment, made.environment_file)
        for file, text in files.by_path(made.template, made.environment_file, made.files).items():
            packed.writestr(file, text)
        packed.writestr(script, f"#!/bin/sh\n{made.command}\n")
    return held.getvalue()


def _firewall(cloud: Cloud, template: Mapping[str, object], at: hot.Scope) -> rules.Wanted | None:
    declared = mapping(mapping(template.get("outputs")).get("firewall"))
    if not declared or not quota.has_firewall(cloud):
        return None
    return firewall_groups.planned(cloud, hot.resolve(declared.get("value"), at))
