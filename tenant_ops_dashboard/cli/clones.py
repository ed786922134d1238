"""`tenant-ops clone offer|offers|withdraw|request|list|show|lineage`: copies of data for other projects."""

from __future__ import annotations

import argparse
import datetime
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from cliff.lister import Lister

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base, escape
from tenant_ops_dashboard.cli import clone_base as words
from tenant_ops_dashboard.cli.clone_base import HOME, Asking, Json, OfOne, One, Row, Rows
from tenant_ops_dashboard.cli.firewall import text
from tenant_ops_dashboard.clones import build, terms
from tenant_ops_dashboard.cloud import Cloud, Unreachable

#: On the way to another state; in any other one whoever waits has waited long enough.
COMING = ("requested", "approved", "copying", "masking", "preparing", "refreshing", "releasing", "expiring")
EVERY, CALM, CALM_AFTER = 1.0, 3.0, 60.0
#: Seconds without an answer until the wait is given up, without a change until the job that makes clones is looked for.
LOST, QUIET = 60.0, 20.0
IDLE = (
    "Nothing makes clones now: the dashboard's job was last seen {}. Ask your operator to run"
    " 'manage.py tenant_ops_care' (docs/clones.md)."
)

NO_OFFERS = (
    "Nothing is offered to this project, and it offers nothing: ask the owner of the data to offer it, or offer a"
    " volume by 'tenant-ops clone offer'."
)
NO_CLONES = "There is no clone here: 'tenant-ops clone offers' lists what may be asked for."


class AddOffer(One):
    """Offer a volume, or an environment's data: other projects may then ask for copies of it."""

    about, told = "VOLUME", ("existing", *words.OFFER_TOLD)

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument(
            "volume", metavar="VOLUME", help="id or name of a volume, or of an environment with one data volume"
        )  # fmt: skip
        parser.add_argument("--to", metavar="PROJECT", action="append", default=[], help="may ask; may be repeated")
        # The API bounds them and says what may be.
        parser.add_argument("--approve", metavar="auto|ask", default="", help="whether you are asked (default: ask)")
        parser.add_argument("--max-lease", metavar="SPAN", default="", help="30m, 8h or 2d at most (default: 8h)")
        parser.add_argument("--max-clones", metavar="N", default="", help="at once at most (default: 5)")
        parser.add_argument(
            "--consistency", metavar="running|paused|stopped", default="",
            help="the server that uses it, while it is copied (default: running)",
        )  # fmt: skip
        parser.add_argument(
            "--deliver", metavar="served|handed-over", default="",
            help="a server of this project gives access, or the copy is given away (default: handed-over)",
        )  # fmt: skip
        parser.add_argument("--mask", metavar="FILE", help="a script that masks every copy ('-': standard input)")
        parser.add_argument(
            "--golden", metavar="SPAN", default="",
            help="a copy is kept ready in this project and made anew when it is older than 24h, say",
        )  # fmt: skip
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        script = {} if parsed_args.mask is None else {"mask": text(parsed_args.mask, "--mask")}
        cloud = self.dashboard(parsed_args)
        asked = ("approve", "max_lease", "max_clones", "consistency", "golden", "deliver")
        given = {name: getattr(parsed_args, name) for name in asked}
        terms = {name: one for name, one in given.items() if one}
        body = {"volume": parsed_args.volume, "to": parsed_args.to, **terms, **script}
        with cloud.changing("clones.offer"):
            return words.offer(cloud.post(SERVICE, f"{HOME}/offers", body))


class Offers(Asking, Lister):
    """List what this project offers, and what other projects offer it."""

    about, told = "OFFER", words.OFFER_TOLD

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--withdrawn", action="store_true", help="this project's own that it took back, too")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        known = _offers(self.dashboard(parsed_args), parsed_args.withdrawn)
        if not known:
            self.say(NO_OFFERS)
        return words.OFFER, [words.offer(one)[1] for one in known]


class Withdraw(One):
    """Take an offer back; clones made of it stay until their lease ends."""

    about, told = "OFFER", words.OFFER_TOLD

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("offer", metavar="OFFER", help="id of an offer, or id or name of its volume")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.dashboard(parsed_args)
        id_ = _own(cloud, parsed_args.offer)
        with cloud.changing("clones.withdraw"):
            cloud.delete(SERVICE, f"{HOME}/offers/{quote(id_, safe='')}", missing_ok=False)
        left = next((one for one in _offers(cloud, True) if one["id"] == id_), {"id": id_, "open": False})
        return words.offer(left)


