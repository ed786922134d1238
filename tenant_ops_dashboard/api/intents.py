"""Intents: what must never, or must always, get through, with how each fared when it was last checked."""

from __future__ import annotations

from tenant_ops_dashboard.api.operation import Asked, Json, Operation, resource
from tenant_ops_dashboard.environments import intent as forms
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.firewall.access import INTENT, READ
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.records import audit as trail
from tenant_ops_dashboard.records import intending, intents
from tenant_ops_dashboard.sentences import about, say

PARAMETERS = frozenset({"environment"})


def listing(asked: Asked) -> Json:
    """All that stand in the token's project, or those of one environment."""
    wanted = asked.words.get("environment", "")
    one_ = stack.find(asked.cloud, wanted) if wanted else None
    known = {one_.id: one_.launched} if one_ else standing.environments(asked.cloud)
    with trail.reading(say("The project's intents")):
        found = intents.of(asked.cloud.project_id, known, settings.read().blueprint_folders)
    return {"intents": [one.written() for one in found if one.environment or not wanted]}


def add(asked: Asked) -> tuple[Json, int]:
    """Keep an intent; the same again is the same one."""
    body = dict(asked.body)
    environment = body.pop("environment", None) or ""
    if not isinstance(environment, str) or len(environment) > 255:
        raise BadInput(about("environment", say("must be the name or id of an environment.")), field="environment")
    intent = forms.read(body)
    with trail.reading(say("The project's intents")):
        before = {one.id for one in intents.kept(asked.cloud.project_id)}
        made = intending.add(asked.cloud, intent, environment, settings.read().blueprint_folders)
    return {"intent": made.written()}, 200 if made.id in before or made.origin == "blueprint" else 201


def remove(asked: Asked) -> Json:
    """Forget one that a person added."""
    id_ = asked.parts["intent"]
    with trail.reading(say("The project's intents")):
        found = intents.one_of(intents.kept(asked.cloud.project_id), id_)
        intending.remove(asked.cloud, id_)
    return {"intent": found.written()}


view = resource(get=Operation(listing, READ, PARAMETERS), post=Operation(add, INTENT))
one = resource(delete=Operation(remove, INTENT))
