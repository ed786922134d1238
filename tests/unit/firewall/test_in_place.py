"""The second way: policies keep their ids; at no moment is more open than before or after; what breaks off is finished."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import apply, read, undo
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.errors import BadDraft, Changed, NotApplied, NothingToUndo
from tenant_ops_dashboard.firewall.in_place import ApplyInPlace
from tenant_ops_dashboard.firewall.model import Draft, Policy, Rule
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.preview import preview
from tenant_ops_dashboard.firewall.snapshot import look
from tests.unit.fake_openstack.world import World
from tests.unit.firewall.conftest import SSH, Scene, inserted
from tests.unit.firewall.standing import shop
from tests.unit.firewall.test_apply import LOST
from tests.unit.firewall.test_between import passes

Json = dict[str, Any]
PORTS = (22, 80, 443, 8080)
IN, OUT = ["web", "app"], ["out"]


def keep(scene: Scene, wanted: Draft, **more: Any) -> apply.Applied:
    return scene.apply(wanted, way=ApplyInPlace, **more)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ApplyInPlace, "patience", 0.0)


def ids(scene: Scene) -> list[str]:
    return [scene.group_row[f"{one}_firewall_policy_id"] for one in ("ingress", "egress")]


def swapped(scene: Scene) -> Draft:
    """Both directions narrower here and wider there: 443 for 8080 coming in, 22 and 80 alone going out."""
    made = scene.draft()
    assert made.state.ingress and made.state.egress
    web, _ = made.state.ingress.rules
    https = dataclasses.replace(SSH, name="https", destination_port="443")
    out = tuple(
        dataclasses.replace(SSH, name=name, destination_port=port) for name, port in (("o22", "22"), ("o443", "443"))
    )
    state = made.state.having("ingress", dataclasses.replace(made.state.ingress, rules=(https, web)))
    return Draft(state.having("egress", dataclasses.replace(made.state.egress, rules=out)), made.base)


def before_list(scene: Scene, policy: str, do: Callable[[], None]) -> None:
    """Once, when a list of this policy is on its way."""
    real, came = scene.world.wire.send, []

    def send(request: Any, *arguments: Any, **named: Any) -> Any:
        if not came and request.method == "PUT" and policy in request.url and "firewall_rules" in str(request.body):
            came.append(1)
            do()
        return real(request, *arguments, **named)

    scene.world.wire.send = send  # type: ignore[method-assign]


def opened(scene: Scene) -> frozenset[int]:
    """The ports that pass both directions now, by the engine's reading of the rows."""

    def of(policy: str) -> tuple[Rule, ...]:
        rows = [scene.rules[id_] for id_ in scene.policies[policy]["firewall_rules"]]
        names = [one.name for one in dataclasses.fields(Rule)]
        return tuple(Rule(**{key: row.get(key) for key in names if key in row}) for row in rows)

    lists = [of(one) for one in ids(scene)]
    return frozenset(port for port in PORTS if all(passes(one, (6, 1, 2, port, 1024)) for one in lists))


def test_the_policy_keeps_its_id_and_every_group_on_it_changes(scene: Scene) -> None:
    before = ids(scene)
    scene.things.add(
        "firewall_groups", name="other", ingress_firewall_policy_id=before[0], egress_firewall_policy_id=None
    )
    words = {key: scene.policies[before[0]][key] for key in ("name", "description")}
    made = keep(scene, scene.with_ssh())
    assert made.verified
    assert ids(scene) == before and scene.names() == ["ssh", *IN]
    row = scene.policies[before[0]]
    assert {key: row[key] for key in words} == words
    assert row["audited"] is False, "nobody audited what it holds now"
    assert made.notes == ("ingress: The policy is in force on other too, and changes there as well.",)
    assert not any("PUT" in call and "firewall_groups" in call for call in scene.written())


def test_at_no_moment_more_is_open_than_before_or_after(scene: Scene) -> None:
    wanted, seen = swapped(scene), [opened(scene)]
    real = scene.world.wire.send

    def send(request: Any, *arguments: Any, **named: Any) -> Any:
        answer = real(request, *arguments, **named)
        seen.append(opened(scene))
        return answer

    scene.world.wire.send = send  # type: ignore[method-assign]
    assert keep(scene, wanted).verified
    first, last = seen[0], seen[-1]
    assert (sorted(first), sorted(last)) == ([80, 8080], [443])
    assert set(seen) == {first, last, frozenset()}, "each alone, or what both let through"
    back = len(seen)
    undo.undo(scene.cloud, "edge", wait=0.0)
    assert set(seen[back:]) == {first, last, frozenset()}
    assert (scene.names(), scene.names("egress")) == (IN, OUT)


