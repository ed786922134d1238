"""Certificates of the key manager that a listener of an environment may have, and what is said where there is none."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

from tenant_ops_dashboard.certificates import stored
from tenant_ops_dashboard.certificates.model import Certificate, until
from tenant_ops_dashboard.cloud import Cloud, CloudError, LoginEnded
from tenant_ops_dashboard.environments.model import Choice, Parameter
from tenant_ops_dashboard.sentences import join, say


def known(cloud: Cloud) -> tuple[Certificate, ...]:
    """All that the key manager lists; none where it is silent, or does not let this login in. Raises LoginEnded."""
    return _asked(cloud)[0]


def question(parameter: Parameter, cloud: Cloud) -> Parameter | None:
    """The question with what is offered, and why nothing is, or others are not; None without a key manager.

    Nobody gets a certificate unasked. Two calls, once for every handle. Raises LoginEnded.
    """
    if not stored.offered(cloud):
        return None
    found, trouble = _asked(cloud)
    now = datetime.datetime.now(datetime.UTC)
    choices = tuple(Choice(one.ref, _label(one, now)) for one in found if not one.refusal)
    refusals = {one.ref: one.refusal for one in found if one.refusal}
    none = say("none: HTTP alone") if choices else say("none: the key manager has none that a listener can take")
    if trouble:
        none = say("none: the key manager offers nothing")
    return replace(parameter, choices=(Choice("", none), *choices), default="", refusals=refusals, reason=trouble)


def chosen(found: Sequence[Certificate], value: str) -> tuple[str, str]:
    """The reference of the one that has this name or reference and '', or '' and what is wrong."""
    return stored.chosen(found, value)


def absent() -> str:
    """Why nothing can be chosen where the catalogue has no key manager."""
    return say("This cloud has no key manager, and a load balancer takes its certificate from there.")


def _asked(cloud: Cloud) -> tuple[tuple[Certificate, ...], str]:
    try:
        return stored.known(cloud), ""
    except LoginEnded:
        raise
    except CloudError as error:
        return (), error.sentence


def _label(one: Certificate, now: datetime.datetime) -> str:
    ends = until(one.ends, now) if one.ends else say("stored without its end")
    return join(", ", (one.name, ends))
