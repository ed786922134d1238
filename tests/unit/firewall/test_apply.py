"""Apply, against a Neutron that moves its revisions as the real one does: one swap, nothing half done, nothing lost."""

from __future__ import annotations

import contextlib
import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from tenant_ops_dashboard import changes
from tenant_ops_dashboard.cloud import Uncertain
from tenant_ops_dashboard.firewall import apply, draft, undo
from tenant_ops_dashboard.firewall.errors import BadDraft, Changed, NotApplied
from tenant_ops_dashboard.firewall.model import Draft, Rule
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.conftest import SSH, Scene, inserted

LOST = requests.ConnectionError("Connection reset by peer")


def test_a_new_rule_is_in_force_by_one_swap_and_the_others_keep_their_ids(scene: Scene) -> None:
    before = scene.group_row["ingress_firewall_policy_id"]
    ids = list(scene.policies[before]["firewall_rules"])
    made = scene.apply(scene.with_ssh())
    assert made.verified
    assert scene.names() == ["ssh", "web", "app"]
    row = scene.policies[scene.group_row["ingress_firewall_policy_id"]]
    assert row["name"] == f"edge-ingress-{made.id}"
    assert not row.get("audited"), "that is the word of whoever audits it"
    assert row["firewall_rules"][1:] == ids
    assert row["description"] == "by hand", "what people wrote of the policy stays with it"
    assert scene.names("egress") == ["out"], "a direction that did not change keeps its policy"
    assert scene.policies[before]["firewall_rules"] == ids, "the version before is as it was"
    calls = scene.written()
    assert [call for call in calls if "firewall_groups" in call] == [
        f"PUT /network/v2.0/fwaas/firewall_groups/{scene.group['id']}"
    ]
    assert made.before.state.ingress is not None
    assert [rule.name for rule in made.before.state.ingress.rules] == ["web", "app"]


def test_an_audited_policy_is_followed_by_one_that_is_not_and_people_are_told(scene: Scene) -> None:
    old = scene.policies[scene.group_row["ingress_firewall_policy_id"]]
    old["audited"] = True
    made = scene.apply(scene.with_ssh())
    assert made.notes == ("ingress: The policy was 'audited'; what it says now nobody audited, so it is not any more.",)
    assert old["audited"] is True, "it says what it said"
    undo.undo(scene.cloud, "edge", wait=0.0)
    assert scene.policies[scene.group_row["ingress_firewall_policy_id"]]["audited"] is True


def test_both_directions_ports_and_name_go_in_the_same_put(scene: Scene) -> None:
    wanted = inserted(scene.with_ssh(), dataclasses.replace(SSH, name="reply"), "egress")
    group = dataclasses.replace(wanted.state.group, name="front", ports=tuple(scene.ports), admin_state_up=False)
    made = scene.apply(Draft(dataclasses.replace(wanted.state, group=group), wanted.base))
    assert made.verified
    assert (scene.names(), scene.names("egress")) == (["ssh", "web", "app"], ["reply", "out"])
    assert scene.group_row["name"] == "front"
    assert scene.group_row["ports"] == scene.ports
    assert sum("PUT" in call and "firewall_groups" in call for call in scene.written()) == 1


def test_the_same_again_changes_nothing(scene: Scene) -> None:
    wanted = scene.with_ssh()
    first = scene.apply(wanted)
    scene.world.calls()
    again = scene.apply(wanted)
    assert scene.written() == []
    assert (again.id, again.verified) == (first.id, True)


@pytest.mark.parametrize("without", ["content", "revisions"])
@pytest.mark.parametrize("who", ["list", "rule", "group", "ports"])
def test_what_somebody_changed_meanwhile_is_not_overwritten(scene: Scene, who: str, without: str) -> None:
    wanted = scene.with_ssh()
    if without == "content":
        wanted = Draft(wanted.state, dataclasses.replace(wanted.base, was=None))
    policy = scene.group_row["ingress_firewall_policy_id"]
    if who == "list":
        scene.policies[policy]["firewall_rules"] = scene.policies[policy]["firewall_rules"][:1]
    elif who == "rule":
        rule = scene.rules[scene.policies[policy]["firewall_rules"][0]]
        rule.update(destination_port="81", revision_number=rule["revision_number"] + 1)
    elif who == "group":
        scene.group_row.update(name="edge", admin_state_up=False, revision_number=1)
    else:
        scene.group_row.update(ports=scene.ports, revision_number=1)
    before = scene.count()
    with pytest.raises(Changed) as found:
        scene.apply(wanted)
    assert scene.written() == []
    assert scene.count() == before
    (told,) = found.value.told["conflict"]["changed"]
    assert told["how"]
    if who in ("list", "rule"):
        assert (told["rule"] or told["where"]) in ("web", "app", next(reversed(wanted.base.rules)), *scene.rules)


