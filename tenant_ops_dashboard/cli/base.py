"""What every command shares: the cloud, errors as sentences and exit codes, output formats.

Nothing here imports OpenStack's clients until a command asks for the cloud.
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import yaml
from cliff.columns import FormattableColumn
from cliff.command import Command
from cliff.formatters.base import SingleFormatter
from cliff.lister import Lister
from stevedore.extension import Extension

from tenant_ops_dashboard.cli import escape, login
from tenant_ops_dashboard.errors import BadInput, TenantOpsError
from tenant_ops_dashboard.sentences import Sentence

if TYPE_CHECKING:
    from tenant_ops_dashboard.cloud import Cloud

__all__ = ["BadInput"]

OFF = ("0", "false", "no", "off")
LONGEST_TRUST = 36500  # days
DONE, FAILED, BAD_INPUT, OUT_OF_REACH = 0, 1, 2, 3
# YAML's writer takes texts themselves only, none of a kind of its own.
yaml.SafeDumper.add_representer(Sentence, yaml.SafeDumper.represent_str)


class Reported(Command):
    """A command whose known errors become a line on standard error and an exit code. Mix in first."""

    exit_code = DONE
    _told: Callable[[], None] | None = None

    def get_parser(self, prog_name: str) -> argparse.ArgumentParser:
        parser = super().get_parser(prog_name)
        login.add_options_again(parser)
        return terse(parser)

    def run(self, parsed_args: argparse.Namespace) -> int:
        """The exit code of the command."""
        try:
            code = super().run(parsed_args)
        except Exception as error:
            known = self.known(error)
            if known is None:
                raise
            return known
        finally:
            if self._told is not None:
                self._told()
        return code or self.exit_code

    def produce_output(self, parsed_args: argparse.Namespace, column_names: Sequence[str], data: Any) -> int:
        """What the command found, in the format that was asked for; tenants' words act nowhere."""
        form = parsed_args.formatter
        made = harmless(data, form) if isinstance(self, Lister) else escape.row(data, form)
        written: int = super().produce_output(parsed_args, column_names, made)  # type: ignore[misc]
        return written

    def known(self, error: Exception) -> int | None:
        """Reports an error of the cloud or of a capability; None where it is neither."""
        return self.fail(error.line, error.exit_code) if isinstance(error, TenantOpsError) else None

    def fail(self, words: str, code: int) -> int:
        """Says what is wrong where it does not mix with results."""
        self.say(words)
        return code

    def say(self, words: str) -> None:
        """A line for a person, on standard error."""
        sys.stderr.write(f"{escape.lines(words)}\n")

    def cloud(self, parsed_args: argparse.Namespace) -> Cloud:
        """The cloud of --os-cloud, OS_CLOUD or the OS_ variables; TENANT_OPS_ variables as Horizon's settings.

        Raises NoProject where the command is about a project and the login is for none, a CloudError.
        """
        from tenant_ops_dashboard import audit, cloud
        from tenant_ops_dashboard.audit import relay

        self._told = audit.also(relay.hand_over)
        name, said = login.given(self.app_args, parsed_args)
        found = cloud.from_clouds_yaml(
            name,
            ask=login.ask,
            **said,
            firewall_profile=os.environ.get("TENANT_OPS_FIREWALL_PROFILE", "").strip(),
            service_user=os.environ.get("TENANT_OPS_SERVICE_USER", ""),
            **_trusts(),
            proof_proxy=getattr(parsed_args, "proof_proxy", None) or _proof_proxy(),
            packet_proofs=os.environ.get("TENANT_OPS_PACKET_PROOFS", "true").strip().lower() not in OFF,
        )
        # Of all projects only commands tell that say so; they ask policies themselves.
        if not getattr(parsed_args, "all_projects", False):
            login.need_project(found)
        return found


def terse(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser, which says what is wrong in one line: pipelines read it."""

    def error(message: str) -> NoReturn:
        parser.exit(BAD_INPUT, f"{escape.line(message)} (see {parser.prog} --help)\n")

    parser.error = error  # type: ignore[method-assign]
    return parser


def put(out: TextIO, text: str, file: str | None, option: str) -> None:
    """Write a text to a file, or where none is named to `out`. Raises BadInput that names the option."""
    if file is None:
        out.write(text)
        return
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(f"{option}: {file}: cannot be written: {error.strerror}.") from None


def pairs(given: Iterable[str]) -> dict[str, str]:
    """What '--set KEY=VALUE' says, said any number of times. Raises BadInput."""
    values: dict[str, str] = {}
    for one in given:
        key, equals, value = one.partition("=")
        if not equals or not key:
            raise BadInput(f"--set takes key=value, not {one!r}.")
        values[key] = value
    return values


def harmless(rows: Any, formatter: str) -> list[tuple[Any, ...]]:
    """Rows for a formatter: tenants' words act nowhere."""
    return [escape.row(one, formatter) for one in rows]


def _trusts() -> dict[str, Any]:
    """What Horizon's settings say of trusts, where the variables do. Raises BadInput that names the variable."""
    found: dict[str, Any] = {}
    if roles := [one.strip().lower() for one in os.environ.get("TENANT_OPS_TRUST_ROLES", "").split(",") if one.strip()]:
        found["trust_roles"] = tuple(roles)
    if days := os.environ.get("TENANT_OPS_TRUST_DAYS", "").strip():
        if not days.isascii() or not days.isdigit() or not 0 < int(days) <= LONGEST_TRUST:
            raise BadInput(f"TENANT_OPS_TRUST_DAYS: {days[:20]!r} is no number of days from 1 to {LONGEST_TRUST}.")
        found["trust_days"] = int(days)
    return found


def _proof_proxy() -> str:
    # Pipelines of before have it under its older name.
    return os.environ.get("TENANT_OPS_PROOF_PROXY") or os.environ.get("TENANT_OPS_DOOR", "")


class Words(FormattableColumn[Any]):
    """Data for programs, and what people read of it: `words` makes the second from the first."""

    def __init__(self, value: Any, words: Callable[[Any], str]) -> None:
        super().__init__(value)
        self.words = words

    def human_readable(self) -> str:
        return self.words(self._value)


class OneRow(SingleFormatter):
    """CSV for a single thing: a line of names, a line of values."""

    def add_argument_group(self, parser: argparse.ArgumentParser) -> None:
        """No options."""

    def emit_one(
        self, column_names: Sequence[str], data: Sequence[Any], stdout: TextIO, parsed_args: argparse.Namespace
    ) -> None:
        self.emit_list(column_names, [data], stdout, parsed_args)

    def emit_list(
        self,
        column_names: Sequence[str],
        data: Sequence[Sequence[Any]],
        stdout: TextIO,
        parsed_args: argparse.Namespace,
    ) -> None:
        """The same for a command that found several."""
        writer = csv.writer(stdout, lineterminator="\n")
        writer.writerow(column_names)
        for row in data:
            writer.writerow([str(one) if isinstance(one, FormattableColumn) else one for one in row])


def with_csv(plugins: Any) -> Any:
    """cliff's formatters for a single thing, and CSV."""
    plugins.extensions.append(Extension("csv", EntryPoint("csv", __name__, ""), OneRow, OneRow()))
    return plugins