class Waiting(One):
    """A command that can wait for a clone."""

    def follow(self, cloud: Cloud, made: Json) -> Json:
        """The clone once it is ready, or nothing more comes of waiting. Ctrl-C ends the wait alone."""
        try:
            return self._follow(cloud, made)
        except KeyboardInterrupt:
            self.say(f"The request goes on: 'tenant-ops clone show {made['id']}' tells how far it is.")
            raise

    def _follow(self, cloud: Cloud, made: Json) -> Json:
        """The clone once it is ready, or nothing more comes of waiting."""
        begun = changed = heard = time.monotonic()
        found, told, quiet = made, "", False
        while True:
            if (line := f"{found['state']}: {_why(found)}".rstrip(": ") + _place(found) + _usually(found)) != told:
                self.say(line)
                told, changed, quiet = line, time.monotonic(), False
            if found["state"] not in COMING:
                self.exit_code = base.DONE if found["state"] == "ready" else base.FAILED
                return found
            if not quiet and found["state"] != "requested" and time.monotonic() - changed > QUIET:
                quiet = True
                self._idle(cloud)
            time.sleep(EVERY if time.monotonic() - begun < CALM_AFTER else CALM)
            try:
                found, heard = cloud.get(SERVICE, f"{HOME}/{made['id']}"), time.monotonic()
            except Unreachable:
                if time.monotonic() - heard > LOST:
                    raise

    def _idle(self, cloud: Cloud) -> None:
        at = cloud.get(SERVICE, HOME, limit="1")["cared_at"]
        if not at or cloud.now() - datetime.datetime.fromisoformat(at) > datetime.timedelta(seconds=LOST):
            self.say(IDLE.format(at or "never"))


class Request(Waiting):
    """Ask for a clone; the same name asked for again is the same clone. With --wait until it is ready."""

    about, told = "OFFER", words.ONE_TOLD

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("offer", metavar="OFFER", help="id of an offer, or name of its volume")
        parser.add_argument("--name", required=True, help="the clone's name, and its volume's")
        parser.add_argument("--lease", metavar="SPAN", default="", help="30m, 8h or 2d from ready on (default: 2h)")
        parser.add_argument("--purpose", metavar="TEXT", default="", help="what for; the owner reads it")
        parser.add_argument(
            "--get", metavar="WHAT", default="",
            help="volume, server (of a system disk one that starts from it) or environment (default: volume; of what is"
            " served: server)",
        )  # fmt: skip
        parser.add_argument("--blueprint", metavar="NAME", default="", help="of an environment")
        parser.add_argument(
            "--set", metavar="KEY=VALUE", action="append", default=[],
            help="a parameter of the blueprint of a server or an environment, such as flavor=small; may be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--revertible", action="store_true",
            help="keep a snapshot to go back to by 'clone revert'; it takes as much of this project's quota again",
        )  # fmt: skip
        parser.add_argument("--wait", action="store_true", help="until it is ready; exit code 1 where it will not be")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.dashboard(parsed_args)
        given = {name: getattr(parsed_args, name) for name in ("lease", "purpose", "get", "blueprint")}
        body = {"offer": parsed_args.offer, "name": parsed_args.name, **{n: one for n, one in given.items() if one}}
        body |= {"revertible": True} if parsed_args.revertible else {}
        body |= {"set": base.pairs(parsed_args.set)} if parsed_args.set else {}
        with cloud.changing("clones.request"):
            found: Json = cloud.post(SERVICE, HOME, body)
        made = found
        if made["blueprint"] == build.BOOTED:
            self.say(build.KEEPS)
        if parsed_args.wait:
            found = self.follow(cloud, made)
        return words.clone({**found, "existing": made["existing"]})