def test_a_version_that_was_put_in_is_named(scene: Scene) -> None:
    mine, theirs = scene.with_ssh("mine"), scene.with_ssh("theirs")
    other = scene.apply(theirs)
    with pytest.raises(Changed) as found:
        scene.apply(mine)
    assert found.value.told["conflict"]["by"]["name"] == f"edge-ingress-{other.id}"
    assert scene.names() == ["theirs", "web", "app"]


def test_a_draft_from_nothing_is_how_it_shall_be(scene: Scene) -> None:
    state = scene.with_ssh().state
    assert scene.apply(Draft(state)).verified
    assert scene.names()[0] == "ssh"


@pytest.mark.parametrize("at", ["POST .*firewall_rules", "POST .*firewall_policies"])
@pytest.mark.parametrize("what", [409, 403, 500, "lost"])
def test_what_fails_before_the_swap_leaves_nothing(scene: Scene, at: str, what: Any) -> None:
    wanted, before = scene.with_ssh(), scene.count()
    scene.world.wire.trouble[at] = [LOST if what == "lost" else what]
    with pytest.raises(NotApplied) as found:
        scene.apply(wanted)
    assert "the firewall is as it was" in found.value.sentence
    assert scene.count() == before
    assert scene.names() == ["web", "app"]
    assert scene.apply(wanted).verified, "and it can be done again"


@pytest.mark.parametrize("path", ["firewall_rules", "firewall_policies", "firewall_groups"])
def test_what_was_done_although_its_answer_was_lost_is_taken_over(scene: Scene, path: str) -> None:
    wanted = scene.with_ssh()
    lose(scene, "PUT" if "groups" in path else "POST", path)
    made = scene.apply(wanted)
    assert made.verified
    assert scene.names() == ["ssh", "web", "app"]
    assert len(scene.rules) == 4
    assert len(scene.policies) == 3


def test_a_swap_that_nobody_saw_is_sent_once_more_and_then_unknown(scene: Scene) -> None:
    change = apply.Apply(scene.cloud, scene.with_ssh(), "edge", wait=0.0)
    change.patience = 0.0
    scene.world.wire.trouble["PUT .*firewall_groups"] = [500, LOST]
    with pytest.raises(Uncertain):
        changes.perform(change)
    assert scene.names() == ["web", "app"]
    assert scene.apply(change.draft).verified, "the same command takes over what was made"
    assert len(scene.policies) == 3


def test_a_swap_in_force_whose_time_is_over_is_not_told_as_nothing_applied(scene: Scene) -> None:
    def over() -> None:
        scene.cloud.deadline.seconds, scene.cloud.deadline.began = 1.0, time.monotonic() - 100
        raise LOST

    after(scene, "PUT .*firewall_groups", over)
    with pytest.raises(Uncertain, match="It may be in force"):
        scene.apply(scene.with_ssh())
    assert scene.names() == ["ssh", "web", "app"]


def test_who_was_quicker_by_a_revision_wins(scene: Scene) -> None:
    wanted, before = scene.with_ssh(), scene.count()
    during(scene, "POST .*firewall_policies", lambda: scene.group_row.update(revision_number=7, name="theirs"))
    with pytest.raises(Changed) as found:
        scene.apply(wanted)
    assert "group.name" in str(found.value.told)
    assert scene.names() == ["web", "app"]
    assert scene.count() == before


