"""How a `Cloud` begins: from the token of a Horizon request, from clouds.yaml, or through a trust."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

import openstack.config
import openstack.exceptions
from keystoneauth1 import exceptions as ksa
from keystoneauth1.access import AccessInfoV3
from keystoneauth1.identity import v3
from keystoneauth1.identity.access import AccessInfoPlugin
from keystoneauth1.identity.base import BaseIdentityPlugin

from tenant_ops_dashboard import __version__
from tenant_ops_dashboard.cloud import answers, errors, places
from tenant_ops_dashboard.cloud.deadline import Deadline
from tenant_ops_dashboard.cloud.handle import Cloud, Options
from tenant_ops_dashboard.cloud.places import Place
from tenant_ops_dashboard.cloud.session import Session
from tenant_ops_dashboard.cloud.transport import Requests
from tenant_ops_dashboard.sentences import say

_DEADLINE = "_tenant_ops_deadline"
# Letters of a token: many times a Fernet token of Keystone's with all it can hold.
LONGEST_TOKEN = 8192
_AGENT = f"tenant-ops-dashboard/{__version__}"


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
    return Cloud(
        _session(deadline, options, auth=plugin, verify=_verify(options)), options, user.id, user.username,
        user.project_id, user.project_name or "", frozenset(role["name"] for role in user.roles), deadline=deadline,
        user_domain_id=user.user_domain_id or "",
        project_domain_id=str(project.get("domain_id") or ""),
        is_admin_project=bool(project.get("is_admin_project", True)),
    )  # fmt: skip


def from_clouds_yaml(
    name: str | None, options: Options | None = None, ask: Callable[[str | None], str] | None = None, **changes: Any
) -> Cloud:
    """The cloud called `name` in clouds.yaml, or the one of the OS_ variables where `name` is None; logs in.

    What openstacksdk reads there counts: the kind of login, regions with values of their own, interfaces, addresses by
    service, certificates, `api_timeout`. Versions are ours: none that is set is asked for. `changes` are fields of
    `Options`; of these `region` and `interface` count more than the entry. `ask` is asked for a password or a passcode
    that the entry lacks, with its prompt.

    Raises BadRequest where there is no such cloud, NotAllowed or Unreachable where the login fails.
    """
    options = replace(options or Options(), **changes)
    deadline = Deadline(options.budget)
    given: dict[str, Any] = {"region_name": options.region or None, "interface": changes.get("interface")}
    try:
        known = openstack.config.OpenStackConfig(
            app_name="tenant-ops", app_version=__version__, session_constructor=Session, pw_func=cast(Any, ask)
        )
        region = known.get_one(cloud=name, **given)
        session = cast(Session, region.get_session())
        interfaces = places.interfaces(region.get_interface())
        timeout = float(region.config.get("api_timeout") or 0)
    except (openstack.exceptions.ConfigException, ksa.AuthPluginException) as error:
        raise errors.BadRequest(_unusable(name, error)) from error
    except (AttributeError, TypeError, ValueError) as error:  # neither library looks whether an entry is whole
        lacks = say("its entry lacks something, or is no mapping ({error})", error=error)
        raise errors.BadRequest(_unusable(name, lacks)) from error
    if not isinstance(session.auth, BaseIdentityPlugin):
        none = say("its auth_type {type} logs in to no Keystone", type=region.config.get("auth_type"))
        raise errors.BadRequest(_unusable(name, none))
    options = replace(
        options,
        region=region.get_region_name() or "",
        interface=interfaces[0],
        timeout=timeout or options.timeout,
        write_timeout=timeout or options.write_timeout,
    )
    if session.verify is True:
        session.verify = _verify(options)
    session.session, session.timeout = Requests(deadline, options.timeout), options.timeout
    access = _access(session, deadline)
    if not options.region:
        options = replace(options, region=places.only_region(access.service_catalog, interfaces))
    region.set_auth_cache()
    found = places.of_region(region, options.region)
    return _made(session, deadline, options, access, region.config.get("auth") or {}, found)


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
    asking = _session(deadline, options, verify=_verify(options))
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
    session = _session(deadline, options, auth=AccessInfoPlugin(access, auth_url=auth_url), verify=_verify(options))
    # Its owner may have had it for hours: when it was given is no clock.
    return replace(_made(session, deadline, options, access, {}, {}), issued=None)


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
    deadline = Deadline(cloud.options.budget)
    plugin = v3.Password(**{key: value for key, value in known.items() if value}, trust_id=trust_id)
    session = _session(deadline, cloud.options, auth=plugin, verify=cloud.session.verify, cert=cloud.session.cert)
    return _made(session, deadline, cloud.options, _access(session, deadline), cloud.auth, cloud.places)


def elsewhere(cloud: Cloud, project_id: str) -> Cloud:
    """The same person in another of his projects, by a token of its own that Keystone gives for this one: one call.

    Raises NotAllowed where he has no role there, or his login is bound to its project; Unreachable.
    """
    plugin = v3.Token(cloud.endpoint("identity"), str(cloud.session.get_token()), project_id=project_id)
    session = _session(cloud.deadline, cloud.options, auth=plugin, verify=cloud.session.verify, cert=cloud.session.cert)
    # Whatever carries this login's calls (proxies, a deadline) carries those.
    session.session = cloud.session.session
    return _made(session, cloud.deadline, cloud.options, _access(session, cloud.deadline), {}, cloud.places)


def _deadline(request: HorizonRequest, options: Options) -> Deadline:
    found = getattr(request, _DEADLINE, None)
    if not isinstance(found, Deadline) or found.seconds != options.budget:
        found = Deadline(options.budget)
        setattr(request, _DEADLINE, found)
    return found


def _session(deadline: Deadline, options: Options, **given: Any) -> Session:
    """keystoneauth's session, which asks for tokens too, over connections that end with the deadline."""
    given = {"user_agent": _AGENT, "timeout": options.timeout, **given}
    return Session(session=Requests(deadline, options.timeout), **given)


