"""`tenant-ops firewall list|show|preview|probe|matrix`: what gets through the cloud as it is now.

None of these changes anything.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cliff.command import Command
from cliff.lister import Lister

from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cli.loadbalancers import One
from tenant_ops_dashboard.cli.reachability import plain_line, read_text
from tenant_ops_dashboard.firewall import checks, interfaces, read
from tenant_ops_dashboard.firewall import draft as drafts
from tenant_ops_dashboard.firewall import intents as wishes
from tenant_ops_dashboard.firewall import preview as previews
from tenant_ops_dashboard.firewall.ends import KINDS, Ends
from tenant_ops_dashboard.firewall.listing import Listed, listing
from tenant_ops_dashboard.firewall.matrix import LAYERS, matrix
from tenant_ops_dashboard.firewall.model import DIRECTIONS, State
from tenant_ops_dashboard.firewall.named import Named
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.probe import probe_ends
from tenant_ops_dashboard.firewall.snapshot import Seen, look
from tenant_ops_dashboard.firewall.words import Labels, closed, sentences
from tenant_ops_dashboard.reachability.errors import ReachabilityError

Row = tuple[Sequence[str], Sequence[Any]]
Rows = tuple[Sequence[str], list[Sequence[Any]]]
GROUP = "name or id of the firewall group"
REFUSED = 3  # so many of what an apply refuses are named


class Asking(base.Reported, Command):
    """A command that takes a fresh snapshot."""

    def known(self, error: Exception) -> int | None:
        """Those of the pure engine, which knows no others, too."""
        if isinstance(error, ReachabilityError):
            return self.fail(plain_line(error), base.BAD_INPUT)
        return super().known(error)

    def ends(self, parsed_args: argparse.Namespace) -> Ends:
        """The cloud as it is now, and what finds ends of traffic in it."""
        cloud = self.cloud(parsed_args)
        return Ends(look(cloud), Names(cloud))


class List(Asking, Lister):
    """List the project's firewall groups with what each lets through from the internet."""

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        found = listing(self.ends(parsed_args))
        return COLUMNS, [_listed(one) for one in found]


class Show(Asking, One):
    """Show a firewall group as a draft that changes nothing; what is printed can be edited and previewed."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="GROUP", help=GROUP)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        seen = look(self.cloud(parsed_args))
        told = drafts.written(read.draft(seen, parsed_args.group))
        return tuple(told), tuple(_cell(seen, name, value) for name, value in told.items())


class Preview(Asking, One):
    """Say what a draft would open, close and break; exit code 1 where an intent would not hold."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="GROUP", help=GROUP)
        parser.add_argument("--draft", metavar="FILE", required=True, help="the draft ('-': standard input)")
        parser.add_argument("--intents", metavar="FILE", help="what must, and must never, get through")
        parser.add_argument("--keep-policy", action="store_true", help="as apply --keep-policy would do it")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        draft = drafts.loads(text(parsed_args.draft, "draft"))
        wanted = wishes.loads(text(parsed_args.intents, "intents")) if parsed_args.intents else ()
        ends = self.ends(parsed_args)
        group = read.find(ends.seen, parsed_args.group)
        found = previews.preview(ends, draft, group, wanted, keep=parsed_args.keep_policy)
        if found.breaks:
            self.exit_code = base.FAILED
        refused = list(checks.problems(draft.state, ends.engine.told))
        for one in refused[:REFUSED]:
            self.say(f"An apply refuses this: {one}")
        if len(refused) > REFUSED:
            self.say(f"It refuses {len(refused) - REFUSED} more.")
        return preview_row(ends, found, draft.state)


class Probe(Asking, One):
    """Say whether A reaches B, and which rules decide; a list where the ends are several."""

    many: list[dict[str, Any]] | None = None

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--from", dest="source", metavar="E", required=True, help=KINDS)
        parser.add_argument("--to", dest="target", metavar="E", required=True, help=KINDS)
        parser.add_argument("--protocol", metavar="P", required=True, help="tcp, udp, icmp, ... or a number")
        parser.add_argument("--port", metavar="N", type=int, help="destination port, where the protocol has ports")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        ends = self.ends(parsed_args)
        source, target = ends.source(parsed_args.source, "from"), ends.target(parsed_args.target, "to")
        found = probe_ends(ends.engine, source, target, parsed_args.protocol, parsed_args.port)
        named = Named(ends.seen, Labels(ends.seen, ends.names))
        if len(found) == 1:
            return tuple(found[0]), tuple(_answered(named, name, value) for name, value in found[0].items())
        self.many = found
        columns = ("from", "to", "verdict", "forward", "reply", "steps", "fix", "profile", "unknown")
        return columns, [tuple(_answered(named, name, one[name]) for name in columns) for one in found]

    def produce_output(self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Any) -> int:
        if self.many is None:
            return super().produce_output(parsed_args, column_names, data)
        made = base.harmless(data, parsed_args.formatter)
        emit: Any = self.formatter  # cliff's own formatters, and ours for CSV, write one thing and several
        emit.emit_list(column_names, made, self.app.stdout, parsed_args)
        return base.DONE


