"""Applying edits to an environment's firewall, with real packets: in force at once, guarded, undone, never lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import reconcile, watch
from tenant_ops_dashboard.environments.firewall_group import group as firewall_groups
from tenant_ops_dashboard.environments.firewall_group import versions as marks
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.proofs import sending
from tenant_ops_dashboard.firewall import content, current, undo
from tenant_ops_dashboard.firewall.apply import Applied, apply
from tenant_ops_dashboard.firewall.errors import Changed
from tenant_ops_dashboard.firewall.model import Draft, Rule
from tenant_ops_dashboard.firewall.neutron import GROUPS, POLICIES, RULES, FirewallApi
from tenant_ops_dashboard.firewall.rebase import rebase
from tests.integration.by_hand import Hand
from tests.integration.firewall.conftest import log_in

PATIENCE = 60.0
OTHER = Rule(name="other", action="allow", protocol="udp", destination_port="9999")


def until(look: Callable[[], bool]) -> bool:
    """Whether it comes true while there is patience left."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


class Firewall:
    """The environment's group as its owner edits it, and what packets say of it."""

    def __init__(self, owner: Cloud, environment: Environment) -> None:
        self.owner, self.environment, self.name = owner, environment, f"{environment.name}-fw"

    def draft(self) -> Draft:
        return current.read(FirewallApi(self.owner), self.name).draft

    def rules(self) -> list[str]:
        ingress = self.draft().state.ingress
        return [rule.name for rule in ingress.rules] if ingress else []

    def rule(self, word: str) -> Rule:
        """One of the blueprint's own, as a new one."""
        made = next(one for one in self.draft().state.rules if one.name == f"{self.name}-{word}")
        return replace(made, id=None, description="")

    def rows(self) -> int | None:
        """How many rows the application read from its database; None where it does not reach it."""
        address = self.environment.address.removeprefix("http://")
        return sending.Way(self.owner.options.proof_proxy).get(address, "/", 3.0).rows


def on_top(made: Draft, *rules: Rule) -> Draft:
    assert made.state.ingress is not None
    policy = replace(made.state.ingress, rules=(*rules, *made.state.ingress.rules))
    return Draft(replace(made.state, ingress=policy), made.base)


@pytest.fixture
def firewall(owner: Cloud, environment: Environment) -> Iterator[Firewall]:
    """As the blueprint made it, before and after."""
    made = Firewall(owner, environment)
    before = made.draft().state
    yield made
    apply(owner, Draft(before, made.draft().base), made.name)
    assert content.same(made.draft().state, before)


def test_each_rule_is_in_force_and_undo_goes_back_step_by_step(firewall: Firewall) -> None:
    assert firewall.rows() is not None
    allow = firewall.rule("database-in")
    deny = replace(allow, name="closed", action="deny")
    closed = apply(firewall.owner, on_top(firewall.draft(), deny), firewall.name)
    assert closed.verified, closed
    assert until(lambda: firewall.rows() is None), "a deny at the top"
    reconcile.reconcile(firewall.owner, firewall.environment)
    assert firewall.rules()[0] == "closed", "nobody who looks reverts it"
    proofs = watch.details(firewall.owner, firewall.environment.id).proofs
    assert "closed was added" in next(one.evidence for one in proofs if one.name == "firewall")

    opened = apply(firewall.owner, on_top(firewall.draft(), replace(allow, name="opened")), firewall.name)
    assert opened.verified, opened
    assert until(lambda: firewall.rows() is not None), "an allow above it"
    assert undo.undo(firewall.owner, firewall.name).id == opened.id
    assert until(lambda: firewall.rows() is None)
    assert undo.undo(firewall.owner, firewall.name, closed.id).verified
    assert until(lambda: firewall.rows() is not None)
    proofs = watch.details(firewall.owner, firewall.environment.id).proofs
    assert next(one.state for one in proofs if one.name == "firewall") == "good"


