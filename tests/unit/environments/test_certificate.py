"""A certificate of the key manager at the environment's load balancer: offered, planned, refused, and what it makes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import follow, intent, launch, reconcile, watch
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.model import Details, Plan, Proof, Request
from tenant_ops_dashboard.environments.planning import plan
from tenant_ops_dashboard.environments.proofs import prove, sending, tls
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.environments.template import hot
from tenant_ops_dashboard.errors import BadInput
from tests.unit.fake_openstack.barbican import WITH_KEY_MANAGER, Barbican
from tests.unit.fake_openstack.world import World


@pytest.fixture
def barbican(world: World) -> Barbican:
    return Barbican(world.wire)


@pytest.fixture
def secure(world: World, barbican: Barbican) -> Cloud:
    return world.cloud(services=WITH_KEY_MANAGER)


def planned(cloud: Cloud, **answers: str) -> Plan:
    return plan.plan(cloud, Request("shop", "tomcat-oracle", answers))


def made(world: World, cloud: Cloud, **answers: str) -> list[Any]:
    found = launch.launch(cloud, Request("shop", "tomcat-oracle", answers))
    parts: list[Any] = world.heat.stacks[found.id]["planned"]
    return parts


def test_it_is_offered_by_name_with_its_end_and_chosen_for_nobody(secure: Cloud, barbican: Barbican) -> None:
    barbican.secret("shop.example", expiration="2099-01-31T00:00:00")
    barbican.secret("old.example")
    barbican.secret("password", content="text/plain")
    (asked,) = [one for one in planned(secure).choices if one.name == "certificate"]
    labels = [one.label for one in asked.offered]
    assert labels[:2] == ["none: HTTP alone", "old.example, stored without its end"]
    assert labels[2].startswith("shop.example, ends on 2099-01-31, in ")
    assert (asked.value, len(labels)) == ("", 3)


def test_by_its_name_it_reaches_a_listener_of_its_own(world: World, secure: Cloud, barbican: Barbican) -> None:
    ref = barbican.secret("shop.example")
    told = planned(secure, certificate="shop.example")
    assert told.problems == {}
    assert ("tls_listener", "Listener on 443") in told.resources
    assert f"certificate: {ref}" in told.environment_file
    assert "tcp 80, 443" in [words for _, _, words in told.picture.arrows]
    listeners = [one.properties for one in made(world, secure, certificate=ref) if one.type == "OS::Octavia::Listener"]
    found = {one["protocol_port"]: (one["protocol"], one.get("default_tls_container_ref")) for one in listeners}
    assert found == {80: ("HTTP", None), 443: ("TERMINATED_HTTPS", ref)}


def test_its_port_passes_the_firewall_group_and_is_promised(world: World, secure: Cloud, barbican: Barbican) -> None:
    ref = barbican.secret("shop.example")
    stack = launch.launch(secure, Request("shop", "tomcat-oracle", {"certificate": ref}))
    world.heat.finish(stack.id)
    details = watch.details(secure, "shop")
    promise = next(one for one in details.proofs if one.name == "https")
    assert (promise.title, details.targets.tls) == ("Answers from outside over HTTPS", 443)
    reconcile.reconcile(secure, stack)
    ports = {one["destination_port"] for one in world.things.kept["firewall_rules"].values()}
    assert {"80", "443"} <= ports


def test_its_port_is_an_intent_where_it_was_asked_for(world: World, secure: Cloud, barbican: Barbican) -> None:
    one = blueprints.find("tomcat-oracle")
    assert one is not None
    assert 443 not in {each.ports[0] for each in one.intents if each.ports}
    made = launch.launch(secure, Request("shop", "tomcat-oracle", {"certificate": barbican.secret("shop.example")}))
    assert "answer=certificate:yes" in world.heat.stacks[made.id]["row"]["tags"]
    slug, answers = stack.answers(stack.by_id(secure, made.id).launched)
    told = blueprints.intents(one, answers)
    assert (slug, answers) == ("tomcat-oracle", {"certificate": "yes"})
    assert [each.says for each in told if each.ports == (443, 443)] == ["The application answers on port 443."]
    assert len(told) == len(one.intents) + 1


def test_without_one_everything_is_as_it_was(world: World, secure: Cloud, barbican: Barbican) -> None:
    barbican.secret("shop.example")
    parts = made(world, secure)
    assert [one.properties["protocol_port"] for one in parts if one.type == "OS::Octavia::Listener"] == [80]
    assert "https" not in {one.name for one in watch.details(secure, "shop").proofs}


def test_what_cannot_be_taken_says_why(secure: Cloud, barbican: Barbican) -> None:
    barbican.secret("password", content="text/plain")
    assert planned(secure, certificate="password").problems["certificate"].startswith("password is no PKCS12 bundle")
    assert planned(secure, certificate="gone").problems["certificate"].startswith("The key manager has no certificate")


def test_a_cloud_without_a_key_manager_does_not_ask(cloud: Cloud) -> None:
    assert "certificate" not in {one.name for one in planned(cloud).choices}
    told = "This cloud has no key manager, and a load balancer takes its certificate from there."
    assert planned(cloud, certificate="shop.example").problems == {"certificate": told}


@pytest.mark.parametrize(("status", "words"), [(403, "Barbican"), (503, "Barbican")])
def test_who_gets_no_answer_is_told_why(
    world: World, secure: Cloud, barbican: Barbican, status: int, words: str
) -> None:
    world.wire.trouble["key-manager"] = [status] * 8
    told = planned(secure)
    (asked,) = [one for one in told.choices if one.name == "certificate"]
    assert told.ok
    assert ([one.label for one in asked.offered], words in asked.reason) == (
        ["none: the key manager offers nothing"], True
    )  # fmt: skip
    assert words in planned(secure, certificate="shop.example").problems["certificate"]


def test_an_intent_hangs_on_a_parameter_that_is_there() -> None:
    wish = {"expect": "allow", "from": "internet", "to": "tier:{environment}/balancer", "when": "tls"}
    for value, kept in (("", 0), ("false", 0), ("no", 0), ("yes", 1), ("http://fake/v1/secrets/1", 1)):
        assert len(intent.of_blueprint([wish], {"tls": value})) == kept
    with pytest.raises(BadInput, match=r"intents\[0\]\.when: must be a parameter of the blueprint\."):
        intent.of_blueprint([wish], {"certificate": ""})


@pytest.mark.parametrize("change", ["client_authentication: MANDATORY", "admin_state_up: false"])
def test_a_listener_that_answers_not_everybody_promises_nothing(change: str) -> None:
    listener = f"loadbalancer: lb, protocol: TERMINATED_HTTPS, protocol_port: 443, {change}"
    template = hot.parse(
        f"""
