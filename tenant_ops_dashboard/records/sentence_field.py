"""Columns that keep a Sentence whole: who reads a row tells it in the reader's language. To the database it is text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from tenant_ops_dashboard.sentences import dump, load

if TYPE_CHECKING:
    _Char = models.CharField[str, str]
    _Text = models.TextField[str, str]
else:
    _Char, _Text = models.CharField, models.TextField


class _Whole:
    """Stands before the field of Django's that it makes such a column of; migrations know that one alone.

    What is too long for the column is kept as its English, cut off.
    """

    def get_prep_value(self, value: Any) -> Any:
        """What is written. Anything but None is a text."""
        return None if value is None else dump(value, getattr(self, "max_length", None))

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        """What was read."""
        return None if value is None else load(value)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """As the field of Django's: the table is the same."""
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        plain = next(one for one in type(self).__mro__ if one.__module__.startswith("django."))
        return name, f"django.db.models.{plain.__name__}", args, kwargs


class SentenceCharField(_Whole, _Char):
    """A sentence, or a person's own words, in at most `max_length` letters."""


class SentenceTextField(_Whole, _Text):
    """The same, however long."""
