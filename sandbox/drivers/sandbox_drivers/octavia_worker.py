"""octavia-worker that first gives up what a worker before it left half done.

A worker that ends in the middle of its work leaves load balancers PENDING for ever: nobody may change or delete them.
The sandbox has one worker, so what is PENDING when it starts has nobody left to finish it, but what the queue still
holds: that is done afterwards and ends in its own state. In ERROR a load balancer can be deleted or failed over.
"""

from __future__ import annotations

from typing import Any

from sandbox_drivers import octavia_types  # noqa: F401  # isort: skip  (before Octavia)

from octavia.cmd import octavia_worker
from octavia.common import constants, service
from octavia.db import api, models

PENDING = (constants.PENDING_CREATE, constants.PENDING_UPDATE, constants.PENDING_DELETE)


def give_up(session: Any) -> int:
    """Puts every PENDING object of the amphora provider into ERROR; returns how many there were."""
    balancers = _ids(session, models.LoadBalancer, models.LoadBalancer.provider == constants.AMPHORA)
    listeners = _ids(session, models.Listener, models.Listener.load_balancer_id.in_(balancers))
    pools = _ids(session, models.Pool, models.Pool.load_balancer_id.in_(balancers))
    policies = _ids(session, models.L7Policy, models.L7Policy.listener_id.in_(listeners))
    rules = _ids(session, models.L7Rule, models.L7Rule.l7policy_id.in_(policies))
    members = _ids(session, models.Member, models.Member.pool_id.in_(pools))
    monitors = _ids(session, models.HealthMonitor, models.HealthMonitor.pool_id.in_(pools))
    found = {
        models.LoadBalancer: balancers, models.Listener: listeners, models.Pool: pools, models.L7Policy: policies,
        models.L7Rule: rules, models.Member: members, models.HealthMonitor: monitors,
    }  # fmt: skip
    return sum(
        session.query(model)
        .filter(model.id.in_(ids), model.provisioning_status.in_(PENDING))
        .update({"provisioning_status": constants.ERROR}, synchronize_session=False)
        for model, ids in found.items()
    )


def _ids(session: Any, model: Any, condition: Any) -> list[str]:
    return [row.id for row in session.query(model.id).filter(condition)]


def prepare(arguments: list[str]) -> None:
    """Octavia's own preparation, configuration and database included, then ours."""
    octavia_prepares(arguments)
    with api.session().begin() as session:
        given_up = give_up(session)
        engine = session.get_bind()
    # the worker forks, and a database connection must not be shared
    engine.dispose()
    if given_up:
        print(f"{given_up} objects were PENDING with no worker left to finish them; they are in ERROR now.", flush=True)


if __name__ == "__main__":
    octavia_prepares = service.prepare_service
    service.prepare_service = prepare
    octavia_worker.main()
