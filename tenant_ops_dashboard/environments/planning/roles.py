"""Which role is missing for a launch. No service tells its rules: what can be known is whether it lets one in."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import Cloud, CloudError, LoginEnded, NotAllowed
from tenant_ops_dashboard.cloud.answers import name as called
from tenant_ops_dashboard.environments import access
from tenant_ops_dashboard.sentences import join, say

T = TypeVar("T")
U = TypeVar("U")

#: The field of a plan's problems.
FIELD = "roles"
#: What each usually asks of who makes things: Octavia's policies 'keystone_default_roles' and, of before,
#: 'advanced_rbac'; Heat's policies 'base'.
_USUAL = {"load-balancer": ("member", "load-balancer_member"), "orchestration": ("member",)}
#: The shortest list of each: its path and key.
_LISTS = {"load-balancer": ("/lbaas/loadbalancers", "loadbalancers"), "orchestration": ("/stacks", "stacks")}
#: Whoever has it is denied everything (Heat's rule deny_stack_user).
_STACK_USER = "heat_stack_user"
#: Heat's MissingCredentialError, where trusts_delegated_roles names what the trustor has not.
_DELEGATED = re.compile(r"Missing required credential: roles .*'role_names': \[(?P<names>[^]]*)\]")
#: Keystone's words about tokens of application credentials, which Heat hands on.
_BOUND = re.compile(r"application[ _]credential|[Dd]elegated tokens cannot manage trusts")


@dataclass(frozen=True)
class Lack:
    """What a service does not let somebody do, and what helps; both are sentences."""

    told: str
    fix: str


class Refused:
    """Collects what services do not let this login do, while a plan is made of all the rest."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.told: dict[str, Lack] = {}

    def unless(self, service: str, ask: Callable[[], T], without: U) -> T | U:
        """What `ask` gives; `without` where the service does not let the login do it. Raises other CloudErrors."""
        try:
            return ask()
        except LoginEnded:
            raise
        except NotAllowed as error:
            self.told[service] = lacking(self.cloud, service, error)
            return without

    @property
    def sentence(self) -> str:
        """All of it, the policy's own word first; '' where nothing is missing that can be known."""
        own = "" if access.may_launch(self.cloud) else policy.why_not(access.LAUNCH)
        told = [words for one in self.told.values() for words in (one.told, one.fix)]
        return join(" ", [one for one in (own, *told) if one])


def asked(cloud: Cloud) -> dict[str, Lack | None]:
    """By service what it does not let this login do, None where it lets him in; a short list of each that there is.

    Raises a CloudError where one cannot be asked.
    """
    found = Refused(cloud)
    there = [service for service in _LISTS if cloud.has(service)]
    for service in there:
        found.unless(service, partial(cloud.first, service, *_LISTS[service], 1), None)
    return {service: found.told.get(service) for service in there}


def lacking(cloud: Cloud, service: str, error: CloudError) -> Lack:
    """Which role is missing where `service` answered 403, and who gives it."""
    told = say(
        "{service} does not let you in: in {project} you have the roles {roles}.",
        service=called(service), project=cloud.project_name, roles=", ".join(sorted(cloud.roles)) or "-",
    )  # fmt: skip
    missing = [one for one in _USUAL[service] if one not in cloud.roles]
    if service == "orchestration" and _STACK_USER in cloud.roles:
        what = say("Ask for '{role}' to be taken back: it is for servers, and keeps people out.", role=_STACK_USER)
    elif missing:
        what = _ask_for(cloud, missing)
    else:
        what = say("These are the usual ones, so ask your operator which one it wants here: {said}", said=error.line)
    return Lack(told, what)


def of_heat(cloud: Cloud, error: CloudError) -> str:
    """Which role Heat found missing when it was to make a stack, '' where it refused for another reason.

    What it gives on of a person's roles is known to Heat alone, and told first when its trust is made: before anything
    of the stack is.
    """
    if found := _DELEGATED.search(error.detail):
        names = re.findall(r"'([^']+)'", found["names"])
        told = say("Heat acts for you with roles that you do not have.")
        return join(" ", (told, _ask_for(cloud, [one for one in names if one not in cloud.roles] or names)))
    if _BOUND.search(error.detail):
        return say(
            "Heat acts for you through a trust, and Keystone gives none for this application credential. Log in with a"
            " password, or where your Keystone allows it with a credential made with --unrestricted."
        )
    return ""


def _ask_for(cloud: Cloud, missing: list[str]) -> str:
    return say(
        "Ask whoever gives roles in {project} for {missing}.",
        project=cloud.project_name, missing=", ".join(f"'{one}'" for one in missing),
    )  # fmt: skip