def test_a_revision_that_moved_without_a_word_is_no_conflict(scene: Scene) -> None:
    wanted = scene.with_ssh()
    during(
        scene, "PUT .*firewall_groups", lambda: scene.group_row.update(revision_number=7, description="for the shop")
    )
    assert scene.apply(wanted).verified
    assert scene.group_row["description"] == "for the shop"


def test_an_overlapping_apply_that_was_overwritten_is_put_back(scene: Scene) -> None:
    """Neutron answers both with 200: N+1 to one, N+2 to the other, who so knows that he overwrote something."""
    mine, theirs = scene.with_ssh("mine"), scene.with_ssh("theirs")

    def both() -> None:
        scene.apply(theirs, scene.world.cloud())
        # Neutron repeats a request that lost, and its constraint is used up by then.
        scene.world.wire.headers = {}

    during(scene, "PUT .*firewall_groups", both)
    with pytest.raises(Changed) as found:
        scene.apply(mine)
    assert scene.names() == ["theirs", "web", "app"]
    assert "the same moment" in found.value.sentence
    assert found.value.told["conflict"]["by"]["name"].startswith("edge-ingress-")
    assert not any(one["name"] == "mine" for one in scene.rules.values())


def test_an_overlapping_apply_that_is_put_back_takes_its_own_ports_and_name_along(scene: Scene) -> None:
    mine, theirs = scene.with_ssh("mine"), scene.with_ssh("theirs")
    group = dataclasses.replace(mine.state.group, name="front", ports=tuple(scene.ports[:1]))

    def both() -> None:
        scene.apply(theirs, scene.world.cloud())
        scene.world.wire.headers = {}

    during(scene, "PUT .*firewall_groups", both)
    with pytest.raises(Changed, match="this one is not"):
        scene.apply(Draft(dataclasses.replace(mine.state, group=group), mine.base))
    assert scene.names() == ["theirs", "web", "app"]
    assert (scene.group_row["name"], scene.group_row["ports"]) == ("edge", scene.ports[:2]), "no port is left unfiltered"


def test_an_overlap_that_nobody_could_look_at_is_not_told_as_nothing_applied(scene: Scene) -> None:
    mine, theirs = scene.with_ssh("mine"), scene.with_ssh("theirs")
    trouble = scene.world.wire.trouble

    def both() -> None:
        scene.apply(theirs, scene.world.cloud())
        scene.world.wire.headers = {}
        trouble["GET .*firewall"] = [503] * 40

    during(scene, "PUT .*firewall_groups", both)
    with pytest.raises(Uncertain):
        scene.apply(mine)
    assert scene.names() == ["mine", "web", "app"]
    trouble.clear()
    assert scene.apply(mine).verified, "once there is an answer the same draft is in force"


def test_an_apply_that_was_overwritten_says_so(scene: Scene) -> None:
    wanted = scene.with_ssh()
    other = scene.things.add("firewall_policies", name="another tool's", firewall_rules=[], audited=False)

    def overwrite() -> None:
        scene.group_row.update(ingress_firewall_policy_id=other["id"], revision_number=9)

    after(scene, "PUT .*firewall_groups", overwrite)
    with pytest.raises(Changed) as found:
        scene.apply(wanted)
    assert "somebody overwrote it" in found.value.sentence
    assert found.value.told["conflict"]["by"]["name"] == "another tool's"


def test_an_edit_of_the_old_policy_in_that_moment_is_told_and_the_back_end_written_anew(scene: Scene) -> None:
    wanted = scene.with_ssh()
    old = scene.group_row["ingress_firewall_policy_id"]
    during(scene, "PUT .*firewall_groups", lambda: scene.policies[old].update(firewall_rules=[]))
    made = scene.apply(wanted)
    assert made.verified
    assert any("in the moment" in note for note in made.notes)
    calls = scene.written()
    assert any(call.endswith("insert_rule") for call in calls)
    assert any(call.endswith("remove_rule") for call in calls)
    assert scene.names() == ["ssh", "web", "app"]
    assert not any(one["name"].startswith("edge-again") for one in scene.rules.values())


