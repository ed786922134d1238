"""The certificates of listeners that end TLS, and what the key manager tells of them. Pure."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from tenant_ops_dashboard.certificates.model import Certificate, id_of, is_soon, until
from tenant_ops_dashboard.loadbalancers.model import Listener
from tenant_ops_dashboard.loadbalancers.read import Row
from tenant_ops_dashboard.sentences import join, say


def refs(row: Row) -> tuple[str, ...]:
    """What a listener's certificates are called in the key manager: its default one, then those for other names."""
    return tuple(dict.fromkeys(filter(None, (row["default_tls_container_ref"], *row["sni_container_refs"]))))


def known(row: Row, certificates: Mapping[str, Certificate]) -> tuple[Certificate, ...]:
    """Those of `certificates`, by their ids, that are a listener's."""
    return tuple(certificates[one] for one in map(id_of, refs(row)) if one in certificates)


def ends(one: Listener, now: datetime.datetime) -> str:
    """Which of its certificates ends soon, or has; '' where none does that the key manager knows the end of."""
    soon = [each for each in one.certificates if each.ends and is_soon(each.ends, now)]
    told = [
        say("the certificate {name} {until}", name=each.name, until=until(each.ends, now)) for each in soon if each.ends
    ]
    return join(", ", told)


def told(one: Listener, now: datetime.datetime) -> str:
    """Which certificates it has and until when; '' where it ends no TLS."""
    if not one.tls:
        return ""
    if not one.certificates:
        return say("the key manager tells nothing of its certificate, or it is expired")
    return join(", ", [
        say("certificate {name} {until}", name=each.name, until=until(each.ends, now)) if each.ends
        else say("certificate {name}, stored without its end", name=each.name)
        for each in one.certificates
    ])  # fmt: skip