def _access(session: Session, deadline: Deadline) -> AccessInfoV3:
    """What Keystone says of the login. Raises NotAllowed or Unreachable."""
    auth: Any = session.auth
    try:
        with deadline.taken_by("Keystone"):
            found: AccessInfoV3 = auth.get_access(session)
    except ksa.ClientException as error:
        raise _refused(error) from error
    except (KeyError, TypeError, ValueError) as error:  # keystoneauth takes an identity provider's word for JSON
        raise errors.Unreachable(say("The answer to this login cannot be read: {error!r}", error=error)) from error
    return found


def _made(
    session: Session, deadline: Deadline, options: Options, access: Any, auth: Mapping[str, Any],
    found: Mapping[str, Place],
) -> Cloud:  # fmt: skip
    return Cloud(
        session, options, access.user_id or "", access.username or "",
        access.project_id or "", access.project_name or "", frozenset(access.role_names), auth, deadline,
        user_domain_id=access.user_domain_id or "", project_domain_id=access.project_domain_id or "",
        domain_id=access.domain_id or "", system_scope="all" if access.system_scoped else "",
        is_admin_project=access.is_admin_project, places=found, issued=_issued(access),
    )  # fmt: skip


def _unusable(name: str | None, why: object) -> str:
    if name:
        return say("No usable cloud {name}: {why}", name=name, why=why)
    return say("No usable cloud in the OS_ variables: {why}", why=why)


def _refused(error: ksa.ClientException) -> errors.CloudError:
    """Keystone that says no is one thing, Keystone that says nothing of use is another."""
    silent = ksa.ConnectionError | ksa.DiscoveryFailure | ksa.InvalidResponse
    if isinstance(error, silent) or (isinstance(error, ksa.HttpError) and int(error.http_status or 500) >= 500):
        return errors.Unreachable(say("Keystone cannot be reached: {error}", error=error), "Keystone")
    return errors.NotAllowed(say("Keystone does not accept this login: {error}", error=error), "Keystone")


def _issued(access: Any) -> datetime.datetime | None:
    try:
        issued: datetime.datetime | None = access.issued
    except (TypeError, ValueError):
        return None
    return issued if issued is None or issued.tzinfo else issued.replace(tzinfo=datetime.UTC)


def _verify(options: Options) -> bool | str:
    if options.insecure:
        return False
    return options.cacert or True


def _named(options: Options) -> Options:
    """Interfaces by Keystone's names."""
    first, *others = places.interfaces((options.interface, options.secondary_interface))
    return replace(options, interface=first, secondary_interface=(others or [""])[0])
