"""A listener's certificate: which one it is, until when, and that one which ends soon is a warning."""

from __future__ import annotations

import datetime
import json

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import main
from tenant_ops_dashboard.loadbalancers import tls, watch
from tenant_ops_dashboard.loadbalancers.model import Balancer
from tests.unit.fake_openstack.barbican import WITH_KEY_MANAGER, Barbican
from tests.unit.loadbalancers.octavia import Octavia


@pytest.fixture
def barbican(octavia: Octavia) -> Barbican:
    return Barbican(octavia.wire)


def ending(days: float) -> str:
    at = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    return at.replace(tzinfo=None).isoformat()


def seen(octavia: Octavia, *refs: str) -> Balancer:
    """The load balancer with these certificates at its listener, the default one first."""
    row = next(iter(octavia.listeners.values()))
    row.update(protocol="TERMINATED_HTTPS", default_tls_container_ref=refs[0], sni_container_refs=list(refs[1:]))
    return watch.listing(octavia.cloud(services=WITH_KEY_MANAGER))[0]


def told(balancer: Balancer) -> str:
    return tls.told(balancer.listeners[0], watch.now())


@pytest.mark.parametrize(("days", "state"), [(60.5, "good"), (29.5, "warning")])
def test_one_that_ends_soon_is_a_warning(
    octavia: Octavia, shop: str, barbican: Barbican, days: float, state: str
) -> None:
    found = seen(octavia, barbican.secret("shop.example", expiration=ending(days)))
    assert (found.listeners[0].state, found.state) == (state, state)
    assert told(found).startswith("certificate shop.example ends on 20")
    assert f"in {int(days)} days" in told(found)
    assert ("the certificate shop.example ends on" in found.reason) == (state == "warning")


def test_every_certificate_of_a_listener_counts(octavia: Octavia, shop: str, barbican: Barbican) -> None:
    first, other = barbican.container("shop.example"), barbican.secret("other.example", expiration=ending(3.5))
    found = seen(octavia, first, other)
    assert found.state == "warning"
    assert told(found).startswith("certificate shop.example, stored without its end, certificate other.example ends on")


def test_a_reference_by_another_address_is_the_same(octavia: Octavia, shop: str, barbican: Barbican) -> None:
    ref = barbican.secret("shop.example", expiration=ending(3.5)).replace("http://fake", "https://other:9311")
    assert seen(octavia, ref).state == "warning"


def test_what_the_key_manager_does_not_tell_is_not_said(octavia: Octavia, shop: str, barbican: Barbican) -> None:
    words = "the key manager tells nothing of its certificate, or it is expired"
    ref = barbican.secret("ended", expiration=ending(-1))
    assert (told(seen(octavia, ref)), seen(octavia, ref).state) == (words, "good")
    octavia.wire.trouble["key-manager"] = [403] * 4
    assert told(seen(octavia, barbican.secret("shop.example"))) == words


def test_who_ends_no_tls_costs_no_call(octavia: Octavia, shop: str, barbican: Barbican) -> None:
    found = watch.listing(octavia.cloud(services=WITH_KEY_MANAGER))[0]
    assert (told(found), [one for one in octavia.wire.calls if "key-manager" in one]) == ("", [])


def test_the_command_line_tells_it_too(
    octavia: Octavia, shop: str, barbican: Barbican, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen(octavia, barbican.secret("shop.example", expiration="2099-01-31T00:00:00"))
    monkeypatch.setattr(
        clouds, "from_clouds_yaml", lambda name, **options: octavia.cloud(services=WITH_KEY_MANAGER, **options)
    )
    assert main.main(["loadbalancer", "show", shop]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "TERMINATED_HTTPS :80, certificate shop.example ends on 2099-01-31, in " in words
    assert main.main(["loadbalancer", "show", shop, "-f", "json"]) == 0
    (listener,) = json.loads(capsys.readouterr().out)["tree"]["listeners"]
    assert [(one["name"], one["ends"]) for one in listener["certificates"]] == [
        ("shop.example", "2099-01-31T00:00:00+00:00")
    ]
