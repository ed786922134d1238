"""`tenant-ops environment plan|launch|list|show|events|delete`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cliff.lister import Lister
from cliff.show import ShowOne

from tenant_ops_dashboard.cli import base, fields
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.environments import delete as deleting
from tenant_ops_dashboard.environments import follow, model, reconcile, watch
from tenant_ops_dashboard.environments import launch as launching
from tenant_ops_dashboard.environments.declared import SLUG
from tenant_ops_dashboard.environments.errors import NotFound
from tenant_ops_dashboard.environments.heat import events
from tenant_ops_dashboard.environments.planning import plan as planning
from tenant_ops_dashboard.environments.planning import roles
from tenant_ops_dashboard.environments.proofs import prove
from tenant_ops_dashboard.environments.standstill import stall
from tenant_ops_dashboard.environments.template.imported import folder as templates

Row = tuple[Sequence[str], Sequence[Any]]
MINUTES = 30
DEFAULT = "tomcat-oracle"


class One(base.Reported, ShowOne):
    """A command that prints one thing."""

    def _load_formatter_plugins(self) -> Any:
        return base.with_csv(super()._load_formatter_plugins())

    def request(self, parsed_args: argparse.Namespace) -> model.Request:
        """What the arguments of plan and launch ask for. Raises BadInput."""
        own = None
        if parsed_args.environment and not parsed_args.template:
            raise base.BadInput("--environment belongs to a --template.", field="environment")
        if parsed_args.template:
            if parsed_args.blueprint:
                raise base.BadInput("Say --template or --blueprint, not both.", field="template")
            answers = Path(parsed_args.environment) if parsed_args.environment else None
            own = templates.read(Path(parsed_args.template), answers)
        blueprint = SLUG if own else parsed_args.blueprint or DEFAULT
        return model.Request(parsed_args.name, blueprint, base.pairs(parsed_args.set or ()), own)


def _ask(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="name of the environment")
    parser.add_argument("--blueprint", metavar="NAME", help=f"which blueprint (default: {DEFAULT})")
    parser.add_argument("--template", metavar="FILE", help="a HOT template of your own in the place of a blueprint")
    parser.add_argument("--environment", metavar="FILE", help="a Heat environment file for --template")
    parser.add_argument(
        "--set", "--parameter", metavar="KEY=VALUE", action="append", dest="set",
        help="a parameter of the blueprint or template; may be repeated",
    )  # fmt: skip
    parser.add_argument("--folder", metavar="PATH", action="append", default=[], help="a folder with more blueprints")


def _wait(parser: argparse.ArgumentParser, what: str) -> None:
    parser.add_argument("--wait", action="store_true", help=what)
    parser.add_argument("--timeout", type=float, default=MINUTES * 60.0, help="seconds to wait (default: %(default)d)")


def _proof_proxy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--proof-proxy",
        "--door",
        metavar="URL",
        dest="proof_proxy",
        help="HTTP proxy that reaches floating IPs (TENANT_OPS_PROOF_PROXY)",
    )


class Plan(One):
    """Say what a launch would create, whether it fits the quota, and how it would look; create nothing."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        _ask(parser)
        parser.add_argument(
            "--zip", metavar="FILE", help="also write template, environment file and command as a ZIP file"
        )
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        made = planning.plan(self.cloud(parsed_args), self.request(parsed_args), parsed_args.folder)
        for name, said in made.problems.items():
            self.say(f"{name or 'plan'}: {said}")
        for said in made.unknown:
            self.say(f"not known: {said}")
        for said in (*made.changed, *made.unproven):
            self.say(said)
        if made.unknown:
            self.exit_code = base.FAILED
        if made.problems:
            self.exit_code = base.FAILED if set(made.problems) == {""} else base.BAD_INPUT
            if roles.FIELD in made.problems:
                self.exit_code = base.OUT_OF_REACH
        elif parsed_args.zip:
            with Path(parsed_args.zip).open("wb") as file:
                file.write(planning.archive(made))
        return fields.plan(made)


