"""What an environment is made of, as the panels, the command line and the tests see it.

Raw API dictionaries stop at the functions that build these; everything here is frozen and free of I/O.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tenant_ops_dashboard.environments.declared import Declared, Imported
from tenant_ops_dashboard.environments.intent import Intent
from tenant_ops_dashboard.sentences import say

Status = Literal["good", "warning", "failed", "building", "deleting"]
State = Literal["planned", "building", "good", "warning", "failed", "deleting", "gone", "unknown"]
Kind = Literal[
    "text", "integer", "cidr", "network", "image", "flavor", "keypair", "boolean", "volume", "boot_from_volume",
    "boot_volume_size", "availability_zone", "volume_availability_zone", "server_group", "volume_type",
    "balancer_provider", "balancer_flavor", "dns_nameservers", "remote_ip_prefix", "mtu", "port", "subnet",
    "ip_version", "ula_prefix", "certificate",
]  # fmt: skip
Tier = Literal["internet", "edge", "dmz", "database", "other"]


#: What a database listens on where its stack does not say: the port that it always had.
DATABASE_PORT = 1521


def gigabytes(megabytes: int) -> str:
    """MB for people, in GB: '4', '0.5', '1.86'."""
    return f"{megabytes / 1024:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Choice:
    """One value a field offers: what is sent and what a person reads."""

    value: str
    label: str


@dataclass(frozen=True)
class Parameter:
    """One question of a blueprint's launch form; from `defaults`, its `default` exists in this cloud.

    `declared` is what the template says of it, where there is nothing else that does.
    `reason` says why that is proposed, '' where it is the blueprint's own; `refusals` why what the cloud has, too, is
    not among the choices. `group` is the label of the template's parameter group that it is in, or ''. `fills` are
    the template's parameters that follow from the answer, by what of it they are.
    """

    name: str
    label: str
    kind: Kind
    default: str = ""
    help: str = ""
    minimum: int | None = None
    maximum: int | None = None
    required: bool = True
    choices: tuple[Choice, ...] = ()
    declared: Declared | None = None
    reason: str = ""
    refusals: Mapping[str, str] = field(default_factory=dict)
    group: str = ""
    fills: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Chosen:
    """What a plan takes for one question: `value` is sent, `words` are for people, `offered` are all there is.

    `reason` says why it was proposed; '' where a person chose something else, or nothing was to choose.
    """

    name: str
    label: str
    value: str
    words: str
    reason: str = ""
    offered: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class Blueprint:
    """A HOT template and its metadata file, from the catalogue folders; or a template alone, where it is `bare`."""

    slug: str
    title: str
    summary: str
    template: str
    parameters: tuple[Parameter, ...]
    metadata: Mapping[str, object] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)  # what the template refers to, by name: 'application.yaml'
    intents: tuple[Intent, ...] = ()  # what must never, or must always, get through; ends name `{environment}`
    environment: Mapping[str, Mapping[str, object]] = field(default_factory=dict)  # sections of an environment file
    bare: bool = False


@dataclass(frozen=True)
class Request:
    """What somebody asks to be launched: values are the form's strings, unchecked.

    `imported` is a template of his own; `blueprint` is then `imported.model.SLUG`.
    """

    name: str
    blueprint: str
    values: Mapping[str, str] = field(default_factory=dict)
    imported: Imported | None = None


@dataclass(frozen=True)
class QuotaLine:
    """One quota the plan touches. `limit` is None where the project has no limit; the unit stands in `label`.

    Figures are the service's own, RAM in MB; for people `title` and `words` have it in GB, as everything else.
    """

    service: str
    resource: str
    label: str
    limit: int | None
    used: int
    adds: int

    @property
    def left(self) -> int | None:
        """What is left after the launch; negative where it does not fit."""
        return None if self.limit is None else self.limit - self.used - self.adds

    @property
    def title(self) -> str:
        """The label for people."""
        return say("RAM (GB)") if self.label.endswith("(MB)") else self.label

    @property
    def words(self) -> dict[str, str]:
        """`limit`, `used`, `adds`, `left` and what is `short` for people; '' where there is no limit."""
        short = None if self.left is None else -self.left
        figures = {"limit": self.limit, "used": self.used, "adds": self.adds, "left": self.left, "short": short}
        told = gigabytes if self.label.endswith("(MB)") else str
        return {name: "" if value is None else told(value) for name, value in figures.items()}

    @property
    def fits(self) -> bool:
        return self.limit is None or self.limit >= self.used + self.adds


@dataclass(frozen=True)
class Box:
    """One thing in the picture. `key` is the resource's name in the stack, `parts` its inner states by name.

    `state` is the worst of its own and its parts'; `own` is its own alone, where that is another one.
    """

    key: str
    title: str
    tier: Tier
    kind: str
    state: State
    detail: str = ""
    resource_id: str = ""
    parts: tuple[tuple[str, State], ...] = ()
    own: State | None = None

    @property
    def itself(self) -> State:
        """How the thing is, whatever is wrong with its parts."""
        return self.own or self.state


@dataclass(frozen=True)
class Picture:
    """The fixed tier layout (internet, router, DMZ, database): a hundred boxes in drawing order, who talks to whom."""

    boxes: tuple[Box, ...]
    arrows: tuple[tuple[str, str, str], ...] = ()  # (from key, to key, words such as "tcp 8080")
    more: int = 0  # boxes that are left out


@dataclass(frozen=True)
class Plan:
    """What a launch would do; nothing has been created.

    `problems` maps a field ('name', a parameter, 'blueprint', 'roles', '' for the whole) to a sentence. `unknown` are
    sentences about what cannot be told without Heat: while there are any, the quotas' `adds` are the least that it
    takes.
    Of a template alone `proven` are titles of what is checked once it stands, `unproven` sentences about what is not,
    `changed` about answers of the template's own that this cloud does not have.
    """

    request: Request
    blueprint: Blueprint | None
    resources: tuple[tuple[str, str], ...]  # (name, what it is in a person's words)
    quotas: tuple[QuotaLine, ...]
    picture: Picture
    problems: Mapping[str, str]
    template: str = ""
    environment_file: str = ""
    command: str = ""
    files: Mapping[str, str] = field(default_factory=dict)  # belong beside the template: 'application.yaml'
    more: int = 0  # resources that are counted and not listed
    unknown: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()  # ids of the project's own that it would stand on
    proven: tuple[str, ...] = ()
    unproven: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    choices: tuple[Chosen, ...] = ()  # in the order of the form
    answers: Mapping[str, str] = field(default_factory=dict)  # those that intents name, not the blueprint's own
    notes: tuple[str, ...] = ()  # what follows from them and is easily overlooked
    filtered: bool = False  # the template asks for a firewall group, the answers being as they are

    @property
    def total(self) -> int:
        """How many resources it makes; how many at least, where something is unknown."""
        return len(self.resources) + self.more

    @property
    def ok(self) -> bool:
        """Whether it can be launched and fits, for certain."""
        return not self.problems and not self.unknown


@dataclass(frozen=True)
class ResourceProgress:
    """One resource of the stack while it comes or goes; `seconds` is its own time so far, or in all when it is done."""

    name: str
    title: str
    type: str
    state: State
    seconds: float
    reason: str = ""
    resource_id: str = ""
    place: tuple[str, str] = ("", "")  # the id of its stack and its name there, as Heat's events name it


@dataclass(frozen=True)
class Progress:
    """How far a launch or a delete is: `done` of `total` resources, `seconds` since it began.

    `resources` are a hundred at most, what works or failed first; `more` are counted and not listed.
    """

    done: int
    total: int
    seconds: float
    resources: tuple[ResourceProgress, ...]
    failure: str = ""
    request_id: str = ""
    more: int = 0


@dataclass(frozen=True)
class Proof:
    """One promise, there whether it can be checked or not; `evidence` is a sentence.

    `state` is good, warning or failed; building where it is not known yet, unknown where it is not checked, with the
    reason as its evidence.
    """

    name: str
    title: str
    state: State
    evidence: str
    seconds: float = 0.0
    at: datetime.datetime | None = None  # when this was seen


@dataclass(frozen=True)
class Targets:
    """Where packets of proofs may go, as Neutron knows the environment; addresses as `ipaddress` prints them.

    `application` and `exposed` are floating IPs that lead to the application and to the database server, `database` are
    that server's own addresses, `servers` is how many should answer in turn, `port` is what the database listens on,
    `tls` where a listener ends TLS, 0 where none does.
    """

    application: tuple[str, ...] = ()
    database: tuple[str, ...] = ()
    exposed: tuple[str, ...] = ()
    servers: int = 1
    port: int = DATABASE_PORT
    tls: int = 0


@dataclass(frozen=True)
class Event:
    """One thing Heat did: `title` and `words` make a sentence, `name` is the resource's own, as in Progress."""

    at: datetime.datetime
    name: str
    title: str
    words: str
    state: State
    reason: str = ""
    request_id: str = ""


