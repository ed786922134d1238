"""Whatever a capability says to people is said by `say`, so that it can be told in any language.

Looked for in the sources: a text of two words or more that is neither a docstring, nor for a log or a developer.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tenant_ops_dashboard import sentences

PACKAGE = Path(sentences.__file__).parent
ROOMS = (
    "api", "audit", "care", "changes", "clones", "cloud", "environments", "firewall", "loadbalancers", "octavia",
    "posture", "reachability", "records", "walkthrough", "errors.py", "escape.py", "policy.py", "projects.py",
)  # fmt: skip
SAID = {"say", "say_many"}
# What is for a log, for a developer, or no words.
NOT_FOR_PEOPLE = {
    "info", "warning", "error", "exception", "debug", "TypeError", "ValueError", "AssertionError", "RuntimeError", "TimeoutError",
    "LookupError", "compile", "fullmatch", "match", "search", "sub", "split", "startswith", "endswith", "removeprefix",
    "removesuffix", "partition", "rpartition", "replace", "strptime", "TypeVar", "cast", "once", "TooLong", "OutsideChange",
    "NewConnectionError",
}  # fmt: skip
AUDIT = "it is kept in the audit trail, which is written in English once and for all"
KEPT = "it is kept in OpenStack, where other programs and people of other languages read it"
EXCEPTIONS = {
    "audit/__init__.py": {"refused by policy rule {}": AUDIT, "what is written while somebody asks": "names a context"},
    "audit/event.py": {"tenant-ops cli": AUDIT, "Invalid uuid": "a warning of pycadf's, to be left out"},
    "care/clone_reminder.py": {"its lease ends at {} UTC": AUDIT},
    "care/notices.py": {"audit notices": "names a lease"},
    "care/scaling.py": {"scale {}": "names a lease"},
    "care/walkthrough.py": {"walkthrough {}": "names a round"},
    "changes/run.py": {
        "refused by policy rule {}": AUDIT, "{} in {}": AUDIT, "it was asked for already": AUDIT,
        "it was so already": AUDIT,
    },
    "clones/authority.py": {
        "{} until {}": AUDIT, "clones of {}": KEPT,
    },
    "clones/build.py": {"clone {}": "names a launch"},
    "clones/copy.py": {"of {}, for {}": AUDIT, "Copy of {} of {}": KEPT},
    "clones/freeze.py": {"{}, for the clone {} of {}": AUDIT},
    "clones/hand_over.py": {"to {}": AUDIT, "from {}": AUDIT},
    "clones/mask.py": {"": KEPT},
    "clones/orphans.py": {"golden copy": "a kind, for programs"},
    "clones/reclaim.py": {"the volume {} of the clone {}": AUDIT},
    "clones/revert.py": {"to the snapshot {}": AUDIT, "the volume {} of the clone {}": AUDIT},
    "clones/serve_parts.py": {"": KEPT},
    "cloud/handle.py": {"request id of the last change": "names a memory", "the cloud's clock": "names a memory"},
    "cloud/session.py": {"": "a developer's mistake"},
    "cloud/transport.py": {"": "a developer's words; people are told by answers.lost"},
    "environments/data/actions.py": {"for {}": AUDIT},
    "environments/delete.py": {
        "with data": AUDIT, "launched twice at once": AUDIT, "Load balancer": "a title to count by",
        "Security group": "a title to count by",
    },
    "environments/endings.py": {"seen {}, asked for by {}": AUDIT},
    "environments/firewall_group/actions.py": {"another run was quicker": AUDIT, "its environment is gone": AUDIT},
    "environments/firewall_group/group.py": {"Environment {}": KEPT},
    "environments/firewall_group/versions.py": {"": KEPT},
    "environments/heat/resources.py": {"state changed": "Heat's own words, to be left out"},
    "environments/proofs/prove.py": {"{} tcp 80": AUDIT, "{} tcp {}": AUDIT},
    "environments/proofs/sending.py": {"": "HTTP's own words"},
    "environments/reconcile.py": {"Neutron says {}": AUDIT},
    "environments/restart.py": {"restart {}": AUDIT},
    "environments/standstill/orphans.py": {"": AUDIT},
    "environments/standstill/standstill.py": {"go on": AUDIT},
    "environments/trusts.py": {
        "application credential": "Keystone's own words", "delegated token": "Keystone's own words",
    },
    "environments/unattended.py": {"{} until {}": AUDIT},
    "firewall/copying.py": {"of {}": KEPT},
    "firewall/create.py": {"the same command was quicker": AUDIT},
    "firewall/ends.py": {"": "the ways to write an end"},
    "firewall/probe.py": {"from, to": "names two fields"},
    "firewall/rebase.py": {"was {}": "a key", "new {}": "a key"},
    "firewall/standing.py": {"was broken": "a word for programs"},
    "firewall/suggest/rules.py": {"but not {}: {}": KEPT, "{} to {}": KEPT, "replies {}": KEPT},
    "loadbalancers/duplicates.py": {"created twice at once": AUDIT},
    "loadbalancers/scaling/actions.py": {"scale {}": AUDIT},
    "loadbalancers/scaling/alarms.py": {"": KEPT},
    "loadbalancers/scaling/members.py": {"Its server was deleted.": KEPT},
    "loadbalancers/undo.py": {"undo {}": AUDIT},
    "posture/causes.py": {"policy of ": "goes into the id of a finding"},
    "posture/export.py": {"": "a document that is handed on, in English"},
    "reachability/references.py": {"": "names of fields"},
    "records/applies.py": {"firewall {}": "names a lease"},
    "records/clone_asking.py": {"clones of {}": KEPT},
    "records/clone_offering.py": {"of {}, for {}": AUDIT},
    "records/clone_refreshing.py": {"the volume {} goes once the new copy is in its place": AUDIT},
    "records/clone_reverting.py": {"the volume {} to the snapshot {}": AUDIT},
    "records/intending.py": {"switch off": AUDIT, "switch on": AUDIT},
    "records/notes.py": {"": AUDIT},
    "walkthrough/store.py": {"the walkthrough": KEPT},
    "walkthrough/acts/copies.py": {"a row of the walkthrough": KEPT},
    "walkthrough/acts/packets.py": {"HTTP {} {}": "HTTP's own words"},
    "walkthrough/acts/perimeter.py": {
        "overridden: a step of the walkthrough, which is undone at its end": AUDIT, "the walkthrough's reset": AUDIT,
    },
    "walkthrough/rehearse.py": {"": "for commands, which tell English"},
    "walkthrough/reset.py": {"all scenarios": AUDIT},
}  # fmt: skip
_WORDS = re.compile(r"[A-Za-z]{2,}[^A-Za-z{]* [^A-Za-z]*[a-z]{2,}|[A-Za-z]{2,} \{|\} [a-z]{2,}")


def files() -> list[Path]:
    return [
        file
        for room in ROOMS
        for file in ([PACKAGE / room] if room.endswith(".py") else sorted((PACKAGE / room).rglob("*.py")))
    ]


def texts(tree: ast.AST, at: str = "") -> Iterator[tuple[int, str]]:
    """Line and text of each literal that may be a sentence, an f-string's values as {}."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.Call):
            name = child.func.attr if isinstance(child.func, ast.Attribute) else getattr(child.func, "id", "")
            if name in SAID:
                # Its arguments are looked at, its message ids are said.
                for one in (*child.args[2:], *child.keywords):
                    yield from texts(ast.Expression(one) if isinstance(one, ast.expr) else one)
                continue
            if name in NOT_FOR_PEOPLE:
                continue
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        if isinstance(child, ast.AnnAssign):
            if child.value is not None:
                yield from texts(ast.Expression(child.value))
            continue
        if isinstance(child, ast.arg) or (isinstance(child, ast.Compare) and _plain(child)):
            continue
        if isinstance(child, ast.JoinedStr):
            yield (
                child.lineno,
                "".join(str(one.value) if isinstance(one, ast.Constant) else "{}" for one in child.values),
            )
        elif isinstance(child, ast.Constant) and isinstance(child.value, str):
            yield child.lineno, child.value
        else:
            yield from texts(child)


