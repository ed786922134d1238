"""`tenant-ops posture acknowledge|withdraw|review|drift`: what stands in the dashboard's database, by its HTTP API."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from cliff.lister import Lister
from cliff.show import ShowOne

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.posture.words import line

Json = Mapping[str, Any]
HOME = "/posture"
# Seconds: the dashboard reads the cloud anew before it answers.
PATIENCE = 150.0
MISSING = (
    "This cloud's catalogue has no service 'tenant-ops': acknowledgements and reviews stand in the dashboard's"
    " database. Ask your operator to install tenant-ops-dashboard into Horizon and to register its address in Keystone"
    " (docs/install.md)."
)
COLUMNS = ("change", "severity", "what", "id")


class Recorded(base.Reported):
    """A command that asks the dashboard about posture."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        scope = parser.add_mutually_exclusive_group()
        scope.add_argument("--all-projects", action="store_true", help="of all projects that you may see")
        scope.add_argument("--project", default="", help="of another project than the login's: name or id")
        return parser

    def asked(self, parsed_args: argparse.Namespace) -> dict[str, str]:
        """The scope, as the API's parameters."""
        found = {"all_projects": "true" if parsed_args.all_projects else "", "project": parsed_args.project}
        return {name: value for name, value in found.items() if value}

    def dashboard(self, parsed_args: argparse.Namespace) -> Cloud:
        """The login, patient enough for a reading. Raises ServiceMissing with how to mend it."""
        cloud = self.cloud(parsed_args)
        if not cloud.has(SERVICE):
            raise cloud.missing(SERVICE, MISSING)
        return replace(cloud, options=replace(cloud.options, timeout=PATIENCE, write_timeout=PATIENCE))

    def known(self, error: Exception) -> int | None:
        """What the API says of a field is said of the option that it came from."""
        if isinstance(error, CloudError) and error.status == 422:
            field, _colon, rest = error.detail.partition(": ")
            option = {"id": "ID", "": ""}.get(field, f"--{field}")
            return self.fail(f"{option}: {rest}" if rest else error.detail, base.BAD_INPUT)
        if isinstance(error, CloudError) and error.status == 404:
            named = error.detail.startswith("project: ")
            return self.fail(f"--{error.detail}" if named else error.detail, base.BAD_INPUT)
        if isinstance(error, CloudError) and error.status == 409:
            return self.fail(error.detail, base.FAILED)
        return super().known(error)


class One(Recorded, ShowOne):
    """A command that prints one thing."""

    def _load_formatter_plugins(self) -> Any:
        return base.with_csv(super()._load_formatter_plugins())


class Acknowledge(One):
    """Say that a finding may stand, why, and until when; the same word again is the first one."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("id", metavar="ID", help="id of a finding, as 'posture show' has it")
        parser.add_argument("--reason", required=True, help="why it may stand; whoever reviews it reads that")
        parser.add_argument("--until", required=True, help="a time (2026-12-24T08:30, UTC) or a span (12h, 30d, 8w)")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Sequence[Any]]:
        cloud = self.dashboard(parsed_args)
        body = {"id": parsed_args.id, "reason": parsed_args.reason, "until": parsed_args.until}
        with cloud.changing("posture.acknowledge"):
            found = cloud.post(SERVICE, _path("/acknowledgements", self.asked(parsed_args)), body)
        names = ("id", "by", "reason", "until")
        return names, [found[name] for name in names]


class Withdraw(One):
    """Take the acknowledgement of a finding back."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("id", metavar="ID", help="id of the finding")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Sequence[Any]]:
        cloud = self.dashboard(parsed_args)
        with cloud.changing("posture.withdraw"):
            path = _path(f"/acknowledgements/{quote(parsed_args.id, safe='')}", self.asked(parsed_args))
            cloud.delete(SERVICE, path, missing_ok=False)
        return ("id", "withdrawn"), (parsed_args.id, True)


class Review(One):
    """Keep what is exposed now as reviewed: drift is told against it from now on."""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], Sequence[Any]]:
        cloud = self.dashboard(parsed_args)
        with cloud.changing("posture.review"):
            found = cloud.post(SERVICE, _path("/reviews", self.asked(parsed_args)), {})
        names = ("id", "by", "at", "taken_at", "findings", "ports", "unfiltered", "existing")
        return names, [found[name] for name in names]


class Drift(Recorded, Lister):
    """Show what was gained and lost since the last review; exit code 1 for traffic gained or a new finding."""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], list[Sequence[Any]]]:
        self.found = self.dashboard(parsed_args).get(SERVICE, f"{HOME}/drift", **self.asked(parsed_args))
        if self.found["gained"] or self.found["new"]:
            self.exit_code = base.FAILED
        for one in self.found["unknown"]:
            self.say(f"Cannot be told: {one}")
        return COLUMNS, list(_rows(self.found))

    def produce_output(self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Any) -> int:
        if parsed_args.formatter != "json":
            return super().produce_output(parsed_args, column_names, data)
        self.app.stdout.write(json.dumps(self.found, indent=None if parsed_args.noindent else 2) + "\n")
        return base.DONE


def _path(path: str, asked: Mapping[str, str]) -> str:
    return f"{HOME}{path}?{urlencode(asked)}" if asked else f"{HOME}{path}"


def _rows(found: Json) -> Iterator[Sequence[Any]]:
    """The drift for people, by COLUMNS."""
    for change in ("gained", "lost"):
        for box in found[change]:
            yield change, "", line(box), ""
    for change in ("new", "gone"):
        for one in found[change]:
            name = one["name"] or one["object"]
            yield change, one["severity"], f"{name}: {one['why'].replace(one['object'], name)}", one["id"]
