"""Rows that make an empty database worth looking at: orders of a shop, the same ones every time."""

from __future__ import annotations

from collections.abc import Iterator

MOST = 100_000
THINGS = (("keyboard", 49), ("screen", 239), ("desk lamp", 35), ("chair", 189), ("notebook", 4), ("headset", 79))


def orders(count: int) -> Iterator[str]:
    """`count` rows such as 'order 000017, customer 0130, 2 x chair, 378 EUR'."""
    for number in range(1, count + 1):
        thing, price = THINGS[number * 7 % len(THINGS)]
        pieces = number * 5 % 4 + 1
        yield f"order {number:06d}, customer {number * 37 % 500:04d}, {pieces} x {thing}, {pieces * price} EUR"
