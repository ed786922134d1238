"""Parts of a draft as JSON gives them; whatever is of no use is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.sentences import say

LONGEST = 255  # characters of a name or a description (API reference)


def an_object(
    given: Any, where: str, keys: tuple[str, ...] | None = None, needed: tuple[str, ...] = ()
) -> Mapping[str, Any]:  # fmt: skip
    """It, where it is an object with no other keys and with those that are needed; `where` '' is the draft itself."""
    if not isinstance(given, Mapping):
        raise BadDraft(where or "draft", say("must be an object."))
    inside = f"{where}." if where else ""
    if keys is not None and (strange := [key for key in given if key not in keys]):
        raise BadDraft(f"{inside}{str(strange[0])[:60]}", say("is unknown; known are {keys}.", keys=", ".join(keys)))
    if missing := [key for key in needed if key not in given]:
        raise BadDraft(f"{inside}{missing[0]}", say("is missing."))
    return given


def json_of(text: str) -> Any:
    """What a text of JSON says; a mark that Windows puts in front is left out."""
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise BadDraft(
            "draft",
            say(
                "is no JSON: {msg} at line {lineno}, column {colno}.",
                msg=error.msg,
                lineno=error.lineno,
                colno=error.colno,
            ),
        ) from None
    except (ValueError, RecursionError):
        raise BadDraft("draft", say("is no JSON that can be read.")) from None


def a_list(given: Any, where: str) -> list[Any]:
    """It, where it is a list."""
    if not isinstance(given, list):
        raise BadDraft(where, say("must be a list."))
    return given


def a_text(given: Any, where: str) -> str:
    """It, where it is a text that Neutron can keep; '' for none."""
    if given is None:
        return ""
    if not isinstance(given, str):
        raise BadDraft(where, say("must be a text."))
    if any("\ud800" <= letter <= "\udfff" for letter in given):
        raise BadDraft(where, say("has half of a character, which is no text."))
    if len(given) > LONGEST:
        raise BadDraft(where, say("has {n} characters, at most {longest} are kept.", n=len(given), longest=LONGEST))
    return given


def a_flag(given: Any, where: str) -> bool:
    """It, where it is true or false."""
    if not isinstance(given, bool):
        raise BadDraft(where, say("must be true or false."))
    return given


def is_number(given: Any) -> bool:
    """Whether it is a whole number; true and false are none."""
    return isinstance(given, int) and not isinstance(given, bool)
