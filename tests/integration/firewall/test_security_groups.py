"""Applying edits to a security group, with real packets: added before removed, guarded by content, undone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.environments.proofs import sending
from tenant_ops_dashboard.firewall import snapshot
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.errors import Changed
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.security_groups import content, current, edit, read
from tenant_ops_dashboard.firewall.security_groups.apply import apply
from tenant_ops_dashboard.firewall.security_groups.model import Draft, Rule
from tenant_ops_dashboard.firewall.security_groups.preview import preview
from tests.integration.by_hand import Hand

PATIENCE = 60.0


class Database:
    """The security group of the environment's database, and what packets say of it."""

    def __init__(self, owner: Cloud, environment: Environment) -> None:
        self.owner, self.environment = owner, environment
        rows = owner.pages("network", "/security-groups", "security_groups", project_id=owner.project_id)
        (self.id,) = [str(one["id"]) for one in rows if one["name"] == f"{environment.name}-db"]

    def draft(self) -> Draft:
        return current.read(FirewallApi(self.owner), self.id).draft

    @property
    def rule(self) -> Rule:
        """What lets the application in."""
        return next(one for one in self.draft().state.rules if one.port_range_min == 1521)

    def without(self, draft: Draft) -> Draft:
        """The same without whatever lets the application in."""
        places = [at for at, one in enumerate(draft.state.rules) if one.port_range_min == 1521]
        return edit.remove(draft, places)

    def rows(self) -> int | None:
        """How many rows the application read from its database; None where it does not reach it."""
        address = self.environment.address.removeprefix("http://")
        return sending.Way(self.owner.options.proof_proxy).get(address, "/", 3.0).rows


def until(look: Callable[[], bool]) -> bool:
    """Whether it comes true while there is patience left."""
    deadline = time.monotonic() + PATIENCE
    while not look():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@pytest.fixture
def database(owner: Cloud, environment: Environment) -> Iterator[Database]:
    """As the blueprint made it, before and after."""
    made = Database(owner, environment)
    before = made.draft().state
    yield made
    apply(owner, Draft(before, made.draft().base), made.id)
    assert content.same(made.draft().state, before)


def test_a_removed_rule_closes_and_its_undo_opens(database: Database) -> None:
    assert database.rows() is not None
    wanted = database.without(database.draft())
    seen = snapshot.look(database.owner)
    told = preview(Ends(seen, Names(database.owner)), wanted, read.find(seen, database.id))
    assert any(one["dst_port"] == "1521-1521" for one in told.traffic.lost)
    closed = apply(database.owner, wanted, database.id)
    assert (closed.verified, closed.notes[1:]) == (True, ()), closed
    assert until(lambda: database.rows() is None)
    opened = apply(database.owner, closed.before, database.id)
    assert opened.verified, opened
    assert until(lambda: database.rows() is not None)


def test_what_both_allow_passes_while_one_rule_takes_the_place_of_another(database: Database) -> None:
    # Each application server has its own connection to the database, and they answer in turn.
    assert until(lambda: all(database.rows() is not None for _ in range(6)))
    answers: list[int | None] = []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers.append(database.rows())

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        old = database.rule
        for rule in (replace(old, id=None, remote_group_id=None, remote_ip_prefix="10.0.0.0/8"), replace(old, id=None)):
            wanted = edit.add(database.without(database.draft()), rule)
            assert apply(database.owner, wanted, database.id).verified
    finally:
        over.set()
        asking.join()
    assert len(answers) > 5
    assert None not in answers, answers


def test_a_stale_draft_changes_nothing_and_moves_onto_what_is_there(database: Database) -> None:
    mine = edit.add(database.draft(), Rule(protocol="udp", port_range_min=9999, port_range_max=9999))
    theirs = {"security_group_id": database.id, "direction": "ingress", "protocol": "sctp"}
    made = Hand(database.owner).post("network", "/security-group-rules", {"security_group_rule": theirs})
    with pytest.raises(Changed, match="sctp"):
        apply(database.owner, mine, database.id)
    now = current.read(FirewallApi(database.owner), database.id)
    moved = edit.moved_onto(mine, now.state, now.revision)
    assert apply(database.owner, moved, database.id).verified
    protocols = {one.protocol for one in database.draft().state.rules}
    assert {"udp", "sctp"} <= protocols
    assert made["security_group_rule"]["id"] in {one.id for one in database.draft().state.rules}
