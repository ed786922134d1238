"""`tenant-ops scaling show|set|now|repair`."""

from __future__ import annotations

import argparse
import dataclasses
from collections.abc import Sequence
from typing import Any

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.cli.loadbalancers import One
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.loadbalancers.errors import BadInput
from tenant_ops_dashboard.loadbalancers.scaling import actions, alarms, entrusted, follow
from tenant_ops_dashboard.loadbalancers.scaling import group as reading
from tenant_ops_dashboard.loadbalancers.scaling.entrusted import Entrusted
from tenant_ops_dashboard.loadbalancers.scaling.model import METRICS, UNITS, Group

Row = tuple[Sequence[str], Sequence[Any]]


class Cared(One):
    """A command that knows whether anybody looks after what scales by itself."""

    def cared_at(self, cloud: Cloud, group: Group) -> str | None:
        """When the care job last looked at it, which the dashboard knows; what it says where nobody does is told."""
        if not cloud.has(SERVICE):
            return None
        try:
            rows = cloud.get(SERVICE, "/care", environment=group.environment_id)["care"]
        except CloudError as error:
            self.say(f"Whether it scales by itself is not known: {error}")
            return None
        (found,) = [one for one in rows if one["promise"] == "scale"]
        if found["late"]:
            self.say(f"{found['says']} {found.get('todo', '')}".strip())
        return str(found["cared_at"]) if found["cared_at"] else None


class Show(Cared):
    """Show how an environment scales; exit code 1 where that failed, a server is missing, rules cannot be read."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("environment", help="name or id of the environment")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        group = reading.read(cloud, parsed_args.environment)
        if group.state == "failed" or group.broken or group.unreadable:
            self.exit_code = base.FAILED
        names, values = row(group)
        at = self.cared_at(cloud, group) if group.rules.on else None
        found = [dataclasses.asdict(one) for one in alarms.read(cloud, group)]
        words = base.Words(found, lambda all_: ", ".join(f"{one['name']} {one['state']}" for one in all_))
        return (*names, "alarms", "cared_at"), (*values, words, at)


class Set(Cared):
    """Change when and how far an environment scales by itself."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("environment", help="name or id of the environment")
        parser.add_argument("--on", dest="on", action="store_true", default=None, help="scale by itself")
        parser.add_argument("--off", dest="on", action="store_false", help="scale only by hand")
        parser.add_argument("--metric", choices=METRICS, help="what is measured for each server")
        for name, words in (
            ("threshold", "load per server above which one more is wanted"),
            ("window", "seconds the forecast looks back"),
            ("ahead", "seconds the forecast looks forward"),
            ("calm", "seconds of low load before a server goes"),
            ("cooldown", "seconds between two changes"),
        ):
            parser.add_argument(f"--{name}", type=float, help=words)
        for name in ("minimum", "maximum", "step"):
            parser.add_argument(f"--{name}", type=int, help=f"{name} of servers")
        parser.add_argument(
            "--entrust", action="store_true",
            help="let the dashboard's service user (TENANT_OPS_SERVICE_USER) act for you, or nothing scales by itself:"
            " a Keystone trust for this environment, with those of your roles that TENANT_OPS_TRUST_ROLES names, for"
            " TENANT_OPS_TRUST_DAYS; taken back on the environment's page",
        )  # fmt: skip
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        group = reading.read(cloud, parsed_args.environment)
        given = {field.name: getattr(parsed_args, field.name) for field in dataclasses.fields(group.rules)}
        rules = dataclasses.replace(group.rules, **{key: value for key, value in given.items() if value is not None})
        asked = {name: getattr(parsed_args, name) for name in ("minimum", "maximum", "step")}
        limits = {name: getattr(group, name) if value is None else value for name, value in asked.items()}
        problems = actions.check(rules, **limits)
        if problems:
            raise BadInput("; ".join(f"--{name}: {said}" for name, said in problems.items()))
        if parsed_args.entrust and not rules.on:
            raise BadInput("--entrust: it scales only by hand, which needs no trust; --on lets it scale by itself.")
        (entrusted.change if parsed_args.entrust else actions.change)(cloud, group, rules, **limits)
        self.say(f"Heat updates {group.environment}; no server is replaced.")
        if parsed_args.entrust:
            self.say(authority(group, entrusted.read(cloud, group.environment_id)))
        elif rules.on:
            self.cared_at(cloud, group)
        return row(dataclasses.replace(group, rules=rules, unreadable="", **limits))


class Changing(One):
    """A change that Heat goes on with."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "--wait",
            action="store_true",
            help="wait until Heat is free, and until it is done; exit code 1 where it failed",
        )
        return parser

    def followed(self, cloud: Cloud, before: Group, wait: bool) -> Row:
        """The group, once Heat is done where that is wanted."""
        if not wait:
            return row(reading.read(cloud, before.environment_id))
        group = follow.done(cloud, before)
        if group.state == "failed" or group.broken:
            self.exit_code = base.FAILED
        return row(group)


class Now(Changing):
    """Add or take one step of servers now."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("environment", help="name or id of the environment")
        parser.add_argument("direction", choices=("out", "in"), help="out adds servers, in takes them")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        group = reading.read(cloud, parsed_args.environment)
        if parsed_args.wait:
            group = follow.free(cloud, group)
        actions.now(cloud, group, parsed_args.direction)
        self.say(f"Heat scales {group.environment} {parsed_args.direction}.")
        return self.followed(cloud, group, parsed_args.wait)


class Repair(Changing):
    """Replace servers that were deleted behind Heat's back, and take away what a failed scaling left."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("environment", help="name or id of the environment")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        group = reading.read(cloud, parsed_args.environment)
        if parsed_args.wait:
            group = follow.free(cloud, group)
        actions.repair(cloud, group)
        self.say(f"Heat repairs {group.environment}.")
        return self.followed(cloud, group, parsed_args.wait)


def row(group: Group) -> Row:
    """A group as a row."""
    rules = group.rules
    fields = {
        "environment": group.environment,
        "servers": group.size,
        "minimum": group.minimum,
        "maximum": group.maximum,
        "step": group.step,
        "state": group.state,
        "reason": group.reason,
        "busy": group.busy,
        "broken": base.Words(
            [dataclasses.asdict(one) for one in group.broken],
            lambda all_: "; ".join(f"{one['key']}: {one['reason']}" for one in all_),
        ),
        "rules": base.Words(dataclasses.asdict(rules), lambda _: words(group)),
        "unreadable": group.unreadable,
    }
    return tuple(fields), tuple(fields.values())


def authority(group: Group, found: Entrusted) -> str:
    """What the service user may do now, in a sentence."""
    until = f", until {found.until:%F}" if found.until else ""
    return (
        f"The service user may act for {group.environment} with your roles {', '.join(found.roles)}{until};"
        " 'Revoke' on the environment's page takes that back."
    )


def words(group: Group) -> str:
    """The rules in a sentence."""
    rules = group.rules
    how = "by itself" if rules.on else "only by hand"
    return (
        f"{how}; above {rules.threshold:g} {UNITS[rules.metric]} a server, now or {rules.ahead:.0f} s ahead; "
        f"in after {rules.calm:.0f} s of calm; {rules.cooldown:.0f} s between changes"
    )
