"""Who may do what: this login's roles, and the policy file that they are held against."""

from __future__ import annotations

from collections.abc import Iterable

from tenant_ops_dashboard import policy
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.cloud.answers import name as called
from tenant_ops_dashboard.doctor.model import Finding, Found, State
from tenant_ops_dashboard.environments.planning import roles
from tenant_ops_dashboard.sentences import say

#: The rule of the dashboard's own checks.
GET = "doctor:get"
#: What people do who run applications.
RULES = (
    "environments:launch", "environments:delete", "loadbalancers:change", "loadbalancers:scale", "firewall:edit",
    "clones:offer", "clones:request",
)  # fmt: skip


def held(cloud: Cloud, rules: Iterable[str] = RULES, lacking: State = "warning") -> Found:
    """Whether this login's roles allow all of them; no call."""
    if missing := [rule for rule in rules if not policy.allowed(cloud, rule)]:
        told = say("You may not do everything here: {missing}.", missing=", ".join(missing))
        fix = say(
            "Ask for the role 'member' in {project}, or your operator for these rules.",
            project=cloud.project_name,
        )
        yield Finding(say("Roles"), lacking, told, fix)
    else:
        told = say("Your roles in {project} allow all that is needed.", project=cloud.project_name)
        yield Finding(say("Roles"), "good", told)


def services(cloud: Cloud) -> Found:
    """Whether Heat and Octavia let this login in, as a launch's plan asks: one call each. Raises a CloudError."""
    found = roles.asked(cloud)
    for lack in filter(None, found.values()):
        yield Finding(say("Roles"), "warning", lack.told, lack.fix)
    if good := [called(service) for service, lack in found.items() if lack is None]:
        names = ", ".join(good)
        told = say("You may read in {names}; whether you may make things there they tell when you do.", names=names)
        yield Finding(say("Roles"), "good", told)


def policy_file(cloud: Cloud) -> Found:
    """Whether the policy file that counts in this process can be read, and has all rules; no call."""
    file, problem, rules = policy.in_force()
    lacking = [one.name for one in policy.list_rules() if one.name not in rules]
    if problem:
        told = say("The policy file {file} cannot be read: {problem}.", file=file, problem=problem)
        stays = say("Mend the file; it counts with the next request. Until then the last good rules count, if any.")
        yield Finding(say("Policy file"), "failed", told, stays)
    elif lacking:
        told = say("The policy file {file} lacks rules, so nobody may: {rules}.", file=file, rules=", ".join(lacking))
        fix = say("Copy them from the shipped file: oslopolicy-sample-generator --namespace tenant_ops.")
        yield Finding(say("Policy file"), "warning", told, fix)
    else:
        yield Finding(say("Policy file"), "good", say("{file} has all rules.", file=file))