heat_template_version: 2021-04-16
resources:
  lb: {{type: OS::Octavia::LoadBalancer, properties: {{vip_subnet: s}}}}
  listener: {{type: OS::Octavia::Listener, properties: {{{listener}}}}}
  address: {{type: OS::Neutron::FloatingIP, properties: {{floating_network: e}}}}
"""
    )
    at = hot.scope(template, {}, {})
    assert prove.promised(template, at, hot.resources(template, at)) == ()


def test_where_https_alone_is_promised_nothing_else_is_asked(
    world: World, secure: Cloud, barbican: Barbican, monkeypatch: pytest.MonkeyPatch
) -> None:
    stood = launch.launch(secure, Request("shop", "tomcat-oracle", {"certificate": barbican.secret("shop.example")}))
    world.heat.finish(stood.id)
    details = watch.details(secure, stood.id)
    alone = replace(details, proofs=(Proof("https", tls.TITLE, "unknown", ""),))
    monkeypatch.setattr(tls, "secured", lambda *_: Proof("https", tls.TITLE, "good", "fine"))
    monkeypatch.setattr(sending, "turns", lambda *_: pytest.fail("port 80 was asked"))
    (told,) = prove.prove(secure, alone, "http://127.0.0.1:9")
    assert told.state == "good"


def test_who_waits_waits_for_https_too(
    world: World, secure: Cloud, barbican: Barbican, monkeypatch: pytest.MonkeyPatch
) -> None:
    stood = launch.launch(secure, Request("shop", "tomcat-oracle", {"certificate": barbican.secret("shop.example")}))
    world.heat.finish(stood.id)
    answers = iter(["failed", "failed", "warning"])

    def proven(cloud: Cloud, details: Details, proxy: str | None = None) -> tuple[Proof, ...]:
        https = next(answers)
        return tuple(replace(one, state=https if one.name == "https" else "good") for one in details.proofs)

    monkeypatch.setattr(follow, "EVERY", 0.0)
    monkeypatch.setattr(prove, "prove", proven)
    _, told = follow.up(secure, stood, 60)
    assert {one.name: one.state for one in told if one.state != "good"} == {"https": "warning"}
    assert list(answers) == []
