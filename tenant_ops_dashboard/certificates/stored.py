"""Certificates that the key manager (Barbican) keeps and a listener can take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.values import moment

SERVICE = "key-manager"
# Octavia takes a PKCS12 bundle, which is bytes; what people keep as text is a password or a single key.
_BYTES = "application/octet-stream"


@dataclass(frozen=True)
class Certificate:
    """`ref` is what a listener is given; `kind` is 'container' (certificate, key, chain apart) or 'bundle' (PKCS12)."""

    ref: str
    name: str
    kind: str
    expires: str = ""


def offered(cloud: Cloud) -> bool:
    """Whether this cloud's catalogue has a key manager; no call."""
    return cloud.has(SERVICE)


def read(cloud: Cloud) -> tuple[Certificate, ...]:
    """Certificate containers, then secrets that may be PKCS12 bundles, by name: two calls. Raises a CloudError."""
    containers = [
        Certificate(one["container_ref"], one.get("name") or one["container_ref"].rpartition("/")[2], "container")
        for one in cloud.pages(SERVICE, "/containers", "containers")
        if one["type"] == "certificate" and one["status"] == "ACTIVE"
    ]
    bundles = [
        Certificate(one["secret_ref"], one.get("name") or one["secret_ref"].rpartition("/")[2], "bundle", _until(one))
        for one in cloud.pages(SERVICE, "/secrets", "secrets")
        if one["status"] == "ACTIVE" and _BYTES in (one.get("content_types") or {}).values()
        and one.get("secret_type", "opaque") in ("opaque", "certificate")
    ]  # fmt: skip
    return (*sorted(containers, key=lambda one: one.name), *sorted(bundles, key=lambda one: one.name))


def _until(secret: dict[str, Any]) -> str:
    found = moment(secret.get("expiration"))
    return found.date().isoformat() if found else ""
