"""The plugin's own policy: who may do what with environments. The same file serves Horizon's POLICY_FILES.

Every capability checks here before it changes something; a hidden button is not a check.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from oslo_config import cfg
from oslo_policy import opts, policy

SCOPE = "tenant_ops"
FILE = Path(__file__).parent / "conf" / "tenant_ops_policy.yaml"
VARIABLE = "TENANT_OPS_POLICY_FILE"
_COMMENTED = re.compile(r'((?:^# .*\n)+)"([^"]+)":', re.MULTILINE)


class Person(Protocol):
    """What a check needs of a `Cloud`."""

    @property
    def user_id(self) -> str: ...
    @property
    def project_id(self) -> str: ...
    @property
    def roles(self) -> frozenset[str]: ...


def allowed(person: Person, action: str, file: str | Path | None = None) -> bool:
    """Whether these roles may do `action`, such as 'environments:launch', in their project.

    `file` is an operator's policy file; else the one named by TENANT_OPS_POLICY_FILE, else the shipped one. An action
    that no rule names is denied.
    """
    credentials = {"user_id": person.user_id, "project_id": person.project_id, "roles": sorted(person.roles)}
    target = {"user_id": person.user_id, "project_id": person.project_id}
    place = str(file or os.environ.get(VARIABLE) or FILE)
    enforcer = _enforcer(place, Path(place).stat().st_mtime_ns)
    return action in enforcer.rules and bool(enforcer.enforce(action, target, credentials))


def why_not(action: str) -> str:
    """A sentence for somebody who may not."""
    return (
        f"Your roles in this project do not allow this; as shipped it takes the role 'member' (policy rule {action})."
    )


def list_rules() -> Iterator[policy.RuleDefault]:
    """The shipped rules with their words; the entry point of oslo.policy's oslopolicy-sample-generator."""
    text = FILE.read_text()
    words = {name: said.replace("# ", "").replace("\n", " ").strip() for said, name in _COMMENTED.findall(text)}
    for name, check in policy.parse_file_contents(text).items():
        yield policy.RuleDefault(name, check, words.get(name))


def get_enforcer() -> policy.Enforcer:
    """What is in force, the operator's file over the shipped rules: the entry point of oslo.policy's other tools."""
    file = os.environ.get(VARIABLE)
    enforcer = _new_enforcer(file if file and Path(file) != FILE else "")
    enforcer.register_defaults(list(list_rules()))
    return enforcer


@lru_cache(maxsize=4)
def _enforcer(file: str, stamp: int) -> policy.Enforcer:
    enforcer = _new_enforcer(file)
    enforcer.load_rules()
    return enforcer


def _new_enforcer(file: str) -> policy.Enforcer:
    conf = cfg.ConfigOpts()
    conf([])
    opts.set_defaults(conf, policy_file=file or str(FILE))
    conf.set_override("policy_dirs", [], group="oslo_policy")
    logging.getLogger("oslo_policy").setLevel(logging.WARNING)
    return policy.Enforcer(conf, policy_file=file or None, use_conf=bool(file))
