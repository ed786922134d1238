"""The wire: a requests adapter that finds a handler for every call, counts it, and can be told to fail."""

from __future__ import annotations

import datetime
import email.utils
import errno
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud import Cloud

Json = dict[str, Any]
Query = list[tuple[str, str]]
#: A body, perhaps with its status before it and headers behind it.
Answer = Any
Handler = Callable[..., Answer]
_NOWHERE = {"NeutronError": {"type": "HTTPNotFound", "message": "The resource could not be found.", "detail": ""}}
MORNING = datetime.datetime(2026, 11, 21, 6, 0, 30, tzinfo=datetime.UTC)  # while things begin
SERVICES = {
    "orchestration": "http://fake/orchestration/v1/project",
    "compute": "http://fake/compute/v2.1",
    "network": "http://fake/network",
    "load-balancer": "http://fake/load-balancer",
    "block-storage": "http://fake/block-storage/v3",
    "image": "http://fake/image",
    "identity": "http://fake/identity/v3",
}
#: What only some clouds have: a login has them where it is told so.
SELDOM = {"key-manager": "http://fake/key-manager"}


@dataclass(frozen=True)
class Login:
    """Whom a token stands for: a user with roles in one project, perhaps through a trust or an application credential."""

    project: str = "project"
    roles: frozenset[str] = frozenset({"member", "reader"})
    user: str = "owner"
    id: str = ""
    trust: str = ""
    credential: bool = False

    @property
    def user_id(self) -> str:
        """What Keystone calls the user."""
        return self.id or ("user-1" if self.user == "owner" else f"user-{self.user}")

    @property
    def admin(self) -> bool:
        return "admin" in self.roles

    def sees(self, thing: Json) -> bool:
        """Whether this is this project's own, or somebody asks who sees all."""
        return self.admin or thing.get("project_id", self.project) == self.project


class Missing(KeyError):
    """Somebody asks for what is not there: every service answers 404."""


class Known(dict[str, Any]):
    """Things by id."""

    def __missing__(self, key: str) -> Any:
        raise Missing(f"{key} could not be found.")


def as_here(seconds: float = 0.0) -> Callable[[], datetime.datetime]:
    """For `Wire.now`: the time of whoever asks goes on in the cloud, too, so many seconds ahead."""
    return lambda: datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)


class Wire(BaseAdapter):
    """Handlers by method and path; `calls` has every call made, `served` the method and pattern of each that answered,
    `trouble` what is to go wrong next, by path, `lost` the calls that are done, each once, and whose answer never comes.

    `who` is the login that the present call comes with, `path` where it goes, `headers` its own; a token that nobody gave out is the one of `anybody`.
    `now` is what time it is in this cloud, which is not the time of whoever asks, or how it goes on; None: its answers do not tell.
    """

    def __init__(self) -> None:
        super().__init__()
        self.handlers: list[tuple[str, re.Pattern[str], Handler]] = []
        self.served: set[str] = set()
        self.calls: list[str] = []
        self.hosts: set[str] = set()
        self.bodies: list[Json] = []
        self.timeouts: list[float] = []
        self.trouble: dict[str, list[BaseException | int]] = {}
        self.lost: list[str] = []
        self.logins: dict[str, Login] = {}
        self.anybody = Login()
        self.who = self.anybody
        self.path = ""
        self.headers: Mapping[str, str] = {}
        self.now: datetime.datetime | Callable[[], datetime.datetime] | None = MORNING

    def version(self, service: str) -> tuple[int, ...]:
        """The microversion of this service that the present call asks for; the oldest of Cinder's where it asks for none."""
        asked = str(self.headers.get("OpenStack-API-Version", "")).split()
        written = asked[1] if len(asked) == 2 and asked[0] == service else ""
        return tuple(int(one) for one in written.split(".")) if re.fullmatch(r"\d+\.\d+", written) else (0, 0)

    def on(self, method: str, path: str) -> Callable[[Handler], Handler]:
        """Register a handler; groups of the path pattern are its arguments, then `query` and `body`."""

        def keep(handler: Handler) -> Handler:
            self.handlers.append((method, re.compile(f"^{path}$"), handler))
            return handler

        return keep

    def send(self, request: requests.PreparedRequest, timeout: Any = None, **options: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        call = f"{request.method} {parts.path}"
        self.calls.append(call + (f"?{parts.query}" if parts.query else ""))
        self.hosts.add(parts.netloc)
        self.timeouts.append(timeout)
        self.path, self.headers = parts.path, dict(request.headers)
        body = json.loads(request.body) if request.body else {}
        self.bodies.append(body)
        self.who = self.logins.get(str(request.headers.get("X-Auth-Token")), self.anybody)
        for pattern, waiting in self.trouble.items():
            if waiting and re.search(pattern, call):
                found = waiting.pop(0)
                if isinstance(found, BaseException):
                    raise found from _as_the_system_says(found)
                return self._response(request, found, {"message": "told to fail"})
        for method, path, handler in self.handlers:
            match = path.match(parts.path) if method == request.method else None
            if match:
                self.served.add(f"{method} {path.pattern}")
                try:
                    answer = handler(*match.groups(), query=parse_qsl(parts.query, keep_blank_values=True), body=body)
                except Missing as error:
                    answer = 404, {"error": {"message": str(error.args[0])}}
                if lost := next((one for one in self.lost if re.search(one, call)), None):
                    self.lost.remove(lost)
                    raise requests.ConnectionError("Connection aborted.")
                status, found_, *headers = answer if isinstance(answer, tuple) else (200, answer)
                return self._response(request, status, found_, *headers)
        return self._response(request, 404, _NOWHERE)

    def close(self) -> None:
        """Nothing is open."""

    def _response(
        self, request: requests.PreparedRequest, status: int, body: Any, headers: Mapping[str, str] | None = None
    ) -> requests.Response:  # fmt: skip
        made = _response(request, status, body, headers or {})
        if (now := self.now() if callable(self.now) else self.now) is not None:
            made.headers["Date"] = email.utils.format_datetime(now, usegmt=True)
        return made


def _as_the_system_says(error: BaseException) -> Exception | None:
    """A connection that never came to be has the system's own error behind it."""
    for words, number in (("refused", errno.ECONNREFUSED), ("no route", errno.EHOSTUNREACH)):
        if isinstance(error, requests.ConnectionError) and words in str(error):
            return urllib3.exceptions.NewConnectionError(None, str(OSError(number, words)))  # type: ignore[arg-type]
    return None


def _response(
    request: requests.PreparedRequest, status: int, body: Any, headers: Mapping[str, str] | None = None
) -> requests.Response:
    made = requests.Response()
    made.status_code = status
    made.request = request
    made.url = str(request.url)
    made.headers["Content-Type"] = "application/json"
    if made.url.endswith("/auth/tokens"):
        made.headers["X-Subject-Token"] = "token-2"
    made.headers.update(headers or {})
    made.headers["x-openstack-request-id"] = "req-11111111-2222-3333-4444-555555555555"
    made._content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body, default=str).encode()
    made.raw = SimpleNamespace(close=lambda: None)
    return made