def test_what_both_versions_allow_passes_all_the_time(firewall: Firewall) -> None:
    answers: list[int | None] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers.append(firewall.rows())

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for number in range(2):
            assert apply(
                firewall.owner, on_top(firewall.draft(), replace(OTHER, name=f"other-{number}")), firewall.name
            ).verified
    finally:
        over.set()
        asking.join()
    assert len(answers) > 10
    assert None not in answers, answers


def test_a_stale_draft_changes_nothing_and_is_rebased(firewall: Firewall) -> None:
    mine = on_top(firewall.draft(), OTHER)
    policy, row = mine.state.ingress, current.read(FirewallApi(firewall.owner), firewall.name)
    assert policy is not None and policy.policy is not None
    ids = [rule.id for rule in policy.rules if rule.id]
    theirs = Hand(firewall.owner).post(
        "network", RULES, {"firewall_rule": {"name": "by hand", "action": "deny", "protocol": "sctp"}}
    )
    by_hand = theirs["firewall_rule"]["id"]
    path = f"{POLICIES}/{policy.policy}"
    Hand(firewall.owner).put("network", path, {"firewall_policy": {"firewall_rules": [*ids, by_hand]}})
    try:
        now = current.read(FirewallApi(firewall.owner), firewall.name)
        assert now.revision == row.revision, "the group's revision does not tell"
        before = len(now.policies), len(now.rules)
        with pytest.raises(Changed, match="by hand was added"):
            apply(firewall.owner, mine, firewall.name)
        after = current.read(FirewallApi(firewall.owner), firewall.name)
        assert (len(after.policies), len(after.rules)) == before
        assert content.same(after.state, now.state)
        assert apply(firewall.owner, rebase(mine, after), firewall.name).verified
        assert (firewall.rules()[0], firewall.rules()[-1]) == ("other", "by hand")
    finally:
        undo.undo(firewall.owner, firewall.name)
        Hand(firewall.owner).put("network", path, {"firewall_policy": {"firewall_rules": ids}})


def test_of_two_at_once_one_is_in_force_and_the_other_knows(firewall: Firewall) -> None:
    for number in range(2):
        base = firewall.draft()
        drafts = [on_top(base, replace(OTHER, name=f"{who}-{number}")) for who in ("left", "right")]
        people, together = [log_in(), log_in()], threading.Barrier(2)

        def one(cloud: Cloud, wanted: Draft, together: threading.Barrier = together) -> Applied | Changed:
            together.wait()
            try:
                return apply(cloud, wanted, firewall.name)
            except Changed as error:
                return error

        with ThreadPoolExecutor(2) as pool:
            ended = list(pool.map(one, people, drafts))
        done = [at for at, told in enumerate(ended) if isinstance(told, Applied) and told.verified]
        assert len(done) == 1, ended
        assert firewall.rules()[0] == f"{('left', 'right')[done[0]]}-{number}"
        told = ended[1 - done[0]]
        assert isinstance(told, Changed)
        assert told.differences or told.by
        again = rebase(drafts[1 - done[0]], current.read(FirewallApi(firewall.owner), firewall.name))
        assert apply(firewall.owner, again, firewall.name).verified
        assert {f"left-{number}", f"right-{number}"} <= set(firewall.rules()), "nothing is lost"


def test_the_mark_is_on_what_is_in_force_and_few_versions_are_kept(firewall: Firewall) -> None:
    apply(firewall.owner, on_top(firewall.draft(), OTHER), firewall.name)
    now = current.read(FirewallApi(firewall.owner), firewall.name)
    mark = firewall_groups.mark(firewall.environment.id)
    used = [now.policies[str(now.policy(one))] for one in ("ingress", "egress")]  # type: ignore[arg-type]
    assert {one["description"] for one in used} == {mark}
    kept = [found for one in now.policies.values() if (found := marks.mark(one)) and found.group == now.row["id"]]
    assert 1 <= len(kept) <= 5
    assert {one.description for one in kept} == {mark}
    reconcile.reconcile(firewall.owner, firewall.environment)
    assert current.read(FirewallApi(firewall.owner), firewall.name).policies.keys() == now.policies.keys()
    assert firewall.owner.get("network", f"{GROUPS}/{now.row['id']}")["firewall_group"]["status"] == "ACTIVE"
