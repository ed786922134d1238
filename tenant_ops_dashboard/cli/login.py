"""Who logs in to what: options, variables and questions as OpenStack's own command line has them."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from typing import TYPE_CHECKING, Any

from tenant_ops_dashboard.sentences import say

if TYPE_CHECKING:
    from tenant_ops_dashboard.cloud import Cloud

#: Options of every command, each with its variable; they may stand before the command and behind it.
OPTIONS = {
    "--os-cloud": ("NAME", "OS_CLOUD", "the cloud of this name in clouds.yaml"),
    "--os-region-name": ("NAME", "OS_REGION_NAME", "the region, where the cloud has several"),
    "--os-interface": ("NAME", "OS_INTERFACE", "which addresses of the services are used: public, internal or admin"),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Before the command: with their variables."""
    for option, (metavar, variable, words) in OPTIONS.items():
        parser.add_argument(option, metavar=metavar, default=os.environ.get(variable), help=f"{words} ({variable})")


def add_options_again(parser: argparse.ArgumentParser) -> None:
    """Behind the command, where they count more."""
    for option, (metavar, *_) in OPTIONS.items():
        parser.add_argument(option, metavar=metavar, default=argparse.SUPPRESS, help=argparse.SUPPRESS)


def given(before: argparse.Namespace | None, behind: argparse.Namespace) -> tuple[str | None, dict[str, Any]]:
    """The name of the cloud, None where none was said, and what else was, as fields of the cloud's options."""
    said = {
        field: getattr(behind, name, None) or getattr(before, name, None) or ""
        for field, name in (("cloud", "os_cloud"), ("region", "os_region_name"), ("interface", "os_interface"))
    }
    return said.pop("cloud") or None, {field: value for field, value in said.items() if value}


def ask(prompt: str) -> str:
    """A password or a passcode: of the variable, else of the person at the terminal; '' where nobody is there."""
    variable = "OS_PASSCODE" if "passcode" in prompt.lower() else "OS_PASSWORD"
    if found := os.environ.get(variable, ""):
        return found
    return getpass.getpass(prompt) if sys.stdin.isatty() else ""


def need_project(cloud: Cloud) -> None:
    """Raises NoProject where the login is for none."""
    from tenant_ops_dashboard.cloud import NoProject

    if cloud.project_id:
        return
    if cloud.domain_id:
        told = say("This login is for a whole domain, and this command is about one project.")
    elif cloud.system_scope:
        told = say("This login is for the whole system, and this command is about one project.")
    else:
        told = say("This login is for no project.")
    raise NoProject(
        say("{told} Name a project: project_name in clouds.yaml, or OS_PROJECT_NAME.", told=told), "Keystone"
    )