@pytest.mark.parametrize("direction", ["ingress", "egress"])
def test_a_list_that_was_edited_while_the_rules_were_made_is_not_overwritten(scene: Scene, direction: str) -> None:
    """The group's revision does not move with it."""
    wanted, count = scene.with_ssh(), scene.count()
    old = scene.group_row[f"{direction}_firewall_policy_id"]
    during(scene, "POST .*firewall_policies", lambda: scene.policies[old].update(firewall_rules=[]))
    with pytest.raises(Changed, match=f"{direction}.rules: .* was taken out"):
        scene.apply(wanted)
    assert scene.group_row[f"{direction}_firewall_policy_id"] == old
    assert (scene.names(direction), scene.count()) == ([], count)


def test_a_rule_that_was_changed_in_place_in_that_moment_is_not_verified(scene: Scene) -> None:
    wanted = scene.with_ssh()
    web = next(one for one in scene.rules.values() if one["name"] == "web")
    during(scene, "PUT .*firewall_groups", lambda: web.update(destination_port="81"))
    made = scene.apply(wanted)
    assert not made.verified
    assert any("a rule that both hold" in note for note in made.notes)


def test_a_direction_without_a_policy_gets_one_and_loses_it(scene: Scene) -> None:
    scene.group_row["egress_firewall_policy_id"] = None
    assert scene.apply(scene.with_ssh("out", "egress")).verified
    assert scene.names("egress") == ["out"]
    now = scene.draft()
    assert scene.apply(Draft(dataclasses.replace(now.state, egress=None), now.base)).verified
    assert scene.group_row["egress_firewall_policy_id"] is None


def test_one_policy_for_both_directions_becomes_two(scene: Scene) -> None:
    policy = scene.group_row["ingress_firewall_policy_id"]
    scene.group_row["egress_firewall_policy_id"] = policy
    assert scene.apply(scene.with_ssh()).verified
    assert (scene.names(), scene.names("egress")) == (["ssh", "web", "app"], ["web", "app"])
    assert policy not in (scene.group_row["ingress_firewall_policy_id"], scene.group_row["egress_firewall_policy_id"])


def test_a_gate_that_refuses_sends_nothing(scene: Scene) -> None:
    seen = []

    def gate(state: Any) -> None:
        seen.append([rule.name for rule in state.ingress.rules])
        raise BadDraft("intents", "The database must not be reachable.")

    with pytest.raises(BadDraft):
        scene.apply(scene.with_ssh(), gate=gate)
    assert seen == [["ssh", "web", "app"]]
    assert scene.written() == []


def test_what_a_run_that_died_left_goes_with_the_next_one(scene: Scene) -> None:
    add, long_ago = scene.things.add, {"created_at": "2026-11-20T01:00:00Z"}
    rule = add("firewall_rules", name="left", description="")["id"]
    left = add("firewall_policies", name="edge-ingress-0123456789ab", firewall_rules=[rule], **long_ago)["id"]
    young = add("firewall_policies", name="edge-ingress-1123456789ab", firewall_rules=[])["id"]
    others = add("firewall_policies", name="inner-ingress-0123456789ab", firewall_rules=[], **long_ago)["id"]
    used = add("firewall_policies", name="edge-ingress-2123456789ab", firewall_rules=[], **long_ago)["id"]
    add("firewall_groups", name="inner", ingress_firewall_policy_id=used, egress_firewall_policy_id=None, ports=[])
    scene.apply(scene.with_ssh())
    assert left not in scene.policies
    assert rule not in scene.rules
    assert {young, others, used} <= set(scene.policies)


def test_a_version_that_was_in_force_for_long_is_kept_like_any_other(scene: Scene) -> None:
    scene.apply(scene.with_ssh("first"))
    first = scene.group_row["ingress_firewall_policy_id"]
    for one in scene.policies.values():
        one["created_at"] = "2026-11-20T01:00:00Z"
    scene.apply(scene.with_ssh("second"))
    assert "[kept as ingress" in scene.policies[first]["description"]


