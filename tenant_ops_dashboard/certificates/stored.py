"""What the key manager keeps that a listener can take, and why not the rest (Barbican's API reference, 'Secrets')."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.certificates.model import Certificate
from tenant_ops_dashboard.cloud import Cloud, lately
from tenant_ops_dashboard.cloud.values import Shape, each, mapping, moment, rows, text
from tenant_ops_dashboard.sentences import say

Row = Mapping[str, Any]
SERVICE = "key-manager"
# Octavia takes a PKCS12 bundle, which is bytes; what people keep as text is a password or a single key.
_BYTES = "application/octet-stream"
_TYPES = ("opaque", "certificate")
_CONTAINER: Shape = {
    "container_ref": text, "name": text, "type": text, "status": text,
    "secret_refs": each({"name": text, "secret_ref": text}),
}  # fmt: skip
_SECRET: Shape = {
    "secret_ref": text, "name": text, "status": text, "secret_type": text, "content_types": mapping, "expiration": text,
}  # fmt: skip
#: What Octavia reads of a container (its barbican_legacy certificate manager).
_PARTS = frozenset({"certificate", "private_key"})


def offered(cloud: Cloud) -> bool:
    """Whether this cloud's catalogue has a key manager; no call."""
    return cloud.has(SERVICE)


def read(cloud: Cloud) -> tuple[Certificate, ...]:
    """Certificate containers, then secrets that may be PKCS12 bundles, by name: two calls. Raises a CloudError."""
    return tuple(one for one in known(cloud) if not one.refusal)


def known(cloud: Cloud) -> tuple[Certificate, ...]:
    """The same with all that cannot be a certificate, once for every handle; no call without a key manager.

    Barbican lists no secret that is expired. None where those of lately will do. Raises a CloudError.
    """
    if not offered(cloud):
        return ()
    return cloud.once("certificates", lambda: lately(cloud, "certificates", tuple, lambda: _known(cloud)))


def chosen(found: Sequence[Certificate], value: str) -> tuple[str, str]:
    """The reference of the certificate with this name or reference and '', or '' and what is wrong with it."""
    called = [one for one in found if value in (one.ref, one.name)]
    fit = [one for one in called if not one.refusal]
    if len(fit) == 1:
        return fit[0].ref, ""
    if len(fit) > 1:
        refs = ", ".join(one.ref for one in fit[:10])
        return "", say("{n} certificates are called '{value}': say the reference of one, {refs}.",
                       n=len(fit), value=value[:60], refs=refs)  # fmt: skip
    if called:
        return "", called[0].refusal
    return "", say(
        "The key manager has no certificate '{value}' of this project; it lists none that is expired.", value=value[:60]
    )


def _known(cloud: Cloud) -> tuple[Certificate, ...]:
    containers = rows(cloud.pages(SERVICE, "/containers", "containers"), _CONTAINER)
    secrets = rows(cloud.pages(SERVICE, "/secrets", "secrets"), _SECRET)
    there = {one["secret_ref"]: one for one in secrets}
    inside = {part["secret_ref"] for one in containers if one["type"] == "certificate" for part in one["secret_refs"]}
    told = [_container(one, there) for one in containers]
    rest = [_bundle(one) for one in secrets if one["secret_ref"] not in inside]
    return (*_by_name(told), *_by_name(rest))


def _container(row: Row, there: Mapping[str, Row]) -> Certificate:
    ref, name = str(row["container_ref"]), _named(row, "container_ref")
    parts = {str(one["name"]): str(one["secret_ref"]) for one in row["secret_refs"]}
    refusal = ""
    if row["type"] != "certificate":
        refusal = say("{name} is a container for something else ({type}).", name=name, type=row["type"])
    elif row["status"] != "ACTIVE":
        refusal = _not_active(name, row)
    elif gone := sorted(part for part in _PARTS if part not in parts or parts[part] not in there):
        refusal = say("{name} lacks its {gone}, or that is expired.", name=name, gone=", ".join(gone))
    ends = [moment(there[one]["expiration"]) for one in parts.values() if one in there]
    return Certificate(ref, name, "container", min((one for one in ends if one), default=None), refusal)


def _bundle(row: Row) -> Certificate:
    name, kinds = _named(row, "secret_ref"), mapping(row["content_types"])
    refusal = ""
    if row["status"] != "ACTIVE":
        refusal = _not_active(name, row)
    elif (row["secret_type"] or "opaque") not in _TYPES or _BYTES not in kinds.values():
        refusal = say("{name} is no PKCS12 bundle: those are bytes, of the type 'opaque' or 'certificate'.", name=name)
    return Certificate(str(row["secret_ref"]), name, "bundle", moment(row["expiration"]), refusal)


def _not_active(name: str, row: Row) -> str:
    return say("{name} is {status} in the key manager.", name=name, status=row["status"])


def _named(row: Row, ref: str) -> str:
    return str(row["name"] or str(row[ref]).rpartition("/")[2])


def _by_name(found: Iterable[Certificate]) -> list[Certificate]:
    return sorted(found, key=lambda one: (one.name, one.ref))
