"""Where a service is: the address somebody set for it, else the catalogue, looked through as Horizon does."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keystoneauth1 import exceptions as ksa
from keystoneauth1.access.service_catalog import ServiceCatalog, ServiceCatalogV3
from keystoneauth1.session import Session
from openstack.config.cloud_region import CloudRegion
from os_service_types import ServiceTypes

from tenant_ops_dashboard.cloud import answers, errors
from tenant_ops_dashboard.sentences import say

#: As a rule one Keystone serves all regions, and its address stands under one of them.
_GLOBAL = "identity"
_TYPES = ServiceTypes()


@dataclass(frozen=True)
class Place:
    """How the address of one service is found.

    `type` is the service's type, known by its aliases, too (service-types-authority); `name` its name in the catalogue,
    '' for any; `interfaces` count in their order; `region` '' is any. `override` is an address that counts more than
    the catalogue's: %(project_id)s and %(user_id)s in it are the login's, as keystoneauth's Session.request has it.
    """

    type: str
    interfaces: tuple[str, ...] = ("public",)
    region: str = ""
    name: str = ""
    override: str = ""

    def find(self, session: Session) -> str:
        """The address, without a slash at its end; '' where there is none. No call once there is a token.

        Raises BadRequest for an override that cannot be filled in, keystoneauth's ClientException without a token.
        """
        if self.override:
            return self._filled(session).rstrip("/")
        auth: Any = session.auth
        return self.among(auth.get_access(session).service_catalog)

    def among(self, catalog: ServiceCatalog) -> str:
        """The address in this catalogue, '' where it has none.

        Keystone is in every region: where none of its addresses is of this one, any counts (Horizon's
        get_url_for_service).
        """
        for region in (self.region, *([""] if self.type == _GLOBAL and self.region else ())):
            try:
                found = catalog.url_for(self.type, list(self.interfaces), region or None, self.name or None)
            except (ksa.EndpointNotFound, ksa.EmptyCatalog):
                found = None
            if found:
                return found.rstrip("/")
        return ""

    def _filled(self, session: Session) -> str:
        if "%(" not in self.override:
            return self.override
        known = {"project_id": session.get_project_id(), "user_id": session.get_user_id()}
        known["tenant_id"] = known["project_id"]
        try:
            return self.override % known
        except (KeyError, ValueError, TypeError) as error:
            raise errors.BadRequest(
                say("The address {address} set for {name} cannot be filled in: {error}.",
                    address=self.override, name=answers.name(self.type), error=error)
            ) from error  # fmt: skip


def of_region(region: CloudRegion, chosen: str = "") -> dict[str, Place]:
    """Every service we know, as openstacksdk reads this entry of clouds.yaml or these OS_ variables.

    `chosen` is the region where the entry names none. Raises openstacksdk's ConfigException.
    """
    return {
        service: Place(
            region.get_service_type(service), interfaces(region.get_interface(service)),
            region.get_region_name(service) or chosen, region.get_service_name(service) or "",
            region.get_endpoint(service) or "",
        )
        for service in answers.NAMES
    }  # fmt: skip


def no_catalogue(
    catalog: Iterable[Mapping[str, Any]] | None, user: str, project: str, roles: Collection[str]
) -> errors.NoCatalogue | None:
    """What a token's catalogue without any service means, None where it has one.

    A token that is for nothing has none (Identity API v3, 'Authentication and token management'), and no entry counts
    where a project is taken down or its endpoints are. The names are people's, '' where the token does not tell.
    """
    if any(catalog or ()):
        return None
    who = user or say("this user")
    if not project:
        told = say("Keystone's catalogue for {user} is empty, as the login is for no project.", user=who)
    elif not roles:
        told = say(
            "Keystone knows no role of {user} in the project {project}, so its catalogue for this login is empty and no"
            " service can be asked.", user=who, project=project,
        )  # fmt: skip
    else:
        told = say(
            "Keystone's catalogue for {user} in the project {project} is empty, so no service can be asked.",
            user=who, project=project,
        )  # fmt: skip
    return errors.NoCatalogue(told, answers.name("identity"))


def lacking(
    catalog: Iterable[Mapping[str, Any]], services: Iterable[str], region: str, named: Iterable[str | None]
) -> list[str]:
    """Which of these services a token's catalogue (Identity API v3, 'catalog') does not have in a region."""
    rows, asked = list(catalog), interfaces(named)

    def has(service: str) -> bool:
        # keystoneauth copies all that it searches.
        names = {service, *_TYPES.get_all_types(service)}
        read = ServiceCatalogV3([dict(one) for one in rows if one.get("type") in names])
        return bool(Place(service, asked, region).among(read))

    return [one for one in services if not has(one)]


def interfaces(named: Iterable[str | None] | str | None) -> tuple[str, ...]:
    """Which addresses of a service count, best first; Horizon says 'publicURL' where Keystone says 'public'."""
    given = (named,) if isinstance(named, str) else tuple(named or ())
    return tuple(dict.fromkeys(one.removesuffix("URL") for one in given if one)) or ("public",)


def only_region(catalog: ServiceCatalog, asked: Sequence[str]) -> str:
    """The region to work in where nobody named one: that which has all that any has; '' where none has a name.

    `asked` are the interfaces that count.

    OpenStack's own clients take each service from the region that happens to be listed first, so that servers and their
    networks may be of different ones. Raises BadRequest where it has to be named.
    """
    offered: dict[str, set[str]] = {}
    for service in answers.NAMES.keys() - {_GLOBAL}:
        for endpoints in catalog.get_endpoints_data(service_type=service, interface=list(asked)).values():
            for one in endpoints:
                if one.region_name:
                    offered.setdefault(one.region_name, set()).add(service)
    everything = set().union(*offered.values())
    whole = sorted(one for one, kinds in offered.items() if kinds == everything)
    if offered and len(whole) != 1:
        raise errors.BadRequest(
            say("This cloud has the regions {regions}: name one with --os-region-name, OS_REGION_NAME or region_name in"
                " clouds.yaml.", regions=", ".join(sorted(offered)))
        )  # fmt: skip
    return whole[0] if whole else ""
