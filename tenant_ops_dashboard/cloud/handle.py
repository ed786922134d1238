"""The handle every capability gets as its first argument."""

from __future__ import annotations

import contextlib
import datetime
import http.client
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import openstack.connection
import requests
import urllib3
from keystoneauth1 import exceptions as ksa
from octaviaclient.api.v2.octavia import OctaviaAPI

from tenant_ops_dashboard.cloud import answers, errors, paging
from tenant_ops_dashboard.cloud.deadline import Deadline
from tenant_ops_dashboard.cloud.places import Place, no_catalogue
from tenant_ops_dashboard.cloud.session import OutsideChange, Session
from tenant_ops_dashboard.cloud.store import Kept, Store
from tenant_ops_dashboard.sentences import say

Json = dict[str, Any]
T = TypeVar("T")

_ROOTS = {
    "network": "/v2.0", "load-balancer": "/v2.0", "image": "/v2", "identity": "/v3", "key-manager": "/v1",
    "tenant-ops": "/v1",
}  # fmt: skip
_VERSIONED = {"block-storage": "volume"}
_ACCEPTED = "request id of the last change"
_CLOCK = "the cloud's clock"
#: What a broken connection or a broken answer may come as, through keystoneauth, requests and urllib3.
_BROKEN = (ksa.ClientException, OSError, http.client.HTTPException, urllib3.exceptions.HTTPError)


@dataclass(frozen=True)
class Options:
    """How to talk to the cloud. Times are seconds.

    `timeout` bounds one call, `write_timeout` one change, `budget` everything one handle does (0: no bound).
    `secondary_interface` counts where a service has no address of the `interface` ('': then it is not there).
    `firewall_profile` is what the settings say of the back end of FWaaS: 'ovn', 'l3-agent' or '' (see `back_end`).
    `service_user` is the id of the plugin's user for unattended care, `trust_roles` what it may be given of a person's
    roles, for `trust_days`; `proof_proxy` is an HTTP proxy through which packet proofs reach floating IPs ('':
    directly), `packet_proofs` whether they are sent at all.
    `mask_image` and `mask_flavor` are of the server that masks copies of data ('': none are masked), `serve_image` and
    `serve_flavor` of the one that serves a copy ('': none are served).
    `caller` is the address of who asks, for the audit trail. `store` is shared by all who look at the cloud from here
    (None: what is kept lives as long as the handle); `lately` says that what it was told a moment ago will do, where
    that can be said (see `cloud.lately`). `ask` gives a password or a passcode that a login lacks, by keystoneauth's
    prompt; '' where there is none.
    """

    timeout: float = 20.0
    write_timeout: float = 60.0
    budget: float = 0.0
    cacert: str = ""
    insecure: bool = False
    interface: str = "public"
    secondary_interface: str = ""
    region: str = ""
    firewall_profile: str = ""
    service_user: str = ""
    trust_roles: tuple[str, ...] = ("member", "load-balancer_member")
    trust_days: int = 90
    proof_proxy: str = ""
    caller: str = ""
    store: Store | None = field(default=None, repr=False, compare=False)
    lately: bool = False
    packet_proofs: bool = True
    mask_image: str = ""
    mask_flavor: str = ""
    serve_image: str = ""
    serve_flavor: str = ""
    ask: Callable[[str], str] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, eq=False)
