"""Intents that stand with an environment or a project: how they fare now, and what a draft would make of them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import intent as forms
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.environments.heat.stack import Stack
from tenant_ops_dashboard.environments.template import blueprint as blueprints
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import read
from tenant_ops_dashboard.firewall.checking import Checked, Room
from tenant_ops_dashboard.firewall.difference import Difference
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.errors import BreaksIntents
from tenant_ops_dashboard.firewall.intents import Intent, Judged, check, written
from tenant_ops_dashboard.firewall.model import State
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import Seen, look
from tenant_ops_dashboard.firewall.substitute import substitute
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.reachability.model import Snapshot
from tenant_ops_dashboard.sentences import within

Json = dict[str, Any]
Origin = Literal["blueprint", "person"]
#: What a draft does to an intent: see `Compared`.
Becomes = Literal["holds", "breaks", "was broken", "mends", "unknown"]


@dataclass(frozen=True)
class Off:
    """A blueprint's intent that a person switched off."""

    who: str
    reason: str
    at: datetime.datetime


@dataclass(frozen=True)
class Fared:
    """How an intent fared when it was last checked, `at`; it has been so since `since`."""

    holds: bool | None
    because: str
    witness: Json | None
    rules: tuple[Json, ...]
    since: datetime.datetime
    at: datetime.datetime


@dataclass(frozen=True)
class Standing:
    """An intent that is kept. `environment` is the id of a stack, '' for the whole project; `id` stays from run to run.

    `origin` says whether the environment's blueprint brought it or a person (`who`) added it, `added`.
    """

    id: str
    intent: Intent
    environment: str = ""
    origin: Origin = "person"
    who: str = ""
    added: datetime.datetime | None = None
    off: Off | None = None
    last: Fared | None = None

    @property
    def broken(self) -> bool:
        """Whether it was broken when it was last looked at, and anybody wants to know."""
        return self.off is None and self.last is not None and self.last.holds is False

    def written(self) -> Json:
        """For programs."""
        off, last = self.off, self.last
        return {
            "id": self.id, "intent": written(self.intent), "environment": self.environment or None,
            "origin": self.origin, "who": self.who or None, "added": _time(self.added),
            "off": off and {"who": off.who, "reason": off.reason, "at": _time(off.at)},
            "last": last and {
                "holds": last.holds, "because": last.because, "witness": last.witness, "rules": list(last.rules),
                "since": _time(last.since), "checked_at": _time(last.at),
            },
        }  # fmt: skip


@dataclass(frozen=True)
class Compared:
    """An intent before and after a draft.

    It `breaks` where it did not fail before and fails after, or held and nobody can tell afterwards. One that `was
    broken` before is nothing the draft did; `unknown` is one that nobody can tell of, before or after.
    """

    standing: Standing
    before: Checked
    after: Checked

    @property
    def becomes(self) -> Becomes:
        was, is_ = self.before.holds, self.after.holds
        if is_:
            return "mends" if was is False else "holds"
        if was is False:
            return "was broken"
        return "unknown" if was is None and is_ is None else "breaks"

    def written(self) -> Json:
        """As `preview` writes one, with its id."""
        return {"id": self.standing.id, **Judged(self.standing.intent, self.after).written()}


def parse(given: Json) -> Standing:
    """One as `Standing.written` has it, without how it fared. Raises BadInput, LookupError, ValueError."""
    off = given["off"]
    was_off = off and Off(str(off["who"]), str(off["reason"]), datetime.datetime.fromisoformat(off["at"]))
    origin: Origin = "blueprint" if given["origin"] == "blueprint" else "person"
    return Standing(
        str(given["id"]), forms.read(given["intent"]), str(given["environment"] or ""), origin, off=was_off or None
    )


def environments(cloud: Cloud) -> dict[str, str]:
    """What all environments were launched of (`Stack.launched`), by id, none without Heat: one call.

    Raises a CloudError.
    """
    return {one.id: one.launched for one in _stacks(cloud)}


def up(stacks: Iterable[Stack]) -> dict[str, str]:
    """The same of those that stand: of what is being made or taken away no intent can hold."""
    return {one.id: one.launched for one in stacks if one.meaning.stands}


def environments_up(cloud: Cloud) -> dict[str, str]:
    """Those whose intents are checked: one call. Raises a CloudError."""
    return up(_stacks(cloud))


