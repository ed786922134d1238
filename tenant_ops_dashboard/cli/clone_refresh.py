"""`tenant-ops clone refresh|revert`: newer data for a clone that is there, or its data as it was handed over."""

from __future__ import annotations

import argparse

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cli import clone_base as words
from tenant_ops_dashboard.cli.clone_base import Json, OfOne, Row
from tenant_ops_dashboard.cli.clones import Waiting


class Refresh(OfOne, Waiting):
    """Give a clone newer data: its present data goes; its name, lease, server and address stay.

    The clone is copied anew under the terms of its offer. Once the new copy is in its place the older volume, and all
    that was written to it, is deleted. Where it cannot be made the clone stays as it is, and says why.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--wait", action="store_true", help="until it has them; exit code 1 where it will not")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.dashboard(parsed_args)
        path = words.address(cloud, parsed_args.clone)
        before = cloud.get(SERVICE, path)["refreshed_at"]
        with cloud.changing("clones.refresh"):
            found: Json = cloud.post(SERVICE, f"{path}/refresh", {})
        if parsed_args.wait:
            found = self.follow(cloud, found)
            if found["refreshed_at"] == before:
                self.exit_code = base.FAILED
        return words.clone(found)


class Revert(OfOne, Waiting):
    """Bring a clone back to how it was handed over: all that was written to it since is lost.

    It must have been asked for with --revertible. The server that has its volume loses it for some seconds.
    """

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--wait", action="store_true", help="until it is ready; exit code 1 where it is as before")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.dashboard(parsed_args)
        with cloud.changing("clones.revert"):
            found: Json = cloud.post(SERVICE, f"{words.address(cloud, parsed_args.clone)}/revert", {})
        if parsed_args.wait:
            found = self.follow(cloud, found)
            if found["says"]:
                self.exit_code = base.FAILED
        return words.clone(found)
