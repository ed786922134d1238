"""An environment's Heat stack: one row of Heat's list, and what its tags say."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tenant_ops_dashboard.cloud import Cloud, values
from tenant_ops_dashboard.cloud.values import moment
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.environments.heat import stack_status
from tenant_ops_dashboard.sentences import say

TAG = "tenant-ops"
BLUEPRINT = "blueprint="
ANSWER = "answer="  # name:value of an answer that its intents name, where it is not the blueprint's own
FIREWALL = "firewall"  # its blueprint asks for a firewall group
INPUTS = "inputs="
VOLUME = "volume="  # it stands on this volume, which was there before; may be repeated
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TOKEN = "token="  # noqa: S105 (the name of a tag)
_HOME = re.compile(r"/v1/([^/]+)/stacks/")
OUTPUTS = 200  # so many outputs and tags of one stack are read


@dataclass(frozen=True)
class Stack:
    """`action` is Heat's CREATE, UPDATE, DELETE, ROLLBACK...; `state` its IN_PROGRESS, COMPLETE or FAILED.

    `owner` is the name of the user who launched it. `emptied` says that its template names nothing any more, which
    Heat's list does not tell.
    """

    id: str
    name: str
    action: str
    state: str
    reason: str
    created_at: datetime.datetime | None
    updated_at: datetime.datetime | None
    project_id: str
    tags: tuple[str, ...]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    owner: str = ""
    emptied: bool = False

    @property
    def path(self) -> str:
        """Heat's own path: by id alone it answers with a redirect."""
        return f"/stacks/{self.name}/{self.id}"

    @property
    def blueprint(self) -> str:
        return self.tag(BLUEPRINT)

    @property
    def launched(self) -> str:
        """The blueprint's slug; behind '?' the answers of the launch that its intents name: 'shop?database_port:5432'.

        `answers` takes it apart.
        """
        told = sorted(tag.removeprefix(ANSWER) for tag in self.tags if tag.startswith(ANSWER))
        return "?".join(filter(None, (self.blueprint, "&".join(told))))

    @property
    def meaning(self) -> stack_status.Meaning:
        """What its status means for the environment."""
        return stack_status.of(self.action, self.state, self.was_up)

    @property
    def was_up(self) -> bool:
        """Whether it may have been up before a roll-back. A launch's ends in an empty template, or changes nothing."""
        return self.action != "ROLLBACK" or not (self.emptied or self.updated_at is None)

    @property
    def going(self) -> bool:
        """It is being taken away."""
        return self.meaning.leaving and self.meaning.moving

    @property
    def never_up(self) -> bool:
        """It never came up, so it holds nothing."""
        return not self.meaning.may_have_data

    @property
    def volumes(self) -> frozenset[str]:
        """Ids of the volumes that it stands on and that were there before it."""
        return frozenset(tag.removeprefix(VOLUME) for tag in self.tags if tag.startswith(VOLUME))

    def tag(self, prefix: str) -> str:
        """What stands behind a tag's prefix, or ''."""
        return next((tag.removeprefix(prefix) for tag in self.tags if tag.startswith(prefix)), "")


def answers(launched: str) -> tuple[str, dict[str, str]]:
    """The slug and the answers of what `Stack.launched` gave."""
    slug, _, told = launched.partition("?")
    pairs = (one.partition(":") for one in told.split("&"))
    return slug, {name: value for name, colon, value in pairs if colon}


def read(row: Mapping[str, Any]) -> Stack:
    """A stack from Heat's row or from its full answer; what is not of its type is left out."""
    action, _, state = values.text(row.get("stack_status")).partition("_")
    tags = row.get("tags")
    outputs = [values.mapping(one) for one in values.listing(row.get("outputs"), OUTPUTS)]
    return Stack(
        id=values.text(row.get("id")),
        name=values.text(row.get("stack_name")),
        action=action,
        state=state,
        reason=values.text(row.get("stack_status_reason")),
        created_at=moment(row.get("creation_time")),
        updated_at=moment(row.get("updated_time")),
        project_id=next(iter(_homes(row)), ""),
        tags=tuple(map(values.text, tags.split(",") if isinstance(tags, str) else values.listing(tags, OUTPUTS))),
        parameters=values.mapping(row.get("parameters")),
        outputs={key: one.get("output_value") for one in outputs if (key := values.text(one.get("output_key")))},
        owner=values.text(row.get("stack_owner")),
    )


