"""How a `Cloud` begins: from the token of a Horizon request or another's, through a trust, in another project."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from keystoneauth1 import exceptions as ksa
from keystoneauth1.access import AccessInfoV3
from keystoneauth1.identity import v3
from keystoneauth1.identity.access import AccessInfoPlugin

from tenant_ops_dashboard.cloud import answers, errors, opening, places
from tenant_ops_dashboard.cloud.deadline import Deadline
from tenant_ops_dashboard.cloud.handle import Cloud, Options
from tenant_ops_dashboard.sentences import say

_DEADLINE = "_tenant_ops_deadline"
# Letters of a token: many times a Fernet token of Keystone's with all it can hold.
LONGEST_TOKEN = 8192


class HorizonUser(Protocol):
    """What `from_request` reads of Horizon's user (openstack_auth.user.User)."""

    id: str
    username: str
    project_id: str | None
    project_name: str | None
    user_domain_id: str
    service_catalog: Sequence[Mapping[str, Any]]
    roles: Sequence[Mapping[str, str]]
    token: Any

    @property
    def services_region(self) -> str | None: ...


class HorizonRequest(Protocol):
    """A request of a logged-in user."""

    user: Any


def from_request(request: HorizonRequest, options: Options | None = None, **changes: Any) -> Cloud:
    """The cloud as the request's user sees it: his token and catalogue are used as they are, no call is made.

    `changes` are fields of `Options`, such as `timeout=10`. The region is the user's, unless given.
    However often it is asked for, all of a request ends with one deadline.
    Raises NoProject where the login is for a domain, for the system, or for nothing yet.
    """
    user: HorizonUser = request.user
    if not user.project_id:
        raise errors.NoProject(say("Choose a project: this login is for none."))
    options = replace(options or Options(), **changes)
    options = replace(_named(options), region=options.region or user.services_region or "")
    expires = getattr(user.token, "expires", None)
    if isinstance(expires, datetime.datetime):
        expires = expires.isoformat()
    body = {
        "token": {
            "methods": ["token"],
            "user": {"id": user.id, "name": user.username, "domain": {"id": user.user_domain_id}},
            "project": {"id": user.project_id, "name": user.project_name},
            "roles": [dict(role) for role in user.roles],
            "catalog": [dict(service) for service in user.service_catalog],
            "expires_at": expires or "",
        }
    }
    plugin = AccessInfoPlugin(AccessInfoV3(body, auth_token=user.token.id))
    deadline = _deadline(request, options)
    project = getattr(user.token, "project", None) or {}
    session = opening.session(deadline, options, auth=plugin, verify=opening.verify(options))
    return Cloud(
        session, options, user.id, user.username,
        user.project_id, user.project_name or "", frozenset(role["name"] for role in user.roles), deadline=deadline,
        user_domain_id=user.user_domain_id or "",
        project_domain_id=str(project.get("domain_id") or ""),
        is_admin_project=bool(project.get("is_admin_project", True)),
    )  # fmt: skip


def from_token(token: str, auth_url: str, options: Options | None = None, **changes: Any) -> Cloud:
    """The cloud as the owner of this token sees it, with what Keystone says of the token itself: one call.

    `auth_url` is Keystone's address with its version. Raises LoginEnded where Keystone takes the token for none (any
    more), NoProject where it is for no project, another CloudError where Keystone does not answer.
    """
    options = replace(options or Options(), **changes)
    options = _named(options)
    # What no header can carry was never a token.
    if not (token.isascii() and token.isprintable() and 0 < len(token) <= LONGEST_TOKEN) or " " in token:
        raise errors.LoginEnded(say("This is no token of Keystone's."), "Keystone", 401)
    deadline = Deadline(options.budget)
    asking = opening.session(deadline, options, verify=opening.verify(options))
    headers = {"X-Auth-Token": token, "X-Subject-Token": token, "Accept": "application/json"}
    with deadline.taken_by("Keystone"):
        try:
            found = asking.request(
                auth_url.rstrip("/") + "/auth/tokens", "GET", headers=headers, raise_exc=False, authenticated=False,
            )  # fmt: skip
        except (ksa.ClientException, OSError) as error:
            seconds = deadline.granted or options.timeout
            raise answers.lost(error, "identity", safe=True, seconds=seconds) from error
    if found.status_code >= 400:
        request, told = answers.request_id(found.headers), answers.problem(found)
        if found.status_code in (401, 403, 404):
            raise errors.LoginEnded(say("Keystone does not accept this token."), "Keystone", 401, request, told)
        raise answers.failure("identity", found.status_code, told, request, safe=True)
    access = AccessInfoV3(dict(answers.body(found, "identity", safe=True)), auth_token=token)
    if not access.project_id:
        raise errors.NoProject(say("This token is for no project: ask Keystone for one that is."), "Keystone")
    plugin = AccessInfoPlugin(access, auth_url=auth_url)
    session = opening.session(deadline, options, auth=plugin, verify=opening.verify(options))
    # Its owner may have had it for hours: when it was given is no clock.
    return replace(opening.made(session, deadline, options, access, {}, {}), issued=None)


def through_trust(cloud: Cloud, trust_id: str) -> Cloud:
    """The same login (user name and password), acting through a trust for the one who gave it.

    Raises NotAllowed where the trust is gone or the cloud's login is none with a password.
    """
    known = {
        key: cloud.auth.get(key)
        for key in ("auth_url", "username", "user_id", "password", "user_domain_name", "user_domain_id")
    }
    if not known["password"]:
        raise errors.NotAllowed(
            say("Unattended care needs a cloud in clouds.yaml with a user name and a password."), "Keystone"
        )
    deadline, same = Deadline(cloud.options.budget), cloud.session
    plugin = v3.Password(**{key: value for key, value in known.items() if value}, trust_id=trust_id)
    session = opening.session(deadline, cloud.options, auth=plugin, verify=same.verify, cert=same.cert)
    return opening.made(session, deadline, cloud.options, opening.access(session, deadline), cloud.auth, cloud.places)


def elsewhere(cloud: Cloud, project_id: str) -> Cloud:
    """The same person in another of his projects, by a token of its own that Keystone gives for this one: one call.

    Raises NotAllowed where he has no role there, or his login is bound to its project; Unreachable.
    """
    plugin = v3.Token(cloud.endpoint("identity"), str(cloud.session.get_token()), project_id=project_id)
    same, deadline = cloud.session, cloud.deadline
    session = opening.session(deadline, cloud.options, auth=plugin, verify=same.verify, cert=same.cert)
    # Whatever carries this login's calls (proxies, a deadline) carries those.
    session.session = same.session
    return opening.made(session, deadline, cloud.options, opening.access(session, deadline), {}, cloud.places)


def _deadline(request: HorizonRequest, options: Options) -> Deadline:
    found = getattr(request, _DEADLINE, None)
    if not isinstance(found, Deadline) or found.seconds != options.budget:
        found = Deadline(options.budget)
        setattr(request, _DEADLINE, found)
    return found


def _named(options: Options) -> Options:
    """Interfaces by Keystone's names."""
    first, *others = places.interfaces((options.interface, options.secondary_interface))
    return replace(options, interface=first, secondary_interface=(others or [""])[0])
