"""What the commands of `tenant-ops clone` share: the dashboard's API, what it says of an option, tables for people."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from cliff.lister import Lister
from cliff.show import ShowOne

from tenant_ops_dashboard.audit.relay import SERVICE
from tenant_ops_dashboard.cli import base
from tenant_ops_dashboard.clones import terms
from tenant_ops_dashboard.cloud import Cloud, CloudError

Json = Mapping[str, Any]
Row = tuple[Sequence[str], Sequence[Any]]
Rows = tuple[Sequence[str], list[Sequence[Any]]]
HOME = "/clones"
# Seconds: the dashboard looks for volumes and gives authority before it answers.
PATIENCE = 90.0
#: Clones that the API gives at once, at most.
PAGE = 500
MISSING = (
    "This cloud's catalogue has no service 'tenant-ops': offers and clones stand in the dashboard's database. Ask your"
    " operator to install tenant-ops-dashboard into Horizon and to register its address in Keystone (docs/install.md)."
)
#: What a field of the API is called at the command line.
OPTIONS = {
    "volume": "VOLUME", "offer": "OFFER", "clone": "CLONE", "trust": "TRUST", "to": "--to", "approve": "--approve",
    "max_lease": "--max-lease", "max_clones": "--max-clones", "name": "--name", "lease": "--lease",
    "purpose": "--purpose", "by": "--by", "reason": "--reason", "ended": "--ended",
    "consistency": "--consistency", "mask": "--mask", "golden": "--golden", "get": "--get", "blueprint": "--blueprint",
    "deliver": "--deliver", "revertible": "--revertible", "set": "--set", "limit": "--limit",
    "marker": "--marker",
}  # fmt: skip
OFFER = (
    "id", "source", "project", "to", "to_by_name", "approve", "max_lease_seconds", "max_clones", "consistency",
    "deliver", "masked", "golden", "usually_seconds", "clones", "at", "user", "open",
)  # fmt: skip
CLONE = (
    "id", "name", "state", "says", "volume_id", "server_id", "network_id", "network", "deliver", "environment_id",
    "get", "blueprint", "set", "address", "data_at", "refreshed_at", "ready_at", "expires_at", "asked_at", "ended_at",
    "pinned", "revertible", "purpose", "project", "source", "offer", "user", "decided_by", "reason", "place", "seconds",
    "usually_seconds", "ends_soon", "lineage",
)  # fmt: skip
#: What people are shown, unless others are asked for; of one thing what is empty is left out.
OFFER_TOLD = (
    "source", "project", "to", "approve", "max_lease_seconds", "max_clones", "consistency", "deliver", "masked",
    "golden", "usually_seconds", "clones", "user", "open", "id",
)  # fmt: skip
CLONE_TOLD = ("name", "state", "says", "source", "project", "user", "expires_at")
ONE_TOLD = (
    *CLONE_TOLD, "existing", "pinned", "address", "network", "network_id", "blueprint", "environment_id", "server_id",
    "volume_id", "data_at", "refreshed_at", "ready_at", "asked_at", "ended_at", "purpose", "decided_by", "reason",
    "place", "seconds", "usually_seconds", "id",
)  # fmt: skip


class Asking(base.Reported):
    """A command that asks the dashboard about clones; `about` is its argument, `told` what a table of it has."""

    about = "CLONE"
    told: Sequence[str] = ()

    def dashboard(self, parsed_args: argparse.Namespace) -> Cloud:
        """The login, patient enough for a request. Raises ServiceMissing with how to mend it."""
        cloud = self.cloud(parsed_args)
        if not cloud.has(SERVICE):
            raise cloud.missing(SERVICE, MISSING)
        return replace(cloud, options=replace(cloud.options, timeout=PATIENCE, write_timeout=PATIENCE))

    def known(self, error: Exception) -> int | None:
        """What the API says of a field is said of the option that it came from."""
        if isinstance(error, CloudError) and error.service == "Tenant Ops" and error.status in (404, 422):
            field, _colon, rest = error.detail.partition(": ")
            option, rest = (OPTIONS[field], rest) if field in OPTIONS else (self.about, error.detail)
            return self.fail(f"{option}: {rest}", base.BAD_INPUT)
        if isinstance(error, CloudError) and error.service == "Tenant Ops" and error.status in (403, 409):
            return self.fail(error.detail, error.exit_code)
        return super().known(error)

    def produce_output(self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Any) -> int:
        if parsed_args.formatter != "table" or parsed_args.columns or not self.told:
            return super().produce_output(parsed_args, column_names, data)
        if isinstance(self, Lister):
            known = [dict(zip(column_names, one, strict=True)) for one in data]
            rows = [["" if one[name] is None else one[name] for name in self.told] for one in known]
            return super().produce_output(parsed_args, _titles(self.told), rows)
        one = dict(zip(column_names, data, strict=True))
        told = [name for name in self.told if one.get(name) is not None and str(one[name])]
        return super().produce_output(parsed_args, _titles(told), [one[name] for name in told])


class One(Asking, ShowOne):
    """A command that prints one thing."""

    def _load_formatter_plugins(self) -> Any:
        return base.with_csv(super()._load_formatter_plugins())


class OfOne(One):
    """A command for one clone, named by its first argument."""

    told = ONE_TOLD

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        parser.add_argument("clone", metavar="CLONE", help="id or name of a clone")
        return parser

    def change(self, parsed_args: argparse.Namespace, verb: str, body: Json) -> Row:
        """Do this to the clone; how it is then."""
        cloud = self.dashboard(parsed_args)
        path = f"{address(cloud, parsed_args.clone)}/{verb}"
        with cloud.changing(f"clones.{verb}"):
            return clone(cloud.post(SERVICE, path, dict(body)))


def address(cloud: Cloud, words: str) -> str:
    """Where the API has the clone with this id or name. Raises BadInput, a CloudError."""
    if "/" not in words and words.strip(". ") and words not in ("offers", "trusts"):
        return f"{HOME}/{quote(words, safe='')}"
    # No address can hold such a name.
    wanted = " ".join(words.split())
    named = [one for one in every(cloud, ended="52w") if wanted and one["name"] == wanted]
    found = [one for one in named if not one["ended_at"]] or named[:1]
    if not found:
        raise base.BadInput(f"CLONE: this project has no clone called '{words[:60]}'.")
    if len(found) > 1:
        ids = ", ".join(one["id"] for one in found[:10])
        raise base.BadInput(f"CLONE: {len(found)} clones are called '{words[:60]}': say the id of one, {ids}.")
    return f"{HOME}/{found[0]['id']}"


def every(cloud: Cloud, **asked: str) -> list[dict[str, Any]]:
    """All clones that the project sees, however many pages they are. Raises a CloudError."""
    return cloud.pages(SERVICE, HOME, "clones", **asked, limit=PAGE)


def offer(found: Json) -> Row:
    """An offer, by OFFER."""
    return _row(found, OFFER)


def clone(found: Json) -> Row:
    """A clone, by CLONE."""
    return _row(found, CLONE)


def _row(found: Json, names: Sequence[str]) -> Row:
    told = [*names[:3], "existing", *names[3:]] if "existing" in found else names
    return told, [_cell(name, found.get(name)) for name in told]


def _cell(name: str, value: Any) -> Any:
    worded = isinstance(value, dict | list) or (name in _WORDS and value is not None)
    return base.Words(value, _WORDS.get(name, str)) if worded else value


def _titles(names: Sequence[str]) -> list[str]:
    # In words it is no longer in seconds.
    return [name.removesuffix("_seconds") for name in names]


def _source(found: Json | str) -> str:
    if isinstance(found, str):
        return found
    disk = ", system disk" if found["bootable"] else ""
    of = f", data of environment {found['environment']}" if found["environment"] else ""
    return f"{found['name']} ({found['size']} GB{disk}){of}"


def _seconds(found: Json) -> str:
    return ", ".join(f"{step} {seconds:.1f} s" for step, seconds in found.items())


def _lineage(found: Json) -> str:
    return f"{found['source']['name']} of {found['source']['project']}"


def _golden(found: Json | str) -> str:
    if isinstance(found, str):
        return found
    size = "" if found["gigabytes"] is None else f", {found['gigabytes']} GB of the owner's quota"
    data = f", data of {found['data_at']}" if found["data_at"] else f", {found['state']}"
    says = f"; {found['says']}" if found["says"] else ""
    return f"every {terms.words(found['every_seconds'])}{data}{size}{says}"


_WORDS: Mapping[str, Callable[[Any], str]] = {
    "source": _source, "to": ", ".join, "seconds": _seconds, "lineage": _lineage, "max_lease_seconds": terms.words,
    "masked": lambda digest: f"by {digest[:12]}", "usually_seconds": terms.words, "golden": _golden,
}  # fmt: skip
