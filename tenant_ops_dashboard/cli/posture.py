"""`tenant-ops posture show|export`: what is exposed that should not be, from a fresh reading. Nothing is changed."""

from __future__ import annotations

import argparse
import datetime
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from cliff.command import Command
from cliff.lister import Lister

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base, intents
from tenant_ops_dashboard.cloud import Cloud, CloudError, values
from tenant_ops_dashboard.errors import TenantOpsError
from tenant_ops_dashboard.posture import export, readable
from tenant_ops_dashboard.posture.assess import Wanted, assess
from tenant_ops_dashboard.posture.brought import blueprints, brought, named
from tenant_ops_dashboard.posture.internet import what
from tenant_ops_dashboard.posture.look import Look, look
from tenant_ops_dashboard.posture.model import Acknowledged, Finding, Posture
from tenant_ops_dashboard.reachability.lint import LEVELS

COLUMNS = ("severity", "kind", "project", "environment", "object", "why", "lets in", "acknowledged", "id")
WITHOUT = "What was acknowledged is not known: "
ALONE = "Which intents people added or switched off is not known, only what blueprints bring is looked at: "
FORMS = {"csv": export.csv, "json": export.json, "html": export.html}


class Asking(base.Reported, Command):
    """A command that judges a fresh reading."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--all-projects", action="store_true", help="of every project that you may see")
        which.add_argument("--project", metavar="P", default="", help="of this project (name or id; default: your own)")
        return parser

    def known(self, error: Exception) -> int | None:
        """What is said of the project is said of the option."""
        if isinstance(error, TenantOpsError) and error.line.startswith("project: "):
            return self.fail(f"--{error.line}", error.exit_code)
        return super().known(error)

    def posture(self, parsed_args: argparse.Namespace) -> Posture:
        """The posture with what was acknowledged; what cannot be told is said on standard error."""
        cloud = self.cloud(parsed_args)
        seen = look(cloud, parsed_args.project, parsed_args.all_projects)
        left_out = any(one.endswith(readable.LEFT_OUT) for one in seen.problems)
        self.unread = bool(seen.raw["meta"].get("problems")) or left_out
        found = assess(seen, self._wanted(cloud, seen))
        for one in found.unknown:
            self.say(f"Not known: {one}")
        try:
            known = acknowledgements(cloud, parsed_args.project, parsed_args.all_projects)
        except CloudError as error:
            self.say(f"{WITHOUT}{error.line}")
            return found
        now = cloud.now()
        counted = {id_: one for id_, one in known.items() if one.until > now}
        findings = (replace(one, acknowledged=counted.get(one.id)) for one in found.findings)
        return replace(found, findings=tuple(findings))


    def _wanted(self, cloud: Cloud, seen: Look) -> tuple[Wanted, ...]:
        """The intents that stand, as far as this login is told: the dashboard knows what people said of them."""
        of_blueprints, own = brought(seen), cloud.project_id
        if own not in seen.projects or not cloud.has(SERVICE):
            return of_blueprints
        try:
            up = {"", *blueprints(seen, own)}
            kept = [one for one in intents.kept(cloud) if one.off is None and one.environment in up]
        except TenantOpsError as error:
            self.say(f"{ALONE}{error.line}")
            return of_blueprints
        return (*named(seen, own, kept), *(one for one in of_blueprints if one[0] != own))


class Show(Asking, Lister):
    """List findings worst first; JSON has what each lets in. Exit code 1 where --fail-on finds one."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--fail-on", choices=LEVELS, metavar="LEVEL",
            help=f"exit code 1 where a finding that nobody acknowledged is at or above ({', '.join(LEVELS)})",
        )  # fmt: skip
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], list[Sequence[Any]]]:
        self.found = self.posture(parsed_args)
        if parsed_args.fail_on and fails(self.found.findings, parsed_args.fail_on):
            self.exit_code = base.FAILED
        elif parsed_args.fail_on and self.unread:
            # A gate that did not look lets nothing pass.
            self.exit_code = base.OUT_OF_REACH
        return COLUMNS, [row(self.found, one) for one in self.found.findings]

    def produce_output(self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Any) -> int:
        if parsed_args.formatter != "json":
            return super().produce_output(parsed_args, column_names, data)
        self.app.stdout.write(json.dumps(export.written(self.found), indent=None if parsed_args.noindent else 2) + "\n")
        return base.DONE


class Export(Asking):
    """Write the posture as CSV, JSON, or a report to print (HTML, which needs no other file)."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("-f", "--format", choices=tuple(FORMS), default="json", help="(default: %(default)s)")
        parser.add_argument("--output", metavar="FILE", help="write to a file instead of standard output")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        text = FORMS[parsed_args.format](self.posture(parsed_args))
        base.put(self.app.stdout, text, parsed_args.output, "--output")


def acknowledgements(cloud: Cloud, project: str = "", all_projects: bool = False) -> dict[str, Acknowledged]:
    """What the dashboard's database has, by the finding's id. Raises a CloudError where it does not answer."""
    asked = {"project": project, "all_projects": "true" if all_projects else ""}
    told = cloud.get(SERVICE, "/posture/acknowledgements", **{name: value for name, value in asked.items() if value})
    found: dict[str, Acknowledged] = {}
    for one in values.listing(told["acknowledgements"], 100_000):
        until = values.moment(one.get("until")) if isinstance(one, Mapping) else None
        if until is not None:
            found[values.text(one.get("id"))] = Acknowledged(
                values.text(one.get("by")), values.text(one.get("reason")), until
            )
    return found


def fails(findings: Sequence[Finding], level: str) -> bool:
    """Whether a finding that nobody acknowledged is at or above a level."""
    return any(LEVELS.index(one.severity) >= LEVELS.index(level) for one in findings if one.acknowledged is None)


def row(posture: Posture, one: Finding) -> Sequence[Any]:
    """One finding for people, by COLUMNS, names in the place of ids."""
    said = one.acknowledged
    until = f"{said.by}, until {_shown(said.until)}" if said else ""
    why = base.Words(one.why, lambda _: one.said or one.why)
    return (
        one.severity, one.kind, posture.projects.get(one.project, one.project), one.environment,
        one.name or one.object, why, what(one.exposed), until, one.id,
    )  # fmt: skip


def _shown(until: datetime.datetime) -> str:
    return until.astimezone(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
