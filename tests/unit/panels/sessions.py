"""Somebody logged in as Horizon does it: a token in the session, read by Horizon's own middleware."""

from __future__ import annotations

import ast
import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import openstack_dashboard
from django.conf import settings
from django.contrib import auth
from django.contrib.sessions.backends.base import SessionBase
from django.test import Client
from openstack_auth.user import Token

from tests.unit.fake_openstack.server import catalogue

USER = "user-1"


def middleware() -> tuple[str, ...]:
    """What Horizon's own settings name, read from its file: importing it would read settings of this machine."""
    tree = ast.parse((Path(openstack_dashboard.__file__).parent / "settings.py").read_text())
    found = next(
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and node.targets[0].id == "MIDDLEWARE"  # type: ignore[attr-defined]
    )
    return tuple(ast.literal_eval(found))


def token(project: str = "project", name: str = "production", *, seconds: float = 3600, user: str = USER) -> Token:
    """A token of this project that ends so soon; '' is a login without a project."""
    made = Token.__new__(Token)  # older Horizons ask for a login to make one of
    made.user = {"id": user, "name": "owner", "password_expires_at": None}
    made.user_domain_id, made.user_domain_name, made.id = "default", "Default", f"token-of-{project}"
    made.unscoped_token = "unscoped"
    made.expires = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds)
    made.project = made.tenant = {"id": project or None, "name": name or None, "domain_id": "default"}
    made.domain = {"id": None if project else "default", "name": None if project else "Default"}
    made.is_federated = made.system_scoped = False
    made.roles = [{"name": "member"}, {"name": "reader"}]
    made.serviceCatalog = catalogue()
    return made


def log_in(client: Client, made: Token, region: str = "RegionOne", **more: Any) -> None:
    """Put the token into the client's session, whatever engine keeps it; `more` goes there too."""
    session = store(client)
    session.update({
        auth.SESSION_KEY: made.user["id"], auth.BACKEND_SESSION_KEY: "openstack_auth.backend.KeystoneBackend",
        "user_id": made.user["id"], "token": made, "region_endpoint": "http://identity.test/v3",
        "services_region": region, "unscoped_token": "unscoped", **more,
    })  # fmt: skip
    session.set_expiry(900)
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def store(client: Client) -> SessionBase:
    """The session as it is kept now."""
    kept = client.cookies.get(settings.SESSION_COOKIE_NAME)
    made: SessionBase = import_module(settings.SESSION_ENGINE).SessionStore(kept.value if kept else None)
    return made
