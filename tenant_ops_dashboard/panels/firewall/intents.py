"""What the firewall's pages say of intents: how they fare now, and what a draft makes of them."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.firewall import read, standing
from tenant_ops_dashboard.firewall.checking import Checked
from tenant_ops_dashboard.firewall.difference import Difference
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import DIRECTIONS
from tenant_ops_dashboard.firewall.standing import Compared, Gate, Standing
from tenant_ops_dashboard.firewall.substitute import substitute
from tenant_ops_dashboard.panels import poll, settings
from tenant_ops_dashboard.panels.firewall import state
from tenant_ops_dashboard.panels.firewall.state import Edited, State
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.reachability.model import Snapshot
from tenant_ops_dashboard.records import intents as records
from tenant_ops_dashboard.sentences import clause, within

# Mark and words of what becomes of an intent, the worst first.
_WORDS = {
    "breaks": ("failed", gettext_lazy("Breaks intent")),
    "was broken": ("warning", gettext_lazy("Was broken before")),
    "unknown": ("unknown", gettext_lazy("Nobody can tell")),
    "mends": ("good", gettext_lazy("Holds again")),
    "holds": ("good", gettext_lazy("Holds")),
}
_NOW = {"was broken": ("warning", gettext_lazy("Broken"))}


@dataclass(frozen=True)
class Line:
    """One intent as it is told; `why` has the witness packet and the rules that let it through or stop it."""

    id: str
    becomes: str
    state: str
    what: str
    says: str
    why: str
    environment: str


@dataclass(frozen=True)
class Shown:
    """All that stand in the project, the worst first. `lines` are those to be told in any case.

    `unsure` says that Heat or Nova did not answer: nobody knows which stand, or whether they hold.
    """

    all: tuple[Line, ...] = ()
    unsure: bool = False

    @property
    def lines(self) -> tuple[Line, ...]:
        return tuple(one for one in self.all if one.becomes not in ("holds", "unknown"))

    @property
    def breaks(self) -> tuple[Line, ...]:
        """Those that a draft breaks: they gate it."""
        return tuple(one for one in self.all if one.becomes == "breaks")

    @property
    def ids(self) -> str:
        """Those that it breaks, for a form."""
        return " ".join(one.id for one in self.breaks)


@dataclass(frozen=True)
class Drafted:
    """A draft: `name` is all that it is made of, `after` the snapshot with it in force, `traffic` what it changes."""

    name: str
    after: Callable[[], Snapshot]
    traffic: Difference | None


def standing_in(project_id: str, environments: Mapping[str, str]) -> tuple[Standing, ...]:
    """The intents of the project and its environments (blueprints by id) that are switched on."""
    return records.on(records.of(project_id, environments, settings.read().blueprint_folders))


def shown(
    request: HttpRequest, found: State, edited: Edited, traffic: Difference | None, keep: bool = False
) -> Shown:  # fmt: skip
    """How they fare; with a draft, what it makes of them. `traffic` is what the draft gains and loses, if known.

    With `keep` the policies keep their ids, and every group on them changes.
    """
    wanted = edited.draft.state

    def after() -> Snapshot:
        return substitute(found.seen, wanted, read.find(found.seen, wanted.group.id), keep).after

    drafted = Drafted(f"{keep} {wanted}", after, traffic) if edited.changed else None
    return judged(request, found, drafted, _rules(found, edited))


def judged(request: HttpRequest, found: State, drafted: Drafted | None, rules: Mapping[str, str]) -> Shown:
    """How they fare, and what a draft makes of them; `rules` are names by id."""
    project_id = poll.connect(request).project_id
    if found.names.blueprints is None or found.names.silent:
        return Shown(unsure=True)
    known = standing_in(project_id, found.names.blueprints)
    if not known:
        return Shown()
    what = hashlib.sha256(repr([(one.id, one.intent.says) for one in known]).encode()).hexdigest()
    was = _now(request, found, known, what, project_id)
    compared: Sequence[Compared] = [Compared(*one, one[1]) for one in zip(known, was, strict=True)]
    if (made := drafted) is not None:
        told = f"intents {found.version} {what} {made.name}"
        compared = state.worked_out(request, told, lambda: _after(found, known, was, made))
    order = list(_WORDS)
    lines = (_line(one, found, drafted is not None, rules) for one in compared)
    return Shown(tuple(sorted(lines, key=lambda one: order.index(one.becomes))))


def gate(cloud: Cloud, although: frozenset[str], keep: bool = False) -> Gate:
    """For an apply: what the page said is looked at once more, from a fresh reading. `keep` as `shown` has it.

    Raises a CloudError where Heat does not say which environments there are: nobody knows what may break then.
    """
    return Gate(cloud, standing_in(cloud.project_id, standing.environments_up(cloud)), although, keep)


def _now(
    request: HttpRequest, found: State, known: tuple[Standing, ...], what: str, project_id: str
) -> tuple[Checked, ...]:  # fmt: skip
    def look() -> tuple[Checked, ...]:
        ends = found.ends
        judged = standing.judge(ends.engine, ends, known)
        taken = str(found.seen.raw["meta"]["taken_at"])
        records.note(project_id, known, judged, datetime.datetime.fromisoformat(taken))
        return judged

    made: tuple[Checked, ...] = state.worked_out(request, f"intents {found.version} {what}", look)
    return made


def _after(
    found: State, known: tuple[Standing, ...], was: tuple[Checked, ...], drafted: Drafted
) -> tuple[Compared, ...]:  # fmt: skip
    ends = found.ends
    try:
        return standing.compare(ends, known, was, ends.engine.like(drafted.after()), drafted.traffic)
    except (BadDraft, ReachabilityError):
        # The preview says what is wrong with the draft; it cannot be applied.
        return tuple(Compared(*one, one[1]) for one in zip(known, was, strict=True))


def _line(one: Compared, found: State, drafted: bool, names: Mapping[str, str]) -> Line:
    becomes = one.becomes
    mark, what = _WORDS[becomes] if drafted else _NOW.get(becomes, _WORDS[becomes])
    environment = one.standing.environment
    why = one.after.because if becomes != "mends" else one.before.because
    return Line(
        one.standing.id, becomes, mark, str(what), clause(standing.named(one.standing, found.names.environments)),
        _named_rules(why, names), found.names.environments.get(environment, "") or _("whole project"),
    )  # fmt: skip


def _rules(found: State, edited: Edited) -> dict[str, str]:
    """Names of rules by id, and by place where a draft has what Neutron does not."""
    names = {id_: rule.name for id_, rule in found.seen.rules.items()}
    for direction in DIRECTIONS:
        policy = edited.draft.state.policy(direction)
        names |= {f"{direction}.rules[{at}]": rule.name for at, rule in enumerate(policy.rules if policy else ())}
    return {id_: name for id_, name in names.items() if name}


def _named_rules(why: str, names: Mapping[str, str]) -> str:
    """The sentence with the names of rules beside their ids."""
    return within(why, lambda text: _beside_ids(text, names))


def _beside_ids(text: str, names: Mapping[str, str]) -> str:
    for id_, name in names.items():
        if id_ in text:
            text = text.replace(id_, f"'{name}' ({id_})")
    return text
