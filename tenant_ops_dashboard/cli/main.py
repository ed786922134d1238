"""`tenant-ops [--os-cloud NAME] CAPABILITY VERB ...`, made with cliff like OpenStack's own clients."""

from __future__ import annotations

import argparse
import importlib.metadata
import logging
import os
import sys
from collections.abc import Sequence
from typing import Any

from cliff.app import App
from cliff.commandmanager import CommandManager

from tenant_ops_dashboard import __version__
from tenant_ops_dashboard.cli import base, escape, login

NAMESPACE = "tenant_ops.cli"
AUDIT = "TENANT_OPS_AUDIT_LOG"


class Commands(CommandManager):
    """Finds commands without importing them: what works offline must not load OpenStack's clients."""

    def load_commands(self, namespace: str) -> None:
        self.group_list.append(namespace)
        for found in importlib.metadata.entry_points(group=namespace):
            self.commands[found.name.replace("_", " ")] = found


class TenantOps(App):
    """Exit codes: 0 done, 1 it failed or there are findings, 2 bad input, 3 cloud out of reach or not allowed."""

    def __init__(self) -> None:
        super().__init__(
            description="Environments, load balancers and firewalls of an OpenStack project, as one thing each.",
            version=__version__,
            command_manager=Commands(NAMESPACE),
            deferred_help=True,
        )

    def build_option_parser(
        self, description: str | None, version: str | None, argparse_kwargs: dict[str, Any] | None = None
    ) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = super().build_option_parser(description, version, argparse_kwargs)
        login.add_options(parser)
        return base.terse(parser)

    def run_subcommand(self, argv: Sequence[str]) -> int:
        """The exit code. What no command is called is said on standard error, where cliff mixes it with results."""
        try:
            self.command_manager.find_command(list(argv))
        except ValueError:
            like = ", ".join(self.get_fuzzy_matches(argv[0]))
            sys.stderr.write(f"{escape.line(' '.join(argv))}: there is no such command; there are {like}.\n")
            return base.BAD_INPUT
        code: int = super().run_subcommand(list(argv))
        return code

    def configure_logging(self) -> None:
        super().configure_logging()
        # The audit trail is for a file or a collector, not for a terminal.
        logging.getLogger("tenant_ops.audit").propagate = False
        if file := os.environ.get(AUDIT):
            from tenant_ops_dashboard import audit

            audit.begin(file)


def main(argv: list[str] | None = None) -> int:
    """The console script; the exit code."""
    return TenantOps().run(sys.argv[1:] if argv is None else argv)


if __name__ == "__main__":
    sys.exit(main())
