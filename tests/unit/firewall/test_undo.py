"""Undo: what was in force before comes back by one swap, and nothing that anybody wrote is lost on the way."""

from __future__ import annotations

import dataclasses

import pytest
import requests

from tenant_ops_dashboard.firewall import undo
from tenant_ops_dashboard.firewall.apply import Applied
from tenant_ops_dashboard.firewall.errors import Changed, NotApplied, NothingToUndo
from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.firewall.recorded import Recorded
from tests.unit.firewall.conftest import Scene
from tests.unit.firewall.test_apply import after, during

OLD = ["web", "app"]


def back(scene: Scene, apply_id: str = "") -> Applied:
    return undo.undo(scene.cloud, "edge", apply_id, wait=0.0)


def test_what_was_in_force_is_in_force_again(scene: Scene) -> None:
    before = dict(scene.group_row)
    made = scene.apply(scene.with_ssh())
    scene.world.calls()
    undone = back(scene)
    assert (undone.id, undone.verified) == (made.id, True)
    assert scene.names() == OLD
    assert scene.group_row["ingress_firewall_policy_id"] == before["ingress_firewall_policy_id"]
    policy = scene.policies[before["ingress_firewall_policy_id"]]
    assert policy["description"] == "by hand", "it is an ordinary policy again"
    assert sum("PUT" in call and "firewall_groups" in call for call in scene.written()) == 1


def test_undo_after_undo_goes_further_back_and_then_there_is_nothing(scene: Scene) -> None:
    scene.apply(scene.with_ssh("first"))
    scene.apply(scene.with_ssh("second"))
    back(scene)
    assert scene.names() == ["first", *OLD]
    back(scene)
    assert scene.names() == OLD
    with pytest.raises(NothingToUndo):
        back(scene)


def test_an_apply_that_is_named_is_undone_once(scene: Scene) -> None:
    first = scene.apply(scene.with_ssh("first"))
    scene.apply(scene.with_ssh("second"))
    back(scene, first.id)
    assert scene.names() == OLD, "what was applied after it goes as well"
    scene.world.calls()
    assert back(scene, first.id).verified
    assert scene.written() == [], "the same command again is the first one again"
    with pytest.raises(NothingToUndo):
        back(scene)
    with pytest.raises(NothingToUndo, match="000000000000"):
        back(scene, "000000000000")


def test_a_direction_that_the_apply_did_not_change_stays(scene: Scene) -> None:
    first = scene.apply(scene.with_ssh("in"))
    scene.apply(scene.with_ssh("more", "egress"))
    back(scene, first.id)
    assert (scene.names(), scene.names("egress")) == (OLD, ["more", "out"])


def test_both_directions_come_back_together(scene: Scene) -> None:
    made = scene.with_ssh("in")
    egress = scene.with_ssh("out-too", "egress").state.egress
    scene.apply(type(made)(type(made.state)(made.state.group, made.state.ingress, egress), made.base))
    back(scene)
    assert (scene.names(), scene.names("egress")) == (OLD, ["out"])


def test_the_same_draft_can_be_applied_again(scene: Scene) -> None:
    wanted = scene.with_ssh()
    first = scene.apply(wanted)
    back(scene)
    count = scene.count()
    again = scene.apply(wanted)
    assert (again.id, again.verified, scene.names()) == (first.id, True, ["ssh", *OLD])
    assert scene.count() == count, "the version that the undo took out of force is in force again"
    back(scene)
    assert scene.names() == OLD


def test_a_kept_version_that_somebody_edited_is_not_put_back(scene: Scene) -> None:
    old = scene.group_row["ingress_firewall_policy_id"]
    scene.apply(scene.with_ssh())
    scene.policies[old]["firewall_rules"] = []
    scene.world.calls()
    with pytest.raises(Changed, match="edited the version"):
        back(scene)
    assert scene.written() == []
    assert scene.names() == ["ssh", *OLD]


def test_a_policy_of_several_groups_is_left_alone_and_a_copy_is_kept(scene: Scene) -> None:
    old = scene.group_row["ingress_firewall_policy_id"]
    scene.things.add("firewall_groups", name="other", ingress_firewall_policy_id=old, egress_firewall_policy_id=None)
    made = scene.apply(scene.with_ssh())
    assert "in force on other too" in made.notes[0]
    assert scene.policies[old]["description"] == "by hand"
    back(scene)
    assert scene.names() == OLD
    assert scene.group_row["ingress_firewall_policy_id"] != old


def test_a_direction_that_had_no_policy_gets_an_empty_one(scene: Scene) -> None:
    scene.group_row["egress_firewall_policy_id"] = None
    scene.apply(scene.with_ssh("out", "egress"))
    assert back(scene).verified
    assert scene.names("egress") == []


@pytest.mark.parametrize("status", [403, 409])
def test_an_undo_that_is_refused_leaves_it_as_it_was(scene: Scene, status: int) -> None:
    scene.apply(scene.with_ssh())
    scene.world.wire.trouble["PUT .*firewall_groups"] = [status]
    with pytest.raises(NotApplied, match="as it was"):
        back(scene)
    assert scene.names() == ["ssh", *OLD]
    assert back(scene).verified, "and can be done once more"


