"""Every address of the plugin, from its own list of addresses: a new one is tested as soon as it is there."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator

import horizon
from django.test import RequestFactory
from django.urls import URLPattern, reverse

from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.panels import boundary

# The stack of the fixtures `shop` and `begun`, and its page.
ID = "00000000-0000-0000-0000-000000000003"
# Its firewall group.
GROUP = "fire-57"
# The security group of its database.
SECURITY_GROUP = "secu-13"
SHOW = f"/tenant_ops/environment/{ID}/"
# The first intent that its blueprint brings.
INTENT = standing.of_blueprints({ID: "tomcat-oracle"})[0].id
# A value for every part that an address may have.
PARTS = {
    "stack_id": ID, "name": "shop", "rest": "", "key": "database", "what": "template", "balancer": "lb-1",
    "member": "member-5", "pool": "pool-1", "target": "lb-1", "verb": "drain", "direction": "out",
    "group": GROUP, "security_group": SECURITY_GROUP, "way": "ingress", "kind": "csv",
    "intent": INTENT,
    "finding": "no-such-finding",
    "offer": "no-such-offer", "clone": "no-such-clone", "trust": "no-such-trust",
    "scenario": "orchestration", "step": "launch", "button": "check",
    "event": "00000000-0000-4000-8000-000000000001", "form": "csv",
}  # fmt: skip


def addresses() -> dict[str, str]:
    """Each address by its panel and name, such as 'environments:delete'."""
    reverse("login")
    dashboard = horizon.get_dashboard("tenant_ops")
    found = {}
    for panel in dashboard.get_panels():
        for pattern in _patterns(panel):
            parts = {name: PARTS[name] for name in pattern.pattern.regex.groupindex}
            found[f"{panel.slug}:{pattern.name}"] = reverse(
                f"horizon:tenant_ops:{panel.slug}:{pattern.name}", kwargs=parts
            )
    return found


@functools.cache
def pages() -> dict[str, frozenset[str]]:
    """The parts of each address that a person may open, by its panel and name: it takes GET, and no script polls it."""
    reverse("login")
    return {
        f"{panel.slug}:{pattern.name}": frozenset(pattern.pattern.regex.groupindex)
        for panel in horizon.get_dashboard("tenant_ops").get_panels()
        for pattern in _patterns(panel)
        if not boundary.is_poll(pattern.callback) and "GET" in _methods(pattern)
    }


def _methods(pattern: URLPattern) -> list[str]:
    """What its view takes, as the decorator around it tells whoever asks with anything else; the view itself is not run."""
    view = getattr(sys.modules[pattern.callback.__module__], pattern.callback.__name__)
    refused = view(RequestFactory().generic("NONE", "/"))
    assert refused.status_code == 405, f"{pattern.name}: its outermost decorator has to name its methods"
    return refused["Allow"].split(", ")


def _patterns(panel: horizon.Panel) -> Iterator[URLPattern]:
    from importlib import import_module

    yield from import_module(f"tenant_ops_dashboard.panels.{panel.slug}.urls").urlpatterns
