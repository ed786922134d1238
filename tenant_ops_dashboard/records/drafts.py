"""Drafts of firewall and security groups: one a person and group, kept over reloads, logins and restarts."""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import json
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from django.db import Error, IntegrityError, transaction
from django.db.models import F

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.errors import InTheWay
from tenant_ops_dashboard.firewall import draft as drafts
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.memo import Memo
from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.firewall.security_groups import draft as group_drafts
from tenant_ops_dashboard.firewall.security_groups.model import Draft as SecurityGroupDraft
from tenant_ops_dashboard.records import models, unkept
from tenant_ops_dashboard.sentences import say

_LOG = logging.getLogger(__name__)
KEPT = datetime.timedelta(days=90)
ELSEWHERE = say(
    "This draft, or the group, was changed after this page was shown (another tab?); nothing was changed now."
)
_READ: Memo[Draft] = Memo(8)  # by their text: a draft of 1,000 rules takes 20 ms to read
HERE = datetime.timedelta(seconds=30)  # who looked within this time is editing now
Kind = TypeVar("Kind")
#: What the database raises while it is read or written is a NotKept; may stand before a function.
database = partial(
    unkept.database,
    say("Drafts of firewalls cannot be read or kept: the dashboard's database does not answer."),
)


class ElsewhereChanged(InTheWay):
    """The same person changed the draft in another tab after this one was shown."""

    todo = say("Look at the draft as it is now, and do it again.")


@dataclass(frozen=True)
class KeptDraft(Generic[Kind]):
    """A draft with the number of its version and when it was changed; None where another release wrote it."""

    draft: Kind | None
    version: int
    changed: datetime.datetime


@dataclass(frozen=True)
class Editor:
    """Somebody else who has a draft of the same group; `here` says that he looks at it now."""

    name: str
    changed: datetime.datetime
    here: bool


def load(cloud: Cloud, group_id: str, now: datetime.datetime) -> KeptDraft[Draft] | None:
    """This login's draft of a firewall group, and a note that he looks at it."""
    return _load(cloud, group_id, now, _read)


def load_security_group(
    cloud: Cloud, group_id: str, now: datetime.datetime
) -> KeptDraft[SecurityGroupDraft] | None:  # fmt: skip
    """This login's draft of a security group, and a note that he looks at it."""
    return _load(cloud, group_id, now, group_drafts.loads)


@database()
def _load(
    cloud: Cloud, group_id: str, now: datetime.datetime, loads: Callable[[str], Kind]
) -> KeptDraft[Kind] | None:  # fmt: skip
    rows = _rows(cloud, group_id).filter(user_id=cloud.user_id)
    row = rows.exclude(content="").first()
    if row is None:
        return None
    with contextlib.suppress(Error):  # who writes at this moment keeps nobody from reading
        rows.update(seen=now)
    try:
        return KeptDraft(loads(row.content), row.version, row.changed)
    except BadDraft:
        return KeptDraft(None, row.version, row.changed)


@database()
def save(
    cloud: Cloud, group_id: str, draft: Draft | SecurityGroupDraft, version: int, now: datetime.datetime
) -> int:  # fmt: skip
    """Keep a draft that was made of `version`, 0 for a new one; its new version. Raises ElsewhereChanged."""
    content = json.dumps(drafts.written(draft) if isinstance(draft, Draft) else group_drafts.written(draft))
    if isinstance(draft, Draft):
        _READ.put(_name(content), draft)
    fields = {
        "content": content, "user_name": cloud.user_name[:255], "changed": now, "seen": now,
    }  # fmt: skip
    rows = _rows(cloud, group_id).filter(user_id=cloud.user_id)
    if version and rows.filter(version=version).exclude(content="").update(version=version + 1, **fields):
        return version + 1
    if not version and rows.filter(content="").update(version=F("version") + 1, **fields):
        return int(rows.get().version)
    if not version:
        try:
            with transaction.atomic():
                models.FirewallDraft.objects.create(
                    project_id=cloud.project_id, group_id=group_id, user_id=cloud.user_id, **fields
                )
        except IntegrityError:
            pass
        else:
            return 1
    raise ElsewhereChanged(ELSEWHERE)


@database()
def save_all(
    cloud: Cloud, wanted: Iterable[tuple[str, Draft | SecurityGroupDraft, int]], now: datetime.datetime
) -> None:  # fmt: skip
    """Keep several, each a group's id, its draft and the version that it was made of: all or none. Raises as `save`."""
    with transaction.atomic():
        for group_id, draft, version in wanted:
            save(cloud, group_id, draft, version, now)


@database()
def discard(cloud: Cloud, group_id: str, version: int | None = None) -> bool:
    """Forget this login's draft of a group, whatever version it is or just this one; whether there was one.

    The number of its version stays behind: the next draft is never taken for this one.
    """
    rows = _rows(cloud, group_id).filter(user_id=cloud.user_id).exclude(content="")
    if version is not None:
        rows = rows.filter(version=version)
    return bool(rows.update(content="", version=F("version") + 1))


def forget(cloud: Cloud, group_id: str, version: int | None = None) -> None:
    """As `discard`, after what the draft was for is done: that is told, whatever becomes of the draft."""
    try:
        discard(cloud, group_id, version)
    except unkept.NotKept as error:
        _LOG.warning("The draft of %s, which is in force or gone, could not be discarded: %s", group_id, error)


@database()
def mine(cloud: Cloud) -> frozenset[str]:
    """The ids of the groups that this login has drafts of."""
    rows = models.FirewallDraft.objects.filter(project_id=cloud.project_id, user_id=cloud.user_id).exclude(content="")
    return frozenset(rows.values_list("group_id", flat=True))


@database()
def others(cloud: Cloud, group_id: str, now: datetime.datetime) -> tuple[Editor, ...]:
    """Who else has a draft of the group, those who look at it now first."""
    rows = _rows(cloud, group_id).exclude(user_id=cloud.user_id).exclude(content="").order_by("-seen")
    return tuple(Editor(row.user_name, row.changed, now - row.seen < HERE) for row in rows)


def prune(now: datetime.datetime) -> int:
    """Forget drafts that nobody looked at for long; how many."""
    return int(models.FirewallDraft.objects.filter(seen__lt=now - KEPT).delete()[0])


def _read(content: str) -> Draft:
    name = _name(content)
    return _READ.get(name) or _READ.put(name, drafts.loads(content))


def _name(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _rows(cloud: Cloud, group_id: str) -> Any:
    return models.FirewallDraft.objects.filter(project_id=cloud.project_id, group_id=group_id)
