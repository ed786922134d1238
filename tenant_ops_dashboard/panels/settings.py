"""The plugin's settings as one typed object; conf/local_settings.d/_9000_tenant_ops.py documents each."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

from django.conf import settings

from tenant_ops_dashboard.cloud import Options
from tenant_ops_dashboard.panels import store


@dataclass(frozen=True)
class Settings:
    """Times are in seconds; the plugin's own settings, each called TENANT_OPS_ and the field's name in capitals."""

    blueprint_folders: tuple[Path, ...] = ()
    timeout: float = 20
    write_timeout: float = 60
    budget: float = 10
    poll_busy_seconds: float = 2
    poll_idle_seconds: float = 10
    balancers_busy_seconds: float = 1.5
    balancers_calm_seconds: float = 5
    cache_seconds: float = 1.5
    last_good_seconds: float = 900
    firewall_profile: str = ""
    service_user: str = ""
    service_cloud: str = ""
    trust_roles: tuple[str, ...] = ("member", "load-balancer_member")
    trust_days: int = 90
    proof_proxy: str = ""
    packet_proofs: bool = True
    address_via: str = ""
    audit_log: str = ""
    audit_days: int = 365
    audit_notify_url: str = ""
    audit_notify_topics: tuple[str, ...] = ("notifications",)
    api_rate: int = 120
    posture_seconds: float = 120
    posture_days: int = 730
    mask_image: str = ""
    mask_flavor: str = ""
    serve_image: str = ""
    serve_flavor: str = ""
    clone_days: int = 365

    def options(self) -> Options:
        """How to talk to the cloud: these settings and Horizon's own for certificates and endpoints."""
        return Options(
            timeout=self.timeout,
            write_timeout=self.write_timeout,
            budget=self.budget,
            cacert=settings.OPENSTACK_SSL_CACERT or "",
            insecure=bool(settings.OPENSTACK_SSL_NO_VERIFY),
            interface=settings.OPENSTACK_ENDPOINT_TYPE,
            secondary_interface=settings.SECONDARY_ENDPOINT_TYPE or "",
            firewall_profile=self.firewall_profile,
            service_user=self.service_user,
            trust_roles=tuple(role.lower() for role in self.trust_roles),
            trust_days=self.trust_days,
            proof_proxy=self.proof_proxy,
            store=store.Shared(),
            packet_proofs=bool(self.packet_proofs),
            mask_image=self.mask_image,
            mask_flavor=self.mask_flavor,
            serve_image=self.serve_image,
            serve_flavor=self.serve_flavor,
        )


def read() -> Settings:
    """The settings now in force; read at every use so that tests and reloads see changes."""
    given = {f.name: getattr(settings, _name(f.name)) for f in fields(Settings) if hasattr(settings, _name(f.name))}
    if "blueprint_folders" in given:
        given["blueprint_folders"] = tuple(Path(folder) for folder in given["blueprint_folders"])
    return Settings(**given)


def _name(field: str) -> str:
    return f"TENANT_OPS_{field.upper()}"
