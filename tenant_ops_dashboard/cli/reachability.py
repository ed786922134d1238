"""`tenant-ops reachability snapshot|probe|exposure|lint|diff`: what gets through, asked of a snapshot file.

All but `snapshot` work offline: no cloud, no clouds.yaml, no Django settings; nothing of OpenStack is imported.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml
from cliff.command import Command

from tenant_ops_dashboard.cli import base, escape
from tenant_ops_dashboard.firewall.snapshot import take_snapshot
from tenant_ops_dashboard.reachability.diff import diff
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.errors import ReachabilityError
from tenant_ops_dashboard.reachability.exposure import exposure
from tenant_ops_dashboard.reachability.fields import PATH, plain
from tenant_ops_dashboard.reachability.lint import LEVELS, at_least, lint
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.rules import PROFILES
from tenant_ops_dashboard.reachability.snapshot import read_snapshot

Json = dict[str, Any]


class Offline(base.Reported, Command):
    """A command over snapshot files. Results are written only when all of them are known."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--profile", choices=PROFILES, help="back end that filters (default: the snapshot's, or ovn)"
        )
        parser.add_argument(
            "-f", "--format", choices=("json", "table", "yaml", "csv"),
            help="how to write the answer (default: json where output is not a terminal)",
        )  # fmt: skip
        return parser

    def run(self, parsed_args: argparse.Namespace) -> int:
        try:
            return super().run(parsed_args)
        except ReachabilityError as error:
            return self.fail(str(error), base.BAD_INPUT)

    def known(self, error: Exception) -> int | None:
        """Those of the pure package, which knows no others, too."""
        if isinstance(error, ReachabilityError):
            return self.fail(plain_line(error), base.BAD_INPUT)
        return super().known(error)

    def engine(self, path: str, profile: str | None) -> Engine:
        """The engine over a snapshot file. Raises BadInput."""
        return Engine(read_snapshot(read_text(path), path), profile)

    def write(self, found: Sequence[Json], parsed_args: argparse.Namespace, columns: Sequence[str]) -> None:
        """Write a list of answers: JSON or YAML whole, of CSV the columns, for people one line each."""
        out = self.app.stdout
        form = parsed_args.format or ("table" if out.isatty() else "json")
        if form == "json":
            out.write(json.dumps(found, indent=2) + "\n")
        elif form == "yaml":
            yaml.safe_dump(list(found), out, sort_keys=False)
        elif form == "csv":
            rows = [[_exact(item.get(column)) for column in columns] for item in found]
            base.OneRow().emit_list(columns, rows, out, parsed_args)
        else:
            for item in found:
                out.write("  ".join(plain(_cell(item.get(column))) for column in columns) + "\n")


def plain_line(error: Exception) -> str:
    """An error as one line."""
    return "".join(c if c.isprintable() else "?" for c in str(error))


def _exact(value: Any) -> str:
    return escape.cell(escape.lines(value if isinstance(value, str) else json.dumps(value)))


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_cell(item) for item in value) or "-"
    return "-" if value is None else str(value)


def read_text(path: str) -> str:
    """A file's text, or standard input for '-'. Raises BadInput."""
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise base.BadInput(f"{plain(path, PATH)}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise base.BadInput(f"{plain(path, PATH)}: is no UTF-8 text") from None


class Snapshot(base.Reported, Command):
    """Takes a snapshot of the cloud for the other commands."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--all-projects", action="store_true", help="of every project (for administrators)")
        parser.add_argument("-o", "--output", metavar="FILE", help="write to a file instead of standard output")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        text = json.dumps(take_snapshot(self.cloud(parsed_args), parsed_args.all_projects), indent=1) + "\n"
        base.put(self.app.stdout, text, parsed_args.output, "--output")


class Probe(Offline):
    """Says for each packet whether it gets through and its reply comes back, and which rules decide."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--snapshot", metavar="FILE", required=True)
        parser.add_argument(
            "--packets", metavar="FILE", required=True, help="one JSON object a line ('-': standard input)"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        engine = self.engine(parsed_args.snapshot, parsed_args.profile)
        answers = [probe(engine, packet, where) for packet, where in packets(parsed_args.packets)]
        out = self.app.stdout
        form = parsed_args.format or ("table" if out.isatty() else "json")
        if form == "table":
            for answer in answers:
                out.write("".join(f"{line}\n" for line in _tell(answer)))
        elif form == "json":
            out.write("".join(json.dumps(answer) + "\n" for answer in answers))
        else:
            self.write(answers, parsed_args, ("verdict", "forward", "reply", "steps", "fix", "profile", "unknown"))


def packets(path: str) -> Iterator[tuple[Any, str]]:
    """The packets of a JSON lines file with where each stands. Raises BadInput."""
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        where = f"{plain(path, PATH)}: line {number}"
        try:
            yield json.loads(line), where
        except (ValueError, RecursionError):
            raise base.BadInput(f"{where}: is no JSON") from None


def _tell(answer: Json) -> Iterable[str]:
    yield f"{answer['verdict']} (forward {answer['forward']}, reply {answer['reply']}; {answer['profile']})"
    for step in answer["steps"]:
        way = "<- " if step.get("reply") else "-> "
        yield plain(f"  {way}{step['decision']:5} {step['layer']} {step['port_id'] or ''}: ") + plain_line(step["why"])
    for fix in answer["fix"]:
        yield f"  change: {plain_line(fix['change'])}"
    for unknown in answer["unknown"]:
        yield f"  unknown: {plain_line(unknown)}"


class Exposure(Offline):
    """Lists per destination port the exact set of traffic that gets through, with the rules that let it."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--snapshot", metavar="FILE", required=True)
        parser.add_argument(
            "--from", dest="source", metavar="internet|CIDR|port:ID|security-group:ID", default="internet"
        )
        parser.add_argument("--to", dest="target", metavar="internet|CIDR|port:ID|security-group:ID")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        engine = self.engine(parsed_args.snapshot, parsed_args.profile)
        self.write(exposure(engine, parsed_args.source, parsed_args.target), parsed_args, ("port", "boxes", "unknown"))


class Lint(Offline):
    """Lists anomalies, back-end surprises and openings, worst first."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--snapshot", metavar="FILE", required=True)
        parser.add_argument("--fail-on", choices=LEVELS, help="exit code 1 for findings at or above this level")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        findings = lint(self.engine(parsed_args.snapshot, parsed_args.profile))
        self.write([finding.written() for finding in findings], parsed_args, ("severity", "kind", "object", "why"))
        if parsed_args.fail_on is not None and at_least(findings, parsed_args.fail_on):
            self.exit_code = base.FAILED


class Diff(Offline):
    """Lists per destination the traffic gained and lost between two snapshots."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--before", metavar="FILE", required=True)
        parser.add_argument("--after", metavar="FILE", required=True)
        parser.add_argument("--from", dest="source", metavar="internet|CIDR|port:ID|security-group:ID")
        parser.add_argument("--to", dest="target", metavar="internet|CIDR|port:ID|security-group:ID")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        before = self.engine(parsed_args.before, parsed_args.profile)
        after = self.engine(parsed_args.after, parsed_args.profile)
        found = diff(before, after, parsed_args.source, parsed_args.target)
        self.write(found, parsed_args, ("port", "gained", "lost"))
