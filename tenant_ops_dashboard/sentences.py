"""Sentences for people that remember how they were made: whoever shows them tells them in the reader's language.

A `Sentence` is its English text: it is compared, logged, kept and printed as any other text. Beside that it keeps its
message id (as gettext has it) and its arguments. Capabilities say, panels tell: nothing here knows a language.
"""

from __future__ import annotations

import datetime
import html
import json
import re
import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

Gettext = Callable[[str], str]
Ngettext = Callable[[str, str, int], str]
# What an argument may be beside a Sentence; anything else is told as its text at once.
_PLAIN = (str, int, float)
# Stands between a kept sentence's English and its message; no text of anybody's own is kept with it.
_MARK = "\x1e"
# How a message shows an argument: figures and times, no width that a page could burst from.
_SHAPE = re.compile(r",?(\.\d)?[a-z]?|(%[A-Za-z]|[ :.,/-])*")


@dataclass(frozen=True)
class Message:
    """`one` is the message id with `{names}` of `arguments`, `many` its plural for `number` things or ''.

    `capital` says that the text begins a sentence, whatever its first letter is; `stop` whether a full stop ends it,
    None as it stands there.
    """

    one: str
    many: str = ""
    number: int = 1
    arguments: Mapping[str, Any] = field(default_factory=dict)
    capital: bool = False
    stop: bool | None = None

    def told(self, gettext: Gettext, ngettext: Ngettext) -> str:
        """The text in the language of these functions; in English where its translation does not fit the arguments."""
        words = ngettext(self.one, self.many, self.number) if self.many else gettext(self.one)
        named = {name: translated(one, gettext, ngettext) for name, one in self.arguments.items()}
        try:
            return self._shaped(words.format(**named) if named else words)
        except (LookupError, ValueError, AttributeError, TypeError):
            return self.english()

    def english(self) -> str:
        """The text as it was written. Raises KeyError where an argument is missing."""
        words = self.one if self.number == 1 or not self.many else self.many
        return self._shaped(words.format(**self.arguments) if self.arguments else words)

    def _shaped(self, text: str) -> str:
        if self.stop is False:
            text = text.rstrip(".")
        elif self.stop and not text.endswith((".", "!", "?")):
            text += "."
        return text[:1].upper() + text[1:] if self.capital else text

    def plain(self) -> dict[str, Any]:
        """As JSON takes it, without what is as it is by itself."""
        told = {name: value for name, value in vars(self).items() if value != getattr(Message, name, None)}
        return {**told, "arguments": {name: _plain(one) for name, one in self.arguments.items()}}

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Message:
        """From `plain`, whoever changed it since. Raises AttributeError, LookupError, TypeError, ValueError."""
        made = cls(**{**told, "arguments": {name: _again(one) for name, one in told["arguments"].items()}})
        texts = (made.one, made.many)
        if not made.one or [*map(type, texts), type(made.number)] != [str, str, int]:
            raise ValueError(made)
        if made.arguments and not all(map(_harmless, texts)):
            raise ValueError(made)
        return made


class Sentence(str):
    """The English text, with its `message`. It survives a pickle; JSON has the English, and `dump` all of it.

    With what is added before or behind it stays a Sentence; formatting and the other methods of a text give English.
    """

    message: Message

    def __new__(cls, message: Message) -> Sentence:
        made = super().__new__(cls, message.english())
        made.message = message
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Sentence, (self.message,)

    def __add__(self, other: str) -> Sentence:
        return cast(Sentence, join("", (self, other)))

    def __radd__(self, other: str) -> Sentence:
        return cast(Sentence, join("", (other, self)))

    def __html__(self) -> str:
        """What a template shows of it: the reader's language, escaped."""
        return html.escape(_tellers[0](self))


def say(message: str, /, **arguments: object) -> str:
    """`say("The member {name} was drained.", name=name)`: the message id stands there in full, for who translates it.

    Without arguments braces are braces. Raises KeyError where the message names an argument that is not given.
    """
    return Sentence(Message(message, arguments=_kept(arguments)))


def say_many(one: str, many: str, n: int, /, **arguments: object) -> str:
    """The same where the words depend on a number, which both forms may name as `{n}`."""
    return Sentence(Message(one, many, n, {"n": n, **_kept(arguments)}))


def join(separator: str, parts: Iterable[str]) -> str:
    """Texts after one another, empty ones left out; each, and the separator, is told in the reader's language."""
    named = {f"p{number}": part for number, part in enumerate(filter(None, parts))}
    if not named:
        return Sentence(Message(""))
    return Sentence(Message("{and_}".join(f"{{{name}}}" for name in named), arguments={**named, "and_": separator}))


