"""`tenant-ops walkthrough`: the scenarios by code: looked over, taken, taken back, rehearsed.

The dashboard takes the steps, as its records stand in its database; here is only who presses the buttons.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import quote

from cliff.lister import Lister

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cloud import Cloud, CloudError, Unreadable
from tenant_ops_dashboard.walkthrough import rehearse, written
from tenant_ops_dashboard.walkthrough.errors import BadInput
from tenant_ops_dashboard.walkthrough.model import Left, Progress, Scenario

Made = TypeVar("Made")
Rows = tuple[Sequence[str], list[Sequence[Any]]]
HOME = "/walkthrough"
#: Seconds: the dashboard asks several services before it answers.
PATIENCE = 120.0
MISSING = (
    "This cloud's catalogue has no service 'tenant-ops': the dashboard takes the steps. Ask your operator to install"
    " tenant-ops-dashboard into Horizon and to register its address in Keystone (docs/install.md)."
)
LISTED = ("id", "title", "steps", "passed", "usually_seconds", "summary")
FOUND = ("what", "state", "found", "fix")
STEPS = ("step", "said", "did", "check", "passed", "evidence", "seconds")
_STATUSES = (403, 404, 409, 422)


class Dashboard:
    """`rehearse.Desk` over the dashboard's HTTP API. Each method raises a CloudError."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def listed(self) -> list[dict[str, Any]]:
        """All scenarios with their progress, as the API tells them."""
        found: list[dict[str, Any]] = self.cloud.get(SERVICE, HOME)["scenarios"]
        return found

    def scenarios(self) -> tuple[Scenario, ...]:
        return _read(lambda: tuple(
            written.read_scenario({name: value for name, value in one.items() if name != "progress"})
            for one in self.listed()
        ))  # fmt: skip

    def progress(self, scenario: str) -> Progress:
        return self._progress(self.cloud.get(SERVICE, f"{HOME}/{quote(scenario, safe='')}"))

    def do(self, scenario: str, step: str) -> Progress:
        return self._progress(self._post(f"/{scenario}/{step}/do", {}))

    def check(self, scenario: str, step: str) -> Progress:
        return self._progress(self._post(f"/{scenario}/{step}/check", {}))

    def reset(self, scenario: str | None) -> Left:
        return self._left("/reset", scenario)

    def left(self, scenario: str | None) -> Left:
        return self._left("/reset/look", scenario)

    def findings(self, scenario: str) -> list[dict[str, Any]]:
        """What a pre-flight finds, of one scenario or ('') of all."""
        query = {"scenario": scenario} if scenario else {}
        found: list[dict[str, Any]] = self.cloud.get(SERVICE, f"{HOME}/findings", **query)["findings"]
        return found

    def _left(self, path: str, scenario: str | None) -> Left:
        told = self._post(path, {"scenario": scenario} if scenario else {})
        return Left(tuple(map(str, told["left"])))

    def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        with self.cloud.changing("walkthrough"):
            return self.cloud.post(SERVICE, HOME + path, body)

    def _progress(self, told: dict[str, Any]) -> Progress:
        return _read(lambda: written.read_progress(told))


class Asking(base.Reported, Lister):
    """A command about the walkthrough."""

    def dashboard(self, parsed_args: argparse.Namespace) -> Dashboard:
        """The dashboard, patient enough for a step. Raises ServiceMissing with how to mend it."""
        cloud = self.cloud(parsed_args)
        if not cloud.has(SERVICE):
            raise cloud.missing(SERVICE, MISSING)
        return Dashboard(replace(cloud, options=replace(cloud.options, timeout=PATIENCE, write_timeout=PATIENCE)))

    def known(self, error: Exception) -> int | None:
        """What the dashboard says is said as it says it."""
        if isinstance(error, CloudError) and error.service == "Tenant Ops" and error.status in _STATUSES:
            code = base.BAD_INPUT if error.status in (404, 422) else base.OUT_OF_REACH if error.status == 403 else None
            return self.fail(error.detail, error.exit_code if code is None else code)
        return super().known(error)

    def told(self, rows: Sequence[rehearse.Row], scenarios: bool = False) -> Rows:
        """What became of steps; exit code 1 where one failed."""
        if not all(one.passed for one in rows):
            self.exit_code = base.FAILED
        columns = ("scenario", *STEPS) if scenarios else STEPS
        return columns, [[getattr(one, name) for name in columns] for one in rows]


class List(Asking):
    """List the scenarios, how far each has come, and how long it usually takes."""

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        return LISTED, [_listed(one) for one in self.dashboard(parsed_args).listed()]


class Check(Asking):
    """Look whether everything is ready for a show; exit code 1 and the fix of each problem where it is not."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return _with_scenario(super().get_parser(prog_name), "?")

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        found = self.dashboard(parsed_args).findings(parsed_args.scenario or "")
        if any(one["state"] == "failed" for one in found):
            self.exit_code = base.FAILED
        return FOUND, [[one[name] for name in FOUND] for one in found]


class Run(Asking):
    """Take the steps of a scenario; exit code 1 at the first one that fails. What has passed already is told only."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = _with_scenario(super().get_parser(prog_name))
        parser.add_argument("--from", dest="first", metavar="STEP", default="", help="begin with this step")
        parser.add_argument("--to", dest="last", metavar="STEP", default="", help="end with this step")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        wanted = (parsed_args.scenario, parsed_args.first, parsed_args.last)
        return self.told(rehearse.run(self.dashboard(parsed_args), *wanted, tell=self.say))


class Reset(Asking):
    """Take away what a scenario made, or all of them, and look until it is gone."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        return _with_scenario(super().get_parser(prog_name), "?")

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        if parsed_args.scenario == "":
            # A variable that a script left empty does not mean all of them.
            raise BadInput("scenario: this is no scenario; for all of them leave it out.", field="scenario")
        dashboard = self.dashboard(parsed_args)
        return self.told([rehearse.begin_anew(dashboard, parsed_args.scenario, tell=self.say)])


class Rehearse(Asking):
    """Reset, take all steps of all scenarios, and reset again; exit code 1 at the first one that fails."""

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        return self.told(rehearse.rehearse(self.dashboard(parsed_args), self.say), scenarios=True)


def _with_scenario(parser: argparse.ArgumentParser, many: str | None = None) -> argparse.ArgumentParser:
    words = "id of a scenario" + (" (default: all)" if many else "")
    parser.add_argument("scenario", metavar="SCENARIO", nargs=many, help=words)
    return parser


def _listed(told: dict[str, Any]) -> Sequence[Any]:
    taken = told["progress"]["steps"]
    usual = [one["usually"] for one in taken if one["usually"] is not None]
    passed = sum(one["state"] == "passed" for one in taken)
    return told["id"], told["title"], len(taken), passed, round(sum(usual), 1) if usual else None, told["summary"]


def _read(make: Callable[[], Made]) -> Made:
    try:
        return make()
    except (LookupError, TypeError, ValueError) as error:
        raise Unreadable("The dashboard's answer cannot be read: is it of another release?", SERVICE) from error
