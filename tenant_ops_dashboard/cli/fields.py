"""Environments and plans as rows for cliff: data for programs, words for people."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from tenant_ops_dashboard.cli.base import Words
from tenant_ops_dashboard.environments.model import (
    Chosen,
    Details,
    Environment,
    Event,
    Picture,
    Plan,
    Progress,
    Proof,
    QuotaLine,
    Stall,
)
from tenant_ops_dashboard.environments.standstill import stall

Row = tuple[Sequence[str], Sequence[Any]]
ENVIRONMENT = ("id", "name", "status", "address", "tiers", "created_at", "blueprint", "status_reason")

EVENT = ("at", "title", "what", "state", "reason", "name", "request_id")


def environment(one: Environment, status: str = "") -> Row:
    """One environment; `status` is said instead of its own where given."""
    created = one.created_at.isoformat() if one.created_at else ""
    tiers = Words(dict(one.tiers), lambda tiers: ", ".join(f"{name}: {words}" for name, words in tiers.items()))
    return ENVIRONMENT, (
        one.id,
        one.name,
        status or one.status,
        one.address,
        tiers,
        created,
        one.blueprint,
        one.status_reason,
    )


def details(found: Details, proofs: Sequence[Proof]) -> Row:
    """Everything about one environment, as its page shows it."""
    names, values = environment(found.environment)
    more = {
        "proofs": Words([_proof(one) for one in proofs], _proofs),
        "drift": Words(
            [dataclasses.asdict(one) for one in found.drift], lambda all_: "\n".join(one["sentence"] for one in all_)
        ),
        "progress": _progress(found.progress),
        "unreadable": Words(list(found.unreadable), "\n".join),
        "picture": _picture(found.picture),
        "outputs": Words(
            dict(found.outputs), lambda all_: "\n".join(f"{name}: {value}" for name, value in sorted(all_.items()))
        ),
        "stalls": Words([_stall(one) for one in found.stalls], lambda all_: "\n".join(one["sentence"] for one in all_)),
        "trusted": found.trusted,
        "as_of": found.as_of.isoformat(),
    }
    return (*names, *more), (*values, *more.values())


def event(one: Event) -> Sequence[Any]:
    """One event, by EVENT."""
    return (one.at.isoformat(), one.title, one.words, one.state, one.reason, one.name, one.request_id)


def plan(made: Plan) -> Row:
    """A plan, as the launch page shows it."""
    resources = [{"name": name, "title": title} for name, title in made.resources]
    quotas = [
        # What may come on top is not known: a quota may be known not to fit, and none to fit.
        {**dataclasses.asdict(line), "left": line.left, "fits": None if made.unknown and line.fits else line.fits}
        for line in made.quotas
    ]
    fields = {
        "name": made.request.name,
        "blueprint": made.request.blueprint,
        "ok": made.ok,
        "problems": Words(
            dict(made.problems), lambda all_: "\n".join(f"{name or 'plan'}: {said}" for name, said in all_.items())
        ),
        "unknown": Words(list(made.unknown), "\n".join),
        "changed": Words(list(made.changed), "\n".join),
        "proven": Words(list(made.proven), "\n".join),
        "cannot_tell": Words([*made.unknown, *made.unproven], "\n".join),
        "choices": Words([_choice(one) for one in made.choices], lambda all_: "\n".join(map(_choice_words, all_))),
        "notes": Words(list(made.notes), "\n".join),
        "resources": Words(resources, lambda all_: "\n".join((*(one["title"] for one in all_), *_more(made.more)))),
        "resources_more": made.more,
        "quotas": Words(quotas, lambda all_: _quotas(made.quotas, all_)),
        "picture": _picture(made.picture),
        "command": made.command,
        "environment_file": made.environment_file,
        "template": Words(made.template, lambda text: f"{len(text.splitlines())} lines (-f json, or --zip FILE)"),
        "files": Words(dict(made.files), lambda files: ", ".join(files)),
    }
    return tuple(fields), tuple(fields.values())


def _proof(one: Proof) -> dict[str, Any]:
    return {**dataclasses.asdict(one), "at": one.at.isoformat() if one.at else ""}


def _stall(one: Stall) -> dict[str, Any]:
    return {**dataclasses.asdict(one), "since": one.since.isoformat(), "sentence": stall.utc(one)}


def _proofs(all_: list[dict[str, Any]]) -> str:
    if not all_:
        return ""
    kept = sum(one["state"] == "good" for one in all_)
    told = [f"{one['state']:8} {one['title']}: {one['evidence']}" for one in all_]
    return "\n".join([f"{kept} of {len(all_)} promises kept", *told])


def _quotas(lines: Sequence[QuotaLine], all_: list[dict[str, Any]]) -> str:
    told = []
    for line, one in zip(lines, all_, strict=True):
        said = line.words
        left = "no limit" if line.left is None else f"{said['left']} of {said['limit']} left"
        mark, least = "! " if one["fits"] is False else "", " at least" if one["fits"] is None else ""
        told.append(f"{mark}{line.title}: {said['used']} used, {said['adds']} more{least}, {left}")
    return "\n".join(told)


def _progress(progress: Progress) -> Words:
    return Words(
        dataclasses.asdict(progress),
        lambda one: f"{one['done']} of {one['total']}, {one['seconds']:.0f} s {one['failure']}".strip(),
    )


def _picture(picture: Picture) -> Words:
    boxes = [{**dataclasses.asdict(box), "parts": dict(box.parts)} for box in picture.boxes]
    arrows = [{"from": here, "to": there, "words": words} for here, there, words in picture.arrows]
    return Words(
        {"boxes": boxes, "arrows": arrows, "more": picture.more},
        lambda one: "\n".join((*map(_box, one["boxes"]), *_more(one["more"]))),
    )


def _more(number: int) -> list[str]:
    return [f"and {number:,} more"] if number else []


def _box(box: dict[str, Any]) -> str:
    return f"{box['state']:8} {box['tier']}: {box['title']}{' (' + box['detail'] + ')' if box['detail'] else ''}"


def _choice(one: Chosen) -> dict[str, Any]:
    """What a plan takes for one question, why, and what there is to choose."""
    offered = [{"value": choice.value, "label": choice.label} for choice in one.offered]
    return {"name": one.name, "value": one.value, "label": one.label, "reason": one.reason, "offered": offered}


def _choice_words(told: dict[str, Any]) -> str:
    others = [choice["value"] for choice in told["offered"] if choice["value"] not in ("", told["value"])]
    ends = [told["reason"], f"Or {', '.join(others[:10])}." if others else ""]
    return " ".join((f"{told['name']}={told['value']}", *filter(None, ends)))