def _stacks(cloud: Cloud) -> tuple[Stack, ...]:
    return stack.environments(cloud) if cloud.has("orchestration") else ()


def of_blueprints(environments: Mapping[str, str], folders: Sequence[str | Path] = ()) -> tuple[Standing, ...]:
    """What the blueprints of these environments bring: `environments` has `Stack.launched` by the ids of stacks."""
    known = {one.slug: one for one in blueprints.catalogue(folders)}
    launched = {id_: stack.answers(one) for id_, one in environments.items()}
    return tuple(
        _brought(id_, one)
        for id_, (slug, answers) in launched.items()
        if slug in known
        for one in blueprints.intents(known[slug], answers)
    )


def _brought(environment: str, intent: Intent) -> Standing:
    mine = forms.placed(intent, environment)
    return Standing(forms.identity(mine, environment), mine, environment, "blueprint")


def named(standing: Standing, names: Mapping[str, str]) -> str:
    """What it says, with an environment's name for its id; `names` are by id."""
    words = standing.intent.sentence
    name = names.get(standing.environment)
    if not standing.environment or not name:
        return words
    return within(words, lambda text: text.replace(standing.environment, name))


def judge(engine: Engine, ends: Ends, standing: Iterable[Standing]) -> tuple[Checked, ...]:
    """Each on an engine over the topology of `ends`, in order; one whose ends cannot be found is told, and not known.

    Raises a CloudError where a name has to be asked for.
    """
    room = Room()
    return tuple(_judge(engine, ends, one, room) for one in standing)


def _judge(engine: Engine, ends: Ends, one: Standing, room: Room) -> Checked:
    try:
        return check(engine, [one.intent], ends, room)[0].found
    except CloudError:
        raise
    except (TenantOpsError, ReachabilityError) as error:
        return Checked(None, within(error.sentence, lambda text: text.removeprefix("intents[0].")))


def compare(
    ends: Ends, standing: Sequence[Standing], before: Sequence[Checked], after: Engine,
    traffic: Difference | None = None,
) -> tuple[Compared, ...]:  # fmt: skip
    """What a draft makes of intents that fared as `before`: `after` is the engine with it in force.

    With the `traffic` that it gains and loses only those are checked again whose answer that can change.
    """
    room = Room()

    def is_(one: Standing, was: Checked) -> Checked:
        return _judge(after, ends, one, room) if traffic is None or _moved(ends, one, was, traffic) else was

    return tuple(Compared(one, was, is_(one, was)) for one, was in zip(standing, before, strict=True))


def _moved(ends: Ends, one: Standing, was: Checked, traffic: Difference) -> bool:
    if was.holds is None or traffic.unknown:
        return True
    less = (*traffic.lost, *traffic.breaks_replies)
    boxes = traffic.gained if (one.intent.expect == "deny") == was.holds else less
    if not boxes:
        return False
    try:
        target = ends.target(one.intent.target, "to")
    except TenantOpsError:
        return True
    ids = {port.id for port in target.ports}
    return any(box["port"] in ids or (target.outside and not box["port"]) for box in boxes)


@dataclass(frozen=True)
class Gate:
    """For `apply`: reads the cloud anew, and raises BreaksIntents where the state that is to be breaks an intent.

    `although` are the ids of those that may break, as a person decided who was shown them; None lets all through.
    `keep` says that policies are to keep their ids, so that every group on them changes.
    """

    cloud: Cloud
    standing: tuple[Standing, ...]
    although: frozenset[str] | None = frozenset()
    keep: bool = False

    def __call__(self, state: State) -> None:
        def after(seen: Seen) -> Snapshot:
            return substitute(seen, state, read.find(seen, state.group.id), self.keep).after

        self.refuse(after)

    def refuse(self, after: Callable[[Seen], Snapshot]) -> None:
        """Raises BreaksIntents where the snapshot that `after` makes of a fresh reading breaks an intent."""
        if self.although is None or not self.standing:
            return
        seen = look(self.cloud)
        ends = Ends(seen, Names(self.cloud))
        now = Engine(after(seen), seen.engine.profile)
        found = compare(ends, self.standing, judge(seen.engine, ends, self.standing), now)
        if broken := [one for one in found if one.becomes == "breaks" and one.standing.id not in self.although]:
            raise BreaksIntents(broken)


def _time(at: datetime.datetime | None) -> str | None:
    return at.astimezone(datetime.UTC).isoformat(timespec="seconds") if at else None
