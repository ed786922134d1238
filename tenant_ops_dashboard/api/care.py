"""When the jobs that go on while nobody looks last did, for the token's project."""

from __future__ import annotations

from django.utils import timezone

from tenant_ops_dashboard.api.operation import Asked, Json, Operation, resource
from tenant_ops_dashboard.clones.written import time
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.panels import cared
from tenant_ops_dashboard.panels.environments.permissions import READ
from tenant_ops_dashboard.records import audit as trail
from tenant_ops_dashboard.sentences import say

PARAMETERS = frozenset({"environment"})


def listing(asked: Asked) -> Json:
    """One row a promise; that of scaling is about an `environment`, where one is named."""
    wanted, cloud = asked.words.get("environment", ""), asked.cloud
    environment = stack.find(cloud, wanted).id if wanted else ""
    what = {"scale": environment, "history": cloud.region, "intents": cloud.region}
    found = []
    for promise in cared.PROMISES:
        one = cared.of(promise, cloud.project_id, cloud.region, timezone.now(), what.get(promise, ""))
        if one is None:
            raise trail.NotRead(
                say("When the care job last looked is not known: the dashboard's database does not answer.")
            )
        found.append({
            "promise": promise, "cared_at": time(one.at), "ran_at": time(one.ran), "late": one.late, "says": one.title,
            "todo": one.todo,
        })  # fmt: skip
    return {"care": found}


view = resource(get=Operation(listing, READ, PARAMETERS))
