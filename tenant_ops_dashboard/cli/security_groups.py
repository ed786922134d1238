"""`tenant-ops firewall security-group list|show|preview|apply|undo`: as for firewall groups, and not atomic."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from cliff.lister import Lister

from tenant_ops_dashboard.cli import audit, base, intents
from tenant_ops_dashboard.cli.firewall import Asking, preview_row, text
from tenant_ops_dashboard.cli.firewall_changes import Edits, row, with_draft
from tenant_ops_dashboard.cli.loadbalancers import One
from tenant_ops_dashboard.firewall import intents as wishes
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.security_groups import apply, checks, current, draft, read, undo, words
from tenant_ops_dashboard.firewall.security_groups.listing import listing
from tenant_ops_dashboard.firewall.security_groups.preview import preview
from tenant_ops_dashboard.firewall.snapshot import look
from tenant_ops_dashboard.firewall.standing import Gate

Row = tuple[Sequence[str], Sequence[Any]]
GROUP = "name or id of the security group"
EVENTS = 50  # of the audit trail, in which the last apply is looked for
COLUMNS = ("id", "name", "ports", "members", "ingress_rules", "egress_rules", "named_by", "says")


class List(Asking, Lister):
    """List the project's security groups with what each lets in and who is in it."""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], list[Sequence[Any]]]:
        found = listing(self.ends(parsed_args))

        def cell(value: Any) -> Any:
            return base.Words(list(value), ", ".join) if isinstance(value, tuple) else value

        return COLUMNS, [tuple(cell(getattr(one, name)) for name in COLUMNS) for one in found]


class Show(Asking, One):
    """Show a security group as a draft that changes nothing; what is printed can be edited and previewed."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="GROUP", help=GROUP)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        seen = look(self.cloud(parsed_args))
        made = read.draft(seen, parsed_args.group)
        told, known = draft.written(made), words.names(seen)
        rules = [f"{one.direction}: {words.rule(one, known)}" for one in made.state.rules]
        shown = {
            "security_group": base.Words(told["security_group"], lambda one: f"{one['name']} ({one['id']})"),
            "rules": base.Words(told["rules"], lambda _: "\n".join(rules)),
            "base": base.Words(told["base"], lambda one: f"revision {one['revision']}"),
        }
        return tuple(shown), tuple(shown.values())


class Preview(Asking, One):
    """Say what a draft would open, close and break; exit code 1 where an intent would not hold."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="GROUP", help=GROUP)
        parser.add_argument("--draft", metavar="FILE", required=True, help="the draft ('-': standard input)")
        parser.add_argument("--intents", metavar="FILE", help="what must, and must never, get through")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        wanted = draft.loads(text(parsed_args.draft, "draft"))
        asked = wishes.loads(text(parsed_args.intents, "intents")) if parsed_args.intents else ()
        checks.refuse(wanted.state)
        ends = self.ends(parsed_args)
        group = read.find(ends.seen, parsed_args.group)
        checks.refuse_against(wanted.state, read.state(group))
        found = preview(ends, wanted, group, asked)
        if found.breaks:
            self.exit_code = base.FAILED
        return preview_row(ends, found)


class Changing(Edits):
    """What both changes print."""

    kind = GROUP

    def told(self, key: str, made: apply.Applied) -> Row:
        """What was done; what people should know goes to standard error."""
        for note in made.notes:
            self.say(note)
        if not made.verified:
            self.say("What Neutron has now is not what was asked for; look at the group.")
            self.exit_code = base.FAILED
        told = {"before": draft.written(made.before), "calls": made.calls, "seconds": made.seconds}
        return row({key: made.id, **told, "verified": made.verified})


class Apply(Changing):
    """Put a draft in force: new rules first, then those that go; a conflict, or an intent that would break, changes
    nothing (exit code 1).
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = with_draft(super().get_parser(prog_name))
        parser.add_argument("--reason", metavar="TEXT", default="", help="why, for the audit trail")
        parser.add_argument("--override", metavar="TEXT", default="", help="why although an intent would break")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        wanted = draft.loads(text(parsed_args.draft, "draft"))
        override = f"overridden: {parsed_args.override}" if parsed_args.override else ""
        reason = "; ".join(one for one in (parsed_args.reason, override) if one)
        cloud = self.cloud(parsed_args)
        gate = None if override else apply.gated(Gate(cloud, intents.for_apply(cloud)))
        return self.told("applied", apply.apply(cloud, wanted, parsed_args.group, reason, gate))


class Undo(Changing):
    """Put back what was there before an apply: what it printed under 'before', else the last by the audit trail.

    Broken intents are told.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--draft", metavar="BEFORE", default="", help="'before' of an apply, or all it printed")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        if parsed_args.draft:
            back = draft.loads(_before(text(parsed_args.draft, "draft")))
        else:
            id_ = str(current.read(FirewallApi(cloud), parsed_args.group).row["id"])
            back = undo.back(audit.events(cloud, {"target": id_, "verb": undo.VERB}, EVENTS), id_)
        code = self.told("undone", apply.apply(cloud, back, parsed_args.group, "undo"))
        for sentence in intents.broken(cloud):
            self.say(sentence)
        return code


def _before(told: str) -> str:
    """The draft in what an apply printed, else the text itself."""
    try:
        found = json.loads(told)
    except (ValueError, RecursionError):
        return told
    return json.dumps(found["before"]) if isinstance(found, dict) and "before" in found else told
