"""Launch: one Heat stack, made once however often it is asked for; retry and roll back."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tenant_ops_dashboard import audit
from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import BadRequest, Cloud, CloudError, Conflict
from tenant_ops_dashboard.environments import access, doubles, endings, reconcile
from tenant_ops_dashboard.environments import delete as deleting
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.errors import Blocked, NotAllowed, NotFound, NotValid, QuotaExceeded
from tenant_ops_dashboard.environments.heat import deletion, stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.model import Environment, Request
from tenant_ops_dashboard.environments.planning import plan as planning
from tenant_ops_dashboard.environments.planning import roles
from tenant_ops_dashboard.environments.standstill import standstill
from tenant_ops_dashboard.environments.status.summary import Judgement, environment, launching
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.sentences import say

SETTLE_SECONDS = 1.5  # Heat's times are whole seconds: only then is the order of two simultaneous stacks known to both
LOOK_SECONDS = 10.0  # how long a stack may take to show up in Heat's list after an answer was lost


def launch(
    cloud: Cloud, request: Request, folders: Sequence[str | Path] = (), token: str = "", tags: Sequence[str] = (),
    settle: bool = True,
) -> Environment:  # fmt: skip
    """Start the environment; it is building when this returns, and goes on by itself.

    `tags` are given to its stack beside those that tell what it is: they say who has it. Of launches of one moment one
    stays, which takes a moment to find out; where it is not to `settle` that, and stands on no volume that was there
    before, each look does (`doubles.settle`).

    A second launch of the same name is the first one where `token` (the form's) is the same, or where it asks for the
    same while the first is still building. A lost answer is looked up, never repeated blindly.
    Raises NotValid with the problems by field, QuotaExceeded, NotAllowed, or a CloudError; nothing was created then,
    except after Uncertain, where nobody knows.
    """
    change = Launch(cloud, request, folders, token, tags)
    made = perform(change)
    if settle or made.volumes:
        made = _only(cloud, request, made, change.mine)
    if made.volumes:
        _alone(cloud, made, request, folders)
        # Where that fails, the next look does it.
        with contextlib.suppress(TenantOpsError):
            data_actions.claim(cloud, made)
    return launching(made)


class Launch(Change[Stack]):
    """Heat's create of a stack whose tags tell what was asked for, by which form."""

    name = "environments.launch"
    rule = access.LAUNCH
    action = "create"
    kind = "environment"

    def __init__(
        self, cloud: Cloud, request: Request, folders: Sequence[str | Path] = (), token: str = "",
        tags: Sequence[str] = (),
    ) -> None:  # fmt: skip
        super().__init__(cloud)
        self.request, self.folders, self.tags = request, folders, tags
        self.mine = stack.digest("token", cloud.user_id, token) if token else ""
        self.target = Target("", request.name)
        self.patience = LOOK_SECONDS

    def prepare(self) -> Stack | None:
        there = None
        # The plan says which role is missing.
        with contextlib.suppress(clouds.NotAllowed):
            there = _named(self.cloud, self.request)
        known = _mine(there or (), self.request, self.mine)
        if known:
            self.target = Target(known.id, known.name)
            self.underway = not known.meaning.stands or known.meaning.moving
            return known
        self.plan = plan = planning.plan(self.cloud, self.request, self.folders, there)
        if missing := plan.problems.get(roles.FIELD):
            raise NotAllowed(missing)
        if plan.problems or plan.blueprint is None:
            raise (QuotaExceeded if set(plan.problems) == {""} else NotValid)(plan.problems)
        self.marks = list(planning.tags(plan.blueprint, plan.volumes, plan.filtered, plan.answers))
        self.marks += [f"{stack.INPUTS}{inputs(self.request)}", *self.tags]
        self.marks += [f"{stack.TOKEN}{self.mine}"] if self.mine else []
        return None

    def send(self) -> Stack:
        body = {
            "stack_name": self.request.name,
            "template": self.plan.template,
            "files": dict(self.plan.files),
            "environment": self.plan.environment_file,
            "tags": ",".join(self.marks),
            "timeout_mins": 60,
            "disable_rollback": True,
        }
        try:
            created = str(self.cloud.post("orchestration", "/stacks", body)["stack"]["id"])
        except Conflict as error:
            # Somebody was quicker between the plan and this: another tab of ours, or another person.
            known = _mine(_named(self.cloud, self.request), self.request, self.mine)
            if known is None:
                raise NotValid({"name": _taken(self.request.name)}) from error
            return self._is(known)
        except (BadRequest, clouds.NotAllowed) as error:
            if missing := roles.of_heat(self.cloud, error):
                raise NotAllowed(missing, error.request_id) from error
            if isinstance(error, clouds.NotAllowed):
                raise
            raise NotValid({"": error.sentence}) from error
        made = (created, self.request.name, "CREATE", "IN_PROGRESS", "", None, None, self.cloud.project_id)
        endings.begun(self.cloud, created, self.request.name, "create")
        return self._is(Stack(*made, tuple(self.marks)))

    def happened(self) -> Stack | None:
        known = stack.named(self.cloud, self.request.name)
        if known is None or known.going or not set(self.marks) <= set(known.tags):
            return None
        endings.begun(self.cloud, known.id, known.name, "create")
        return self._is(known)

    def _is(self, made: Stack) -> Stack:
        self.target = Target(made.id, made.name)
        return made


def retry(cloud: Cloud, name_or_id: str) -> Environment:
    """Let Heat go on where it failed or stands still: what failed is made anew, what stands stays.

    Where the stack stands and its firewall group does not, that is made now.
    Raises Blocked where Heat is at work or takes no such order, NotFound, NotAllowed or a CloudError.
    """
    found = stack.find(cloud, name_or_id)
    if found.action == "ROLLBACK":
        # Heat's list does not tell a launch's roll-back from a change's; the template does.
        template = cloud.get("orchestration", f"{found.path}/template")
        found = replace(found, emptied=not template.get("resources"))
    if found.meaning.again == "delete" and not found.meaning.moving:
        return deleting.delete(cloud, found.id)
    if not access.may_launch(cloud):
        audit.refused(cloud, access.LAUNCH, "update", "environment", found.id, found.name, verb="retry")
    access.require(cloud, access.LAUNCH)
    whole = found.meaning.stands and found.state == "COMPLETE"
    if whole and reconcile.again(cloud, found):
        return launching(found)
    if found.meaning.moving and not standstill.is_one(cloud, found):
        raise Blocked(
            say("Heat is at work on {name}, and it moves: there is nothing to try again yet.", name=found.name)
        )
    standstill.go_on(cloud, found)
    try:
        return launching(stack.find(cloud, found.id))
    except NotFound:
        # A delete may have little left to do.
        return environment(found, Judgement("deleting"))


def rollback(cloud: Cloud, name_or_id: str) -> Environment:
    """Take away all that a failed launch left, its empty data volume included.

    Raises Blocked for what may have been up: that is deleted, and its data is asked for. Else raises as `delete`.
    """
    found = stack.find(cloud, name_or_id)
    if not (found.meaning.rolls_back or deletion.never_stood(cloud, found)):
        raise Blocked(
            say(
                "{name} may have been up, so it is not rolled back. Delete it, and say what is to stay.",
                name=found.name,
            )
        )
    return deleting.delete(cloud, found.id)


def _only(cloud: Cloud, request: Request, known: Stack, mine: str) -> Stack:
    """The one that stays of stacks made at one moment. Raises NotValid where that is another launch."""
    if not doubles.building(known):
        return known
    time.sleep(SETTLE_SECONDS)
    try:
        found = stack.all_named(cloud, request.name)
    except CloudError:
        return known
    first = doubles.by_name(cloud, known, found)
    if first.id != known.id and not _is_same(first, request, mine):
        raise NotValid({"name": _taken(request.name)})
    return first


def _alone(cloud: Cloud, known: Stack, request: Request, folders: Sequence[str | Path]) -> None:
    """Raises NotValid where the volume of this launch belongs to one of the same moment; this one is withdrawn."""
    if not doubles.building(known):
        return
    try:
        found = stack.environments(cloud)
    except CloudError:
        return
    first = doubles.by_volume(cloud, known, found)
    if first.id == known.id:
        return
    blueprint = blueprints.of(request, folders)
    asked = [one.name for one in blueprint.parameters if one.kind == "volume"] if blueprint else []
    raise NotValid(
        {next(iter(asked), ""): say("This volume belongs to the environment {name} by now.", name=first.name)}
    )


def _named(cloud: Cloud, request: Request) -> Sequence[Stack]:
    return stack.all_named(cloud, request.name) if request.name else ()


def _mine(there: Sequence[Stack], request: Request, mine: str) -> Stack | None:
    """The stack that has the name, where it is this very launch."""
    known = next(iter(there), None)
    if known is None or stack.TAG not in known.tags or known.going:
        return None
    return known if _is_same(known, request, mine) else None


def _is_same(known: Stack, request: Request, mine: str) -> bool:
    by_token = bool(mine) and known.tag(stack.TOKEN) == mine
    return by_token or (doubles.building(known) and known.tag(stack.INPUTS) == inputs(request))


def inputs(request: Request) -> str:
    """A fingerprint of what was asked for; who sees it finds out nothing about an answer that a template hides."""
    hidden = blueprints.hidden(request)
    answers = [f"{key}={request.values[key]}" for key in sorted(request.values) if key not in hidden]
    brought = request.imported
    own = [brought.template, brought.environment, *(part for file in brought.files for part in file)] if brought else []
    return stack.digest(request.blueprint, *answers, *own)


def _taken(name: str) -> str:
    return say("This project already has a stack called {name}.", name=name)
