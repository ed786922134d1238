"""Calls at 1, 10 and 100 load balancers: Horizon and Keystone are the sandbox's, Octavia is the tests' HTTP-level one.

Run with Horizon's settings, as `bench.loadbalancers` does; prints one JSON object.
"""

from __future__ import annotations

import functools
import json
import os
import statistics
import sys
from collections.abc import Callable
from typing import Any
from wsgiref.util import setup_testing_defaults

import django
import requests
from django.conf import settings as django_settings

from bench import octavia_dashboard as peer
from sandbox.settings import PORTS
from tests.unit.loadbalancers.octavia import Octavia

NUMBERS, ROUNDS, MEMBERS = (1, 10, 100), 5, 3
OURS = "/tenant_ops/loadbalancers/state/"


class Standin:
    """What is sent to Octavia's port is answered by `octavia`, all else by the sandbox; `seen` are all calls."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.octavia = Octavia()
        send = requests.adapters.HTTPAdapter.send

        def answer(adapter: Any, request: Any, **options: Any) -> Any:
            self.seen.append(f"{request.method} {request.url}")
            ours, path = f":{PORTS['octavia']}", request.path_url
            if ours not in request.url or not path.startswith("/v2.0/lbaas"):
                return send(adapter, request, **options)
            moved = request.copy()
            moved.url = f"http://fake/load-balancer{path}"
            return self.octavia.wire.send(moved)

        requests.adapters.HTTPAdapter.send = answer  # type: ignore[method-assign]

    def fill(self, number: int, project: str) -> None:
        """So many load balancers of a project, each with a listener, a pool, a monitor and three members."""
        self.octavia = Octavia()
        for index in range(number):
            self.octavia.build(f"app-{index}", members=MEMBERS)
        for kind in (self.octavia.balancers, self.octavia.listeners, self.octavia.pools, self.octavia.monitors):
            for row in kind.values():
                row["project_id"] = project


def main() -> None:
    django_settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    django_settings.DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
    django_settings.TENANT_OPS_CACHE_SECONDS = 0
    django.setup()
    import octavia_dashboard.api.rest  # noqa: F401  # registers its endpoints
    from django.core.cache import cache
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.test import Client

    call_command("migrate", verbosity=0)
    standin, client = Standin(), Client(SERVER_NAME="127.0.0.1")
    application = get_wsgi_application()
    login = {"username": os.environ["BENCH_PERSON"], "password": os.environ["BENCH_PASSWORD"]}
    if client.post("/auth/login/", {**login, "region": "default", "next": "/"}).status_code != 302:
        sys.exit("The login was not accepted.")
    project = client.session["token"].project["id"]
    session = dict(client.session.items())
    figures = {}
    for number in NUMBERS:
        cache.clear()
        kept = client.session
        kept.update(session)
        kept.save(must_create=True)
        cookie = f"sessionid={kept.session_key}"
        standin.fill(number, project)
        figures[str(number)] = _count(standin, functools.partial(_get, application, cookie))
    print(json.dumps(figures))


def _get(application: Any, cookie: str, path: str) -> Any:
    """One request through Horizon's own WSGI application; JSON is read."""
    told: list[Any] = []
    address, _, query = path.partition("?")
    environment = {
        "PATH_INFO": address, "QUERY_STRING": query, "HTTP_COOKIE": cookie, "HTTP_HOST": "localhost",
        "HTTP_X_REQUESTED_WITH": "XMLHttpRequest",
    }  # fmt: skip
    setup_testing_defaults(environment)
    body = b"".join(application(environment, lambda status, headers, *_: told.extend((status, dict(headers)))))
    if not told[0].startswith("200"):
        sys.exit(f"{path} was answered with {told[0]}.")
    return json.loads(body) if "json" in told[1]["Content-Type"] else body


def _count(standin: Standin, get: Callable[[str], Any]) -> dict[str, Any]:
    def calls(poll: Callable[[], Any]) -> int:
        standin.seen.clear()
        poll()
        return len(standin.seen)

    pool, first = next(iter(standin.octavia.pools)), calls(lambda: get(OURS))
    # Every member is read once, one load balancer a poll, before a poll is an idle one.
    for _ in range(len(standin.octavia.balancers)):
        get(OURS)
    idle = [calls(lambda: get(OURS)) for _ in range(ROUNDS)]
    return {
        "tenant_ops_first_look": first,
        "tenant_ops_poll": statistics.median(idle),
        "octavia_dashboard_list_poll": calls(lambda: peer.list_tick(get)),
        "octavia_dashboard_pool_poll": calls(lambda: peer.pool_tick(get, pool)),
        "octavia_dashboard_every_pool_once": sum(
            calls(lambda one=one: peer.pool_tick(get, one)) for one in list(standin.octavia.pools)[:10]
        )
        * len(standin.octavia.pools)
        // min(10, len(standin.octavia.pools)),
    }


if __name__ == "__main__":
    main()
