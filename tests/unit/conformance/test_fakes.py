"""The fakes answer as OpenStack does, in each of the cases that the sandbox is asked too."""

from __future__ import annotations

import pytest

from tests.conformance.cases import balancers
from tests.conformance.registry import ALL, Case
from tests.unit.conformance.fakes import Fakes
from tests.unit.loadbalancers.octavia import Octavia

#: What the world's own load balancers answer too; all the rest only the fake Octavia knows.
SHARED = (balancers.what_octavia_has_not, balancers.quotas_of_octavia)
#: What may depend on who makes routers.
OF_ROUTERS = tuple(run for run in ALL if run.__module__.endswith((".networks", ".firewalls", ".firewall_edits")))


@pytest.mark.parametrize("run", ALL, ids=lambda run: run.__name__)
def test_the_fakes_answer_so(run: Case) -> None:
    run(Fakes(octavia=Octavia()))


@pytest.mark.parametrize("run", OF_ROUTERS, ids=lambda run: run.__name__)
def test_the_fakes_answer_so_where_agents_make_routers(run: Case) -> None:
    run(Fakes(octavia=Octavia(), agents=True))


@pytest.mark.parametrize("run", SHARED, ids=lambda run: run.__name__)
def test_the_world_s_own_load_balancers_answer_so(run: Case) -> None:
    run(Fakes())


def test_no_fake_answers_what_no_real_one_was_asked() -> None:
    asked, offered = set[str](), set[str]()
    for run, made in [*((run, Fakes(octavia=Octavia())) for run in ALL), *((run, Fakes()) for run in SHARED)]:
        run(made)
        for wire, place in ((made.world.wire, ""), *([(made.octavia.wire, "/load-balancer/")] if made.octavia else [])):
            asked |= wire.served
            offered |= {f"{method} {path.pattern}" for method, path, _ in wire.handlers if place in path.pattern}
    assert sorted(offered - asked) == []
