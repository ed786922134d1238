"""`tenant-ops clone approve|deny|extend|pin|release|reclaim|trust|orphans`: what becomes of clones, what is left."""

from __future__ import annotations

import argparse
from urllib.parse import quote

from cliff.lister import Lister

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cli.clone_base import HOME, Asking, Json, OfOne, One, Row, Rows, every
from tenant_ops_dashboard.clones import orphans
from tenant_ops_dashboard.cloud import Cloud

TRUST = ("id", "user", "roles", "given_at", "until", "ended_at")
TRUST_TOLD = ("user", "roles", "given_at", "until", "id")
ORPHAN = ("kind", "id", "name", "clone", "says")


class Approve(OfOne):
    """Let a clone of this project's data be made."""

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        return self.change(parsed_args, "approve", {})


class Deny(OfOne):
    """Refuse a clone of this project's data; who asked reads the reason."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--reason", metavar="TEXT", default="", help="why; whoever asked reads it")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        return self.change(parsed_args, "deny", {"reason": parsed_args.reason})


class Extend(OfOne):
    """Let a clone's lease end later, within what its offer allows."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--by", metavar="SPAN", required=True, help="how much later: 30m, 8h or 2d")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        return self.change(parsed_args, "extend", {"by": parsed_args.by})


class Pin(OfOne):
    """Let a clone of this project's data have no end; with --off one again."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--off", action="store_true", help="its lease counts again; five minutes are left at least")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        return self.change(parsed_args, "pin", {"on": not parsed_args.off})


class Release(OfOne):
    """Give a clone back before its time: the copy is deleted."""

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        return self.change(parsed_args, "release", {})


class Reclaim(OfOne):
    """Take a clone away now whose time is over, where the job that does it does not run.

    What is left of it in this project goes, with your own login. 'says' tells how far it came; it may be repeated.
    """

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        return self.change(parsed_args, "reclaim", {})


class TrustList(Asking, Lister):
    """List the project's standing authority for clones: whose it is, and until when."""

    about, told = "TRUST", TRUST_TOLD

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        found = self.dashboard(parsed_args).get(SERVICE, f"{HOME}/trusts")["trusts"]
        return TRUST, [_trust(one)[1] for one in found]


class TrustGive(One):
    """Give the plugin's service user your roles in this project, so that application credentials may ask for clones."""

    about, told = "TRUST", TRUST_TOLD

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.dashboard(parsed_args)
        with cloud.changing("clones.give_trust"):
            return _trust(cloud.post(SERVICE, f"{HOME}/trusts", {}))


class TrustRevoke(One):
    """Take such an authority back; clones that need it then say what is left of them, and where."""

    about = "TRUST"

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("trust", metavar="TRUST", help="its id, as 'clone trust list' tells it")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        if "/" in parsed_args.trust or not parsed_args.trust.strip(". "):
            raise base.BadInput("TRUST: this is no id; 'tenant-ops clone trust list' tells them.")
        cloud = self.dashboard(parsed_args)
        with cloud.changing("clones.revoke_trust"):
            cloud.delete(SERVICE, f"{HOME}/trusts/{quote(parsed_args.trust, safe='')}", missing_ok=False)
        return ("id", "revoked"), (parsed_args.trust, True)


class Orphans(Asking, Lister):
    """List what clones left behind in this project, and clones whose volume is gone; exit code 1 where there is any."""

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        cloud = self.dashboard(parsed_args)
        offers = cloud.get(SERVICE, f"{HOME}/offers", withdrawn="true")["offers"]
        found = orphans.find(cloud, [_placed(cloud, one) for one in every(cloud)], offers)
        if found:
            self.exit_code = base.FAILED
        return ORPHAN, [[getattr(one, name) for name in ORPHAN] for one in found]


def _placed(cloud: Cloud, found: Json) -> Json:
    # Whose data it is, is told the id of its volume; whoever else sees a clone has asked for it.
    mine = found["lineage"]["source"]["volume_id"] is None
    holds = not mine if found.get("deliver") == "served" else mine
    return {**found, "project_id": cloud.project_id if holds else ""}


def _trust(found: Json) -> Row:
    return TRUST, [base.Words(found[name], ", ".join) if name == "roles" else found[name] for name in TRUST]
