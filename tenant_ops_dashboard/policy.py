"""The plugin's own policy: who may do what. The same file serves Horizon's POLICY_FILES.

Every capability checks here before it changes something; a hidden button is not a check.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from oslo_config import cfg
from oslo_policy import opts, policy

from tenant_ops_dashboard import policy_file
from tenant_ops_dashboard.sentences import say

SCOPE = "tenant_ops"
FILE = Path(__file__).parent / "conf" / "tenant_ops_policy.yaml"
VARIABLE = "TENANT_OPS_POLICY_FILE"
_LOG = logging.getLogger("tenant_ops.policy")
_COMMENTED = re.compile(r'((?:^# .*\n)+)"([^"]+)":', re.MULTILINE)


# As oslo.context names them; '' or None where the token is for something else.
SCOPED_TO = ("user_domain_id", "project_domain_id", "domain_id", "system_scope")


class Person(Protocol):
    """What a check needs of a `Cloud`. What else its token says is read where it is there: `SCOPED_TO`."""

    @property
    def user_id(self) -> str: ...
    @property
    def project_id(self) -> str | None: ...
    @property
    def roles(self) -> frozenset[str]: ...


def allowed(person: Person, action: str, file: str | Path | None = None) -> bool:
    """Whether this person may do `action`, such as 'environments:launch', in the project of the token.

    `file` is an operator's policy file; else the one named by TENANT_OPS_POLICY_FILE, else the shipped one. An action
    that no rule names, or whose rule breaks off, is denied. While the file is broken the last good rules of this
    process count; where there never were any, everything is denied.
    """
    enforcer = policy_file.in_force(_place(file)).enforcer
    if enforcer is None or action not in enforcer.rules:
        return False
    try:
        return bool(enforcer.enforce(action, _target(person), _credentials(person)))
    except Exception as error:  # noqa: BLE001 (oslo.policy's checks raise whatever they stumble over)
        _LOG.error("The rule %s of the policy file %s cannot be applied and denies: %r", action, _place(file), error)
        return False


def why_not(action: str, file: str | Path | None = None) -> str:
    """A sentence for somebody who may not."""
    if policy_file.in_force(_place(file)).enforcer is None:
        return say(
            "The policy file cannot be read, so nothing is allowed here. Your operator finds the cause in the log."
        )
    shipped = policy.parse_file_contents(FILE.read_text()).get(action)
    role = "admin" if shipped == "rule:admin" else "member"
    return say(
        "Your roles in this project do not allow this; as shipped it takes the role '{role}' (policy rule {action}).",
        role=role,
        action=action,
    )


def in_force(file: str | Path | None = None) -> tuple[str, str, frozenset[str]]:
    """The file whose rules count, as `allowed` has it; what is wrong with it, '' where nothing is; rules in force."""
    found = policy_file.in_force(_place(file))
    return _place(file), found.problem, frozenset(found.enforcer.rules if found.enforcer else ())


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


def _place(file: str | Path | None) -> str:
    return str(file or os.environ.get(VARIABLE) or FILE)


def _credentials(person: Person) -> dict[str, Any]:
    """What rules may ask about the caller, as oslo.context's `to_policy_values` has it."""
    return {
        "user_id": person.user_id,
        "project_id": person.project_id or None,
        "roles": sorted(person.roles),
        **{name: getattr(person, name, None) or None for name in SCOPED_TO},
        "is_admin_project": getattr(person, "is_admin_project", True),
    }


def _target(person: Person) -> dict[str, Any]:
    """What is acted on: things of the token's project. Who has none owns none: 'None' is nobody's project."""
    domain = getattr(person, "project_domain_id", None) or getattr(person, "domain_id", None)
    found = {"user_id": person.user_id, "project_id": person.project_id, "domain_id": domain}
    return {name: value for name, value in found.items() if value}


def _new_enforcer(file: str) -> policy.Enforcer:
    conf = cfg.ConfigOpts()
    conf([])
    opts.set_defaults(conf, policy_file=file or str(FILE))
    conf.set_override("policy_dirs", [], group="oslo_policy")
    logging.getLogger("oslo_policy").setLevel(logging.WARNING)
    return policy.Enforcer(conf, policy_file=file or None, use_conf=bool(file))
