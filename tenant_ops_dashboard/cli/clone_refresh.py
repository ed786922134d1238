"""`tenant-ops clone refresh`: newer data for a clone that is there."""

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
