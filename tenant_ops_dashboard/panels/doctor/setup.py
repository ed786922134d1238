"""Settings that contradict each other, or name what is not there."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from tenant_ops_dashboard.cloud import Cloud, back_end
from tenant_ops_dashboard.doctor.model import Finding, Found
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.panels.settings import Settings
from tenant_ops_dashboard.sentences import say


def look(cloud: Cloud) -> Found:
    """A finding for each that is wrong."""
    name, told = say("Settings"), settings.read()
    wrong = list(_wrong(told))
    for found, fix in wrong:
        yield Finding(name, "failed", found, fix)
    if not told.service_user:
        found = say("TENANT_OPS_SERVICE_USER is empty, so nobody is offered unattended care.")
        fix = say("Make a user for the plugin and name it; the install page says how.")
        yield Finding(name, "warning", found, fix)
    elif not wrong:
        yield Finding(name, "good", say("The plugin's settings fit together."))


def _wrong(told: Settings) -> Iterator[tuple[str, str]]:
    if told.firewall_profile not in ("", *back_end.PROFILES):
        found = say("TENANT_OPS_FIREWALL_PROFILE is '{value}'.", value=told.firewall_profile)
        yield found, say("Set it to 'ovn' or 'l3-agent', Neutron's back end of FWaaS, or take it out.")
    for folder in told.blueprint_folders:
        if not folder.is_dir():
            found = say("TENANT_OPS_BLUEPRINT_FOLDERS names {folder}, which is no folder.", folder=folder)
            yield found, say("Make the folder, or take it out of the list.")
    if bool(told.service_user) != bool(told.service_cloud):
        found = say("Of TENANT_OPS_SERVICE_USER and TENANT_OPS_SERVICE_CLOUD one is empty, so the care job cannot act.")
        yield found, say("Set both, or none.")
    proxy = urlsplit(told.proof_proxy)
    if told.proof_proxy and not (proxy.scheme in ("http", "https") and proxy.netloc):
        found = say("TENANT_OPS_PROOF_PROXY is '{value}', which is no address.", value=told.proof_proxy)
        yield found, say("Write it as http://HOST:PORT.")
    for name in ("mask", "serve"):
        if bool(getattr(told, f"{name}_image")) != bool(getattr(told, f"{name}_flavor")):
            found = say("Of TENANT_OPS_{name}_IMAGE and TENANT_OPS_{name}_FLAVOR one is empty.", name=name.upper())
            yield found, say("Set both, or none.")
