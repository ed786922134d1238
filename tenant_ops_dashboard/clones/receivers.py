"""Which projects an offer's words mean: a name may be given to another project later, an id never."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable
from typing import Any

from tenant_ops_dashboard.clones.model import Terms
from tenant_ops_dashboard.cloud import Cloud, NotAllowed, NotFound
from tenant_ops_dashboard.cloud.values import text

_ID = re.compile(r"[0-9a-f]{32}")


def ids(cloud: Cloud, to: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Name and id of each project that is named here and that the login sees; names are of the login's domain.

    One call, and one for each name that is of none of the person's own projects until Keystone does not allow that
    ('List projects' of its API reference is an administrator's). Raises a CloudError.
    """
    names = [one for one in to if not _ID.fullmatch(one)]
    if not names or not cloud.project_domain_id:
        return ()
    found: dict[str, str] = {}
    with contextlib.suppress(NotAllowed, NotFound):
        found = _of_domain(cloud, cloud.pages("identity", "/auth/projects", "projects"))
        domain = cloud.project_domain_id
        for one in names:
            if one not in found:
                asked = cloud.pages("identity", "/projects", "projects", name=one, domain_id=domain)
                found |= _of_domain(cloud, asked)
    return tuple((one, found[one]) for one in names if one in found)


def by_name(terms: Terms) -> list[str]:
    """Words of an offer that are a name and nothing else: whichever project is called so may ask."""
    known = dict(terms.ids)
    return [one for one in terms.to if one not in known and not _ID.fullmatch(one)]


def _of_domain(cloud: Cloud, rows: Iterable[dict[str, Any]]) -> dict[str, str]:
    here = [one for one in rows if one.get("domain_id") == cloud.project_domain_id and one.get("id")]
    return {text(one.get("name")): text(one["id"]) for one in here}
