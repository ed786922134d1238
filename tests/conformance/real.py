"""A real cloud, with the logins of clouds.yaml."""

from __future__ import annotations

import functools
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace

import requests
from keystoneauth1.identity import v3

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cloud.session import Session
from tests.conformance.target import Person, Target


@functools.cache
def _login(name: str) -> Person:
    return Person(clouds.from_clouds_yaml(name, timeout=60))


@dataclass
class Real(Target):
    """The sandbox; time goes by as it does."""

    def __post_init__(self) -> None:
        self.name = f"conform-{uuid.uuid4().hex[:6]}"

    def person(self, name: str = "owner") -> Person:
        return _login(name)

    def through(self, trust: str) -> Person:
        return Person(clouds.through_trust(self.person("tenant-ops").cloud, trust))

    def credential(self) -> Person:
        me = self.person()
        path = f"/users/{me.cloud.user_id}/application_credentials"
        made = self.make("identity", path, {"application_credential": {"name": self.name}})
        plugin = v3.ApplicationCredential(
            me.cloud.endpoint("identity"), made["secret"], application_credential_id=made["id"]
        )
        session = Session(auth=plugin, session=requests.Session())
        return Person(replace(me.cloud, session=session))

    def until(self, look: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 300
        while not look():
            assert time.monotonic() < deadline, "it does not come true"
            time.sleep(0.2)

    def server(self, network: str) -> str:
        me = self.person()
        flavor = next(
            one["id"] for one in me.get("compute", "/flavors/detail").body["flavors"] if one["name"] == "small"
        )
        image = me.get("image", "/images", name="debian-12").body["images"][0]["id"]
        asked = {"name": self.name, "flavorRef": flavor, "imageRef": image, "networks": [{"uuid": network}]}
        answer = me.post("compute", "/servers", {"server": {**asked, "metadata": {"a": "b"}}})
        assert answer.status == 202, answer
        path = f"/servers/{answer.body['server']['id']}"
        self.after(lambda: self.gone("compute", path))
        self.until(lambda: me.get("compute", path).body["server"]["status"] == "ACTIVE")
        return str(answer.body["server"]["id"])

    def volume(self) -> str:
        made = self.make(
            "block-storage", "/volumes", {"volume": {"name": self.name, "size": 1, "metadata": {"a": "b"}}}
        )
        return str(made["id"])

    def broken_volume(self) -> str:
        kind = {"name": self.name, "extra_specs": {"volume_backend_name": "nowhere"}}
        operator = self.person("operator")
        made = operator.post("block-storage", "/types", {"volume_type": kind}).body["volume_type"]["id"]
        self.after(lambda: self.until(lambda: operator.delete("block-storage", f"/types/{made}").status in (202, 404)))
        asked = {"volume": {"name": self.name, "size": 1, "volume_type": made}}
        return str(self.make("block-storage", "/volumes", asked)["id"])
