"""A policy file as rules: read again when it changes; while it is broken the last good rules of this process stay."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from pathlib import Path

from oslo_config import cfg
from oslo_policy import policy

LOGGER = logging.getLogger("tenant_ops.policy")

_kept: dict[str, InForce] = {}
_turn = threading.Lock()


class Broken(Exception):
    """The file is no policy file; the sentence says why."""


@dataclass(frozen=True)
class InForce:
    """What counts for one file now: `enforcer` is None where it could never be read, `problem` says what is wrong."""

    stamp: tuple[int, ...]
    enforcer: policy.Enforcer | None
    problem: str = ""


def in_force(place: str) -> InForce:
    """The rules of the file at `place`; a change for the worse is logged once and takes nothing out of force."""
    stamp = _stamp(place)
    found = _kept.get(place)
    if found and found.stamp == stamp:
        return found
    with _turn:
        found = _kept.get(place)
        if not found or found.stamp != stamp:
            found = _kept[place] = _read(place, stamp, found.enforcer if found else None)
    return found


def load(place: str) -> policy.Enforcer:
    """The rules of the file, as they stand in it alone.

    Raises Broken where it is missing, unreadable, no YAML, or has a rule that nobody can understand.
    """
    try:
        text = Path(place).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Broken(str(error)) from error
    if not text.strip():
        raise Broken("it is empty")
    try:
        written = policy.parse_file_contents(text)
    except ValueError as error:
        raise Broken(f"it is no YAML: {error}") from error
    if not isinstance(written, dict):
        raise Broken("it holds no rules by name")
    for name, rule in written.items():
        if not isinstance(name, str) or not _words(rule):
            raise Broken(f"the rule {name} has no text")
    rules = policy.Rules.from_dict(written)
    for name, check in rules.items():
        # oslo.policy denies what it does not understand, as if somebody had written '!'.
        if _denials(str(check)) != _denials(" ".join(_words(written[name]))):
            raise Broken(f"the rule {name} cannot be understood: {written[name]}")
    conf = cfg.ConfigOpts()
    conf([])
    enforcer = policy.Enforcer(conf, rules=rules, use_conf=False)
    enforcer.skip_undefined_check = True
    if not enforcer.check_rules():
        raise Broken("it has rules that refer to each other in a circle")
    return enforcer


def _read(place: str, stamp: tuple[int, ...], before: policy.Enforcer | None) -> InForce:
    try:
        return InForce(stamp, load(place))
    except Broken as problem:
        stays = "The rules read before stay in force." if before else "Nothing is allowed until it is mended."
        LOGGER.error("The policy file %s cannot be read: %s. %s", place, problem, stays)
        return InForce(stamp, before, str(problem))


def _stamp(place: str) -> tuple[int, ...]:
    try:
        found = Path(place).stat()
    except OSError as error:
        return (error.errno or 0,)
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _words(rule: object) -> list[str]:
    """A rule's words: of a text, or of the older form, lists in a list; none where it is neither."""
    if isinstance(rule, str):
        return rule.split() or ["@"]
    if not isinstance(rule, list):
        return []
    inner = [_words(one) for one in rule]
    return [word for words in inner for word in words] if all(inner) else []


def _denials(words: str) -> int:
    return sum(word.strip("()") == "!" for word in words.split())
