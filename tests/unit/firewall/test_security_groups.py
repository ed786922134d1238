"""Security groups as people edit them, against a Neutron that refuses and moves revisions as the real one does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tenant_ops_dashboard import audit, changes
from tenant_ops_dashboard.cloud import Uncertain
from tenant_ops_dashboard.errors import BadInput, NotFound
from tenant_ops_dashboard.firewall.errors import BadDraft, Changed, NotApplied
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.security_groups import apply, checks, content, current, draft, read, undo
from tenant_ops_dashboard.firewall.security_groups.model import Base, Draft, Rule, State
from tenant_ops_dashboard.firewall.snapshot import Seen
from tests.conformance.recorded import examples
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.test_apply import LOST, during, lose

WEB = Rule(protocol="tcp", port_range_min=80, port_range_max=80)
SSH = Rule(protocol="tcp", port_range_min=22, port_range_max=22, remote_ip_prefix="192.0.2.0/24")
APP = replace(WEB, port_range_min=8080, port_range_max=8080)
OUT = Rule(direction="egress")


class Scene:
    """The group 'web': http and a port of an application in, everything out."""

    def __init__(self) -> None:
        self.world = World()
        self.things, self.wire = self.world.things, self.world.wire
        self.cloud = self.world.cloud()
        rules = [self.row(number, one) for number, one in enumerate((WEB, APP, OUT))]
        self.group = self.things.add("security-groups", name="web", security_group_rules=rules, revision_number=3)
        self.world.calls()

    @staticmethod
    def row(number: int, rule: Rule) -> dict[str, Any]:
        blank = examples()["security_group"]["security_group_rules"][0]
        return {**blank, **draft.rule_written(rule), "id": f"old-{number}"}

    @property
    def rules(self) -> set[str]:
        return {content.called(one) for one in read.state(self.group).rules}

    def draft(self) -> Draft:
        made = current.read(FirewallApi(self.cloud), "web").draft
        self.world.calls()
        return made

    def edited(self, *rules: Rule) -> Draft:
        made = self.draft()
        return Draft(replace(made.state, rules=rules), made.base)

    def apply(self, wanted: Draft, **more: Any) -> apply.Applied:
        return apply.apply(self.cloud, wanted, "web", **more)

    def written(self) -> list[str]:
        return [call for call in self.world.calls() if not call.startswith("GET")]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def names(*rules: Rule) -> set[str]:
    return {content.called(one) for one in rules}


def test_what_is_new_is_made_in_one_call_before_anything_goes(scene: Scene) -> None:
    made = scene.apply(scene.edited(replace(WEB, id="old-0"), SSH, replace(SSH, port_range_min=20), OUT), reason="x")
    assert made.verified
    assert made.notes == ()
    assert scene.written() == ["POST /network/v2.0/security-group-rules", "DELETE /network/v2.0/security-group-rules/old-1"]
    assert scene.rules == names(WEB, SSH, replace(SSH, port_range_min=20), OUT)
    assert scene.group["revision_number"] == 5
    assert {"old-0", "old-2"} < {one["id"] for one in scene.group["security_group_rules"]}, "what stays keeps its id"


def test_before_is_a_draft_that_leads_back(scene: Scene) -> None:
    made = scene.apply(scene.edited(SSH, OUT))
    text = json.dumps(draft.written(made.before))
    back = scene.apply(draft.loads(text))
    assert back.verified
    assert scene.rules == names(WEB, APP, OUT)
    assert scene.apply(back.before).verified, "and there again"
    assert scene.rules == names(SSH, OUT)


def test_an_undo_goes_over_nothing_that_somebody_did_since(scene: Scene) -> None:
    made = scene.apply(scene.edited(SSH, OUT))
    theirs = replace(SSH, port_range_max=23)
    scene.group["security_group_rules"].append(scene.row(9, theirs))
    with pytest.raises(Changed):
        scene.apply(made.before)
    assert scene.rules == names(SSH, OUT, theirs)


def test_the_same_again_sends_nothing(scene: Scene) -> None:
    wanted = scene.edited(SSH, OUT)
    first = scene.apply(wanted)
    scene.world.calls()
    again = scene.apply(wanted)
    assert scene.written() == []
    assert (again.id, again.verified) == (first.id, True)


@pytest.mark.parametrize("known", ["content", "revision"])
def test_what_somebody_changed_meanwhile_is_not_overwritten(scene: Scene, known: str) -> None:
    wanted = scene.edited(WEB, APP, OUT, SSH)
    if known == "revision":
        wanted = Draft(wanted.state, replace(wanted.base, was=None))
    scene.group["security_group_rules"] = scene.group["security_group_rules"][1:]
    scene.group["revision_number"] += 1
    with pytest.raises(Changed) as found:
        scene.apply(wanted)
    assert found.value.told["conflict"]["by"]["revision"] == 4
    assert scene.written() == []


def test_a_revision_that_moved_without_a_rule_is_no_conflict(scene: Scene) -> None:
    wanted = scene.edited(WEB, APP, OUT, SSH)
    scene.group.update(description="of the shop", revision_number=8)
    assert scene.apply(wanted).verified


@pytest.mark.parametrize("what", [403, 500, 503])
def test_what_is_refused_leaves_the_group_as_it_was(scene: Scene, what: int) -> None:
    wanted = scene.edited(SSH, OUT)
    scene.wire.trouble["POST .*security-group-rules"] = [what]
    with pytest.raises((NotApplied, Uncertain)):
        change = apply.Apply(scene.cloud, wanted, "web")
        change.patience = 0.0
        changes.perform(change)
    assert scene.rules == names(WEB, APP, OUT)


def test_a_rule_that_somebody_made_in_the_same_moment_is_taken_over(scene: Scene) -> None:
    wanted = scene.edited(WEB, APP, OUT, SSH, replace(SSH, port_range_max=23))
    theirs = scene.row(7, SSH)

    def do() -> None:
        scene.group["security_group_rules"].append(theirs)
        scene.group["revision_number"] += 1

    during(scene, "POST .*security-group-rules", do)
    made = scene.apply(wanted)
    assert made.verified
    assert "taken over" in made.notes[0]
    assert "may have written" in made.notes[1]
    ids = [one["id"] for one in scene.group["security_group_rules"]]
    assert "old-7" in ids
    assert len(ids) == 5


def test_a_removal_that_is_refused_is_taken_back(scene: Scene) -> None:
    wanted = scene.edited(SSH)
    scene.wire.trouble["DELETE .*old-2"] = [409] * 3
    with pytest.raises(NotApplied, match="taken back"):
        scene.apply(wanted)
    assert scene.rules == names(WEB, APP, OUT)


def test_a_removal_that_can_be_neither_finished_nor_taken_back_says_so(scene: Scene) -> None:
    wanted = scene.edited(SSH, OUT)
    scene.wire.trouble["DELETE .*security-group-rules"] = [409] * 9
    with pytest.raises(apply.HalfApplied, match="tcp 22"):
        scene.apply(wanted)
    assert scene.rules == names(WEB, APP, SSH, OUT), "never less than both allow"
    scene.wire.trouble.clear()
    assert scene.apply(wanted).verified, "the same again finishes it"
    assert scene.rules == names(SSH, OUT)


def test_a_removal_that_came_to_pass_after_all_is_not_told_as_taken_back(scene: Scene) -> None:
    wanted = scene.edited(SSH, OUT)
    scene.wire.trouble["DELETE .*old-1"] = [LOST] * 2

    def late() -> None:
        scene.group["security_group_rules"] = [
            one for one in scene.group["security_group_rules"] if one["id"] != "old-1"
        ]  # fmt: skip

    # The first removal is served, the second one arrives while it is taken back.
    during(scene, "DELETE .*security-group-rules", lambda: during(scene, "DELETE .*security-group-rules", late))
    with pytest.raises(apply.HalfApplied, match=r"not as it was.*tcp 8080"):
        scene.apply(wanted)
    assert scene.rules == names(WEB, OUT)


def test_the_audit_trail_knows_the_way_back_of_a_type_0(scene: Scene) -> None:
    reply = Rule(protocol="icmp", port_range_min=0, port_range_max=0)
    scene.group["security_group_rules"].append(scene.row(7, reply))
    events: list[dict[str, Any]] = []
    stop = audit.also(lambda cloud, event: events.insert(0, json.loads(json.dumps(event))))
    try:
        scene.apply(scene.edited(WEB, APP, OUT))
    finally:
        stop()
    scene.apply(undo.back(events, scene.group["id"]))
    assert scene.rules == names(WEB, APP, OUT, reply), "and not all of ICMP"


@pytest.mark.parametrize("verb", ["POST", "DELETE"])
def test_what_was_done_although_its_answer_was_lost_is_found(scene: Scene, verb: str) -> None:
    wanted = scene.edited(SSH, OUT)
    lose(scene, verb, "security-group-rules")
    made = scene.apply(wanted)
    assert made.verified
    assert made.notes == ()
    assert scene.rules == names(SSH, OUT)


def test_somebody_elses_change_after_it_is_told(scene: Scene) -> None:
    wanted = scene.edited(SSH, OUT)
    during(scene, "DELETE .*security-group-rules", lambda: scene.group.update(revision_number=90))
    made = scene.apply(wanted)
    assert made.verified
    assert "revision 92, not 6" in made.notes[0]


def test_another_projects_group_is_not_there(scene: Scene) -> None:
    other = scene.things.add("security-groups", name="theirs", project_id="other", security_group_rules=[])
    admin = scene.world.cloud("admin")
    for cloud in (scene.cloud, admin):
        with pytest.raises(NotFound):
            apply.apply(cloud, Draft(State(other["id"], "theirs", (SSH,))))
    assert scene.written() == []


def test_a_gate_stops_it_before_anything_is_sent(scene: Scene) -> None:
    def shut(state: State) -> None:
        raise BadInput(f"{len(state.rules)} rules are too many.")

    with pytest.raises(BadInput, match="2 rules"):
        scene.apply(scene.edited(SSH, OUT), gate=shut)
    assert scene.written() == []


def test_octavias_own_group_is_left_to_octavia(scene: Scene) -> None:
    scene.group["name"] = "lb-4c5a6b9e-0d0e-4a3f-9c58-6f2f4c1b2a3d"
    with pytest.raises(BadDraft, match="allowed_cidrs"):
        apply.apply(scene.cloud, Draft(State(scene.group["id"], "", (SSH,))))
    assert scene.written() == []


def test_a_name_that_several_have_lists_their_ids(scene: Scene) -> None:
    other = scene.things.add("security-groups", name="web", security_group_rules=[])
    with pytest.raises(BadInput) as found:
        apply.apply(scene.cloud, Draft(State("", "web", (SSH,))))
    assert other["id"] in str(found.value)
    seen = Seen({"security_groups": [scene.group, other], "meta": {"project_id": "project"}})
    with pytest.raises(BadInput, match="2 security groups are called web"):
        read.draft(seen, "web")


@pytest.mark.parametrize(
    ("field", "rule"),
    [
        ("port_range_min", replace(SSH, port_range_min=0)),
        ("port_range_max", replace(SSH, port_range_max=70000)),
        ("port_range_min", replace(SSH, port_range_min=90)),
        ("port_range_max", replace(SSH, port_range_max=None)),
        ("protocol", replace(SSH, protocol=None)),
        ("protocol", Rule(protocol="tcpp")),
        ("protocol", Rule(protocol="256")),
        ("protocol", Rule(protocol="ipv6-icmp")),
        ("port_range_min", Rule(protocol="gre", port_range_min=1, port_range_max=2)),
        ("port_range_min", Rule(protocol="icmp", port_range_min=300)),
        ("port_range_min", Rule(protocol="icmp", port_range_max=3)),
        ("remote_ip_prefix", Rule(remote_ip_prefix="2001:db8::/64")),
        ("remote_ip_prefix", Rule(remote_ip_prefix="10.0.0/99")),
        ("remote_ip_prefix", Rule(remote_ip_prefix="10.0.0.0/255.0.0.0")),
        ("remote_ip_prefix", Rule(ethertype="IPv6", remote_ip_prefix="fe80::1%eth0")),
        ("remote_group_id", Rule(remote_ip_prefix="10.0.0.0/8", remote_group_id="g")),
        ("remote_group_id", Rule(remote_group_id="nobody")),
        ("remote_address_group_id", Rule(remote_address_group_id="nobody")),
        ("description", replace(WEB, description="other")),
    ],
)
def test_bad_input_is_told_at_its_field_and_nothing_is_sent(scene: Scene, field: str, rule: Rule) -> None:
    rest = tuple(one for one in (WEB, APP, OUT) if content.key(one) != content.key(rule))
    with pytest.raises(BadDraft) as found:
        scene.apply(scene.edited(*rest, rule))
    assert found.value.field == f"rules[{len(rest)}].{field}"
    assert scene.written() == []


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (WEB, replace(WEB, protocol="6")),
        (WEB, replace(WEB, remote_ip_prefix="0.0.0.0/0")),
        (WEB, replace(WEB, description="again")),
        (Rule(protocol="udp"), Rule(protocol="udp", port_range_min=1, port_range_max=65535)),
        (Rule(ethertype="IPv6", protocol="icmp"), Rule(ethertype="IPv6", protocol="58")),
    ],
)
def test_what_is_one_rule_to_neutron_is_refused_twice(first: Rule, second: Rule) -> None:
    with pytest.raises(BadDraft, match=r"rules\[1\]"):
        checks.refuse(State("g", "g", (first, second)))


def test_rules_that_are_no_duplicates_are_taken() -> None:
    hosts = (replace(SSH, remote_ip_prefix="10.0.0.5/24"), replace(SSH, remote_ip_prefix="10.0.0.0/24"))
    checks.refuse(State("g", "g", (*hosts, Rule(ethertype="IPv6"), Rule(), Rule(protocol="0"), Rule(protocol="255"))))
    assert [one.field for one in checks.warnings(State("g", "g", hosts), None)] == ["rules[0].remote_ip_prefix"]
    assert "Neutron gives every port" in checks.warnings(State("g", "default", (WEB,)))[0].says


def test_the_quota_counts_what_is_added_before_the_rest_goes(scene: Scene) -> None:
    scene.things.quota["security_group_rule"] = 4
    assert scene.apply(scene.edited(WEB, OUT, SSH)).verified
    with pytest.raises(BadDraft, match="of the quota's 4 1 are left"):
        scene.apply(scene.edited(WEB, SSH, replace(SSH, port_range_max=24), replace(SSH, port_range_max=25)))
    assert scene.rules == names(WEB, OUT, SSH)


def test_of_two_equal_rules_none_goes_alone(scene: Scene) -> None:
    scene.group["security_group_rules"].append(scene.row(5, replace(APP, remote_ip_prefix="0.0.0.0/0")))
    made = scene.apply(scene.edited(replace(WEB, id="old-0"), replace(APP, id="old-1"), SSH, OUT))
    assert made.verified
    assert len(scene.group["security_group_rules"]) == 5
    both = scene.apply(scene.edited(WEB, SSH, OUT))
    assert both.verified
    assert scene.rules == names(WEB, SSH, OUT)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("[]", "draft"),
        ('{"rules": []}', "security_group"),
        ('{"security_group": {"id": "g", "kind": 1}, "rules": []}', "security_group.kind"),
        ('{"security_group": {"id": "g"}, "rules": [{"ports": 1}]}', "rules[0].ports"),
        ('{"security_group": {"id": "g"}, "rules": [{"direction": "in"}]}', "rules[0].direction"),
        ('{"security_group": {"id": "g"}, "rules": [{"ethertype": ["IPv4"]}]}', "rules[0].ethertype"),
        ('{"security_group": {"id": "g"}, "rules": [{"port_range_min": 1.5}]}', "rules[0].port_range_min"),
        ('{"security_group": {"id": "g"}, "rules": [{"id": "a"}, {"id": "a"}]}', "rules[1].id"),
        ('{"security_group": {"id": "g"}, "rules": [], "base": {"was": {"rules": []}}}', "base.was.security_group"),
        ('{"security_group": {"id": "g"}, "rules": [], "base": {"revision": "3"}}', "base.revision"),
        ('{"security_group": {"id": "g"}, "rules": [], "more": 1}', "more"),
    ],
)
def test_what_is_no_draft_is_refused_with_its_place(text: str, place: str) -> None:
    with pytest.raises(BadDraft) as found:
        draft.loads(text)
    assert found.value.field == place


def test_export_is_import() -> None:
    made = Draft(State("g", "web", (replace(SSH, id="a"), OUT)), Base(3, State("g", "web", (replace(SSH, id="a"),))))
    assert draft.loads(json.dumps(draft.written(made))) == made
    with pytest.raises(BadDraft, match="no JSON"):
        draft.loads("{")
