"""`tenant-ops firewall create|delete`: a firewall group is made whole, or goes with what nothing else uses of it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cli.firewall import Asking
from tenant_ops_dashboard.cli.loadbalancers import One
from tenant_ops_dashboard.firewall import create, interfaces, read, remove
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.errors import BadDraft, NoGroup, SeveralGroups
from tenant_ops_dashboard.firewall.model import Draft, State
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.preview import preview
from tenant_ops_dashboard.firewall.snapshot import Json, look
from tenant_ops_dashboard.firewall.words import Labels, losses, sentences

Row = tuple[Sequence[str], Sequence[Any]]
SAID = 12  # lines of traffic that are said before the rest is counted


class Create(Asking, One):
    """Create a firewall group. The same command again is the first one again."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", metavar="NAME", help="what the group is called")
        parser.add_argument(
            "--port", metavar="ID", action="append", default=[], help="a router's interface; may be said several times"
        )
        parser.add_argument("--description", metavar="TEXT", default="", help="the group's description")
        start = parser.add_mutually_exclusive_group()
        start.add_argument(
            "--start", choices=("empty", "open"), default="empty",
            help="empty: all traffic of its ports is blocked; open: all passes (default: %(default)s)",
        )  # fmt: skip
        start.add_argument("--copy", metavar="GROUP", default="", help="start with the rules of this group instead")
        parser.add_argument("--yes", action="store_true", help="do not ask where traffic would be dropped")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        from tenant_ops_dashboard.cloud import firewall_profile

        cloud = self.cloud(parsed_args)
        start: create.Start | State = parsed_args.start
        ends = Ends(look(cloud), Names(cloud)) if parsed_args.copy or not parsed_args.yes else None
        if ends is not None and parsed_args.copy:
            start = read.state(ends.seen, read.find(ends.seen, parsed_args.copy))
        wanted = create.wanted(parsed_args.name, tuple(parsed_args.port), start)
        create.refuse(wanted, parsed_args.description, firewall_profile(cloud))
        if ends is not None and not parsed_args.yes:
            self._agreed(ends, wanted)
        made = create.create(cloud, wanted, parsed_args.description)
        if not made.verified:
            self.exit_code = base.FAILED
            self.say("Neutron took it, and it does not filter yet; look at the group.")
        told = vars(made)
        return tuple(told), tuple(told.values())

    def _agreed(self, ends: Ends, wanted: State) -> None:
        """Says what is dropped, or that nobody can tell, and asks. Raises BadInput where nobody agrees, BadDraft for a
        port that is none.
        """
        if any(one.get("name") == wanted.group.name for one in read.groups(ends.seen)):
            return  # it is this command's first run, or the name is in the way
        _taken(ends, wanted)
        traffic = preview(ends, Draft(wanted), None, findings=False).traffic
        if not traffic.lost and not traffic.unknown:
            return
        _say(self, "Lost", losses(Labels(ends.seen, ends.names), traffic.lost, traffic.breaks_replies))
        if traffic.unknown:
            _say(self, "Not known", traffic.unknown)
        _ask(self, verb="create", name=wanted.group.name)


class Delete(Asking, One):
    """Delete a firewall group, with the policies and rules made for it that nothing else uses."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("group", metavar="GROUP", help="name or id of the firewall group")
        parser.add_argument("--yes", action="store_true", help="do not ask")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        group, shown = parsed_args.group, ""
        if not parsed_args.yes:
            ends = Ends(look(cloud), Names(cloud))
            row = read.find(ends.seen, group)
            group, shown = str(row["id"]), self._agreed(ends, row)
        try:
            told = vars(remove.remove(cloud, group, shown))
        except (NoGroup, SeveralGroups) as error:
            raise base.BadInput(f"group: {error}", error.request_id) from error
        return tuple(told), tuple(
            base.Words(list(value), "\n".join) if name == "left" else value for name, value in told.items()
        )

    def _agreed(self, ends: Ends, row: Json) -> str:
        """Says what opens, and asks; what was shown. Raises BadInput where nobody agrees."""
        remove.refuse(row)
        standing = read.state(ends.seen, row)
        opened = preview(ends, Draft(remove.open_after(standing)), row, findings=False).traffic.gained
        ports = {str(one["id"]): one for one in ends.seen.rows("ports")}
        stands = [interfaces.called(ends.seen, ports[one]) for one in standing.group.ports if one in ports]
        _say(self, "No longer filtered", stands)
        _say(self, "Opens", sentences(Labels(ends.seen, ends.names), opened, "gained"))
        _ask(self, verb="delete", name=standing.group.name or standing.group.id)
        return remove.seen(standing)


def _taken(ends: Ends, wanted: State) -> None:
    """Raises BadDraft naming the first port that a group cannot be on, and why."""
    why = {one.id: one.why for one in interfaces.offered(ends)}
    for number, id_ in enumerate(wanted.group.ports):
        if why.get(id_):
            raise BadDraft(f"group.ports[{number}]", f"{id_} {why[id_]}")


def _say(command: base.Reported, what: str, lines: Sequence[str]) -> None:
    more = [f"and {len(lines) - SAID} more"] if len(lines) > SAID else []
    command.say(f"{what}: " + ("; ".join([*lines[:SAID], *more]) or "nothing"))


def _ask(command: base.Reported, verb: str, name: str) -> None:
    if not sys.stdin.isatty():
        raise base.BadInput(f"Nothing was sent. Say --yes where nobody can be asked to {verb} it.")
    command.say(f"Type {name} to {verb} it:")
    if sys.stdin.readline().strip() != name:
        raise base.BadInput("Nothing was sent.")