class List(Asking, Lister):
    """List the clones that this project asked for, and those of what it offers, a page at a time.

    Requests that wait for this project come first, clones that ended last; each kind newest first.
    """

    told = words.CLONE_TOLD

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("--ended", metavar="SPAN", default="", help="also those that ended within 12h, 7d or 2w")
        parser.add_argument("--limit", metavar="N", default="", help="of one page: 1 to 500 (default: 50)")
        parser.add_argument("--marker", metavar="CLONE", default="", help="id of the last clone of the page before")
        return parser

    def take_action(self, parsed_args: argparse.Namespace) -> Rows:
        given = {name: getattr(parsed_args, name) for name in ("ended", "limit", "marker")}
        page = self.dashboard(parsed_args).get(SERVICE, HOME, **{name: one for name, one in given.items() if one})
        found = page["clones"]
        if page["links"]:
            self.say(f"There are more: --marker {found[-1]['id']} shows the next ones.")
        if not found:
            self.say(NO_CLONES)
        return words.CLONE, [words.clone(one)[1] for one in found]


class Show(OfOne):
    """Show a clone: how far it is, what is waited for, when it ends."""

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.dashboard(parsed_args)
        return words.clone(cloud.get(SERVICE, words.address(cloud, parsed_args.clone)))


class Lineage(OfOne):
    """Show what a clone was made of."""

    def take_action(self, parsed_args: argparse.Namespace) -> Row:
        cloud = self.dashboard(parsed_args)
        self.found = cloud.get(SERVICE, words.address(cloud, parsed_args.clone))
        names = ("source", "golden", "snapshot", "masked", "data_at", "clone")
        return names, [self.found["lineage"][name] for name in names]

    def produce_output(self, parsed_args: argparse.Namespace, column_names: Any, data: Any) -> int:
        if parsed_args.formatter != "table" or parsed_args.columns:
            return super().produce_output(parsed_args, column_names, data)
        for depth, line in enumerate(_tree(self.found)):
            self.app.stdout.write(f"{'  ' * depth}{escape.line(line)}\n")
        return base.DONE


def _tree(found: Json) -> Iterator[str]:
    """What it comes from, outermost first."""
    told = found["lineage"]
    source, made, still = told["source"], told["clone"], ", at one moment" if told["snapshot"] else ""
    yield f"{source['name']} of {source['project']}{_volume(source)}"
    if told["golden"]:
        yield f"golden copy of {told['golden']['data_at']}{_volume(told['golden'])}"
    else:
        yield f"copied as of {told['data_at']}{still}" if told["data_at"] else "not copied yet"
    if told["masked"]:
        yield f"masked by the script {told['masked'][:12]}"
    yield f"{found['name']} of {made['project']}{_volume(made)}: {found['state']}"
    if found["server_id"]:
        yield f"server {found['server_id']}{' at ' + found['address'] if found['address'] else ''}"


def _volume(found: Json) -> str:
    return f", volume {found['volume_id']}" if found["volume_id"] else ""


def _place(found: Json) -> str:
    """Where it waits for copies of the same volume, which are made one after the other."""
    return f", number {found['place']} in the line" if (found["place"] or 0) > 1 else ""


def _usually(found: Json) -> str:
    return f" (usually ready after {terms.words(max(1, found['usually_seconds']))})" if found["usually_seconds"] else ""


def _why(found: Json) -> str:
    """What is said of it now; of what was denied, why."""
    return str(found["says"] or found["reason"] or "")


def _offers(cloud: Cloud, withdrawn: bool) -> list[Json]:
    asked = {"withdrawn": "true"} if withdrawn else {}
    found: list[Json] = cloud.get(SERVICE, f"{HOME}/offers", **asked)["offers"]
    return found


def _own(cloud: Cloud, wanted: str) -> str:
    """Id of this project's offer that is meant. Raises BadInput."""
    own = [one for one in _offers(cloud, True) if one["source"]["volume_id"]]
    called = ("volume_id", "name", "environment")
    named = [one for one in own if wanted in (one["source"][name] for name in called)]
    found = [one for one in own if one["id"] == wanted] or [one for one in named if one["open"]] or named[:1]
    if not found:
        raise base.BadInput(f"OFFER: this project offers nothing called '{wanted[:60]}'.")
    if len(found) > 1:
        ids = ", ".join(one["id"] for one in found[:10])
        raise base.BadInput(f"OFFER: {len(found)} offers are of '{wanted[:60]}': say the id of one, {ids}.")
    return str(found[0]["id"])
