"""`tenant-ops firewall suggest`: the drafts that let one end reach another, or close it. Changes nothing."""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cli.firewall import Asking, Row
from tenant_ops_dashboard.cli.loadbalancers import One
from tenant_ops_dashboard.firewall.ends import KINDS
from tenant_ops_dashboard.firewall.named import Named
from tenant_ops_dashboard.firewall.suggest import suggest
from tenant_ops_dashboard.firewall.suggest.asked import read_ports, read_protocol
from tenant_ops_dashboard.firewall.suggest.model import Want
from tenant_ops_dashboard.firewall.words import Kind, Labels, losses, sentences


class Suggest(Asking, One):
    """Make the smallest drafts that let one end reach another, or close it; exit code 1 where they would not do."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--from", dest="source", metavar="E", required=True, help=KINDS)
        parser.add_argument("--to", dest="target", metavar="E", required=True, help=KINDS)
        parser.add_argument("--protocol", metavar="P", required=True, help="tcp, udp, icmp, ..., a number, or any")
        parser.add_argument(
            "--port", metavar="N[-M]", default="", help="destination port, where there are any"
        )
        parser.add_argument("--close", action="store_true", help="keep it from getting through")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        protocol = read_protocol(parsed_args.protocol)
        ports = read_ports(parsed_args.port, protocol)
        ends = self.ends(parsed_args)
        want: Want = "deny" if parsed_args.close else "allow"
        found = suggest(ends, parsed_args.source, parsed_args.target, protocol, ports, want)
        if found.holds is not True:
            self.exit_code = base.FAILED
        labels = Labels(ends.seen, ends.names)
        told, named = found.written(), Named(ends.seen, labels)

        def words(boxes: Any, kind: Kind) -> str:
            return "\n".join(sentences(labels, boxes, kind))

        def preview(sides: Mapping[str, Any]) -> str:
            lost = losses(labels, sides["lost"], sides["breaks_replies"])
            return "\n".join((*sentences(labels, sides["gained"], "gained"), *lost))

        shown = {
            **told,
            "firewall": base.Words(told["firewall"], _drafts), "rules": base.Words(told["rules"], "\n".join),
            "security_groups": base.Words(told["security_groups"], _drafts),
            "preview": base.Words(told["preview"], preview),
            "also_opens": base.Words(told["also_opens"], lambda all_: words(all_, "gained")),
            "also_closes": base.Words(told["also_closes"], lambda all_: words(all_, "lost")),
            "cannot": base.Words(told["cannot"], lambda all_: named("\n".join(all_))),
            "unknown": base.Words(told["unknown"], lambda all_: named("\n".join(all_))),
        }  # fmt: skip
        return tuple(shown), tuple(base.Words(one, json.dumps) if one is None else one for one in shown.values())


def _drafts(drafts: list[dict[str, Any]]) -> str:
    named = (one.get("group") or one.get("security_group") or {} for one in drafts)
    return "\n".join(f"{one['name']} ({one['id']})" for one in named)