def test_undo_puts_the_lists_back_and_leaves_nothing(scene: Scene) -> None:
    before, count = ids(scene), scene.count()
    made = keep(scene, swapped(scene))
    kept = [mark for row in scene.policies.values() if (mark := marks.mark(row))]
    assert {one.policy for one in kept} == set(before)
    undone = undo.undo(scene.cloud, "edge", wait=0.0)
    assert (undone.id, undone.verified) == (made.id, True)
    assert (ids(scene), scene.names(), scene.names("egress")) == (before, IN, OUT)
    left = [mark for row in scene.policies.values() if (mark := marks.mark(row))]
    assert left and all(one.undone for one in left)
    again = undo.undo(scene.cloud, "edge", made.id, wait=0.0)
    assert again.verified, "twice is once"
    assert len(scene.policies) == count[0] + 2, "what was undone is kept"


def test_the_same_again_changes_nothing(scene: Scene) -> None:
    wanted = swapped(scene)
    first = keep(scene, wanted)
    scene.world.calls()
    assert (keep(scene, wanted).id, scene.written()) == (first.id, [])


@pytest.mark.parametrize("at", range(12))
@pytest.mark.parametrize("what", [500, 403, "lost", "killed"])
def test_whatever_breaks_off_is_as_before_or_finished_by_the_same_draft(scene: Scene, at: int, what: Any) -> None:
    wanted, whole = swapped(scene), opened(scene)
    number = [0]
    real = scene.world.wire.send

    def send(request: Any, *arguments: Any, **named: Any) -> Any:
        number[0] += request.method != "GET"
        if request.method != "GET" and number[0] == at + 1:
            if what == "killed":
                raise KeyboardInterrupt
            scene.world.wire.trouble[f"{request.method} .*"] = [LOST if what == "lost" else what]
        return real(request, *arguments, **named)

    scene.world.wire.send = send  # type: ignore[method-assign]
    try:
        keep(scene, wanted)
    except NotApplied as error:
        assert "as it was" in error.sentence
        assert opened(scene) == whole
        assert (scene.names(), scene.names("egress")) == (IN, OUT)
    except (TenantOpsError, KeyboardInterrupt):
        assert opened(scene) <= whole | {443}
    scene.world.wire.send = real  # type: ignore[method-assign]
    scene.world.wire.trouble.clear()
    assert keep(scene, wanted).verified
    assert (scene.names(), opened(scene)) == (["https", "web"], {443})
    assert not any(marks.unfinished(row) or row["audited"] for row in scene.policies.values())
    assert undo.undo(scene.cloud, "edge", wait=0.0).verified
    assert (scene.names(), scene.names("egress")) == (IN, OUT)


def test_who_comes_in_the_middle_of_another_apply_waits(scene: Scene) -> None:
    """What he would make of half of it stays when the rest fails and is put back: half of each."""
    wanted = swapped(scene)
    refused: list[str] = []

    def other() -> None:
        with pytest.raises(Changed) as found:
            keep(scene, scene.with_ssh("other"))
        refused.append(found.value.sentence)

    before_list(scene, ids(scene)[0], other)
    assert keep(scene, wanted).verified
    assert "is not done; nothing was sent" in refused[0]
    assert (scene.names(), opened(scene)) == (["https", "web"], {443})


def test_a_copy_that_went_meanwhile_leaves_no_half_to_undo(scene: Scene) -> None:
    """Somebody undid the apply while it was under way, and its first copy was all there was."""
    wanted = swapped(scene)

    def gone() -> None:
        copy = next(id_ for id_, row in scene.policies.items() if (mark := marks.mark(row)) and mark.direction == "ingress")
        del scene.policies[copy]

    before_list(scene, ids(scene)[0], gone)
    made = keep(scene, wanted)
    assert made.verified and "not kept" in made.notes[-1]
    with pytest.raises(NothingToUndo):
        undo.undo(scene.cloud, "edge", wait=0.0)
    assert opened(scene) == {443}


def test_what_broke_off_can_be_undone(scene: Scene) -> None:
    wanted = swapped(scene)

    def killed() -> None:
        raise KeyboardInterrupt

    before_list(scene, ids(scene)[1], killed)
    with pytest.raises(KeyboardInterrupt):
        keep(scene, wanted)
    assert undo.undo(scene.cloud, "edge", wait=0.0).verified
    assert (scene.names(), scene.names("egress")) == (IN, OUT)
    assert not any(marks.unfinished(row) for row in scene.policies.values())