def _plain(compared: ast.Compare) -> bool:
    return any(isinstance(one, ast.Constant) for one in (compared.left, *compared.comparators))


def unsaid(source: str) -> list[tuple[int, str]]:
    return [(line, text) for line, text in texts(ast.parse(source)) if _WORDS.search(text)]


@pytest.mark.parametrize("file", files(), ids=lambda one: str(one.relative_to(PACKAGE)))
def test_every_sentence_of_a_capability_can_be_translated(file):
    excepted = EXCEPTIONS.get(str(file.relative_to(PACKAGE)), {})
    assert [one for one in unsaid(file.read_text()) if "" not in excepted and one[1] not in excepted] == []


@pytest.mark.parametrize("name", EXCEPTIONS)
def test_every_exception_is_still_one(name):
    found = {text for _, text in unsaid((PACKAGE / name).read_text())}
    assert found
    assert EXCEPTIONS[name].keys() - {""} <= found


@pytest.mark.parametrize("source", [
    'raise BadInput("There is no such thing.")', 'raise BadInput(f"{name} is gone.")', 'todo = "Try again."',
    'Step("server", say("Server"), "good", f"Server {name} is ACTIVE.")', 'return f"{count} servers"',
    'say("{a} and {b}", a="the first one", b=2)', 'found = {"x": "It is up."}', 'told += [f"{name} is gone"]',
])  # fmt: skip
def test_a_sentence_that_nobody_could_translate_is_seen(source):
    assert unsaid(f"def f():\n    {source}")


@pytest.mark.parametrize("source", [
    'raise BadInput(say("There is no such thing."))', '"""A docstring with words."""', 'LOG.warning("It is %s", x)',
    'found: "list of names" = []', 'path = f"/v2/{id_}"', 'if text == "not a thing": pass',
])  # fmt: skip
def test_what_is_none_is_left_alone(source):
    assert not unsaid(f"def f():\n    {source}")
