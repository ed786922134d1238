"""A firewall group of one's own, with real packets: created empty it drops, opened it lets through, deleted it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments.model import Environment
from tenant_ops_dashboard.errors import NotFound
from tenant_ops_dashboard.firewall import create, current, edit, remove
from tenant_ops_dashboard.firewall.apply import apply
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Draft
from tenant_ops_dashboard.firewall.neutron import POLICIES, RULES, FirewallApi
from tests.integration.firewall.test_apply import Firewall, until


@pytest.fixture
def detached(owner: Cloud, environment: Environment) -> Iterator[tuple[Firewall, tuple[str, ...]]]:
    """The environment with its own group on no port; on its ports again afterwards."""
    made = Firewall(owner, environment)
    before = made.draft()
    ports = before.state.group.ports
    with pytest.raises(BadDraft, match="a port is in one at most"):
        create.create(owner, create.wanted(f"{environment.name}-own", ports, "empty"))
    assert apply(owner, edit.set_group(before, ports=()), made.name).verified
    try:
        yield made, ports
    finally:
        assert apply(owner, edit.set_group(made.draft(), ports=ports), made.name).verified


def rows(firewall: Firewall) -> int | None:
    """What the application read; None also where nothing answers at all."""
    try:
        return firewall.rows()
    except OSError:
        return None


def test_a_group_of_ones_own_drops_lets_through_and_goes(
    owner: Cloud, environment: Environment, detached: tuple[Firewall, tuple[str, ...]]
) -> None:
    firewall, ports = detached
    name = f"{environment.name}-own"
    made_by_it: set[str] = set()
    assert until(lambda: rows(firewall) is not None), "on no port nothing is filtered"
    made = create.create(owner, create.wanted(name, ports, "empty"))
    try:
        assert made.verified
        assert create.create(owner, create.wanted(name, ports, "empty")).id == made.id, (
            "the same is the first one again"
        )
        assert until(lambda: rows(firewall) is None), "an empty policy drops all"
        now = current.read(FirewallApi(owner), made.id).draft
        ingress, egress = create.begun("open")
        opened = apply(owner, Draft(replace(now.state, ingress=ingress, egress=egress), now.base), made.id)
        assert opened.verified
        assert until(lambda: rows(firewall) is not None), "rules that let all through"
        made_by_it |= {str(one.id) for one in current.read(FirewallApi(owner), made.id).state.rules}
    finally:
        gone = remove.remove(owner, made.id)
    assert gone.policies >= 2
    assert until(lambda: rows(firewall) is not None)
    api = FirewallApi(owner)
    assert not [one for one in api.listed(POLICIES) if str(one["name"]).startswith(name)], "nothing of it is left"
    assert not made_by_it & {str(one["id"]) for one in api.listed(RULES)}
    with pytest.raises(NotFound):
        remove.remove(owner, name)
