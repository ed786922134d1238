"""Intents that stand: those that people added, what they say of blueprints' own, and how each fared when last seen."""

from __future__ import annotations

import datetime
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from django.db import Error, IntegrityError, transaction
from django.db.models import Q

from tenant_ops_dashboard.environments import intent as forms
from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.firewall import standing as standings
from tenant_ops_dashboard.firewall.checking import Checked
from tenant_ops_dashboard.firewall.standing import Fared, Off, Standing
from tenant_ops_dashboard.records.models import FirewallIntent
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)
MOST = 200  # that people add to one project


def kept(project_id: str) -> tuple[Standing, ...]:
    """What the database has of a project, oldest first; a blueprint's own where it was checked or switched off."""
    return tuple(filter(None, map(_standing, _rows(project_id).order_by("id"))))


def of(
    project_id: str, environments: Mapping[str, str], folders: Sequence[str | Path] = ()
) -> tuple[Standing, ...]:  # fmt: skip
    """All that stand: the project's own, and those of its `environments` (`Stack.launched` by stacks' ids)."""
    found = {one.id: one for one in kept(project_id)}
    brought = tuple(found.get(one.id, one) for one in standings.of_blueprints(environments, folders))
    ids = {one.id for one in brought}
    own = [one for one in found.values() if one.origin == "person" and one.environment in ("", *environments)]
    return (*brought, *(one for one in own if one.id not in ids))


def on(found: Iterable[Standing]) -> tuple[Standing, ...]:
    """Those that nobody switched off."""
    return tuple(one for one in found if one.off is None)


def broken(project_id: str) -> tuple[Standing, ...]:
    """Those that were broken when they were last checked, longest first."""
    rows = _rows(project_id).filter(holds=False, off_at=None).order_by("since", "id")
    return tuple(filter(None, map(_standing, rows)))


def find(project_id: str, id_: str) -> Standing | None:
    """One that the database has."""
    row = _rows(project_id).filter(intent_id=id_).first()
    return _standing(row) if row else None


def add(project_id: str, new: Standing) -> Standing:
    """Keep one that a person added; one that is the same is left as it is, and given. Raises BadInput for too many."""
    if _rows(project_id).filter(origin="person").count() >= MOST:
        raise BadInput(say("This project has {most} intents already: remove one first.", most=MOST))
    try:
        with transaction.atomic():
            FirewallIntent.objects.create(**_row(project_id, new), who=new.who[:255], added=new.added)
    except IntegrityError:
        there = find(project_id, new.id)
        if there is None:
            raise
        return there
    return new


def remove(project_id: str, id_: str) -> bool:
    """Forget one that a person added; whether it was there."""
    return bool(_rows(project_id).filter(intent_id=id_, origin="person").delete()[0])


def switch(project_id: str, one: Standing, off: Off | None) -> None:
    """Switch a blueprint's own off, or on again."""
    fields = {
        "off_by": off.who[:255] if off else "", "off_reason": off.reason[:600] if off else "",
        "off_at": off.at if off else None,
    }  # fmt: skip
    row, made = FirewallIntent.objects.get_or_create(
        project_id=project_id, intent_id=one.id, defaults={**_row(project_id, one), **fields}
    )
    if not made:
        FirewallIntent.objects.filter(pk=row.pk).update(**fields)


def keep(
    project_id: str, standing: Sequence[Standing], found: Sequence[Checked], at: datetime.datetime
) -> None:  # fmt: skip
    """Write down how they fared at a look `at`; an older look than what is known says nothing.

    `since` is kept while an intent fares as before. Raises Django's DatabaseError.
    """
    known = {row.intent_id: row for row in _rows(project_id)}
    for one, now in zip(standing, found, strict=True):
        row = known.get(one.id)
        fields = {
            "holds": now.holds, "because": now.because, "checked": at,
            "found": json.dumps({"witness": now.witness, "rules": list(now.rules)}),
        }  # fmt: skip
        if row is None and one.origin == "blueprint":
            new = FirewallIntent(**_row(project_id, one), **fields, since=at)
            FirewallIntent.objects.bulk_create([new], ignore_conflicts=True)
        elif row is not None:
            same = row.checked is not None and row.holds == now.holds
            if row.checked is not None and row.checked > at:
                continue
            older = Q(checked=None) | Q(checked__lte=at)
            rows = FirewallIntent.objects.filter(older, pk=row.pk)
            rows.update(**fields, **({} if same else {"since": at}))


def note(project_id: str, standing: Sequence[Standing], found: Sequence[Checked], at: datetime.datetime) -> None:
    """The same for who looked for another reason: a database that does not take it is in nobody's way."""
    try:
        with transaction.atomic():
            keep(project_id, standing, found, at)
    except Error as error:
        _LOG.warning("How intents fared could not be written down: %s", error)


def tidy(
    project_id: str, environments: Mapping[str, str], gone: Callable[[str], bool], folders: Sequence[str | Path] = ()
) -> int:  # fmt: skip
    """Forget intents of environments that are gone, and what their blueprint does not bring any more; how many.

    `environments` are those that stand, `gone` says of another id that it stood here once: elsewhere it may stand yet.
    """
    rows = _rows(project_id)
    others = set(rows.exclude(environment_id__in=["", *environments]).values_list("environment_id", flat=True))
    ended = [id_ for id_ in others if gone(id_)]
    brought = {one.id for one in standings.of_blueprints(environments, folders)}
    here = rows.filter(origin="blueprint", off_at=None, environment_id__in=list(environments))
    stale = here.exclude(intent_id__in=brought)
    return int(rows.filter(environment_id__in=ended).delete()[0]) + int(stale.delete()[0])


def forget(project_id: str, environment_id: str) -> None:
    """Forget those of an environment that is gone."""
    _rows(project_id).filter(environment_id=environment_id).delete()


def one_of(found: Iterable[Standing], id_: str) -> Standing:
    """The one with this id. Raises NotFound."""
    for one in found:
        if one.id == id_:
            return one
    raise NotFound(say("This project has no intent {id_}.", id_=id_[:40]))


def _rows(project_id: str) -> Any:
    return FirewallIntent.objects.filter(project_id=project_id)


def _row(project_id: str, one: Standing) -> dict[str, Any]:
    return {
        "project_id": project_id, "intent_id": one.id, "environment_id": one.environment, "origin": one.origin,
        "content": json.dumps(forms.written(one.intent)),
    }  # fmt: skip


def _standing(row: FirewallIntent) -> Standing | None:
    """None of one that another release wrote."""
    try:
        (intent,) = forms.parse([json.loads(row.content)])
        found = json.loads(row.found or "{}")
    except (BadInput, ValueError):
        return None
    off = Off(row.off_by, row.off_reason, row.off_at) if row.off_at else None
    last = None
    if row.checked is not None:
        rules = tuple(found.get("rules") or ())
        last = Fared(row.holds, row.because, found.get("witness"), rules, row.since or row.checked, row.checked)
    origin = cast(standings.Origin, row.origin)
    return Standing(row.intent_id, intent, row.environment_id, origin, row.who, row.added, off, last)