def test_who_overwrote_something_that_is_gone_has_won_after_all(scene: Scene) -> None:
    mine = scene.with_ssh("mine")
    theirs = scene.things.add("firewall_policies", name="x", firewall_rules=[], audited=False)

    def both() -> None:
        # Another run's swap, that gives up before it is put back.
        scene.policies[theirs["id"]] = {**theirs, "name": "edge-ingress-0123456789ab"}
        scene.group_row["revision_number"] += 1
        scene.world.wire.headers = {}

    del scene.policies[theirs["id"]]
    during(scene, "PUT .*firewall_groups", both)
    scene.world.wire.trouble["PUT .*firewall_groups/"] = []
    after(scene, "PUT .*firewall_groups", lambda: scene.world.wire.trouble["PUT .*firewall_groups/"].append(404))
    made = scene.apply(mine)
    assert made.verified
    assert "not in force" in made.notes[0]
    assert scene.names()[0] == "mine"


def test_only_the_last_applies_are_kept(scene: Scene) -> None:
    for number in range(5):
        scene.apply(scene.with_ssh(f"rule-{number}"))
    kept = [one for one in scene.policies.values() if "[kept as" in one["description"]]
    assert len(kept) == 3
    assert len(scene.policies) == 5
    assert len(scene.rules) == 8, "rules that some version holds stay"


def test_a_reader_changes_nothing(scene: Scene) -> None:
    wanted = scene.with_ssh()
    with pytest.raises(Exception, match="firewall:edit"):
        scene.apply(wanted, scene.world.cloud("reader", name="auditor"))
    assert scene.written() == []


def test_a_rule_that_a_dead_run_left_is_taken_over(scene: Scene) -> None:
    wanted = scene.with_ssh()
    left = scene.things.add("firewall_rules", **{**draft.rule_written(SSH), "description": ""})
    scene.apply(wanted)
    assert left["id"] in scene.policies[scene.group_row["ingress_firewall_policy_id"]]["firewall_rules"]
    assert len(scene.rules) == 4


def test_an_edited_rule_is_another_one_and_the_old_stays_as_it_was(scene: Scene) -> None:
    now = scene.draft()
    assert now.state.ingress is not None
    web, app = now.state.ingress.rules
    edited: tuple[Rule, ...] = (dataclasses.replace(web, destination_port="443"), app)
    ingress = dataclasses.replace(now.state.ingress, rules=edited)
    scene.apply(Draft(dataclasses.replace(now.state, ingress=ingress), now.base))
    assert scene.rules[str(web.id)]["destination_port"] == "80"
    first, second = scene.policies[scene.group_row["ingress_firewall_policy_id"]]["firewall_rules"]
    assert (scene.rules[first]["destination_port"], second) == ("443", app.id)


def lose(scene: Scene, method: str, path: str) -> None:
    """The next answer of these is lost once the call was served."""

    def broken() -> None:
        raise LOST

    after(scene, f"{method} .*{path}", broken)


def during(scene: Scene, call: str, do: Callable[[], object]) -> None:
    """Somebody does this when the next such call is on its way."""
    _around(scene.world, call, before=do)


def after(scene: Scene, call: str, do: Callable[[], object]) -> None:
    """Somebody does this when the next such call was served."""
    _around(scene.world, call, behind=do)


@contextlib.contextmanager
def on_the_way(world: World, call: str, do: Callable[[], object]) -> Iterator[None]:
    """The same as `during`; what did not come to pass is an error."""
    came: list[int] = []
    _around(world, call, before=lambda: (came.append(1), do()))
    yield
    assert came, call


def _around(
    world: World, call: str, before: Callable[[], object] | None = None, behind: Callable[[], object] | None = None
) -> None:
    """`call` is a method and a collection: POST makes one of it, PUT changes one."""
    method, _, collection = call.partition(" .*")
    ending = f"{collection}$" if method == "POST" else f"{collection}/([^/]+)$"
    handlers = world.wire.handlers
    (number,) = [at for at, (verb, path, _) in enumerate(handlers) if verb == method and path.pattern.endswith(ending)]
    verb, pattern, handler = handlers[number]

    def once(*told: Any, **more: Any) -> Any:
        handlers[number] = (verb, pattern, handler)
        if before:
            # Who goes between has a request of his own.
            wire, mine = world.wire, (world.wire.who, world.wire.headers)
            before()
            wire.who, wire.headers = mine[0], mine[1] if wire.headers else wire.headers
        answer = handler(*told, **more)
        if behind:
            behind()
        return answer

    handlers[number] = (verb, pattern, once)
