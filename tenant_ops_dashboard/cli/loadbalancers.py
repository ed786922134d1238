"""`tenant-ops loadbalancer list|show|watch|drain|enable|disable|weigh|remove|why`."""

from __future__ import annotations

import argparse
import dataclasses
import datetime
import functools
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from cliff.command import Command
from cliff.lister import Lister
from cliff.show import ShowOne

from tenant_ops_dashboard.cli import base, loadbalancer_tree
from tenant_ops_dashboard.loadbalancers import errors, member_actions, members, own_servers, refresh, settle, watch, why
from tenant_ops_dashboard.loadbalancers import names as naming
from tenant_ops_dashboard.loadbalancers import status as balancer_status
from tenant_ops_dashboard.loadbalancers.model import Balancer, Member, Mutes, Pool

Row = tuple[Sequence[str], Sequence[Any]]
COLUMNS = ("id", "name", "status", "reason", "address", "members", "listeners", "provider", "busy")
PATIENCE = 120.0


class One(base.Reported, ShowOne):
    """A command that prints one thing."""

    def _load_formatter_plugins(self) -> Any:
        return base.with_csv(super()._load_formatter_plugins())

    def judged(self, found: Balancer) -> Row:
        """The load balancer as a row; exit code 1 where it failed."""
        if found.state == "failed":
            self.exit_code = base.FAILED
        return show(found)


class List(base.Reported, Lister):
    """List the project's load balancers, those in trouble first; exit code 1 where one failed."""

    def take_action(self, parsed_args: argparse.Namespace) -> tuple[Sequence[str], list[Sequence[Any]]]:
        found = watch.listing(self.cloud(parsed_args))
        if any(one.state == "failed" for one in found):
            self.exit_code = base.FAILED
        return COLUMNS, [row(one) for one in found]


class Show(One):
    """Show a load balancer with its listeners, pools and members; exit code 1 where it failed."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", help="name or id of the load balancer")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        found = watch.find(cloud, parsed_args.name, rules=True)
        columns, values = self.judged(found)
        own, told = own_servers.told(cloud, found)
        whole = {"servers": [dataclasses.asdict(one) for one in own], "told": told}
        return (*columns, "own_servers"), (*values, base.Words(whole, lambda _: told))


class Watch(base.Reported, Command):
    """Print each change of a load balancer or member as a line of JSON until interrupted."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", nargs="?", default="", help="name or id; without it all of the project")
        parser.add_argument("--every", type=float, default=2.0, help="seconds between looks (default: %(default)s)")
        parser.add_argument("--seconds", type=float, default=0.0, help="end after so long (default: never)")
        parser.add_argument(
            "--until", choices=("good", "warning", "failed"),
            help="end when all of it is in this state; exit code 1 where --seconds passed before",
        )  # fmt: skip
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> int:
        cloud = self.cloud(parsed_args)
        seen, names = refresh.Seen(), naming.Names()
        told: dict[str, str] = {}
        began = time.monotonic()
        while True:
            seen = refresh.refresh(cloud, seen, wanted(seen, parsed_args.name))
            if not told:
                if parsed_args.name and not watch.chosen(seen.lists, parsed_args.name):
                    raise errors.NotFound(f"This project has no load balancer called {parsed_args.name[:60]}.")
                seen = refresh.refresh(cloud, seen, wanted(seen, parsed_args.name))
                names = naming.read(cloud, watch.uses_flavors(seen), watch.uses_tls(seen))
            ids = wanted(seen, parsed_args.name)
            found = [one for one in balancer_status.balancers(seen, names, Mutes(), seen.at) if one.id in ids]
            told = self.tell(found, told, seen.at.isoformat(timespec="milliseconds"))
            if parsed_args.until and found and all(one.state == parsed_args.until for one in found):
                return base.DONE
            left = parsed_args.seconds - (time.monotonic() - began) if parsed_args.seconds else parsed_args.every
            if left <= 0:
                return base.FAILED if parsed_args.until else base.DONE
            time.sleep(min(left, parsed_args.every))

    def tell(self, found: Sequence[Balancer], told: dict[str, str], at: str) -> dict[str, str]:
        """Write what is different from `told`; what is told now."""
        now: dict[str, str] = {}
        for one in found:
            now[one.id] = one.state
            self.line(told, one.id, one.state, {"at": at, "loadbalancer": one.name, "status": one.state,
                                                "reason": one.reason})  # fmt: skip
            for member in one.members():
                now[member.id] = member.state
                self.line(told, member.id, member.state, {"at": at, "loadbalancer": one.name,
                                                          "member": member.label, "status": member.state})  # fmt: skip
        return now

    def line(self, told: dict[str, str], id_: str, state: str, words: dict[str, str]) -> None:
        """One line, where the state is another one."""
        if told.get(id_) != state:
            self.app.stdout.write(json.dumps({**words, "was": told.get(id_, "")}) + "\n")
            self.app.stdout.flush()


