"""What another person does to the cloud with OpenStack's API alone: nothing of this plugin knows of it."""

from __future__ import annotations

from typing import Any

from keystoneauth1 import exceptions
from keystoneauth1.session import Session

from tenant_ops_dashboard.cloud import Cloud

Json = dict[str, Any]


class Hand:
    """A plain session with the login of `cloud`. Raises keystoneauth's ClientException where a service says no."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.session = Session(auth=cloud.session.auth, verify=cloud.session.verify, timeout=60)

    def post(self, service: str, path: str, body: Json) -> Json:
        return self._send("POST", service, path, body)

    def put(self, service: str, path: str, body: Json) -> Json:
        return self._send("PUT", service, path, body)

    def delete(self, service: str, path: str) -> None:
        """What is gone already is deleted."""
        try:
            self._send("DELETE", service, path)
        except exceptions.NotFound:
            return

    def _send(self, method: str, service: str, path: str, body: Json | None = None) -> Json:
        headers = {"Accept": "application/json"}
        answer = self.session.request(self.cloud.endpoint(service) + path, method, json=body, headers=headers)
        found: Json = answer.json() if answer.content else {}
        return found
