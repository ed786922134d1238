"""`tenant-ops firewall apply|undo|rebase`: a draft is put in force, taken back, or moved onto what is there now."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from cliff.command import Command

from tenant_ops_dashboard.cli import base, intents
from tenant_ops_dashboard.firewall import apply, checks, current, draft, in_place, limits, rebase, undo
from tenant_ops_dashboard.firewall.errors import BadDraft, BreaksIntents, Changed
from tenant_ops_dashboard.firewall.model import Draft, State
from tenant_ops_dashboard.firewall.neutron import FirewallApi
from tenant_ops_dashboard.firewall.standing import Gate

Json = dict[str, Any]
LARGEST = 20_000_000  # bytes of a draft
KEEP = "edit the policies in force, so that they keep their ids: every group on them changes, in several steps"


class Edits(base.Reported, Command):
    """A command that gives one JSON object; conflicts are an answer, too, with exit code 1."""

    kind = "name or id of a firewall group"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="GROUP", help=self.kind)
        parser.add_argument("-f", "--format", choices=("json",), default="json", help="how to write the answer")
        return parser

    def known(self, error: Exception) -> int | None:
        """Conflicts go where programs read them; what they mean is said beside it."""
        if isinstance(error, Changed | rebase.Clashes | BreaksIntents):
            self.write(error.told)
        return super().known(error)

    def write(self, found: Json) -> None:
        self.app.stdout.write(json.dumps(found, indent=2) + "\n")

    def done(self, key: str, made: apply.Applied) -> int:
        """The exit code; what people should know goes to standard error."""
        for note in made.notes:
            self.say(note)
        if not made.verified:
            self.say("What Neutron has now is not what was asked for, or does not filter; look at the group.")
        told = {"before": draft.written(made.before), "calls": made.calls, "seconds": made.seconds}
        self.write({key: made.id, **told, "verified": made.verified})
        return base.DONE if made.verified else base.FAILED


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

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        wanted = read(parsed_args.draft)
        cloud = self.cloud(parsed_args)
        override = f"overridden: {parsed_args.override}" if parsed_args.override else ""
        reason = "; ".join(one for one in (parsed_args.reason, override) if one)
        asked = None if override else Gate(cloud, intents.for_apply(cloud), keep=parsed_args.keep_policy)

        def gate(state: State) -> None:
            if asked is not None:
                asked(state)
            # Bad input is one line; what may surprise is said of what will be sent.
            for one in checks.warnings(state, cloud.options.firewall_profile):
                self.say(f"{one.field}: {one.says}")

        way = in_place.ApplyInPlace if parsed_args.keep_policy else apply.Apply
        return self.done("applied", apply.apply(cloud, wanted, parsed_args.group, gate, reason, way=way))


class Undo(Edits):
    """Put back what was in force before an apply, else before the last one; broken intents are told."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--apply", metavar="ID", default="", help="what the apply gave as 'applied'")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        cloud = self.cloud(parsed_args)
        code = self.done("undone", undo.undo(cloud, parsed_args.group, parsed_args.apply))
        for sentence in intents.broken(cloud):
            self.say(sentence)
        return code


class Rebase(Edits):
    """Print a draft moved onto what is there now; the rules in conflict with exit code 1."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return with_draft(super().get_parser(prog_name))

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        mine = read(parsed_args.draft)
        now = current.read(FirewallApi(self.cloud(parsed_args)), parsed_args.group)
        made = rebase.rebase(mine, now)
        for one in limits.warnings(now, made.state):
            self.say(f"{one.field}: {one.says}")
        self.write(draft.written(made))
        return base.DONE


def read(file: str) -> Draft:
    """A draft from a file, '-' is standard input. Raises BadDraft."""
    return draft.loads(text_of(file))


def text_of(file: str) -> str:
    """A draft's text from a file, '-' is standard input. Raises BadDraft."""
    try:
        if file == "-":
            return sys.stdin.read(LARGEST)
        with Path(file).open(encoding="utf-8") as opened:
            return opened.read(LARGEST)
    except (OSError, UnicodeDecodeError) as error:
        raise BadDraft("", f"The draft {file} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
