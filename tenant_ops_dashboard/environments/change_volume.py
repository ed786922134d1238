"""An environment stands on another volume from now on: one parameter of its stack and one tag, all else is as it was.

Heat takes the one volume off the server and attaches the other one: the same server, address and device.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tenant_ops_dashboard.changes import Change, Target, perform
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import access
from tenant_ops_dashboard.environments.data import actions as data_actions
from tenant_ops_dashboard.environments.data import volumes as data_volumes
from tenant_ops_dashboard.environments.errors import Blocked, NotFound
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.standstill import standstill
from tenant_ops_dashboard.sentences import say

#: For how many seconds an update whose answer was lost is looked for.
LOOK_SECONDS = 10.0


def change_volume(cloud: Cloud, environment_id: str, old: str, new: str) -> Stack:
    """Begin it; Heat goes on with it. The stack with its parameters as they are asked for.

    Raises NotFound, Blocked where Heat is at work or the stack does not stand on `old`, NotAllowed, a CloudError.
    """
    return perform(ChangeVolume(cloud, environment_id, old, new))


def move_marks(cloud: Cloud, found: Stack, old: str) -> None:
    """Write into the volume that the stack stands on whose it is now, and take that off the `old` one.

    Raises NotAllowed or a CloudError.
    """
    data_actions.claim(cloud, found)
    for volume in data_volumes.volumes(cloud):
        if volume["id"] == old and data_volumes.brought(volume) == found.id:
            perform(data_actions.Release(cloud, volume))


def names(found: Stack, volume_id: str) -> tuple[str, ...]:
    """Which of its parameters are this volume; `found` was read whole."""
    return tuple(name for name, value in found.parameters.items() if volume_id and value == volume_id)


class ChangeVolume(Change[Stack]):
    """Heat's update of a stack (PATCH, 'existing') by the parameters that name the volume."""

    name = "environments.change_volume"
    rule = access.LAUNCH
    action = "update"
    kind = "environment"
    destroys = True
    patience = LOOK_SECONDS

    def __init__(self, cloud: Cloud, environment_id: str, old: str, new: str) -> None:
        super().__init__(cloud)
        self.old, self.new = old, new
        self.target = Target(environment_id)
        self.before, self.after = {"volume": old}, {"volume": new}

    def prepare(self) -> Stack | None:
        self.found = self._read()
        self.target = Target(self.found.id, self.found.name)
        if names(self.found, self.new) and self.found.state != "FAILED":
            self.underway = self.found.meaning.moving
            return self.found
        if self.found.meaning.moving or not self.found.meaning.again or self.found.meaning.leaving:
            said = self.found.meaning.words or say("Heat is at work on it")
            raise Blocked(say("Heat takes no change of {name}: {said}.", name=self.found.name, said=said))
        self.asked = names(self.found, self.old) or names(self.found, self.new)
        if not self.asked:
            raise Blocked(
                say(
                    "{name} does not stand on the volume {old}: somebody changed it.",
                    name=self.found.name,
                    old=self.old,
                )
            )
        return None

    def send(self) -> Stack:
        both = {f"{stack.VOLUME}{one}" for one in (self.old, self.new)}
        marks = (*(tag for tag in self.found.tags if tag not in both), f"{stack.VOLUME}{self.new}")
        given = dict.fromkeys(self.asked, self.new)
        # Without its present sizes Heat would bring its groups back to those of the launch.
        sizes = standstill.sized(self.cloud, self.found)
        body: dict[str, Any] = {"existing": True, "parameters": given, "tags": ",".join(marks), **sizes}
        self.cloud.patch("orchestration", self.found.path, body)
        known = {**self.found.parameters, **given}
        return replace(self.found, action="UPDATE", state="IN_PROGRESS", tags=marks, parameters=known)

    def happened(self) -> Stack | None:
        now = self._read()
        return now if names(now, self.new) and now.updated_at != self.found.updated_at else None

    def _read(self) -> Stack:
        listed = stack.by_id(self.cloud, self.target.id)
        if listed is None:
            raise NotFound(say("The environment is gone."))
        return stack.full(self.cloud, listed, outputs=False)
