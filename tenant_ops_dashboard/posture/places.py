"""Where an object stands: whose project it is, what people call it, which environment it is of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.environments.firewall_group import group as marks
from tenant_ops_dashboard.escape import line
from tenant_ops_dashboard.posture.look import Look
from tenant_ops_dashboard.reachability.snapshot import COLLECTIONS
from tenant_ops_dashboard.sentences import within

Json = dict[str, Any]
#: What may be an id.
_WORD = re.compile(r"[\w-]{5,}")


@dataclass(frozen=True)
class Place:
    """Of one object: `project` and `environment` are ids, '' where it has none; `name` is '' where it has none."""

    project: str = ""
    name: str = ""
    environment: str = ""


class Places:
    """The places of everything in a reading."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self.rows: dict[str, Json] = {}
        for key in COLLECTIONS:
            for row in look.seen.rows(key):
                self.rows.setdefault(row["id"], row)
        self._virtual = {str(row.get("vip_port_id")): row for row in look.seen.rows("loadbalancers")}
        self._servers: dict[str, Json] = {str(row.get("id")): row for row in look.seen.rows("servers")}
        self.environments: dict[str, str] = {
            str(row.get("id")): str(row.get("name")) for row in look.seen.rows("environments")
        }
        self._of = dict(self._marked())
        self._of.update(self._of_groups())

    def of(self, id_: str) -> Place:
        """The place of an object; where the reading has none of this id, that of the only project there is."""
        row = self.rows.get(id_)
        if row is None:
            only = list(self.look.projects)
            return Place(only[0] if self.look.scope == "projects" and len(only) == 1 else "")
        project = str(row.get("project_id") or row.get("tenant_id") or "")
        return Place(project or self._owner(row), self.name(id_), self._of.get(id_, ""))

    def name(self, id_: str) -> str:
        """What people call it; '' where nothing tells. A port without a name of its own is called as its server, one
        that a load balancer has as that.
        """
        row = self._virtual.get(id_) or self.rows.get(id_) or {}
        server = self._servers.get(str(row.get("device_id") or "-"))
        return str(row.get("name") or (server and server.get("name")) or "")

    def told(self, sentence: str) -> str:
        """A sentence of the engine's, with names in the place of ids."""
        return within(sentence, lambda text: _WORD.sub(lambda word: line(self.name(word[0])) or word[0], text))

    def called(self, environment: str) -> str:
        """The name of an environment, its id where nobody tells it."""
        return self.environments.get(environment, environment)

    def _owner(self, row: Json) -> str:
        """A router's gateway port is nobody's, and told of at its router."""
        router = self.rows.get(str(row.get("device_id") or ""), {})
        only = list(self.look.projects) if self.look.scope == "projects" and len(self.look.projects) == 1 else [""]
        return str(router.get("project_id") or only[0])

    def _marked(self) -> Iterator[tuple[str, str]]:
        """What says itself of which environment it is: by its description, or by its server."""
        for key in ("firewall_groups", "firewall_policies", "firewall_rules"):
            for row in self.look.seen.rows(key):
                if owner := marks.belongs(row):
                    yield row["id"], owner
                    if key == "firewall_groups" and str(row.get("name") or "").endswith("-fw"):
                        self.environments.setdefault(owner, str(row["name"]).removesuffix("-fw"))
        for row in self.look.seen.rows("ports"):
            server = self._servers.get(str(row.get("device_id") or "-"))
            if server and server.get("environment"):
                yield row["id"], str(server["environment"])
        for row in self.look.seen.rows("loadbalancers"):
            for id_ in self.environments:
                if id_ in str(row.get("description") or ""):
                    yield from ((one, id_) for one in (row["id"], row.get("vip_port_id")) if one)

    def _of_groups(self) -> Iterator[tuple[str, str]]:
        """A security group all of whose ports are one environment's is its own."""
        members: dict[str, set[str]] = {}
        for row in self.look.seen.rows("ports"):
            for group in row.get("security_groups") or ():
                members.setdefault(str(group), set()).add(self._of.get(row["id"], ""))
        for group, owners in members.items():
            if len(owners) == 1 and "" not in owners:
                yield group, next(iter(owners))
