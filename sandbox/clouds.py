"""sandbox/clouds.yaml: how openstacksdk and the command line log in as each of the sandbox's people."""

from __future__ import annotations

import json

from sandbox.services.base import write
from sandbox.settings import OTHER_REGION, REGION, Settings, url

PEOPLE = {
    "operator": "production", "owner": "production", "developer": "development", "auditor": "production",
    "presenter": "production", "without-octavia": "production", "without-heat": "production",
}  # fmt: skip


def _login(s: Settings, user: str, project: str) -> dict[str, object]:
    """Of a user in a project; in the domain where there is none."""
    scope = {"project_name": project, "project_domain_name": "Default"} if project else {"domain_name": "Default"}
    return {
        "auth": {
            "auth_url": url("keystone", "/v3"),
            "username": user,
            "password": s.passwords[user],
            "user_domain_name": "Default",
            **scope,
        },
        "region_name": REGION,
        "regions": [REGION, OTHER_REGION],
        "identity_api_version": 3,
    }


def configure(s: Settings) -> None:
    """Writes the file, mode 0600. JSON is YAML, and needs no library here."""
    clouds = {name: _login(s, name, project) for name, project in PEOPLE.items()}
    clouds["domain"] = _login(s, "operator", "")
    clouds["tenant-ops"] = _login(s, "tenant-ops", "service")
    write(s.clouds_yaml, json.dumps({"clouds": clouds}, indent=2) + "\n")