def test_somebody_in_the_middle_is_not_overwritten_and_all_is_put_back(scene: Scene) -> None:
    wanted, (_, egress) = swapped(scene), ids(scene)
    theirs = scene.things.add("firewall_rules", name="theirs", action="deny", enabled=True, protocol=None, ip_version=4)

    def edit() -> None:
        row = scene.policies[egress]
        row.update(firewall_rules=[theirs["id"], *row["firewall_rules"]], audited=False)
        row["revision_number"] += 1

    before_list(scene, egress, edit)
    with pytest.raises(Changed):
        keep(scene, wanted)
    assert (scene.names(), scene.names("egress")) == (IN, ["theirs", *OUT])
    assert not any(marks.unfinished(row) for row in scene.policies.values())


@pytest.mark.parametrize("at", range(3, 11))
def test_the_same_draft_twice_at_once_is_applied_once_and_undone_whole(scene: Scene, at: int) -> None:
    wanted, number = swapped(scene), [0]
    real = scene.world.wire.send

    def send(request: Any, *arguments: Any, **named: Any) -> Any:
        number[0] += request.method != "GET"
        if request.method != "GET" and number[0] == at:
            number[0] = 1000
            with contextlib.suppress(TenantOpsError):
                keep(scene, wanted, cloud=scene.world.cloud())
        return real(request, *arguments, **named)

    scene.world.wire.send = send  # type: ignore[method-assign]
    with contextlib.suppress(TenantOpsError):
        keep(scene, wanted)
    scene.world.wire.send = real  # type: ignore[method-assign]
    assert keep(scene, wanted).verified
    assert scene.names() == ["https", "web"]
    assert undo.undo(scene.cloud, "edge", wait=0.0).verified
    assert (scene.names(), scene.names("egress")) == (IN, OUT)


def test_what_it_cannot_do_is_said_before(scene: Scene) -> None:
    wanted = scene.with_ssh()
    group = dataclasses.replace(wanted.state.group, ports=tuple(scene.ports))
    with pytest.raises(BadDraft, match=r"group\.ports"):
        keep(scene, Draft(dataclasses.replace(wanted.state, group=group), wanted.base))
    with pytest.raises(BadDraft, match="no id to keep"):
        keep(scene, Draft(wanted.state.having("egress", None), wanted.base))
    scene.policies[ids(scene)[0]]["shared"] = True
    with pytest.raises(BadDraft, match="administrator"):
        keep(scene, wanted)
    assert scene.written() == []
    assert keep(scene, wanted, cloud=scene.world.cloud("admin")).verified


def test_one_policy_in_both_directions_gets_one_list(scene: Scene) -> None:
    policy = ids(scene)[0]
    scene.group_row["egress_firewall_policy_id"] = policy
    with pytest.raises(BadDraft, match="both hold the same policy"):
        keep(scene, scene.with_ssh())
    wanted = inserted(scene.with_ssh(), SSH, "egress")
    rules = wanted.state.ingress.rules if wanted.state.ingress else ()
    wanted = Draft(wanted.state.having("egress", Policy(policy, "in", rules)), wanted.base)
    assert keep(scene, wanted).verified
    assert scene.names() == scene.names("egress") == ["ssh", *IN]


def test_a_preview_of_it_touches_every_group_on_the_policy() -> None:
    world = World()
    owner: Cloud = world.cloud()
    made = shop(world, owner)
    kept = world.things.kept["firewall_groups"]
    row = next(iter(kept.values()))
    interface = row["ports"].pop()
    ways = {f"{one}_firewall_policy_id": row[f"{one}_firewall_policy_id"] for one in ("ingress", "egress")}
    other = world.things.add("firewall_groups", name="other", status="ACTIVE", ports=[interface], **ways)
    ends = Ends(look(owner), Names(owner))
    empty = read.draft(ends.seen, row["id"])
    empty = Draft(empty.state.having("ingress", Policy(ways["ingress_firewall_policy_id"], "", ())), empty.base)
    alone, all_ = (preview(ends, empty, row, findings=False, keep=keep) for keep in (False, True))
    assert alone.touches.groups == all_.touches.groups == (other["id"],)
    assert all(box in all_.traffic.lost for box in alone.traffic.lost)
    assert len(all_.traffic.lost) > len(alone.traffic.lost), made.name


def test_an_undo_that_failed_leaves_nothing_that_says_it_was_undone(scene: Scene) -> None:
    made = keep(scene, inserted(scene.draft(), SSH))
    before = scene.count()
    scene.world.wire.trouble["PUT .*firewall_policies"] = [403]
    with pytest.raises(NotApplied, match="Nothing was undone"):
        undo.undo(scene.cloud, "edge", made.id, wait=0.0)
    assert scene.count() == before
    keep(scene, scene.with_ssh("later"))
    with pytest.raises(Changed, match="after this was shown"):
        undo.undo(scene.cloud, "edge", made.id, wait=0.0, last=True)
