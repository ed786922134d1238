"""From all that is known of a standing environment to its one status. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.facts import Facts
from tenant_ops_dashboard.environments.model import Drift, Proof
from tenant_ops_dashboard.environments.proofs import prove
from tenant_ops_dashboard.environments.status.summary import Judgement, servers, worse
from tenant_ops_dashboard.environments.template import picture
from tenant_ops_dashboard.environments.template.hot import Resource
from tenant_ops_dashboard.environments.template.picture import Seen
from tenant_ops_dashboard.sentences import about, join, say

TIER = "tenant_ops_tier"


def standing(
    resources: Sequence[Resource],
    seen: Mapping[str, Seen],
    facts: Facts,
    proofs: Sequence[Proof],
    drift: Sequence[Drift],
) -> Judgement:
    """The worst thing known, in one sentence."""
    judged = [Judgement("good")]
    failed = [one for one in proofs if one.state == "failed"]
    # What Neutron alone says of the outside breaks no application that serves inside.
    judged += [
        Judgement("warning" if one.name in prove.OUTSIDE else "failed", about(one.title, one.evidence))
        for one in failed
    ]
    for one in resources:
        found = seen.get(one.key)
        if one.type == "OS::Nova::Server" and found and found.state in ("failed", "gone"):
            judged.append(
                Judgement(
                    "warning", say("{title} is {state}.", title=picture.title(one), state=found.detail or found.state)
                )
            )
    judged += [
        Judgement("warning", one.evidence) for one in proofs if one.state == "warning" and one.name != "firewall"
    ]
    judged += [Judgement("warning", one.sentence) for one in drift]
    judged += [Judgement("warning", said) for said in facts.silent.values()]
    if any(one.name == "firewall" and one.state == "building" for one in proofs) and not facts.silent:
        judged.append(Judgement("building", say("All of the stack is up; the firewall group is still to be made.")))
    judged += [
        Judgement("building", say("Coming up: {evidence}", evidence=one.evidence))
        for one in proofs
        if one.name == "members" and one.state == "building" and facts.balancers is not None
    ]
    return worse(*judged)


def tiers(facts: Facts, environment_id: str) -> tuple[tuple[str, str], ...]:
    """('DMZ', '2 servers, jump host'), ('DB', '1 server, 20 GB'), as far as the services answer."""
    return told(list((facts.servers or {}).values()), list((facts.volumes or {}).values()), environment_id)


def told(
    known: Sequence[Mapping[str, Any]], volumes: Sequence[Mapping[str, Any]], environment_id: str
) -> tuple[tuple[str, str], ...]:
    """The tiers from rows of Nova and Cinder that carry the environment's id."""
    ours = [one for one in known if one["metadata"].get(data_volumes.OWNER) == environment_id]
    count = Counter(str(one["metadata"].get(TIER, "application")) for one in ours)
    size = sum(int(one["size"]) for one in data_volumes.of(volumes, environment_id))
    dmz = [servers(count["application"])] if count["application"] else []
    dmz += [say("jump host")] if count["jump"] else []
    database = [servers(count["database"])] if count["database"] else []
    database += [say("{size} GB", size=size)] if size else []
    found = (("DMZ", join(", ", dmz)), ("DB", join(", ", database)))
    return tuple((name, words) for name, words in found if words)
