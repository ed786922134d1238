"""`tenant-ops audit list`: the project's audit trail, which the dashboard keeps."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from cliff.lister import Lister

from tenant_ops_dashboard.audit.event import OUTCOMES
from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cloud import Cloud, CloudError

COLUMNS = ("time", "outcome", "action", "verb", "target", "name", "user", "from", "reason", "request id", "id")
#: Those of a table, unless others are asked for: what has a name is known by it.
TOLD = ("time", "outcome", "action", "verb", "name", "user", "from", "reason")
USUAL, PAGE = 1000, 500
MISSING = (
    "This cloud's catalogue has no service 'tenant-ops': the audit trail stands in the dashboard's database. Ask your"
    " operator to install tenant-ops-dashboard into Horizon and to register its address in Keystone:"
    " openstack service create --name tenant-ops tenant-ops; openstack endpoint create tenant-ops public"
    " https://HORIZON/tenant_ops/api (docs/install.md)."
)


class List(base.Reported, Lister):
    """List who changed what, when, and how it ended, newest first; JSON has the whole CADF events."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--since", default="", help="a time (2026-11-29T08:30, UTC) or an age (30m, 12h, 7d, 2w)")
        parser.add_argument("--until", default="", help="the same, for the end")
        parser.add_argument("--target", default="", help="id of what was changed, or a part of its name")
        parser.add_argument("--user", default="", help="id or name of who asked for it")
        parser.add_argument("--outcome", default="", choices=OUTCOMES, help="how it ended")
        # Not --verb: cliff takes that for its own --verbose.
        parser.add_argument(
            "--action", dest="verb", default="", help="what was done, such as drain, or CADF's word, such as delete"
        )
        parser.add_argument(
            "--all-projects", action="store_true", help="of all your projects in which you may see them (30 at most)"
        )
        parser.add_argument("--limit", type=int, default=USUAL, help="how many at most (default: %(default)d)")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], list[Sequence[Any]]]:
        if parsed_args.limit < 1:
            raise base.BadInput("--limit: this is a whole number from 1 on.")
        asked = {name: getattr(parsed_args, name) for name in ("since", "until", "target", "user", "outcome", "verb")}
        if parsed_args.all_projects:
            asked["all_projects"] = "true"
        self.events = events(self.cloud(parsed_args), asked, parsed_args.limit)
        return COLUMNS, [row(one) for one in self.events]

    def produce_output(self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Any) -> int:
        if parsed_args.formatter == "table" and not parsed_args.columns:
            rows = [dict(zip(column_names, one, strict=True)) for one in data]
            told = [[one[name] or (one["target"] if name == "name" else "") for name in TOLD] for one in rows]
            return super().produce_output(parsed_args, TOLD, told)
        if parsed_args.formatter != "json":
            return super().produce_output(parsed_args, column_names, data)
        self.app.stdout.write(json.dumps(self.events, indent=None if parsed_args.noindent else 2) + "\n")
        return base.DONE


def events(cloud: Cloud, asked: Mapping[str, str], limit: int) -> list[dict[str, Any]]:
    """The newest events that are asked for. Raises ServiceMissing with how to mend it, BadInput, a CloudError."""
    if not cloud.has(SERVICE):
        raise cloud.missing(SERVICE, MISSING)
    query = {name: value for name, value in asked.items() if value}
    try:
        return cloud.first(SERVICE, "/audit", "events", limit, **query, limit=min(limit, PAGE))
    except CloudError as error:
        if error.status == 422:
            raise base.BadInput(f"--{error.detail}", error.request_id) from error
        raise


def row(event: Mapping[str, Any]) -> Sequence[Any]:
    """One event for people, by COLUMNS."""
    initiator, target, reason = event["initiator"], event["target"], event.get("reason") or {}
    attached = event.get("attachments") or [{}]
    verb = (attached[0].get("content") or {}).get("verb", "")
    where = (initiator.get("host") or {}).get("address", "")
    return (
        event["eventTime"], event["outcome"], event["action"], verb, target["id"], target.get("name", ""),
        initiator.get("name", ""), where, reason.get("reasonCode", ""), event.get("requestId", ""), event["id"],
    )  # fmt: skip
