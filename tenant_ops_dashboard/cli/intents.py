"""`tenant-ops firewall intent list|add|remove|check`: what must never, or must always, get through.

The dashboard keeps what people added; what blueprints bring is known without it.
"""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from cliff.lister import Lister

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cli.firewall import Asking, text
from tenant_ops_dashboard.cli.loadbalancers import One
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.environments import intent as forms
from tenant_ops_dashboard.environments.heat import stack
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.firewall import intents as wishes
from tenant_ops_dashboard.firewall import standing
from tenant_ops_dashboard.firewall.ends import KINDS, Ends
from tenant_ops_dashboard.firewall.named import Named
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.snapshot import look
from tenant_ops_dashboard.firewall.standing import Standing
from tenant_ops_dashboard.firewall.words import Labels

Json = dict[str, Any]
Row = tuple[Sequence[str], Sequence[Any]]
Rows = tuple[Sequence[str], list[Sequence[Any]]]
PATH = "/intents"
COLUMNS = ("id", "environment", "says", "holds", "because", "since", "checked_at", "origin", "off")
CHECKED = ("intent", "holds", "because", "witness", "rules", "id")
MISSING = (
    "This cloud's catalogue has no service 'tenant-ops': intents that people added stand in the dashboard's database."
    " Ask your operator to register its address in Keystone (docs/install.md)."
)
ALONE = f"{MISSING} Only what blueprints bring is known here."


class Unknown(TenantOpsError):
    """Nobody can tell which intents stand."""

    exit_code = 3
    todo = "Try again; or say with --override why it is to be applied all the same."


def for_apply(cloud: Cloud) -> tuple[Standing, ...]:
    """The project's intents that are on; blueprints' alone where no dashboard is registered.

    Raises Unknown where one is and does not answer, or Heat does not.
    """
    try:
        found = _up(cloud, kept(cloud)) if cloud.has(SERVICE) else _brought(cloud)
    except TenantOpsError as error:
        raise Unknown(
            f"Which intents stand is not known: {error} To apply it all the same, say with --override TEXT why.",
            error.request_id,
        ) from error  # fmt: skip
    return tuple(one for one in found if one.off is None)


def broken(cloud: Cloud) -> list[str]:
    """A sentence for each intent that does not hold now, or one that says why nobody knows."""
    try:
        known = for_apply(cloud)
        if not known:
            return []
        ends = Ends(look(cloud), Names(cloud))
        found = zip(known, standing.judge(ends.engine, ends, known), strict=True)
        return [f"Broken: {one.intent.sentence.rstrip('.')}: {now.because}" for one, now in found if now.holds is False]
    except TenantOpsError as error:
        return [f"Whether intents hold was not checked: {error}"]


def kept(cloud: Cloud, environment: str = "") -> tuple[Standing, ...]:
    """All that stand, as the dashboard knows them. Raises ServiceMissing, a CloudError."""
    return tuple(_standing(row) for row in _rows(cloud, environment))


def _up(cloud: Cloud, found: Sequence[Standing]) -> tuple[Standing, ...]:
    """Those of the project and of environments that stand: one call where there are any."""
    if not any(one.environment for one in found):
        return tuple(found)
    known = standing.environments_up(cloud)
    return tuple(one for one in found if not one.environment or one.environment in known)


def _rows(cloud: Cloud, environment: str = "") -> list[Json]:
    if not cloud.has(SERVICE):
        raise cloud.missing(SERVICE, MISSING)
    query = {"environment": environment} if environment else {}
    with _told():
        found: list[Json] = cloud.get(SERVICE, PATH, **query)["intents"]
    return found


def _standing(row: Json) -> Standing:
    try:
        return standing.parse(row)
    except (LookupError, TypeError, ValueError) as error:
        raise CloudError("The dashboard's answer about intents cannot be read: is it of another release?") from error


def _brought(cloud: Cloud, environment: str = "") -> tuple[Standing, ...]:
    found = stack.find(cloud, environment) if environment else None
    return standing.of_blueprints(standing.up([found]) if found else standing.environments_up(cloud))


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What the API does not take is bad input of this command's."""
    try:
        yield
    except CloudError as error:
        if error.status in (404, 422):
            raise base.BadInput(error.detail, error.request_id) from error
        raise


