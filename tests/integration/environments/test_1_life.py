"""A launch on the running sandbox: one environment out of four, proofs kept with packets, few calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import errors, first_checks, launch, watch
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.heat import resources, stack
from tenant_ops_dashboard.environments.model import Details, Environment, Plan, Proof, Request
from tenant_ops_dashboard.environments.planning import plan
from tests.conformance.blueprints import look, recorded
from tests.conformance.target import Person
from tests.integration.environments.counting import requests_made


def test_four_launches_at_once_make_one(owner: Cloud, launched: list[Environment]) -> None:
    assert len({one.id for one in launched}) == 1
    same = [one for one in stack.environments(owner) if one.name == launched[0].name and not one.going]
    assert [one.id for one in same] == [launched[0].id]


def test_all_promises_are_kept(standing: tuple[Details, tuple[Proof, ...]]) -> None:
    details, proofs = standing
    assert {one.name: (one.state, one.evidence) for one in proofs if one.state != "good"} == {}
    assert {one.name for one in proofs} == {
        "load-balancer",
        "members",
        "security-groups",
        "firewall",
        "volume",
        "http",
        "database",
        "closed",
    }
    assert details.environment.status == "good", details.environment.status_reason
    assert details.environment.address.startswith("http://203.0.113.")
    assert details.drift == ()
    assert details.progress.done == details.progress.total


def test_heat_made_what_the_fakes_are_held_to(owner: Cloud, environment: Environment) -> None:
    path = f"/stacks/{environment.name}/{environment.id}"
    assert look(Person(owner), path) == recorded()["tomcat-oracle with a jump host"]


def test_the_picture_is_what_was_planned(planned: Plan, standing: tuple[Details, tuple[Proof, ...]]) -> None:
    picture = standing[0].picture
    assert {box.key for box in picture.boxes} == {box.key for box in planned.picture.boxes}
    assert picture.arrows == planned.picture.arrows
    assert {box.key: box.state for box in picture.boxes if box.state != "good"} == {}
    assert {part for box in picture.boxes for part in box.parts if part[1] != "good"} == set()


def test_the_plan_counted_what_was_made(owner: Cloud, planned: Plan, environment: Environment) -> None:
    found = stack.find(owner, environment.id)
    types = Counter(row.type.rpartition("::")[2] for row in resources.read(owner, found))
    planned_adds = {line.resource: line.adds for line in planned.quotas}
    servers = [
        one
        for one in owner.pages("compute", "/servers/detail", "servers", microversion="2.47")
        if one["metadata"].get(data_volumes.OWNER) == environment.id
    ]
    networks = [row.resource_id for row in resources.read(owner, found) if row.type == "OS::Neutron::Net"]
    ports = owner.pages("network", "/ports", "ports", network_id=networks, project_id=owner.project_id)
    groups = [row.resource_id for row in resources.read(owner, found) if row.type == "OS::Neutron::SecurityGroup"]
    rules = [
        one
        for one in owner.pages("network", "/security-group-rules", "security_group_rules")
        if one["security_group_id"] in groups
    ]
    standing = firewall_groups.read(owner, environment.id)
    assert standing is not None
    assert planned_adds["instances"] == len(servers)
    assert planned_adds["cores"] == sum(one["flavor"]["vcpus"] for one in servers)
    assert planned_adds["ram"] == sum(one["flavor"]["ram"] for one in servers)
    assert (
        planned_adds["gigabytes"]
        == sum(one["size"] for one in data_volumes.of(data_volumes.volumes(owner), environment.id))
        == 2
    )
    assert planned_adds["port"] == len(ports)
    assert planned_adds["security_group"] == len(groups)
    assert planned_adds["security_group_rule"] == len(rules)
    assert planned_adds["firewall_rule"] == len(standing.rules)
    assert planned_adds["floatingip"] == types["FloatingIP"] == 2
    assert planned_adds["stacks"] == 1 + types["AutoScalingGroup"] + sum(
        count for name, count in types.items() if "yaml" in name
    )


def begun(made: list[str]) -> list[str]:
    """The lists and things that were asked for, however many pages a list has here, but for what is asked once an hour.

    These are the back end of FWaaS and what new security groups are given, each once at most.
    """
    first = [one for one in made if "marker=" not in one]
    hourly = [one for one in first if "/service-providers" in one or "/default-security-group-rules" in one]
    assert len(set(hourly)) == len(hourly) <= 2, hourly
    return [one for one in first if one not in hourly]


def test_the_list_costs_six_calls_and_the_page_fourteen(
    owner: Cloud, environment: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    with requests_made() as made:
        watch.listing(owner)
    assert len(begun(made)) <= 6 + 3, "what was launched just now has members whose first checks may be due"
    monkeypatch.setattr(first_checks, "SOON", 0.0)
    with requests_made() as made:
        found = watch.listing(owner)
    assert len(begun(made)) == 6, made
    mine = next(one for one in found if one.id == environment.id)
    assert mine.status == "good", mine.status_reason
    assert mine.address == environment.address
    assert mine.tiers == (("DMZ", "2 servers, jump host"), ("DB", "1 server, 2 GB"))
    with requests_made() as made:
        details = watch.details(owner, environment.name)
    assert len(begun(made)) <= 14, made
    assert watch.version(details) == watch.version(watch.details(owner, environment.id))


def test_the_name_is_in_use_for_another_form(owner: Cloud, environment: Environment) -> None:
    kept = stack.find(owner, environment.id).tag(stack.TOKEN)
    for token in ("form", "another form", "a later form"):
        request = Request(environment.name, "tomcat-oracle", {})
        if stack.digest("token", owner.user_id, token) == kept:
            assert launch.launch(owner, request, (), token).id == environment.id
            continue
        with pytest.raises(errors.NotValid) as caught:
            launch.launch(owner, request, (), token)
        assert list(caught.value.problems) == ["name"]


@pytest.mark.parametrize(
    ("field", "request_"),
    [
        ("name", Request("", "tomcat-oracle")),
        ("name", Request("x" * 300, "tomcat-oracle")),
        ("name", Request("<script>", "tomcat-oracle")),
        (
            "database_cidr",
            Request("it-bad", "tomcat-oracle", {"dmz_cidr": "10.9.0.0/24", "database_cidr": "10.9.0.0/25"}),
        ),
        ("dmz_cidr", Request("it-bad", "tomcat-oracle", {"dmz_cidr": "10.9.0.0/33"})),
        ("dmz_cidr", Request("it-bad", "tomcat-oracle", {"dmz_cidr": "203.0.113.0/26"})),
        ("image", Request("it-bad", "tomcat-oracle", {"image": "no such image"})),
        ("blueprint", Request("it-bad", "no-such-blueprint")),
    ],
)
def test_bad_input_is_told_at_its_field_and_makes_nothing(owner: Cloud, field: str, request_: Request) -> None:
    before = {one.id for one in stack.environments(owner)}
    assert field in plan.plan(owner, request_).problems
    with pytest.raises(errors.NotValid) as caught:
        launch.launch(owner, request_)
    assert field in caught.value.problems
    assert {one.id for one in stack.environments(owner)} <= before, "others may still be on their way out"


def test_the_first_quota_that_does_not_fit_is_named(owner: Cloud) -> None:
    made = plan.plan(owner, Request("it-huge", "tomcat-oracle", {"database_size": "16384"}))
    assert made.problems[""].startswith("Quota: Volume storage (GB): 16384 more are needed")
    with pytest.raises(errors.QuotaExceeded):
        launch.launch(owner, made.request)


def test_a_reader_sees_and_may_not_touch(log_in: Callable[..., Cloud], environment: Environment) -> None:
    auditor = log_in("auditor")
    assert environment.id in {one.id for one in watch.listing(auditor)}
    assert watch.details(auditor, environment.name).environment.status == "good"
    with pytest.raises(errors.NotAllowed):
        launch.launch(auditor, Request("it-auditor", "tomcat-oracle"))