class Change(One):
    """A change of one member; waits until Octavia is done with it."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", help="name or id of the load balancer")
        parser.add_argument("member", help="id, name, address or address:port of the member")
        parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds to wait (default: %(default)d)")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        balancer = watch.find(cloud, parsed_args.name)
        pool, member = watch.member(balancer, parsed_args.member)
        done = self.change(parsed_args)(cloud, balancer.id, pool.id, member.id, patience=parsed_args.patience)
        settle.settled(cloud, balancer.id, parsed_args.patience)
        self.say("; ".join(f"{key} was {value}" for key, value in done.before.items() if key in WAS))
        return self.judged(watch.find(cloud, balancer.id))

    def change(self, parsed_args: argparse.Namespace) -> Callable[..., members.Done]:
        """Which change."""
        raise NotImplementedError


WAS = ("weight", "admin_state_up", "address", "protocol_port")


class Drain(Change):
    """Give a member weight 0: who is connected stays, nobody new comes."""

    def change(self, parsed_args: argparse.Namespace) -> Callable[..., members.Done]:
        return member_actions.drain


class Enable(Change):
    """Let a member take traffic again, after drain or disable."""

    def change(self, parsed_args: argparse.Namespace) -> Callable[..., members.Done]:
        return member_actions.enable


class Disable(Change):
    """Take a member out at once."""

    def change(self, parsed_args: argparse.Namespace) -> Callable[..., members.Done]:
        return member_actions.disable


class Remove(Change):
    """Remove a member from its pool; the server stays."""

    def change(self, parsed_args: argparse.Namespace) -> Callable[..., members.Done]:
        return member_actions.remove


class Weigh(Change):
    """Give a member a weight from 0 to 256."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("weight", type=int)
        return parser

    def change(self, parsed_args: argparse.Namespace) -> Callable[..., members.Done]:
        return functools.partial(member_actions.weigh, weight=parsed_args.weight)


class Why(One):
    """Say why a member is down: network, router, firewall, security group, monitor, server; exit code 1 where it is."""

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("name", help="name or id of the load balancer")
        parser.add_argument("member", nargs="?", default="", help="which member (default: the first that is down)")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.cloud(parsed_args)
        balancer = watch.find(cloud, parsed_args.name)
        pool, member = first(balancer, parsed_args.member)
        found = why.why(cloud, balancer, pool, member)
        if member.state == "failed":
            self.exit_code = base.FAILED
        steps = base.Words(
            [dataclasses.asdict(one) for one in found.steps],
            lambda all_: "\n".join(f"{one['state']:8} {one['title']}: {one['evidence']}" for one in all_),
        )
        todo = found.cause.todo if found.cause else ""
        return ("member", "status", "answer", "todo", "steps"), (member.label, member.state, found.answer, todo, steps)


def first(balancer: Balancer, wanted_: str) -> tuple[Pool, Member]:
    """The member that was named, else the first that is down, else the first. Raises NotFound."""
    if wanted_:
        return watch.member(balancer, wanted_)
    found = [(pool, one) for pool in balancer.pools() for one in pool.members or ()]
    if not found:
        raise errors.NotFound(f"{balancer.name} has no members.")
    return next((pair for pair in found if pair[1].state == "failed"), found[0])


def wanted(seen: refresh.Seen, name: str) -> list[str]:
    """Ids of what is watched."""
    return watch.chosen(seen.lists, name) if name else list(seen.lists.balancers)


def row(one: Balancer) -> Sequence[Any]:
    """One load balancer in a list."""
    members = list(one.members())
    up = sum(member.state == "good" for member in members)
    ports = ", ".join(f"{listener.protocol} {listener.port}" for listener in one.listeners)
    return (
        one.id, one.name, one.state, one.reason, one.address, f"{up} of {len(members)} up", ports, one.provider,
        one.busy,
    )  # fmt: skip


def show(one: Balancer) -> Row:
    """One load balancer with everything."""
    whole_ = dataclasses.asdict(one, dict_factory=_plain)
    extra = {
        "vip": one.vip,
        "floating_ip": one.floating_ip,
        "environment_id": one.environment_id,
        "tree": base.Words(
            {"listeners": whole_["listeners"], "spare_pools": whole_["spare"]},
            lambda _: "\n".join(loadbalancer_tree.lines(one)),
        ),
    }
    return (*COLUMNS, *extra), (*row(one), *extra.values())


def _plain(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: one.isoformat() if isinstance(one, datetime.datetime) else one for name, one in fields}