@dataclass(frozen=True)
class Events:
    """Newest first; `more` says that older ones were left out."""

    events: tuple[Event, ...]
    more: bool = False


@dataclass(frozen=True)
class Drift:
    """Something changed by hand outside: what, and what it means for the environment."""

    resource: str
    sentence: str


@dataclass(frozen=True)
class Environment:
    """One application of a project, as one thing. `id` is the Heat stack's id, `name` its name."""

    id: str
    name: str
    status: Status
    status_reason: str
    blueprint: str
    address: str
    tiers: tuple[tuple[str, str], ...]  # ("DMZ", "2 servers"), ("DB", "1 server, 20 GB")
    created_at: datetime.datetime | None
    project_id: str = ""
    launched: str = ""  # the blueprint with the answers that its intents name, as `Stack.launched` has it


@dataclass(frozen=True)
class DataMark:
    """A data volume that carries a mark to go; `counts` says that the delete in progress is the one that set it."""

    volume: str  # its name
    size: int  # GB
    counts: bool


@dataclass(frozen=True)
class Stall:
    """Something that a service says it is working on, and that has not moved since `since`, by the cloud's clock.

    `title` is a thing in a person's words, '' for Heat's whole stack; `doing` is 'changing', 'building'...; `usual` are
    the seconds that usually takes. `dead` says that no engine of Heat is alive.
    """

    service: str
    title: str
    since: datetime.datetime
    doing: str = ""
    usual: float = 0.0
    resource_id: str = ""
    dead: bool = False


