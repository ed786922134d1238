"""What the panel knows: how far each scenario has come, from the dashboard's own database; what pre-flight found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.http import HttpRequest
from django.utils import timezone

from tenant_ops_dashboard.care.walkthrough import Desk
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.panels import poll, settings
from tenant_ops_dashboard.panels.store import shared
from tenant_ops_dashboard.walkthrough import anew, preflight, scenarios, steps
from tenant_ops_dashboard.walkthrough.model import Left, Problem, Progress
from tenant_ops_dashboard.walkthrough.store import Store

NAME, CHECKED = "walkthrough", "walkthrough pre-flight"
#: Seconds for which a pre-flight serves, for which it is shown at all, and that one may take.
SERVES, SHOWN, LONGEST = 60, 600, 60
#: Seconds for which a page knows that a reset goes on, and that one is done.
GOES_ON, DONE = 600, 60
#: Seconds after its last look when nobody goes on with a reset any more.
STILL = 30


@dataclass(frozen=True)
class Shown:
    """How far each scenario has come, by its id."""

    progress: Mapping[str, Progress]

    @property
    def moving(self) -> bool:
        """Whether a step waits for its proof."""
        return any(one.state == "waiting" for it in self.progress.values() for one in it.steps)


@dataclass(frozen=True)
class Checked:
    """What pre-flight found by a scenario's id, in the order in which it looked.

    `gone` are ids of environments of the show that Heat does not have any more. `of` tells how the steps stood then.
    """

    problems: Mapping[str, tuple[Problem, ...]]
    gone: frozenset[str] = frozenset()
    of: str = ""


def store() -> Store:
    """Where progress is kept."""
    return Desk()


def shown(request: HttpRequest) -> poll.Snapshot[Shown]:
    """What all pages show; what pre-flight saw gone counts no more. Raises NotKept where not even an older is known."""
    kept = poll.snapshot(request, NAME, _load)
    found = _looked(request, kept.value)
    if found is None or not found.value.gone:
        return kept
    told = {id_: anew.opened(one, found.value.gone) for id_, one in kept.value.progress.items()}
    return replace(kept, value=Shown(told))


def checked(request: HttpRequest) -> poll.Snapshot[Checked]:
    """What pre-flight finds, of some seconds ago or now: roles in other projects are this person's own."""
    poll.connect(request, LONGEST)
    _looked(request, poll.snapshot(request, NAME, _load).value)
    return poll.snapshot(request, CHECKED, _check, lambda found: SERVES, personal=True, longest=LONGEST)


def looked(request: HttpRequest) -> poll.Snapshot[Checked] | None:
    """The same where it is known and of the steps as they stand: nothing is asked for it."""
    return _looked(request, poll.snapshot(request, NAME, _load).value)


def forget(request: HttpRequest) -> None:
    """After a change of our own: the next look reads anew."""
    poll.forget(request, NAME)


def forget_checked(request: HttpRequest) -> None:
    """The next look asks the cloud."""
    poll.forget(request, CHECKED, personal=True)


def keep_left(request: HttpRequest, scenario: str, found: Left) -> None:
    """Remember what a reset of one scenario, or of all (''), has still to take away."""
    shared.set(_left(request, scenario), poll.Snapshot(found, timezone.now()), DONE if found.done else GOES_ON)


def left(request: HttpRequest, scenario: str) -> poll.Snapshot[Left] | None:
    """The same as it was looked at last; None where no reset goes on."""
    found: poll.Snapshot[Left] | None = shared.get(_left(request, scenario), poll.Snapshot)
    return found


def resetting(request: HttpRequest, *wanted: str) -> bool:
    """Whether somebody's page goes on at this moment with a reset that these scenarios are part of."""
    now, first = timezone.now(), scenarios.scenarios()[0].id
    known = (left(request, one) for one in dict.fromkeys(("", first, *wanted)))
    return any(one and not one.value.done and (now - one.as_of).total_seconds() < STILL for one in known)


def every(moving: bool) -> float:
    """Seconds between two polls: few while something moves."""
    known = settings.read()
    return known.poll_busy_seconds if moving else known.poll_idle_seconds


def _load(cloud: Cloud) -> Shown:
    return Shown({one.id: steps.progress(cloud, store(), one.id) for one in scenarios.scenarios()})


def _check(cloud: Cloud) -> Checked:
    of, gone = _stand(_load(cloud)), anew.gone(cloud, store())
    found = {one.id: tuple(preflight.preflight(cloud, store(), one.id)) for one in scenarios.scenarios()}
    return Checked(found, gone, of)


def _looked(request: HttpRequest, kept: Shown) -> poll.Snapshot[Checked] | None:
    """What was found before somebody took a step, or took all of them back, is looked at anew."""
    found: poll.Snapshot[Checked] | None = poll.recent(request, CHECKED, SHOWN, personal=True)
    if found is not None and found.value.of != _stand(kept):
        forget_checked(request)
        return None
    return found


def _stand(found: Shown) -> str:
    """How the steps stand, in short."""
    stand = {id_: [one.state for one in it.steps] for id_, it in found.progress.items()}
    return repr((stand, [it.facts.get("environment_id", "") for it in found.progress.values()]))


def _left(request: HttpRequest, scenario: str) -> str:
    return poll.key(request, f"walkthrough reset {scenario}")