def asked(cloud: Cloud, **query: Any) -> list[dict[str, Any]]:
    """Heat's rows for a query such as `name=`, those of this project alone: one call."""
    return ours(cloud, cloud.pages("orchestration", "/stacks", "stacks", **query))


def ours(cloud: Cloud, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Heat shows an administrator the stacks of every project; these are the session's own."""
    return [row for row in rows if _homes(row) <= {cloud.project_id}]


def environments(cloud: Cloud) -> tuple[Stack, ...]:
    """Every environment's stack, oldest first: one call."""
    rows = cloud.pages("orchestration", "/stacks", "stacks", tags=TAG, sort_keys="created_at", sort_dir="asc")
    return tuple(one for one in map(read, ours(cloud, rows)) if one.id)


def by_id(cloud: Cloud, id_: str) -> Stack | None:
    """The project's stack with this id, an environment or not; None where it is gone: one call."""
    return next((read(row) for row in asked(cloud, id=id_) if row["id"] == id_), None)


def living(cloud: Cloud, ids: Iterable[str]) -> set[str]:
    """Which of these ids are stacks of this project, hidden and nested ones too: one call, none without ids."""
    wanted = sorted(set(ids))
    if not wanted:
        return set()
    return {str(row["id"]) for row in asked(cloud, id=wanted, show_nested=True, show_hidden=True)}


def named(cloud: Cloud, name: str) -> Stack | None:
    """The stack of this name, an environment or not; of several the one that stays: one call."""
    return next(iter(all_named(cloud, name)), None)


def all_named(cloud: Cloud, name: str) -> list[Stack]:
    """Every stack of this name: for a moment there may be two, and the elder stays; those on their way out last."""
    return eldest_first(map(read, asked(cloud, name=name)))


def find(cloud: Cloud, name_or_id: str) -> Stack:
    """The environment of this name or id, as Heat's list has it. Raises NotFound."""
    # An id stands for its stack alone, and never for another one that was given it as a name.
    for field_ in ("id",) if is_id(name_or_id) else ("name",):
        # Heat answers 500 to a filter by tag and name at once.
        for found in eldest_first(map(read, asked(cloud, **{field_: name_or_id}))):
            if TAG in found.tags:
                return found
    raise NotFound(say("This project has no environment called {name_or_id}.", name_or_id=name_or_id[:60]))


def gone(cloud: Cloud, environment_id: str) -> Stack | None:
    """The stack of this id where Heat knows that it was deleted, else None: one call."""
    found = [one for one in map(read, asked(cloud, id=environment_id, show_deleted="true")) if one.id == environment_id]
    return next((one for one in found if (one.action, one.state) == ("DELETE", "COMPLETE")), None)


def full(cloud: Cloud, stack: Stack, *, outputs: bool = True) -> Stack:
    """The same with its parameters and, as Heat works them out only where asked, its outputs: one call."""
    path = stack.path if outputs else f"{stack.path}?resolve_outputs=false"
    return read(values.mapping(cloud.get("orchestration", path).get("stack")))


def _homes(row: Mapping[str, Any]) -> set[str]:
    """The project as Heat's row tells it: to administrators in a field of its own, to everybody in its address."""
    links = [str(one.get("href") or "") for one in row.get("links") or () if one.get("rel") == "self"]
    found = {unquote(home[1]) for link in links if (home := _HOME.search(link))}
    return found | ({str(row["project"])} if row.get("project") else set())


def digest(*parts: object) -> str:
    """A short fingerprint for a tag."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:24]


def eldest_first(stacks: Iterable[Stack]) -> list[Stack]:
    """In the order in which they were made, the same for all who look; those on their way out last."""
    never = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    return sorted(stacks, key=lambda one: (one.going, one.created_at or never, one.id))


def is_id(text: str) -> bool:
    """Whether this is a stack's id and no name that a person would choose."""
    return _ID.fullmatch(text) is not None
