"""What Neutron does not know: names of servers, and which environment and tier each is of. Asked when needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tenant_ops_dashboard.cloud import Cloud, CloudError, values
from tenant_ops_dashboard.environments import services
from tenant_ops_dashboard.environments.data import volumes
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.status import judge
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.sentences import say

#: Servers of these tiers stand in the DMZ, as the list of environments counts them.
DMZ = ("application", "jump")


@dataclass(frozen=True)
class Server:
    """A server of Nova's; `environment` is the id of a Heat stack or '', `tier` dmz, database or its own word.

    `part` is what it is there for: application, jump, database or its own word.
    """

    id: str
    name: str
    environment: str
    tier: str
    part: str = ""


@dataclass(frozen=True)
class Known:
    """What was asked for before: the servers, names of environments by id, and what these were launched of.

    `blueprints` is None where Heat did not answer, and nobody knows which environments there are; `silent` says that
    Nova did not, and nobody knows which servers.
    """

    servers: tuple[Server, ...]
    environments: Mapping[str, str]
    blueprints: Mapping[str, str] | None = field(default_factory=dict)
    silent: bool = False


class Names:
    """Names of one project; without a cloud there are ids alone, or what was `known` before."""

    def __init__(self, cloud: Cloud | None, known: Known | None = None) -> None:
        self.cloud = cloud
        self._silent = False
        self._environments: dict[str, str] = {}
        if known is not None:
            names = list(known.environments.values())
            self._environments = {name: id_ for id_, name in known.environments.items() if names.count(name) == 1}
            self._environments |= {id_: id_ for id_ in known.environments}
            self.__dict__["servers"] = known.servers
            self.__dict__["of_environments"] = known.environments
            self.__dict__["blueprints"] = known.blueprints
            self.__dict__["of_devices"] = {one.id: one for one in known.servers}

    def known(self) -> Known:
        """What is there to be known, as far as Nova and Heat answer: two calls."""
        servers = tuple(self.of_devices.values())
        return Known(servers, self.of_environments, self.blueprints, self._silent)

    @cached_property
    def servers(self) -> Sequence[Server]:
        """The project's servers: one call. Raises a CloudError, BadInput without a cloud."""
        rows = values.rows(self._asked.pages("compute", "/servers/detail", "servers"), services.SERVER)
        return [server(one) for one in rows]

    def environment(self, name_or_id: str) -> str:
        """The id of an environment: one call a name. Raises NotFound, a CloudError, BadInput without a cloud."""
        if name_or_id not in self._environments:
            self._environments[name_or_id] = stack.find(self._asked, name_or_id).id
        return self._environments[name_or_id]

    @cached_property
    def of_environments(self) -> Mapping[str, str]:
        """Names of all environments by id: one call; none without a cloud or where Heat does not answer."""
        return {one.id: one.name for one in self._stacks or ()}

    @cached_property
    def blueprints(self) -> Mapping[str, str] | None:
        """What each that stands was launched of (`Stack.launched`), by id: the same call.

        None where Heat does not answer.
        """
        return None if self._stacks is None else {one.id: one.launched for one in self._stacks if one.meaning.stands}

    @cached_property
    def _stacks(self) -> Sequence[stack.Stack] | None:
        if self.cloud is None or not self.cloud.has("orchestration"):
            return ()
        try:
            return stack.environments(self.cloud)
        except CloudError:
            return None

    @cached_property
    def of_devices(self) -> Mapping[str, Server]:
        """Servers by id, as ports name their devices; none without a cloud or where Nova does not answer."""
        if self.cloud is None:
            return {}
        try:
            return {one.id: one for one in self.servers}
        except CloudError:
            self._silent = True
            return {}

    @property
    def _asked(self) -> Cloud:
        if self.cloud is None:
            raise BadInput(say("Names of servers and environments need a cloud to ask: use ids."))
        return self.cloud


def server(row: Mapping[str, Any]) -> Server:
    """One of Nova's rows, each field of its type, with what its metadata says of it."""
    tier = str(row["metadata"].get(judge.TIER, "application")).lower()
    owner = str(row["metadata"].get(volumes.OWNER, ""))
    return Server(row["id"], row["name"], owner, "dmz" if tier in DMZ else tier, tier)
