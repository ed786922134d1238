"""`tenant-ops firewall apply|undo|rebase`: a draft is put in force, taken back, or moved onto what is there now."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tenant_ops_dashboard.cli import base, intents
from tenant_ops_dashboard.cli.firewall import text
from tenant_ops_dashboard.cli.loadbalancers import One
from tenant_ops_dashboard.firewall import apply, checks, current, draft, in_place, limits, rebase, undo
from tenant_ops_dashboard.firewall.errors import BreaksIntents, Changed, NoGroup, SeveralGroups
from tenant_ops_dashboard.firewall.model import Draft, State
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.standing import Gate

Row = tuple[Sequence[str], Sequence[Any]]
KEEP = "edit the policies in force, so that they keep their ids: every group on them changes, in several steps"


class Edits(One):
    """A command that gives one JSON object; conflicts are an answer, too, with exit code 1."""

    kind = "name or id of a firewall group"
    formatter_default = "json"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="GROUP", help=self.kind)
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        self.asked = parsed_args
        return super().run(parsed_args)

    def known(self, error: Exception) -> int | None:
        """Conflicts go where programs read them; what they mean is said beside it."""
        if isinstance(error, Changed | rebase.Clashes | BreaksIntents):
            self.produce_output(self.asked, *row(error.told))
        if isinstance(error, NoGroup | SeveralGroups):
            return self.fail(f"group: {error.line}", error.exit_code)
        return super().known(error)

    def done(self, key: str, made: apply.Applied) -> Row:
        """What was done; what people should know goes to standard error."""
        for note in made.notes:
            self.say(note)
        if not made.verified:
            self.say("What Neutron has now is not what was asked for, or does not filter; look at the group.")
            self.exit_code = base.FAILED
        told = {"before": draft.written(made.before), "calls": made.calls, "seconds": made.seconds}
        return row({key: made.id, **told, "verified": made.verified})


def row(found: Mapping[str, Any]) -> Row:
    """An answer as a row."""
    nested = {name: base.Words(one, _indented) if isinstance(one, dict | list) else one for name, one in found.items()}
    return tuple(nested), tuple(nested.values())


def _indented(found: Any) -> str:
    return json.dumps(found, indent=2)


def with_draft(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    parser.add_argument("--draft", metavar="FILE", required=True, help="the draft as JSON; - for standard input")
    return parser


class Apply(Edits):
    """Put a draft in force; where what it was made from changed, or an intent would break, nothing is (exit code 1)."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = with_draft(super().get_parser(prog_name))
        parser.add_argument("--reason", metavar="TEXT", default="", help="why, for the audit trail")
        parser.add_argument("--override", metavar="TEXT", default="", help="why, although an intent would break")
        parser.add_argument("--keep-policy", action="store_true", help=KEEP)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        from tenant_ops_dashboard.cloud import firewall_profile

        wanted = read(parsed_args.draft)
        cloud = self.cloud(parsed_args)
        override = f"overridden: {parsed_args.override}" if parsed_args.override else ""
        reason = "; ".join(one for one in (parsed_args.reason, override) if one)
        asked = None if override else Gate(cloud, intents.for_apply(cloud), keep=parsed_args.keep_policy)

        def gate(state: State) -> None:
            if asked is not None:
                asked(state)
            # Bad input is one line; what may surprise is said of what will be sent.
            for one in checks.warnings(state, firewall_profile(cloud)):
                self.say(f"{one.field}: {one.says}")

        way = in_place.ApplyInPlace if parsed_args.keep_policy else apply.Apply
        return self.done("applied", apply.apply(cloud, wanted, parsed_args.group, gate, reason, way=way))


class Undo(Edits):
    """Put back what was in force before an apply, else before the last one; broken intents are told."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--apply", metavar="ID", default="", help="what the apply gave as 'applied'")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        told = self.done("undone", undo.undo(cloud, parsed_args.group, parsed_args.apply))
        for sentence in intents.broken(cloud):
            self.say(sentence)
        return told


class Rebase(Edits):
    """Print a draft moved onto what is there now; the rules in conflict with exit code 1."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return with_draft(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        mine = read(parsed_args.draft)
        now = current.read(FirewallApi(self.cloud(parsed_args)), parsed_args.group)
        made = rebase.rebase(mine, now)
        for one in limits.warnings(now, made.state):
            self.say(f"{one.field}: {one.says}")
        return row(draft.written(made))


def read(file: str) -> Draft:
    """A draft from a file, '-' is standard input. Raises BadDraft, BadInput that begins with the field."""
    return draft.loads(text(file, "draft"))