class Matrix(Asking, Lister):
    """Show who reaches whom: tier by tier of an environment, else network by network."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--environment", metavar="NAME", default="", help="name or id of an environment")
        parser.add_argument(
            "--layer", choices=LAYERS, default="both", help="which layer filters (default: %(default)s)"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        ends = self.ends(parsed_args)
        cells = matrix(ends, parsed_args.environment, parsed_args.layer)
        labels = Labels(ends.seen, ends.names)

        def words(boxes: Any) -> str:
            return "\n".join(sentences(labels, boxes, "open"))

        return ("from", "to", "boxes", "unknown"), [
            (one.source, one.target, base.Words(list(one.boxes), words), base.Words(list(one.unknown), "\n".join))
            for one in cells
        ]


def preview_row(ends: Ends, found: previews.Preview, draft: State | None = None) -> Row:
    """A preview as one row; for people the boxes are sentences, and all has the names that they know."""
    labels = Labels(ends.seen, ends.names)
    named = Named(ends.seen, labels, draft)
    told = found.written()
    shown = {
        **told,
        "gained": base.Words(told["gained"], lambda all_: "\n".join(sentences(labels, all_, "gained"))),
        "lost": base.Words(
            told["lost"], lambda all_: "\n".join(sentences(labels, closed(all_, told["breaks_replies"]), "lost"))
        ),
        "breaks_replies": base.Words(
            told["breaks_replies"], lambda all_: "\n".join(sentences(labels, all_, "breaks_replies"))
        ),
        "findings": base.Words(told["findings"], lambda all_: named(_findings(all_))),
        "intents": base.Words(told["intents"], lambda all_: named("\n".join(map(_judged, all_)))),
        "touches": base.Words(told["touches"], lambda all_: _touches(named, ends.names.of_environments, all_)),
        "unknown": base.Words(told["unknown"], lambda all_: named("\n".join(all_))),
    }
    return tuple(shown), tuple(shown.values())


COLUMNS = ("id", "name", "status", "ports", "ingress_rules", "egress_rules", "environment", "findings", "says")


def text(path: str, field: str) -> str:
    """A file's text. Raises BadInput that begins with the field."""
    try:
        return read_text(path)
    except base.BadInput as error:
        raise base.BadInput(f"{field}: {error}", field=field) from None


def _listed(one: Listed) -> Sequence[Any]:
    findings = [finding.written() for finding in one.findings]
    return (
        one.id, one.name, one.status, base.Words(list(one.ports), lambda all_: str(len(all_))), one.ingress_rules,
        one.egress_rules, one.environment, base.Words(findings, lambda all_: str(len(all_))), one.says,
    )  # fmt: skip


def _cell(seen: Seen, name: str, value: Any) -> Any:
    if name == "group":
        return base.Words(value, lambda told: "\n".join(_group(seen, told)))
    if name == "base":
        return base.Words(value, lambda told: ", ".join(f"{one} {told[one]}" for one in ("group", *DIRECTIONS)))
    return base.Words(value, lambda told: "\n".join(_rules(told["rules"])) if told else "no policy")


def _group(seen: Seen, told: dict[str, Any]) -> Iterator[str]:
    yield f"{told['name']} ({told['id']}){'' if told['admin_state_up'] else ', switched off'}"
    ports = {str(one["id"]): one for one in seen.rows("ports")}
    for id_ in told["ports"]:
        yield f"on {interfaces.called(seen, ports[id_]) if id_ in ports else f'port {id_}'}"


def _rules(rules: list[dict[str, Any]]) -> list[str]:
    """Rules in order, in columns."""
    told = [(str(number), *_rule(one)) for number, one in enumerate(rules, 1)]
    wide = [max(map(len, column)) for column in zip(*told, strict=True)]
    return ["  ".join(map(str.ljust, one, wide)).rstrip() for one in told] or ["no rule"]


def _rule(rule: dict[str, Any]) -> Sequence[str]:
    ends = [_end(rule[f"{one}_ip_address"], rule[f"{one}_port"]) for one in ("source", "destination")]
    version = "IPv6 " if rule["ip_version"] == 6 else ""
    off = "" if rule["enabled"] else " (disabled)"
    return rule["action"], f"{version}{rule['protocol'] or 'any'}", " -> ".join(ends), f"{rule['name']}{off}".strip()


def _end(address: str | None, port: str | None) -> str:
    return f"{address or 'any'} port {port.replace(':', '-')}" if port else address or "any"


def _answered(named: Named, name: str, value: Any) -> Any:
    if name == "steps":
        return base.Words(value, lambda all_: named("\n".join(f"{one['decision']:5} {one['why']}" for one in all_)))
    if name == "fix":
        return base.Words(value, lambda all_: named("\n".join(str(one["change"]) for one in all_)))
    if name in ("from", "to"):
        return base.Words(value, lambda end: named(str(end.get("ip") or end.get("port"))))
    if name == "assumed":
        return base.Words(value, lambda told: ", ".join(f"{key} {one}" for key, one in told.items()))
    return base.Words(value, lambda all_: named("\n".join(all_))) if name == "unknown" else value


def _findings(found: dict[str, list[dict[str, Any]]]) -> str:
    return "\n".join(f"{name} {one['severity']}: {one['why']}" for name, all_ in found.items() for one in all_)


def _judged(one: dict[str, Any]) -> str:
    says = wishes.parse([one["intent"]])[0].sentence
    state = {True: "holds", False: "BROKEN"}.get(one["holds"], "unknown")
    return f"{state:8} {says}: {one['because']}"


def _touches(named: Named, environments: Mapping[str, str], found: dict[str, list[str]]) -> str:
    known = {**named.names, **environments}
    told = {name: dict.fromkeys(known.get(one, one) for one in ids) for name, ids in found.items()}
    return "\n".join(f"{name}: {', '.join(all_) or 'none'}" for name, all_ in told.items())