def catalogue(services: tuple[str, ...] = tuple(SERVICES)) -> list[Json]:
    """The services' catalogue: RegionOne is here, of RegionTwo there is a network alone."""
    return [
        {
            "type": name,
            "name": name,
            "id": name,
            "endpoints": [
                {
                    "interface": "public",
                    "region": one,
                    "region_id": one,
                    "id": f"{name}-{one}",
                    "url": {**SELDOM, **SERVICES}[name].replace("fake", host),
                }
                for one, host in (("RegionTwo", "elsewhere"), ("RegionOne", "fake"))
                if host == "fake" or name == "network"
            ],
        }
        for name in services
    ]


def horizon_request(
    *roles: str, services: tuple[str, ...] = tuple(SERVICES), region: str = "RegionOne", project: str = "project",
    name: str = "owner",
) -> SimpleNamespace:  # fmt: skip
    """A request of a user of Horizon with these roles, in a cloud with these services."""
    plain = (name, project) == ("owner", "project") and "admin" not in roles
    token = "token-1" if plain else f"token-{name}-{project}-{'-'.join(roles)}"
    user = SimpleNamespace(
        id="user-1" if name == "owner" else f"user-{name}",
        username=name,
        project_id=project,
        project_name="production" if project == "project" else project,
        user_domain_id="default",
        service_catalog=catalogue(services),
        roles=[{"name": role} for role in roles],
        services_region=region,
        token=SimpleNamespace(id=token, expires=None, project={"domain_id": "default"}),
    )
    return SimpleNamespace(user=user, META={"REMOTE_ADDR": "192.0.2.7"})


def connect(
    wire: Wire, *roles: str, services: tuple[str, ...] = tuple(SERVICES), project: str = "project",
    name: str = "owner", credential: bool = False, **options: Any,
) -> Cloud:  # fmt: skip
    """A Cloud on the wire; its user is a member unless told otherwise, or came with an application `credential`."""
    request = horizon_request(*(roles or ("member",)), services=services, project=project, name=name)
    request.user.token.id += "-of-a-credential" if credential else ""
    wire.logins[request.user.token.id] = Login(
        project, frozenset(roles or ("member",)), name, credential=credential
    )
    made = clouds.from_request(request, **options)
    made.session.session.mount("http://", wire)
    # Nothing of this leaves the process: no proxy is looked for in the environment with every call.
    made.session.session.trust_env = False
    return made