def test_somebody_who_is_quicker_wins(scene: Scene) -> None:
    scene.apply(scene.with_ssh())
    during(scene, "PUT .*firewall_groups", lambda: scene.group_row.update(revision_number=9, ports=scene.ports))
    with pytest.raises(Changed):
        back(scene)
    assert scene.names() == ["ssh", *OLD]
    assert back(scene).verified


def test_a_list_that_was_edited_since_the_look_stops_it(scene: Scene) -> None:
    scene.apply(scene.with_ssh())
    out = scene.policies[scene.group_row["egress_firewall_policy_id"]]
    during(scene, "PUT .*firewall_policies", lambda: out.update(firewall_rules=[]))
    with pytest.raises(Changed, match=r"egress\.rules: out was taken out"):
        back(scene)
    assert scene.names() == ["ssh", *OLD]
    assert back(scene).verified, "it is kept, and can be put back once that was seen"


def test_a_lost_answer_is_looked_up(scene: Scene) -> None:
    scene.apply(scene.with_ssh())

    def gone() -> None:
        raise requests.ConnectionError("Connection reset by peer")

    after(scene, "PUT .*firewall_groups", gone)
    assert back(scene).verified
    assert scene.names() == OLD


def both_ways(scene: Scene) -> Draft:
    """ssh into and out of the networks: in one direction alone it is a hole that neither version has."""
    made = scene.with_ssh("in")
    egress = scene.with_ssh("out-too", "egress").state.egress
    return Draft(dataclasses.replace(made.state, egress=egress), made.base)


def test_an_apply_of_which_one_direction_is_kept_is_not_undone_by_half(scene: Scene) -> None:
    wanted = both_ways(scene)
    old = scene.group_row["egress_firewall_policy_id"]
    scene.world.wire.trouble[f"PUT .*firewall_policies/{old}"] = [500]
    made = scene.apply(wanted)
    assert "not kept" in made.notes[0]
    scene.world.calls()
    for apply_id in ("", made.id):
        with pytest.raises(Changed, match="egress policy is not kept"):
            back(scene, apply_id)
    assert scene.written() == []
    assert scene.apply(made.before).verified, "what it printed leads back"
    assert (scene.names(), scene.names("egress")) == (OLD, ["out"])


def test_an_undo_that_was_broken_off_before_the_swap_is_not_done_by_half(scene: Scene) -> None:
    scene.apply(both_ways(scene))

    def killed() -> None:
        raise KeyboardInterrupt

    after(scene, "PUT .*firewall_policies", killed)
    with pytest.raises(KeyboardInterrupt):
        back(scene)
    with pytest.raises(Changed, match="egress policy is not kept"):
        back(scene)
    assert (scene.names(), scene.names("egress")) == (["in", *OLD], ["out-too", "out"])


@pytest.mark.parametrize("broken", [False, True])
def test_what_is_kept_by_half_comes_back_whole_where_the_apply_was_recorded(scene: Scene, broken: bool) -> None:
    told: list[Recorded] = []
    before = dict(scene.group_row)
    if broken:
        scene.world.wire.trouble[f"PUT .*firewall_policies/{before['egress_firewall_policy_id']}"] = [500]
    made = scene.apply(both_ways(scene), remember=told.append)
    if not broken:
        scene.policies[before["egress_firewall_policy_id"]]["description"] = ""
    done = undo.undo(scene.cloud, "edge", made.id, wait=0.0, last=True, recorded=told[0])
    assert done.verified
    assert (scene.names(), scene.names("egress")) == (OLD, ["out"])
    assert scene.group_row["ingress_firewall_policy_id"] == before["ingress_firewall_policy_id"]
    assert scene.policies[before["ingress_firewall_policy_id"]]["description"] == "by hand", "in force, and not kept"
    scene.world.calls()
    assert back(scene, made.id).verified, "it is undone"
    assert scene.written() == []


def test_room_for_a_new_version_takes_both_directions_of_an_old_one(scene: Scene) -> None:
    first = scene.apply(both_ways(scene))
    scene.things.quota["firewall_policy"] = len(scene.policies)
    scene.apply(scene.with_ssh("second"))
    with pytest.raises(NothingToUndo):
        back(scene, first.id)
    assert back(scene).verified
    assert (scene.names(), scene.names("egress")) == (["in", *OLD], ["out-too", "out"])


def test_a_policy_of_both_directions_is_put_back_in_both(scene: Scene) -> None:
    scene.group_row["egress_firewall_policy_id"] = scene.group_row["ingress_firewall_policy_id"]
    made = scene.apply(scene.with_ssh())
    assert (scene.names(), scene.names("egress")) == (["ssh", "web", "app"], ["web", "app"])
    assert undo.undo(scene.cloud, "edge", made.id, wait=0.0).verified
    assert scene.names() == scene.names("egress") == ["web", "app"]