class Launch(One):
    """Launch an environment; with --wait until its proofs have run."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        _ask(parser)
        _wait(parser, "end when the proofs have run; exit code 1 where one failed")
        _proof_proxy(parser)
        parser.add_argument("--token", default="", help="launches with the same token are one launch")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        made = launching.launch(cloud, self.request(parsed_args), parsed_args.folder, parsed_args.token)
        self.say(f"{made.name} is being launched ({made.id}).")
        if not parsed_args.wait:
            return fields.environment(made)
        details, proofs = follow.up(cloud, made, parsed_args.timeout, self.tell)
        if details.environment.status in ("failed", "building") or any(one.state == "failed" for one in proofs):
            self.exit_code = base.FAILED
        return fields.details(details, proofs)

    def tell(self, details: model.Details) -> None:
        """A line of progress."""
        progress = details.progress
        if details.stands_still:
            self.say(f"{stall.utc(details.stands_still)} It is asked to go on.")
            return
        now = ", ".join(one.title for one in progress.resources if one.state == "building")
        self.say(f"{progress.done} of {progress.total} after {progress.seconds:.0f} s{': ' if now else ''}{now}")


class List(base.Reported, Lister):
    """List the project's environments."""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], list[Sequence[Any]]]:
        cloud = self.cloud(parsed_args)
        found = watch.listing(cloud)
        for said in reconcile.unfinished(cloud, found):
            self.say(said)
        return fields.ENVIRONMENT, [fields.environment(one)[1] for one in found]


class Show(One):
    """Show everything about an environment; proofs with packets included."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", help="name or id of the environment")
        parser.add_argument("--no-packets", action="store_true", help="leave out the proofs that send packets")
        _proof_proxy(parser)
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        details = watch.details(cloud, parsed_args.name)
        if details.proofs and details.environment.status == "building":
            reconcile.reconcile(cloud, details.environment)
            details = watch.details(cloud, parsed_args.name)
        proofs = details.proofs if parsed_args.no_packets else prove.prove(cloud, details)
        return fields.details(details, proofs)


class Events(base.Reported, Lister):
    """List what Heat did to an environment and its parts, newest first."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", help="name or id of the environment")
        parser.add_argument("--failures", action="store_true", help="only what went wrong")
        parser.add_argument("--about", metavar="TEXT", default="", help="only what has TEXT in its name or reason")
        parser.add_argument("--most", type=int, default=events.MOST, help="at most so many (default: %(default)d)")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], list[Sequence[Any]]]:
        if not 0 < parsed_args.most <= events.SEARCHED:
            raise base.BadInput(f"--most takes a number from 1 to {events.SEARCHED}.")
        cloud = self.cloud(parsed_args)
        found = events.recent(
            cloud,
            watch.details(cloud, parsed_args.name),
            failures=parsed_args.failures,
            about=parsed_args.about,
            most=parsed_args.most,
        )
        if found.more:
            self.say("Older events are left out.")
        return fields.EVENT, [fields.event(one) for one in found.events]


class Delete(One):
    """Delete an environment; its data volume is kept unless --data is given. Said again, the last word counts."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", help="name or id of the environment")
        parser.add_argument("--data", action="store_true", help="delete the data volume too")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        _wait(parser, "end when all of it is gone")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        wanted = self.agreed(cloud, parsed_args)
        if not parsed_args.wait:
            return fields.environment(deleting.delete(cloud, wanted, data=parsed_args.data))
        gone, left = follow.away(
            cloud, wanted, parsed_args.timeout,
            lambda done, total: self.say(f"{done} of {total} gone"), data=parsed_args.data,
        )  # fmt: skip
        if left is not None:
            self.exit_code = base.FAILED
            self.say(left.status_reason or f"{left.name} is not gone yet.")
        return fields.environment(left or gone, status="" if left else "deleted")

    def agreed(self, cloud: Cloud, parsed_args: argparse.Namespace) -> str:
        """Says what goes and what stays, and asks a person; what was agreed to, by id where somebody was asked.

        Raises BadInput where nobody agrees.
        """
        name: str = parsed_args.name
        if parsed_args.yes:
            return name
        try:
            environment = watch.details(cloud, name).environment
            loss = deleting.losses(cloud, environment)
        except NotFound as error:
            raise base.BadInput(str(error)) from error
        self.say("Lost: " + "; ".join((*loss.lost, *(loss.kept if parsed_args.data else ()))))
        self.say("Kept: " + ("; ".join(loss.kept) if loss.kept and not parsed_args.data else "nothing"))
        for said in loss.holds if parsed_args.data else ():
            self.say(f"In the way: {said}")
        if not sys.stdin.isatty():
            raise base.BadInput("Nothing was deleted. Say --yes where nobody can be asked.")
        self.say(f"Type {name} to delete it:")
        if sys.stdin.readline().strip() != name:
            raise base.BadInput("Nothing was deleted.")
        # By now another may have its name.
        return environment.id
