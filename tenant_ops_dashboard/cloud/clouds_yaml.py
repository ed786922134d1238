"""A login as clouds.yaml or the OS_ variables have it, read by openstacksdk like by every OpenStack client."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

import openstack.config
import openstack.exceptions
from keystoneauth1 import exceptions as ksa
from keystoneauth1.identity.base import BaseIdentityPlugin

from tenant_ops_dashboard import __version__
from tenant_ops_dashboard.cloud import errors, opening, places
from tenant_ops_dashboard.cloud.deadline import Deadline
from tenant_ops_dashboard.cloud.handle import Cloud, Options
from tenant_ops_dashboard.cloud.session import Session
from tenant_ops_dashboard.cloud.transport import Requests
from tenant_ops_dashboard.sentences import say


def from_clouds_yaml(name: str | None, options: Options | None = None, **changes: Any) -> Cloud:
    """The cloud called `name` in clouds.yaml, or the one of the OS_ variables where `name` is None; logs in.

    What openstacksdk reads there counts: the kind of login, regions with values of their own, interfaces, addresses by
    service, certificates, `api_timeout`. Versions are ours: none that is set is asked for. `changes` are fields of
    `Options`; of these `region` and `interface` count more than the entry.

    Raises BadRequest where there is no such cloud, NotAllowed or Unreachable where the login fails.
    """
    options = replace(options or Options(), **changes)
    deadline, ask = Deadline(options.budget), options.ask
    given: dict[str, Any] = {"region_name": options.region or None, "interface": changes.get("interface")}
    lacking: list[str] = []

    def secret(prompt: str | None = None) -> str:
        found = ask(prompt or "") if ask else ""
        if not found:
            lacking.append((prompt or "").strip(" :"))
        return found

    try:
        known = openstack.config.OpenStackConfig(
            app_name="tenant-ops", app_version=__version__, session_constructor=Session, pw_func=secret
        )
        region = known.get_one(cloud=name, **given)
        session = cast(Session, region.get_session())
        interfaces = places.interfaces(region.get_interface())
        timeout = _seconds(region.config.get("api_timeout"))
    except (openstack.exceptions.ConfigException, ksa.AuthPluginException) as error:
        raise errors.BadRequest(_unusable(name, error)) from error
    except (AttributeError, TypeError, ValueError) as error:  # neither library looks whether an entry is whole
        lacks = say("its entry lacks something, or is no mapping ({error})", error=error)
        raise errors.BadRequest(_unusable(name, lacks)) from error
    if lacking:
        raise errors.BadRequest(_unusable(name, say("it has no {what}", what=", ".join(lacking))))
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
        session.verify = opening.verify(options)
    session.session, session.timeout = Requests(deadline, options.timeout), options.timeout
    access = opening.access(session, deadline)
    if not options.region:
        options = replace(options, region=places.only_region(access.service_catalog, interfaces))
    region.set_auth_cache()
    found = places.of_region(region, options.region)
    return opening.made(session, deadline, options, access, region.config.get("auth") or {}, found)


def _seconds(given: object) -> float:
    """0 where no time is set. Raises ValueError."""
    found = float(str(given or 0))
    if not 0 <= found < float("inf"):
        raise ValueError(f"api_timeout: {given}")
    return found


def _unusable(name: str | None, why: object) -> str:
    if name:
        return say("No usable cloud {name}: {why}", name=name, why=why)
    return say("No usable cloud in the OS_ variables: {why}", why=why)