class Cloud:
    """One person's view of one project of one region; all calls share one token, connection pool and deadline.

    `domain_id` is the domain that the token is for, `system_scope` 'all' for a token of the system; both are '' for
    one of a project. `is_admin_project` is Keystone's word, True where it says nothing. `places` tell how the address
    of a service is found, where `options` do not.
    """

    session: Session = field(repr=False)
    options: Options
    user_id: str
    user_name: str
    project_id: str
    project_name: str
    roles: frozenset[str]
    auth: Mapping[str, Any] = field(default_factory=dict, repr=False)
    deadline: Deadline = field(default_factory=Deadline, repr=False)
    memory: dict[str, Any] = field(default_factory=dict, repr=False)
    user_domain_id: str = ""
    project_domain_id: str = ""
    domain_id: str = ""
    system_scope: str = ""
    is_admin_project: bool = True
    places: Mapping[str, Place] = field(default_factory=dict, repr=False)
    issued: datetime.datetime | None = None  # when Keystone gave the token of a login that had just begun
    began: float = field(default_factory=time.monotonic)

    @property
    def region(self) -> str:
        """The name of the region whose services are asked, '' where the catalogue decides."""
        return self.options.region

    def now(self) -> datetime.datetime:
        """What time it is in the cloud: as a service's last answer, or this login, tells; else the local clock's."""
        told, at = self.memory.get(_CLOCK) or (self.issued, self.began)
        if told is None:
            return datetime.datetime.now(datetime.UTC)
        found: datetime.datetime = told + datetime.timedelta(seconds=time.monotonic() - at)
        return found

    @cached_property
    def connection(self) -> openstack.connection.Connection:
        """openstacksdk on the same session, for callers that want its resource classes."""
        overridden: dict[str, Any] = {
            f"{service.replace('-', '_')}_endpoint_override": self._catalogued(service)
            for service, place in self.places.items()
            if place.override
        }
        return openstack.connection.Connection(
            session=self.session, region_name=self.options.region or None, interface=self.options.interface,
            **overridden,
        )  # fmt: skip

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
        """For `changes.perform`: while it lasts, this handle sends what changes something, and at no other time.

        Outside of it `post`, `put`, `patch`, `delete` and every client library on its session raise OutsideChange.
        """
        with self.session.changing(what):
            yield

    def has(self, service: str) -> bool:
        """Whether the catalogue of this region offers `service` ('load-balancer'); no call."""
        return bool(self._catalogued(service))

    def endpoint(self, service: str) -> str:
        """Base address of a service, its version included; no call.

        Raises ServiceMissing, NoCatalogue where Keystone gave this login no service at all.
        """
        found = self._catalogued(service)
        if not found:
            raise self.missing(service)
        root = _ROOTS.get(service)
        if root is None:
            return found
        return re.sub(r"/v\d+(\.\d+)?$", "", found) + root

    def get(self, service: str, path: str, microversion: str = "", **query: Any) -> Json:
        """One read; a second time where the service is just not there, its answer is cut off, or it says when to come.

        A body that is a list is under ''; asking the answer for a key that it lacks is a CloudError.
        Raises a CloudError.
        """
        return self._read(service, path, microversion, query)[0]

    def pages(self, service: str, path: str, key: str, microversion: str = "", **query: Any) -> list[Json]:
        """All items of a list, followed as far as the service says that it goes on.

        What fits into one page is one call, whatever the service's own limit. `key` is '' where the body is the list.
        Raises a CloudError; never gives a part for the whole.
        """
        return paging.every(lambda asked: self._read(service, path, microversion, asked), service, key, query)

    def first(self, service: str, path: str, key: str, most: int, /, **query: Any) -> list[Json]:
        """The first `most` items of a list; as `pages`, and no page more than they need."""
        return paging.every(lambda asked: self._read(service, path, "", asked), service, key, query, most)

    def post(self, service: str, path: str, body: Json, microversion: str = "") -> Json:
        """One change by POST. Raises Uncertain where its answer was lost, else a CloudError."""
        return self._change("POST", service, path, body, microversion)

    def put(self, service: str, path: str, body: Json, revision: int | None = None) -> Json:
        """One change by PUT; where a `revision` is named, only while Neutron's object still has it, else status 412.

        Raises as `post`.
        """
        # Neutron's API reference, 'Revisions'; openstacksdk drops its own `if_revision` for FWaaS' policies.
        only = {} if revision is None else {"If-Match": f"revision_number={revision}"}
        return self._change("PUT", service, path, body, only=only)

    def patch(self, service: str, path: str, body: Json) -> Json:
        """One change by PATCH. Raises as `post`."""
        return self._change("PATCH", service, path, body)

    def delete(self, service: str, path: str, missing_ok: bool = True) -> None:
        """One delete; what is gone already is deleted. Raises as `post`."""
        try:
            self._send("DELETE", service, path)
        except errors.NotFound:
            if not missing_ok:
                raise

    def balancers(self, call: str, *arguments: Any, **query: Any) -> Json:
        """A call of python-octaviaclient by name, such as 'load_balancer_status_show'; its answer, or a CloudError.

        Lists are for `pages`: octaviaclient drops a list's filters behind its first page.
        """
        send, safe = getattr(self.octavia, call), call.endswith(("_show", "_list"))
        with self.deadline.taken_by(answers.name("load-balancer")):
            try:
                found = send(*arguments, **query)
            except (errors.CloudError, OutsideChange):
                raise
            except _BROKEN as error:
                raise self._lost(error, "load-balancer", safe) from error
            except Exception as error:
                raise answers.of_octaviaclient(error, safe=safe) from error
            # Where the answer is no JSON, octaviaclient gives the response itself.
            if safe and not isinstance(found, dict):
                raise answers.unreadable("load-balancer", safe=True)
        return answers.Answer("load-balancer", found if isinstance(found, dict) else {}, safe)

    def missing(self, service: str, sentence: str = "") -> errors.ServiceMissing:
        """The error for a service that the catalogue lacks; no call. `sentence` tells it better than by its name.

        A NoCatalogue where Keystone gave this login no service at all.
        """
        told = say("This cloud's catalogue has no {name} ({service}).", name=answers.name(service), service=service)
        return self.uncatalogued or errors.ServiceMissing(sentence or told, service)

    @property
    def uncatalogued(self) -> errors.NoCatalogue | None:
        """What it means that Keystone gave this login no service at all, None where it gave any; no call."""
        auth: Any = self.session.auth
        try:
            catalog = auth.get_access(self.session).service_catalog.catalog
        except ksa.ClientException as error:
            raise self._lost(error, "identity", safe=True) from error
        return no_catalogue(catalog, self.user_name, self.project_name or self.project_id, self.roles)

    def _catalogued(self, service: str) -> str:
        # keystoneauth copies and searches the whole catalogue with every question.
        return self.once(f"endpoint of {service}", lambda: self._looked_up(service))

    def _looked_up(self, service: str) -> str:
        options = self.options
        usual = Place(
            service, tuple(filter(None, (options.interface, options.secondary_interface))), options.region
        )
        try:
            return self.places.get(service, usual).find(self.session)
        except ksa.ClientException as error:
            raise self._lost(error, "identity", safe=True) from error

    def _read(self, service: str, path: str, microversion: str, query: Mapping[str, Any]) -> tuple[Json, str]:
        """The body and the address of the next page, '' where the headers give none."""
        for last in (False, True):
            try:
                response = self._send("GET", service, path, microversion, query=query)
                return answers.body(response, service, safe=True), str(response.links.get("next", {}).get("url", ""))
            except errors.Unreachable as error:
                if last or not self._again(error):
                    raise
        raise AssertionError

    def _again(self, error: errors.Unreachable) -> bool:
        """Whether a second try is worth it now; where the service says when, that is waited for."""
        if not isinstance(error, errors.SlowDown):
            return not isinstance(error, errors.TimedOut)
        left = self.deadline.left()
        if error.wait is None or error.wait >= (self.options.timeout if left is None else left):
            return False
        time.sleep(error.wait)
        return True

    def _change(
        self, method: str, service: str, path: str, body: Json, microversion: str = "",
        only: Mapping[str, str] | None = None,
    ) -> Json:  # fmt: skip
        try:
            response = self._send(method, service, path, microversion, body, only=only)
        except errors.SlowDown as error:
            # Refused before anything was done (RFC 6585, 4), so that it may be sent again.
            if not self._again(error):
                raise
            response = self._send(method, service, path, microversion, body, only=only)
        return answers.body(response, service, safe=False)

    def _send(
        self, method: str, service: str, path: str, microversion: str = "", body: Json | None = None,
        query: Mapping[str, Any] | None = None, only: Mapping[str, str] | None = None,
    ) -> requests.Response:  # fmt: skip
        safe = method == "GET"
        address = self.endpoint(service) + path
        headers = {"Accept": "application/json", **(only or {})}
        if microversion:
            headers["OpenStack-API-Version"] = f"{_VERSIONED.get(service, service)} {microversion}"
        with self.deadline.taken_by(answers.name(service)):
            try:
                response = self.session.request(
                    address, method, json=body, params=dict(query or {}), raise_exc=False, headers=headers,
                    timeout=self.options.timeout if safe else self.options.write_timeout,
                )  # fmt: skip
            except _BROKEN as error:
                # keystoneauth asked for a new token meanwhile: the answer is Keystone's.
                whose = "identity" if isinstance(error, ksa.HttpError) else service
                raise self._lost(error, whose, safe) from error
        if told := answers.date(response.headers):
            self.memory[_CLOCK] = (told, time.monotonic())
        if response.status_code < 300:
            if not safe:
                self.memory[_ACCEPTED] = answers.request_id(response.headers)
            return response
        raise answers.failure(
            service, response.status_code, answers.problem(response), answers.request_id(response.headers),
            safe=safe, wait=answers.wait(response.headers),
        )  # fmt: skip

    def _lost(self, error: BaseException, service: str, safe: bool) -> errors.CloudError:
        if isinstance(error, ksa.HttpError):
            words, request = str(error.message), str(error.request_id or "")
            return answers.failure(service, int(error.http_status or 500), words, request, safe=safe)
        if isinstance(error, ksa.AuthorizationFailure | ksa.MissingAuthPlugin | ksa.AuthPluginException):
            told = answers.name(service)
            return errors.NotAllowed(say("{told} does not accept this login: {error}", told=told, error=error), told)
        return answers.lost(error, service, safe=safe, seconds=self.deadline.granted or self.options.timeout)
