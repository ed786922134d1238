"""Policies that keep their ids, with real packets: what stays allowed passes all the time, what closes is closed."""

from __future__ import annotations

import threading
from dataclasses import replace

from tenant_ops_dashboard.firewall import current, undo
from tenant_ops_dashboard.firewall.apply import apply
from tenant_ops_dashboard.firewall.in_place import ApplyInPlace
from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tests.integration.firewall.test_apply import OTHER, Firewall, firewall, on_top, until

__all__ = ["firewall"]


def ids(made: Firewall) -> tuple[str | None, str | None]:
    now = current.read(FirewallApi(made.owner), made.name)
    return now.policy("ingress"), now.policy("egress")


def both(made: Draft, name: str) -> Draft:
    """One more rule in each direction, and the last of each out of its place."""
    moved = on_top(made, replace(OTHER, name=name))
    assert moved.state.egress is not None
    rules = (replace(OTHER, name=f"{name}-out"), *moved.state.egress.rules)
    return Draft(moved.state.having("egress", replace(moved.state.egress, rules=rules)), made.base)


def test_both_directions_in_place_lose_nothing_that_stays_allowed(firewall: Firewall) -> None:
    assert until(lambda: firewall.rows() is not None)
    before, answers, over = ids(firewall), [firewall.rows()], threading.Event()

    def ask() -> None:
        while not over.is_set():
            answers.append(firewall.rows())

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        made = apply(firewall.owner, both(firewall.draft(), "in-place"), firewall.name, way=ApplyInPlace)
        assert made.verified, made
        assert (ids(firewall), firewall.rules()[0]) == (before, "in-place")
        assert undo.undo(firewall.owner, firewall.name, made.id).verified
    finally:
        over.set()
        asking.join()
    assert len(answers) > 10
    assert None not in answers, answers
    assert (ids(firewall), "in-place" in firewall.rules()) == (before, False)


def test_what_is_closed_in_place_is_closed_and_comes_back(firewall: Firewall) -> None:
    assert until(lambda: firewall.rows() is not None)
    before = ids(firewall)
    deny = replace(firewall.rule("database-in"), name="closed", action="deny")
    wanted = both(on_top(firewall.draft(), deny), "beside")
    made = apply(firewall.owner, wanted, firewall.name, way=ApplyInPlace)
    assert made.verified, made
    assert until(lambda: firewall.rows() is None)
    assert undo.undo(firewall.owner, firewall.name).verified
    assert until(lambda: firewall.rows() is not None)
    assert ids(firewall) == before
