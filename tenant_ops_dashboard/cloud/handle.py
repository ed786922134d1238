"""The handle every capability gets as its first argument."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import openstack.connection
import requests
from keystoneauth1 import exceptions as ksa
from keystoneauth1.session import Session
from octaviaclient.api.v2.octavia import OctaviaAPI

from tenant_ops_dashboard.cloud import answers, errors
from tenant_ops_dashboard.cloud.store import Kept, Store

Json = dict[str, Any]
T = TypeVar("T")

_ROOTS = {"network": "/v2.0", "load-balancer": "/v2.0", "image": "/v2", "identity": "/v3", "key-manager": "/v1"}
_VERSIONED = {"block-storage": "volume"}
_AGAIN = (502, 503, 504)
_PAGE = 500
_ACCEPTED = "request id of the last change"
_CHANGING = "what is being changed"


@dataclass(frozen=True)
class Options:
    """How to talk to the cloud. Times are seconds.

    `timeout` bounds one call, `write_timeout` one change, `budget` everything one handle does (0: no bound).
    `firewall_profile` is the back end of FWaaS: 'ovn' or 'l3-agent'. `service_user` is the id of the plugin's user for
    unattended care, `trust_roles` what it may be given of a person's roles, for `trust_days`; `door` is an HTTP proxy
    through which packet proofs reach floating IPs ('': directly), `packet_proofs` whether such proofs are sent at all.
    `caller` is the address of who asks, for the audit trail. `store` is shared by all who look at the cloud from here
    (None: what is kept lives as long as the handle).
    """

    timeout: float = 20.0
    write_timeout: float = 60.0
    budget: float = 0.0
    cacert: str = ""
    insecure: bool = False
    interface: str = "public"
    region: str = ""
    firewall_profile: str = "ovn"
    service_user: str = ""
    trust_roles: tuple[str, ...] = ("member", "load-balancer_member")
    trust_days: int = 90
    door: str = ""
    caller: str = ""
    store: Store | None = field(default=None, repr=False, compare=False)
    packet_proofs: bool = True


@dataclass(frozen=True, eq=False)
class Cloud:
    """One person's view of one project of one region; all calls share one token and one connection pool."""

    session: Session = field(repr=False)
    options: Options
    user_id: str
    user_name: str
    project_id: str
    project_name: str
    roles: frozenset[str]
    auth: Mapping[str, Any] = field(default_factory=dict, repr=False)
    began: float = field(default_factory=time.monotonic)
    memory: dict[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def connection(self) -> openstack.connection.Connection:
        """openstacksdk on the same session, for callers that want its resource classes."""
        region = self.options.region or None
        return openstack.connection.Connection(
            session=self.session, region_name=region, interface=self.options.interface
        )

    @cached_property
    def octavia(self) -> OctaviaAPI:
        """python-octaviaclient on the same session; its errors are put into words by `balancers`."""
        return OctaviaAPI(endpoint=self.endpoint("load-balancer"), session=self.session)

    def once(self, key: str, make: Callable[[], T]) -> T:
        """What `make` gives, asked for once in this handle's life: for what does not change within one request."""
        if key not in self.memory:
            self.memory[key] = make()
        found: T = self.memory[key]
        return found

    @property
    def store(self) -> Store:
        """Where to keep for a while what no service keeps."""
        return self.options.store or self.once("store", Kept)

    @property
    def accepted(self) -> str:
        """OpenStack's request id of the last change that was accepted through this handle, or ''."""
        return str(self.memory.get(_ACCEPTED, ""))

    @contextlib.contextmanager
    def changing(self, what: str) -> Iterator[None]:
        """For `changes.perform`: while it lasts, this handle sends what changes something."""
        outer = self.memory.get(_CHANGING, "")
        self.memory[_CHANGING] = what
        try:
            yield
        finally:
            self.memory[_CHANGING] = outer

    def has(self, service: str) -> bool:
        """Whether the catalogue of this region offers `service` ('load-balancer'); no call."""
        return bool(self._catalogued(service))

    def endpoint(self, service: str) -> str:
        """Base address of a service, its version included; no call.

        Raises ServiceMissing.
        """
        found = self._catalogued(service)
        if not found:
            raise errors.ServiceMissing(f"This cloud's catalogue has no {answers.name(service)} ({service}).", service)
        root = _ROOTS.get(service)
        if root is None:
            return found
        return re.sub(r"/v\d+(\.\d+)?$", "", found) + root

    def get(self, service: str, path: str, microversion: str = "", **query: Any) -> Json:
        """One read; tried a second time where the service is just not there (502, 503, 504, refused).

        Raises a CloudError.
        """
        try:
            response = self._send("GET", service, path, microversion, query=query)
        except errors.Unreachable as error:
            if error.status not in _AGAIN and error.detail != "refused":
                raise
            response = self._send("GET", service, path, microversion, query=query)
        return _body(response)

    def pages(self, service: str, path: str, key: str, microversion: str = "", **query: Any) -> list[Json]:
        """All items of a list, following markers; a project's list of up to 500 is one call.

        Raises a CloudError.
        """
        query.setdefault("limit", _PAGE)
        items: list[Json] = []
        while True:
            page = self.get(service, path, microversion, **query)[key]
            items += page
            if len(page) < query["limit"]:
                return items
            query["marker"] = page[-1]["id"]

    def post(self, service: str, path: str, body: Json, microversion: str = "") -> Json:
        """One change by POST. Raises Uncertain where its answer was lost, else a CloudError."""
        return _body(self._send("POST", service, path, microversion, body))

    def put(self, service: str, path: str, body: Json) -> Json:
        """One change by PUT. Raises as `post`."""
        return _body(self._send("PUT", service, path, body=body))

    def patch(self, service: str, path: str, body: Json) -> Json:
        """One change by PATCH. Raises as `post`."""
        return _body(self._send("PATCH", service, path, body=body))

    def delete(self, service: str, path: str, missing_ok: bool = True) -> None:
        """One delete; what is gone already is deleted. Raises as `post`."""
        try:
            self._send("DELETE", service, path)
        except errors.NotFound:
            if not missing_ok:
                raise

    def balancers(self, call: str, *arguments: Any, **query: Any) -> Json:
        """A call of python-octaviaclient by name, such as 'load_balancer_list'; its answer, or a CloudError."""
        send = getattr(self.octavia, call)
        try:
            found: Json = send(*arguments, **query)
        except ksa.ClientException as error:
            raise self._lost(error, "load-balancer", safe=True) from error
        except Exception as error:
            code = int(getattr(error, "code", 0) or 0)
            words = str(getattr(error, "message", error))
            request = str(getattr(error, "request_id", "") or "").replace("n/a", "")
            if not code:
                raise errors.Unreachable(f"Octavia does not answer: {words}", "Octavia") from error
            raise answers.failure("load-balancer", code, words, request, safe=True) from error
        return found

    def _catalogued(self, service: str) -> str:
        try:
            found = self.session.get_endpoint(
                service_type=service, interface=self.options.interface, region_name=self.options.region or None
            )
        except (ksa.EndpointNotFound, ksa.EmptyCatalog):
            return ""
        except ksa.ClientException as error:
            raise self._lost(error, "identity", safe=True) from error
        return str(found or "").rstrip("/")

    def _send(
        self, method: str, service: str, path: str, microversion: str = "", body: Json | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> requests.Response:  # fmt: skip
        safe = method == "GET"
        address = self.endpoint(service) + path
        headers = {"Accept": "application/json"}
        if microversion:
            headers["OpenStack-API-Version"] = f"{_VERSIONED.get(service, service)} {microversion}"
        try:
            response = self.session.request(
                address, method, json=body, params=dict(query or {}), raise_exc=False, headers=headers,
                timeout=self._seconds(safe),
            )  # fmt: skip
        except ksa.ClientException as error:
            raise self._lost(error, service, safe) from error
        if response.status_code < 400:
            if not safe:
                self.memory[_ACCEPTED] = answers.request_id(response.headers)
            return response
        found = answers.failure(
            service,
            response.status_code,
            answers.message(_body(response)),
            answers.request_id(response.headers),
            safe=safe,
        )
        if safe and response.status_code in _AGAIN:
            raise errors.Unreachable(str(found), found.service, found.status, found.request_id)
        raise found

    def _seconds(self, safe: bool) -> float:
        whole = self.options.timeout if safe else self.options.write_timeout
        if not self.options.budget:
            return whole
        # A change that is cut short may have happened: it gets a little time even where the budget is spent.
        left = self.options.budget - (time.monotonic() - self.began)
        return max(1.0 if safe else 10.0, min(whole, left))

    def _lost(self, error: ksa.ClientException, service: str, safe: bool) -> errors.CloudError:
        told = answers.name(service)
        if isinstance(error, ksa.HttpError):
            status = int(error.http_status or 500)
            return answers.failure(service, status, str(error.message), str(error.request_id or ""), safe=safe)
        if isinstance(error, ksa.ConnectTimeout):
            sentence = f"{told} did not answer within {self._seconds(safe):.0f} seconds."
            return (errors.Unreachable if safe else errors.Uncertain)(sentence, told)
        if isinstance(error, ksa.ConnectFailure):
            refused = "refused" in str(error)
            kind = errors.Unreachable if safe or refused else errors.Uncertain
            return kind(f"{told} cannot be reached.", told, detail="refused" if refused else "")
        if isinstance(error, ksa.AuthorizationFailure | ksa.MissingAuthPlugin | ksa.AuthPluginException):
            return errors.NotAllowed(f"{told} does not accept this login: {error}", told)
        return errors.CloudError(f"{told}: {error}", told)


def _body(response: requests.Response) -> Json:
    if not response.content:
        return {}
    try:
        found = response.json()
    except RecursionError as error:
        # JSON so deep that Python's reader gives up; only a tenant's own template or output is.
        request = answers.request_id(response.headers)
        words = "The answer is nested too deeply to be read."
        raise errors.Unreadable(words, status=response.status_code, request_id=request) from error
    except ValueError:
        return {"message": response.text[:200]} if "html" not in response.headers.get("Content-Type", "") else {}
    return found if isinstance(found, dict) else {"": found}
