"""Intents that stand: what blueprints bring, how they fare, and what a draft makes of each."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tenant_ops_dashboard.environments import intent as forms
from tenant_ops_dashboard.environments.errors import BadBlueprint
from tenant_ops_dashboard.environments.template import blueprint
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.firewall import apply, draft, edit, preview, read, standing
from tenant_ops_dashboard.firewall.checking import Checked
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.errors import BreaksIntents
from tenant_ops_dashboard.firewall.in_place import ApplyInPlace
from tenant_ops_dashboard.firewall.model import Rule
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import look
from tenant_ops_dashboard.firewall.standing import Compared, Gate, Standing
from tenant_ops_dashboard.firewall.substitute import substitute
from tenant_ops_dashboard.reachability.engine import Engine
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.standing import expose_database, shop

OPEN = Rule(name="anyone", action="allow", protocol="tcp", destination_ip_address="10.20.2.5", destination_port="1521")
BACK = Rule(name="back", action="allow", protocol="tcp", source_ip_address="10.20.2.5", source_port="1521")


@pytest.fixture
def world():
    made = World()
    shop(made, made.cloud())
    return made


@pytest.fixture
def ends(world):
    cloud = world.cloud()
    return Ends(look(cloud), Names(cloud))


def brought(ends):
    return standing.of_blueprints(ends.names.blueprints or {})


def edited(ends, *changes):
    made = read.draft(ends.seen, "shop-fw")
    for change in changes:
        made = change(made)
    return made


def opened(ends):
    return edited(ends, lambda d: edit.insert(d, "ingress", [OPEN], 0), lambda d: edit.insert(d, "egress", [BACK], 0))


def compared(ends, wanted, known=None):
    group = read.find(ends.seen, "shop-fw")
    known = known or brought(ends)
    after = Engine(substitute(ends.seen, wanted.state, group).after, ends.engine.profile)
    was = standing.judge(ends.engine, ends, known)
    traffic = preview.preview(ends, wanted, group, findings=False).traffic
    found = standing.compare(ends, known, was, after, traffic)
    assert [one.after.holds for one in found] == [one.after.holds for one in standing.compare(ends, known, was, after)]
    return {standing.named(one.standing, ends.names.of_environments): one for one in found}


def test_shipped_blueprints_bring_intents_that_hold(world, ends):
    known = brought(ends)
    assert [one.origin for one in known] == ["blueprint"] * 3
    # The fake's load balancer has no listener that would answer.
    assert [one.holds for one in standing.judge(ends.engine, ends, known)] == [True, False, True]
    again = standing.of_blueprints(ends.names.blueprints)
    assert [one.id for one in again] == [one.id for one in known] and len({one.id for one in known}) == 3


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([{"expect": "deny", "from": "internet", "to": "tier:{name}/database"}], r"intents\[0\].to: may have"),
        ([{"expect": "deny", "from": "{", "to": "internet"}], r"intents\[0\].from: may have"),
        ([{"expect": "deny", "from": "internet", "to": "internet", "if": 1}], r"intents\[0\].if: is unknown"),
        ({"expect": "deny"}, "intents: must be a list"),
    ],
)
def test_a_blueprint_s_mistake_is_named_by_its_place(tmp_path, given, said):
    place = tmp_path / "own"
    place.mkdir()
    (place / "template.yaml").write_text("heat_template_version: 2021-04-16\nresources: {}\n")
    (place / "blueprint.yaml").write_text(json.dumps({"title": "Own", "intents": given}))
    with pytest.raises(BadBlueprint, match=f"blueprint.yaml: {said}"):
        blueprint.read(place)


def test_an_operator_s_blueprint_brings_its_own(tmp_path):
    place = tmp_path / "own"
    place.mkdir()
    (place / "template.yaml").write_text("heat_template_version: 2021-04-16\nresources: {}\n")
    closed = {"expect": "deny", "from": "internet", "to": "environment:{environment}", "says": "Closed."}
    (place / "blueprint.yaml").write_text(json.dumps({"title": "Own", "intents": [closed]}))
    (found,) = standing.of_blueprints({"stack-1": "own", "stack-2": "none"}, [tmp_path])
    assert (found.intent.target, found.environment) == ("environment:stack-1", "stack-1")


@pytest.mark.parametrize(
    ("answers", "port"), [("", 1521), ("?database_port:5432", 5432), ("?database_port:no", 1521), ("?other:1", 1521)]
)
def test_an_intent_is_about_the_port_that_was_launched(answers, port):
    found = standing.of_blueprints({"stack-1": f"tomcat-oracle{answers}"})
    (one,) = [one for one in found if one.intent.sentence == "The application reaches its database."]
    assert one.intent.ports == (port, port)


def test_a_draft_breaks_what_held_and_nothing_else(world, ends):
    expose_database(world)
    cloud = world.cloud()
    ends = Ends(look(cloud), Names(cloud))
    found = compared(ends, opened(ends))
    broken = found["The database is never reachable from the internet."]
    assert broken.becomes == "breaks"
    assert broken.after.witness["dst_port"] == 1521 and "ingress.rules[0]" in broken.after.because
    assert [one.becomes for one in found.values()] == ["breaks", "was broken", "holds"]


def test_without_a_policy_the_application_answers_no_more(ends):
    found = compared(ends, edited(ends, lambda d: edit.without_policy(d, "ingress")))
    assert found["The application reaches its database."].becomes == "breaks"


def test_what_moves_no_traffic_is_not_checked_again(ends, monkeypatch):
    known = brought(ends)
    was = standing.judge(ends.engine, ends, known)
    monkeypatch.setattr(standing, "_judge", lambda *_: 1 / 0)
    sure = [(one, now) for one, now in zip(known, was, strict=True) if now.holds is not None]
    standing.compare(ends, [one for one, _ in sure], [now for _, now in sure], ends.engine, preview.Difference())


@pytest.mark.parametrize(
    ("was", "is_", "becomes"),
    [
        (True, True, "holds"), (True, False, "breaks"), (True, None, "breaks"), (None, False, "breaks"),
        (None, None, "unknown"), (None, True, "holds"), (False, False, "was broken"), (False, None, "was broken"),
        (False, True, "mends"),
    ],
)  # fmt: skip
def test_what_a_draft_did(was, is_, becomes):
    intent = forms.Intent("deny", "internet", "10.0.0.1")
    assert Compared(Standing("1", intent), Checked(was, ""), Checked(is_, "")).becomes == becomes


def test_an_end_that_is_gone_is_told_and_stops_nobody(ends):
    lost = Standing("1", forms.Intent("deny", "internet", "tier:nowhere/database"))
    (found,) = standing.judge(ends.engine, ends, [lost])
    assert (found.holds, found.because[:4]) == (None, "to: ")


def test_the_parts_of_a_dmz_can_be_named(ends):
    application, balancer, jump = (
        ends.target(f"tier:shop/{part}", "to").ports for part in ("application", "balancer", "jump")
    )
    assert len(application) == 2 and len(balancer) == 1 and jump == ()
    assert {one.id for one in (*application, *balancer)} == {one.id for one in ends.target("tier:shop/dmz", "to").ports}


def test_the_gate_looks_again_and_nothing_is_sent(world, ends):
    expose_database(world)
    cloud = world.cloud("member")
    known = brought(ends)
    wanted = opened(ends)
    world.calls()
    with pytest.raises(BreaksIntents, match="The database is never reachable from the internet") as refused:
        apply.apply(cloud, wanted, "shop-fw", Gate(cloud, known), wait=0.0)
    assert not [call for call in world.calls() if not call.startswith("GET")]
    (one,) = refused.value.told["intents"]
    assert one["holds"] is False and one["witness"] and one["id"] == known[0].id
    json.dumps(refused.value.told)
    apply.apply(cloud, wanted, "shop-fw", Gate(cloud, known, frozenset({known[0].id})), wait=0.0)
    # What is broken already gates nothing more.
    now = Ends(look(cloud), Names(cloud))
    more = edited(now, lambda d: edit.insert(d, "ingress", [replace(OPEN, name="more")], 0))
    apply.apply(cloud, more, "shop-fw", Gate(cloud, known), wait=0.0)


def test_where_policies_keep_their_ids_the_gate_looks_behind_every_group_on_them(world):
    """The database stands behind another group, on the same policies."""
    expose_database(world)
    kept, cloud = world.things.kept, world.cloud("member")
    (row,) = kept["firewall_groups"].values()
    database = next(id_ for id_ in row["ports"] if kept["ports"][id_]["fixed_ips"][0]["ip_address"].startswith("10.20.2."))
    row["ports"] = [id_ for id_ in row["ports"] if id_ != database]
    policies = {f"{one}_firewall_policy_id": row[f"{one}_firewall_policy_id"] for one in ("ingress", "egress")}
    world.things.add("firewall_groups", **{**row, **policies, "id": "other", "name": "other", "ports": [database]})
    now = Ends(look(cloud), Names(cloud))
    known, wanted = brought(now), opened(now)
    assert standing.judge(now.engine, now, known)[0].holds
    world.calls()
    with pytest.raises(BreaksIntents, match="never reachable"):
        apply.apply(cloud, wanted, "shop-fw", Gate(cloud, known, keep=True), wait=0.0, way=ApplyInPlace)
    assert not [call for call in world.calls() if not call.startswith("GET")]
    apply.apply(cloud, wanted, "shop-fw", Gate(cloud, known), wait=0.0)


def test_what_is_written_is_read_again(ends):
    one = brought(ends)[0]
    assert standing.parse(json.loads(json.dumps(one.written()))) == one
    with pytest.raises((BadInput, LookupError)):
        standing.parse({**one.written(), "intent": {}})
    assert draft.written(edited(ends))