@dataclass(frozen=True)
class Details:
    """Everything the page of one environment shows.

    `retry`: what failed or stands still can be tried again. `rolls_back`: it never came up, so that all of it may be
    taken away. `changing`: Heat changes what may serve meanwhile. `stalls` are told with since when; Heat's own first.
    """

    environment: Environment
    picture: Picture
    progress: Progress
    proofs: tuple[Proof, ...]
    drift: tuple[Drift, ...]
    outputs: Mapping[str, str]
    as_of: datetime.datetime
    marks: tuple[DataMark, ...] = ()
    trusted: bool = False  # the owner lets the plugin's service user finish and mend it unattended
    targets: Targets = Targets()
    unreadable: tuple[str, ...] = ()  # what of it could not be read or shown, a sentence each
    stalls: tuple[Stall, ...] = ()
    retry: bool = False
    rolls_back: bool = False
    changing: bool = False
    waits: tuple[datetime.datetime, ...] = ()  # since when members wait for their first health checks
    members: tuple[tuple[str, str], ...] = ()  # pool members that are there: (id, state as `octavia.status` has it)

    @property
    def stands_still(self) -> Stall | None:
        """Heat's own standstill: it goes on where it is asked to."""
        return next((one for one in self.stalls if one.service == "Heat"), None)


@dataclass(frozen=True)
class Loss:
    """What a delete takes, what it leaves, and what stands in the way of taking the data along: each a sentence."""

    lost: tuple[str, ...]
    kept: tuple[str, ...]
    holds: tuple[str, ...] = ()
