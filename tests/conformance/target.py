"""Where a case runs: a login and HTTP to each service, over the fakes or over a real cloud."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tenant_ops_dashboard.cloud import Cloud
from tests.conformance.recorded import Recorded

Json = dict[str, Any]
#: An id that nothing has.
NOTHING = "11111111-2222-3333-4444-555555555555"
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b")


@dataclass(frozen=True)
class Answer:
    """One answer; `body` is its JSON, else its text."""

    status: int
    body: Any

    def refused(self, *names: str) -> tuple[int, Any]:
        """Status and body, with ids and these names replaced by 'ID': the shape of an error's words."""
        told = _ID.sub("ID", json.dumps(self.body))
        for name in sorted(names, key=len, reverse=True):
            told = told.replace(name, "ID")
        return self.status, json.loads(told)

    def ways(self, key: str) -> dict[str, dict[str, list[str]]]:
        """The queries of a list's links by their 'rel', under `key`."""
        links = self.body.get(key) or []
        return {one["rel"]: parse_qs(urlsplit(one["href"]).query, keep_blank_values=True) for one in links}


@dataclass(frozen=True)
class Person:
    """Somebody with a login; what is asked is sent as it is, and every answer is looked at."""

    cloud: Cloud

    @property
    def project(self) -> str:
        return self.cloud.project_id

    def ask(
        self, method: str, service: str, path: str, body: Any = None, version: str = "", revision: int | None = None,
        **query: Any,
    ) -> Answer:  # fmt: skip
        """One request, with a `revision` under Neutron's If-Match. Every answer has OpenStack's request id."""
        headers = {"Accept": "application/json", **({"OpenStack-API-Version": version} if version else {})}
        if revision is not None:
            headers["If-Match"] = f"revision_number={revision}"
        with self.cloud.changing("what a case sends"):
            response = self.cloud.session.request(
                self.cloud.endpoint(service) + path, method, json=body, params=query, raise_exc=False, headers=headers
            )
        assert response.headers.get("x-openstack-request-id", "").startswith("req-"), (method, path)
        try:
            return Answer(response.status_code, response.json())
        except ValueError:
            return Answer(response.status_code, response.text)

    def log_in(self, name: str, password: str) -> Answer:
        """Keystone's answer to a password, without a token of this person's."""
        user = {"name": name, "domain": {"id": "default"}, "password": password}
        response = self.cloud.session.request(
            f"{self.cloud.endpoint('identity')}/auth/tokens", "POST", raise_exc=False, authenticated=False, allow_reauth=False,
            json={"auth": {"identity": {"methods": ["password"], "password": {"user": user}}}},
        )  # fmt: skip
        return Answer(response.status_code, response.json())

    def says(self, token: str) -> Answer:
        """Keystone's answer to whoever asks, with a token, what that very token is."""
        headers = {"X-Auth-Token": token, "X-Subject-Token": token}
        response = self.cloud.session.request(
            f"{self.cloud.endpoint('identity')}/auth/tokens",
            "GET",
            raise_exc=False,
            authenticated=False,
            headers=headers,
        )
        return Answer(response.status_code, response.json())

    def get(self, service: str, path: str, version: str = "", **query: Any) -> Answer:
        return self.ask("GET", service, path, None, version, **query)

    def post(self, service: str, path: str, body: Any, version: str = "") -> Answer:
        return self.ask("POST", service, path, body, version)

    def put(self, service: str, path: str, body: Any) -> Answer:
        return self.ask("PUT", service, path, body)

    def patch(self, service: str, path: str, body: Any) -> Answer:
        return self.ask("PATCH", service, path, body)

    def delete(self, service: str, path: str) -> Answer:
        return self.ask("DELETE", service, path)


@dataclass
class Target(ABC):
    """A cloud with five people: 'owner' and 'operator', an administrator, of one project, 'auditor', its reader,
    'developer' of another and 'tenant-ops', the service user, of a third. `name` is for what a case makes; what it made goes with `tidy`, last first.
    """

    name: str = "conformance"
    recorded: Recorded = field(default_factory=Recorded)
    _made: list[Callable[[], object]] = field(default_factory=list)

    @abstractmethod
    def person(self, name: str = "owner") -> Person:
        """A login."""

    @abstractmethod
    def through(self, trust: str) -> Person:
        """The service user, acting through this trust. Raises what `cloud.through_trust` does."""

    @abstractmethod
    def credential(self) -> Person:
        """The owner, logged in with an application credential of his."""

    @abstractmethod
    def until(self, look: Callable[[], bool]) -> None:
        """Time goes by until it is so; fails where it does not come true."""

    @abstractmethod
    def server(self, network: str) -> str:
        """The id of a server that is up in this network, named and with metadata {'a': 'b'}."""

    @abstractmethod
    def volume(self) -> str:
        """The id of a volume of 1 GB that was just asked for, with metadata {'a': 'b'}."""

    @abstractmethod
    def broken_volume(self) -> str:
        """The id of a volume that was just asked for, and for which Cinder finds no back end."""

    def breaks(self, path: str, resource: str, reason: str) -> None:  # noqa: B027 (a real cloud finds out by itself)
        """This resource of this stack is one that fails."""

    def make(self, service: str, path: str, body: Json, key: str = "") -> Json:
        """Something of the owner's; it is deleted after the case, without a word where it has gone already."""
        answer = self.person().post(service, path, body)
        assert answer.status in (200, 201, 202), (path, answer)
        made: Json = answer.body[key or next(iter(body))]
        self.after(lambda: self.person().delete(service, f"{path}/{made['id']}"))
        return made

    def after(self, do: Callable[[], object]) -> None:
        """To be done when the case has ended, before what was given here earlier."""
        self._made.append(do)

    def tidy(self) -> None:
        """What the case made goes."""
        while self._made:
            self._made.pop()()

    def gone(self, service: str, path: str) -> None:
        """It is deleted, and that is waited for."""
        self.person().delete(service, path)
        self.until(lambda: self.person().get(service, path).status == 404)