class List(base.Reported, Lister):
    """List what must never, or must always, get through, with how each fared when it was last checked."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return _with_environment(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        return COLUMNS, [_listed(one) for one in _rows(self.cloud(parsed_args), parsed_args.environment)]


class Add(One):
    """Add an intent for the project or an environment; the same again is the same one."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--expect", choices=("deny", "allow"), required=True, help="never, or always")
        parser.add_argument("--from", dest="source", metavar="E", required=True, help=KINDS)
        parser.add_argument("--to", dest="target", metavar="E", required=True, help=KINDS)
        parser.add_argument("--protocol", metavar="P", help="tcp, udp, icmp, ... or a number (default: any)")
        parser.add_argument("--port", metavar="A-B", help="destination ports, where the protocol has ports")
        parser.add_argument("--says", metavar="TEXT", default="", help="what a person reads")
        return _with_environment(parser, "name or id of the environment it stands with (default: the project)")

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        given = {
            "expect": parsed_args.expect, "from": parsed_args.source, "to": parsed_args.target,
            "protocol": parsed_args.protocol, "dst_port": parsed_args.port, "says": parsed_args.says,
        }  # fmt: skip
        try:
            body = forms.written(forms.read(given))
        except base.BadInput as error:
            name = {"dst_port": "port"}.get(error.field, error.field)
            raise base.BadInput(f"--{name}: {error.sentence.partition(': ')[2]}") from None
        if parsed_args.environment:
            body["environment"] = parsed_args.environment
        cloud = self.cloud(parsed_args)
        if not cloud.has(SERVICE):
            raise cloud.missing(SERVICE, MISSING)
        with _told(), cloud.changing("firewall.add_intent"):
            made = cloud.post(SERVICE, PATH, body)["intent"]
        return COLUMNS, _listed(made)


class Remove(One):
    """Remove an intent that a person added."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("intent", metavar="ID", help="its id, as `intent list` tells it")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        if not cloud.has(SERVICE):
            raise cloud.missing(SERVICE, MISSING)
        with _told(), cloud.changing("firewall.remove_intent"):
            cloud.delete(SERVICE, f"{PATH}/{quote(parsed_args.intent, safe='')}", missing_ok=False)
        return ("id", "removed"), (parsed_args.intent, True)


class Check(Asking, Lister):
    """Check intents against the cloud as it is; exit code 1, and a packet that shows it, where one does not hold.

    Without --intents these are the project's own, or those of --environment.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = _with_environment(super().get_parser(prog_name))
        parser.add_argument("--intents", metavar="FILE", help="a list of intents ('-': standard input)")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        if parsed_args.intents:
            wanted = wishes.loads(text(parsed_args.intents, "intents"))
            ends = self.ends(parsed_args)
            found = wishes.check(ends.engine, wanted, ends)
            named = Named(ends.seen, Labels(ends.seen, ends.names))
            rows = [_row(named, one) for one in found]
        else:
            rows = self._kept(parsed_args)
        if any(row[1] is not True for row in rows):
            self.exit_code = base.FAILED
        return CHECKED, rows

    def _kept(self, parsed_args: argparse.Namespace) -> list[Sequence[Any]]:
        cloud, environment = self.cloud(parsed_args), parsed_args.environment
        if cloud.has(SERVICE):
            found = kept(cloud, environment)
            stand = _up(cloud, found)
            if passing := len(found) - len(stand):
                self.say(f"Not checked, as their environments are being made or taken away: {passing}.")
        else:
            self.say(ALONE)
            stand = _brought(cloud, environment)
        known = [one for one in stand if one.off is None]
        if not known:
            self.say("No intent stands here.")
            return []
        ends = self.ends(parsed_args)
        judged = standing.judge(ends.engine, ends, known)
        pairs = zip(known, judged, strict=True)
        named = Named(ends.seen, Labels(ends.seen, ends.names))
        return [_row(named, wishes.Judged(one.intent, found), one.id) for one, found in pairs]


def _with_environment(
    parser: argparse.ArgumentParser, words: str = "of this environment alone (name or id)"
) -> argparse.ArgumentParser:
    parser.add_argument("--environment", metavar="NAME", default="", help=words)
    return parser


def _listed(given: Mapping[str, Any]) -> Sequence[Any]:
    last, off = given["last"] or {}, given["off"]
    says = base.Words(given["intent"], lambda told: forms.read(told).sentence)
    return (
        given["id"], given["environment"] or "", says, last.get("holds"), last.get("because", ""),
        last.get("since", ""), last.get("checked_at", ""), given["origin"],
        base.Words(off, lambda told: f"{told['who']}: {told['reason']}" if told else ""),
    )  # fmt: skip


def _row(named: Named, one: wishes.Judged, id_: str = "") -> Sequence[Any]:
    told = one.written()
    return (
        base.Words(told["intent"], lambda _: one.intent.sentence), told["holds"], base.Words(told["because"], named),
        base.Words(told["witness"], _packet), base.Words(told["rules"], lambda all_: named(_rules(all_))), id_,
    )  # fmt: skip


def _packet(told: Json | None) -> str:
    """The packet of a witness in a line."""
    if not told:
        return ""
    ends = [str(told[one].get("ip") or told[one].get("port")) for one in ("src", "dst")]
    return f"{told.get('protocol', '')} {' -> '.join(ends)} {told.get('dst_port', '')}".strip()


def _rules(found: list[dict[str, Any]]) -> str:
    return "\n".join(f"{one['layer']} {one['rule_id']}" for one in found)
