"""`audited` and `shared`: who may, in which order, and what is as it was where it fails."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.errors import NotAllowed
from tenant_ops_dashboard.firewall import flags
from tenant_ops_dashboard.firewall.errors import NotApplied
from tests.unit.firewall.conftest import Scene
from tests.unit.firewall.test_apply import lose


def ingress(scene: Scene) -> str:
    return str(scene.group_row["ingress_firewall_policy_id"])


def test_audited_is_set_by_whoever_edits_and_falls_with_the_next_change(scene: Scene) -> None:
    assert flags.audit(scene.cloud, ingress(scene), True).audited
    assert scene.policies[ingress(scene)]["audited"] is True
    scene.world.calls()
    assert flags.audit(scene.cloud, ingress(scene), True).audited, "again is nothing"
    assert scene.written() == []
    assert not flags.audit(scene.cloud, ingress(scene), False).audited


def test_administrators_share_rules_first_and_the_flag_audited_stays(scene: Scene) -> None:
    admin = scene.world.cloud("admin", "member", name="operator")
    flags.audit(scene.cloud, ingress(scene), True)
    scene.world.calls()
    made = flags.share(admin, ingress(scene), True)
    assert (made.shared, made.audited) == (True, True)
    kinds = [call.split("/")[-2] for call in scene.written()]
    assert kinds == ["firewall_rules", "firewall_rules", "firewall_policies"]
    again = flags.share(admin, ingress(scene), False)
    assert (again.shared, again.audited) == (False, True)
    assert not any(scene.rules[id_]["shared"] for id_ in scene.policies[ingress(scene)]["firewall_rules"])


def test_who_is_no_administrator_shares_nothing_and_is_told_which_role_it_takes(scene: Scene) -> None:
    with pytest.raises(NotAllowed, match="role 'admin'"):
        flags.share(scene.cloud, ingress(scene), True)
    assert scene.written() == []


def test_what_fails_half_way_is_shared_nowhere(scene: Scene) -> None:
    admin = scene.world.cloud("admin", "member", name="operator")
    scene.world.wire.trouble["PUT .*firewall_policies"] = [409]
    with pytest.raises(NotApplied, match="not shared"):
        flags.share(admin, ingress(scene), True)
    assert not any(one["shared"] for one in scene.rules.values())


def test_what_another_project_uses_stays_shared(scene: Scene) -> None:
    admin = scene.world.cloud("admin", "member", name="operator")
    flags.share(admin, ingress(scene), True)
    scene.things.add(
        "firewall_groups", name="theirs", project_id="development", ports=[],
        ingress_firewall_policy_id=ingress(scene), egress_firewall_policy_id=None,
    )  # fmt: skip
    with pytest.raises(flags.Used, match="another project"):
        flags.share(admin, ingress(scene), False)
    assert all(scene.rules[id_]["shared"] for id_ in scene.policies[ingress(scene)]["firewall_rules"])


def test_a_policy_of_another_project_is_none(scene: Scene) -> None:
    scene.policies[ingress(scene)].update(project_id="development", shared=True)
    with pytest.raises(Exception, match="no firewall policy"):
        flags.audit(scene.cloud, ingress(scene), True)


@pytest.mark.parametrize("what", ["rules", "policies"])
def test_what_nobody_knows_the_end_of_is_shared_nowhere(scene: Scene, what: str) -> None:
    admin = scene.world.cloud("admin", "member", name="operator")
    scene.world.wire.trouble[f"PUT .*firewall_{what}"] = [500]
    with pytest.raises(NotApplied, match="not shared"):
        flags.share(admin, ingress(scene), True)
    assert not any(one["shared"] for one in scene.rules.values())


def test_who_takes_back_a_share_takes_back_its_rules_although_an_answer_was_lost(scene: Scene) -> None:
    admin = scene.world.cloud("admin", "member", name="operator")
    flags.share(admin, ingress(scene), True)
    flags.audit(admin, ingress(scene), True)
    lose(scene, "PUT", "firewall_policies")
    assert not flags.share(admin, ingress(scene), False).shared
    assert not any(one["shared"] for one in scene.rules.values())
    assert scene.policies[ingress(scene)]["audited"] is True


def test_who_looked_through_another_revision_audits_nothing(scene: Scene) -> None:
    scene.world.wire.trouble["PUT .*firewall_policies"] = [412]
    with pytest.raises(flags.Moved, match="Somebody changed this policy"):
        flags.audit(scene.cloud, ingress(scene), True)
