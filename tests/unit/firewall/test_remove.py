"""A firewall group is deleted with what nothing else uses; what is not deleted is as it was."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.firewall import create, remove
from tenant_ops_dashboard.firewall.errors import Changed, NotApplied
from tests.unit.firewall.conftest import Scene
from tests.unit.firewall.test_apply import LOST, during, lose


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remove, "PAUSE", 0.0)
    monkeypatch.setattr(create, "PAUSE", 0.0)


def inner(scene: Scene) -> str:
    made = create.create(scene.cloud, create.wanted("inner", tuple(scene.ports[2:]), "open"))
    scene.world.calls()
    return made.id


def test_it_goes_with_its_own_policies_and_rules(scene: Scene) -> None:
    before = scene.count()
    id_ = inner(scene)
    gone = remove.remove(scene.cloud, "inner")
    assert (gone.id, gone.policies, gone.rules, gone.left) == (id_, 2, 4, ())
    assert scene.count() == before
    put, delete, *others = scene.written()
    assert (put.split()[0], delete.split()[0]) == ("PUT", "DELETE")
    assert "firewall_groups" in delete and not any("firewall_groups" in one for one in others)


def test_versions_kept_for_undo_go_and_policies_of_others_stay(scene: Scene) -> None:
    scene.apply(scene.with_ssh())
    assert len(scene.policies) == 3
    gone = remove.remove(scene.cloud, "edge")
    assert gone.left == ("out",)
    assert [one["name"] for one in scene.policies.values()] == ["out"]
    assert [one["name"] for one in scene.rules.values()] == ["out"]


def test_a_policy_that_another_group_uses_stays(scene: Scene) -> None:
    id_ = inner(scene)
    used = scene.kept["firewall_groups"][id_]["ingress_firewall_policy_id"]
    scene.group_row["ingress_firewall_policy_id"] = used
    gone = remove.remove(scene.cloud, id_)
    assert used in scene.policies
    assert gone.policies == 1
    assert len(gone.left) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [({"name": "default"}, "administrator"),
     ({"description": "Environment 00000000-0000-0000-0000-000000000003"}, "environment")],
)  # fmt: skip
def test_what_is_not_deleted_by_itself(scene: Scene, change: dict[str, str], words: str) -> None:
    scene.group_row.update(change)
    with pytest.raises(remove.Kept, match=words) as found:
        remove.remove(scene.cloud, scene.group["id"])
    assert found.value.todo
    assert scene.written() == []


def test_a_group_that_changed_after_it_was_shown_stays(scene: Scene) -> None:
    shown = remove.seen(scene.draft().state)
    scene.group_row["ports"] = scene.ports
    with pytest.raises(Changed, match="after it was shown"):
        remove.remove(scene.cloud, "edge", shown)
    assert scene.written() == []


def test_one_that_is_gone_already_is_not_found(scene: Scene) -> None:
    with pytest.raises(NotFound):
        remove.remove(scene.cloud, "nobody")


@pytest.mark.parametrize("what", [403, 409, 500])
def test_a_delete_that_is_refused_puts_the_ports_back(scene: Scene, what: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remove.Remove, "patience", 0.0)
    scene.world.wire.trouble["DELETE .*firewall_groups"] = [what] * 3
    ports = list(scene.group_row["ports"])
    with pytest.raises(NotApplied, match="was not deleted, and is as it was"):
        remove.remove(scene.cloud, "edge")
    assert scene.group_row["ports"] == ports
    assert scene.count() == (2, 3)


def test_ports_that_cannot_be_put_back_are_told(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remove.Remove, "patience", 0.0)
    scene.world.wire.trouble["DELETE .*firewall_groups"] = [409]

    def refuse() -> None:
        scene.world.wire.trouble["PUT .*firewall_groups"] = [409]

    during(scene, "PUT .*firewall_groups", refuse)
    with pytest.raises(NotApplied, match="on no port now"):
        remove.remove(scene.cloud, "edge")


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_an_answer_that_was_lost_is_looked_up(scene: Scene, method: str) -> None:
    lose(scene, method, "firewall_groups") if method == "PUT" else None
    if method == "DELETE":
        scene.world.wire.trouble["DELETE .*firewall_groups"] = [LOST]
    assert remove.remove(scene.cloud, "edge").name == "edge"
    assert scene.kept["firewall_groups"] == {}


def test_somebody_who_was_quicker_keeps_it(scene: Scene) -> None:
    during(scene, "PUT .*firewall_groups", lambda: scene.group_row.update(revision_number=9, name="theirs"))
    with pytest.raises(Changed, match="in the same moment"):
        remove.remove(scene.cloud, "edge")
    assert scene.group_row["ports"]


def test_a_reader_deletes_nothing(scene: Scene) -> None:
    with pytest.raises(Exception, match="firewall:edit"):
        remove.remove(scene.world.cloud("reader", name="auditor"), "edge")
    assert scene.written() == []


def test_a_version_that_cannot_be_removed_is_told(scene: Scene) -> None:
    scene.apply(scene.with_ssh())
    scene.world.wire.trouble["DELETE .*firewall_policies"] = [403] * 2
    left = remove.remove(scene.cloud, "edge").left
    assert {one["name"] for one in scene.policies.values()} == set(left)
