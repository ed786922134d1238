"""Octavia's API types in the order they are declared, without reading their source again. Import before Octavia.

wsme finds that order by parsing the source file of every class anew: three seconds of a processor in each of Octavia's
programs. A class has known the order of its own attributes since Python 3.6.
"""

from __future__ import annotations

from typing import Any

from wsme import types


def declared(class_: type, attributes: list[Any]) -> None:
    """Sorts wsme's attributes of a class in place: its own first, then each base's, as they are written there."""
    told = getattr(class_, "_wsme_attr_order", None)
    names = told or [name for base in class_.__mro__ for name in vars(base)]
    places = {name: place for place, name in reversed(list(enumerate(names)))}
    attributes.sort(key=lambda attribute: places.get(attribute.key, len(places)))


types.sort_attributes = declared
