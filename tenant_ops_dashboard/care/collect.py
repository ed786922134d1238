"""One look at a project without viewers: changes of members, a sample of statistics for each load balancer."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from tenant_ops_dashboard.cloud import Cloud, CloudError, through_trust
from tenant_ops_dashboard.environments import trusts
from tenant_ops_dashboard.loadbalancers import duplicates, names, refresh, stats
from tenant_ops_dashboard.loadbalancers import status as balancer_status
from tenant_ops_dashboard.loadbalancers.model import Balancer, Mutes
from tenant_ops_dashboard.loadbalancers.refresh import Seen
from tenant_ops_dashboard.records import members, notes, samples
from tenant_ops_dashboard.sentences import about

# Seconds after which a tree is read again though nothing moved: a second member going down moves nothing.
SWEEP = 60.0


def observe(cloud: Cloud, before: Seen | None = None) -> Seen:
    """Keep what changed since `before`: the lists, trees of what is new or moved or long unread, due samples.

    Raises the CloudError of Octavia; a load balancer whose statistics are silent goes without.
    """
    seen = refresh.refresh(cloud, before or Seen(), before_ids(before))
    while missing := set(seen.lists.balancers) - set(seen.trees):
        known = len(seen.trees)
        seen = refresh.refresh(cloud, seen, missing)
        if len(seen.trees) == known:
            break
    duplicates.withdraw(cloud, seen.lists.balancers.values())
    found = balancer_status.balancers(seen, names.read(cloud, flavors=False), Mutes(), seen.at)
    members.observe(cloud.project_id, found, seen.at)
    notes.complete(cloud, found, seen.at)
    for one in found:
        sample(cloud, one)
    return seen


def before_ids(before: Seen | None) -> list[str]:
    """Load balancers whose tree is older than a minute."""
    if before is None:
        return []
    return [id_ for id_, tree in before.trees.items() if (before.at - tree.at).total_seconds() > SWEEP]


def sample(cloud: Cloud, balancer: Balancer) -> None:
    """One sample where this slot of time has none; none where the statistics are silent."""
    now = datetime.datetime.now(datetime.UTC)
    if not samples.due(cloud.project_id, balancer.id, now):
        return
    try:
        found = stats.read(cloud, balancer.id, sum(one.state == "good" for one in balancer.members()))
    except CloudError:
        return
    if found is not None:
        samples.keep(cloud.project_id, balancer.id, found)


def entrusted(service: Cloud, problems: list[str]) -> Iterator[Cloud]:
    """A login for each project that entrusted an environment to the service user, made when its turn comes.

    Through one of the project's trusts that still holds; a project without such is in `problems`. Raises the CloudError
    of Keystone for their list.
    """
    seen: set[str] = set()
    refused: dict[str, str] = {}
    for trust in trusts.received(service):
        project = str(trust.get("project_id") or "")
        if project and project not in seen:
            try:
                cloud = through_trust(service, trust["id"])
            except CloudError as error:
                refused[project] = about(trust.get(trusts.NAME) or trust[trusts.ENVIRONMENT], error.sentence)
                continue
            seen.add(project)
            yield cloud
    problems += [said for project, said in refused.items() if project not in seen]
