"""The plugin's own policy: who may do what with environments. The same file serves Horizon's POLICY_FILES.

Every capability checks here before it changes something; a hidden button is not a check.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from oslo_config import cfg
from oslo_policy import opts, policy

SCOPE = "tenant_ops"
FILE = Path(__file__).parent / "conf" / "tenant_ops_policy.yaml"
VARIABLE = "TENANT_OPS_POLICY_FILE"


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
    """The shipped rules, for oslo.policy's own tools (oslopolicy-sample-generator)."""
    for name, check in policy.parse_file_contents(FILE.read_text()).items():
        yield policy.RuleDefault(name, check)


@lru_cache(maxsize=4)
def _enforcer(file: str, stamp: int) -> policy.Enforcer:
    conf = cfg.ConfigOpts()
    conf([])
    opts.set_defaults(conf, policy_file=file)
    conf.set_override("policy_dirs", [], group="oslo_policy")
    logging.getLogger("oslo_policy").setLevel(logging.WARNING)
    enforcer = policy.Enforcer(conf, policy_file=file)
    enforcer.load_rules()
    return enforcer