def about(field: str, text: str) -> str:
    """A sentence about one field of a form or a document: `field: text`."""
    return join(say(": "), (field, text))


def bare(text: str, field: str = "") -> str:
    """What `about` was given; of another text what stands behind `field: `, or all of it where no such field does."""
    parts = dict(text.message.arguments) if isinstance(text, Sentence) else {}
    if parts.get("and_") == ": " and len(parts) == 3 and field in ("", parts["p0"]):
        return cast(str, parts["p1"])
    before, colon, behind = text.partition(": ")
    return behind if colon and field in ("", before) else text


def within(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` made to each of its arguments (ids into names); to all of it where it has none."""
    if not isinstance(text, Sentence):
        return change(text)
    given = text.message.arguments
    if not given:
        changed = change(str(text))
        return text if changed == text else changed
    kept = {name: within(one, change) if isinstance(one, str) else one for name, one in given.items()}
    return Sentence(replace(text.message, arguments=kept))


def whole(text: str) -> str:
    """The text as a sentence of its own: with a capital letter and a full stop. '' stays ''."""
    return Sentence(Message("{text}", arguments={"text": text}, capital=True, stop=True)) if text else text


def capital(text: str) -> str:
    """The text as the beginning of a sentence."""
    return Sentence(Message("{text}", arguments={"text": text}, capital=True))


def clause(text: str) -> str:
    """The text without a full stop, for the middle of a sentence."""
    return Sentence(Message("{text}", arguments={"text": text}, stop=False)) if text.endswith(".") else text


def translated(value: Any, gettext: Gettext, ngettext: Ngettext) -> Any:
    """A Sentence in the language of these functions, as plain text; anything else as it is."""
    if not isinstance(value, Sentence):
        return value
    # gettext has its catalogue's own head under the empty text.
    return value.message.told(gettext, ngettext) if value else ""


def dump(text: str, most: int | None = None) -> str:
    """The text as it is kept, in `most` letters (None: any number): a Sentence's English with its message behind it.

    One that is too long for that keeps its English alone, cut off. `load` understands it.
    """
    if isinstance(text, Sentence) and text:
        full = f"{text}{_MARK}{json.dumps(text.message.plain(), ensure_ascii=False, separators=(',', ':'))}"
        if most is None or len(full) <= most:
            return full
    return str(text).replace(_MARK, " ")[:most]


def load(kept: str) -> str:
    """What `dump` was given: a Sentence, or a text that was none.

    Its English alone where its message is not of this release, or says another thing than what stands before it.
    """
    english, mark, told = kept.rpartition(_MARK)
    if not mark:
        return kept
    try:
        made = Sentence(Message.of(json.loads(told)))
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
        return english
    return made if made == english else english


def told_by(teller: Callable[[Sentence], str]) -> None:
    """Who tells sentences that a template shows: asked once, where the web process begins. Until then it is English."""
    _tellers[:] = [teller]


def _kept(arguments: Mapping[str, object]) -> dict[str, Any]:
    return {name: _lasting(one) for name, one in arguments.items()}


def _lasting(argument: object) -> Any:
    """What a message keeps of an argument: of an error its Sentence, of whatever else is no plain value its text."""
    if isinstance(argument, BaseException) and argument.args and isinstance(argument.args[0], Sentence):
        return argument.args[0]
    return argument if isinstance(argument, _PLAIN) or hasattr(argument, "strftime") else str(argument)


def _plain(argument: object) -> Any:
    if isinstance(argument, Sentence):
        return {"said": argument.message.plain()} if argument else ""
    if isinstance(argument, datetime.datetime):
        return {"at": argument.isoformat()}
    return argument if isinstance(argument, _PLAIN) else str(argument)


def _again(kept: Any) -> Any:
    """What `_plain` was given. Raises ValueError for what it never gives, or as `Message.of`."""
    if isinstance(kept, Mapping):
        ((kind, told),) = kept.items()
        return Sentence(Message.of(told)) if kind == "said" else datetime.datetime.fromisoformat({"at": told}[kind])
    if not isinstance(kept, _PLAIN):
        raise ValueError(kept)
    return kept


def _harmless(message: str) -> bool:
    """Whether it shows its arguments and nothing of what Python has beside them. Raises ValueError."""
    fields = [one[1:] for one in string.Formatter().parse(message) if one[1] is not None]
    return all((name or "").isidentifier() and _SHAPE.fullmatch(shape or "") for name, shape, _conversion in fields)


_tellers: list[Callable[[Sentence], str]] = [str]
