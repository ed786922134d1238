"""Whole-number sets as sorted, disjoint, inclusive intervals; and addresses read into whole numbers."""

import ipaddress
from bisect import bisect_right
from collections.abc import Iterable
from functools import lru_cache

from tenant_ops_dashboard.sentences import say

Span = tuple[int, int]
Spans = tuple[Span, ...]

BITS = {4: 32, 6: 128}
TOP = {4: (1 << 32) - 1, 6: (1 << 128) - 1}
#: The parts of an IPv4 address as they are written, without leading zeros; `ipaddress` takes four times as long.
_PARTS = {str(number): number for number in range(256)}


def normal(spans: Iterable[Span]) -> Spans:
    """Sort and merge touching intervals: the one spelling of a set."""
    merged: list[Span] = []
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(merged)


def meet(left: Spans, right: Spans) -> Spans:
    """Return what both sets hold."""
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        low, high = max(left[i][0], right[j][0]), min(left[i][1], right[j][1])
        if low <= high:
            found.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(found)


def minus(left: Spans, right: Spans) -> Spans:
    """Return what only the left set holds."""
    found: list[Span] = []
    for low, high in left:
        for cut_low, cut_high in right:
            if cut_high < low:
                continue
            if cut_low > high:
                break
            if cut_low > low:
                found.append((low, cut_low - 1))
            low = cut_high + 1
        if low <= high:
            found.append((low, high))
    return tuple(found)


def holds(spans: Spans, value: int) -> bool:
    """Say whether the set holds the value."""
    if len(spans) == 1:
        return spans[0][0] <= value <= spans[0][1]
    place = bisect_right(spans, (value, TOP[6]))
    return place > 0 and value <= spans[place - 1][1]


def address(text: object) -> tuple[int, int]:
    """Read an address into (version, number). Raises ValueError with a sentence."""
    if not isinstance(text, str) or "%" in text:
        raise ValueError(say("'{text}' is no IP address", text=str(text)[:60]))
    if text.count(".") == 3:
        first, second, third, fourth = text.split(".")
        try:
            return 4, _PARTS[first] << 24 | _PARTS[second] << 16 | _PARTS[third] << 8 | _PARTS[fourth]
        except KeyError:
            pass
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        raise ValueError(say("'{text}' is no IP address", text=text[:60])) from None
    return found.version, int(found)


def network(text: object) -> tuple[int, int, int, bool]:
    """Read an address or CIDR into (version, first, last, had host bits). Raises ValueError with a sentence."""
    if not isinstance(text, str) or "%" in text:
        raise ValueError(say("'{text}' is no address or CIDR", text=str(text)[:60]))
    return _network(text)


@lru_cache(maxsize=20_000)
def _network(text: str) -> tuple[int, int, int, bool]:
    head, slash, length = text.strip().partition("/")
    if slash and not (length.isascii() and length.isdigit() and len(length) <= 3):
        raise ValueError(say("'{text}' is no address or CIDR", text=text[:60]))
    try:
        version, number = address(head)
    except ValueError:
        raise ValueError(say("'{text}' is no address or CIDR", text=text[:60])) from None
    bits = BITS[version]
    prefix = int(length) if slash else bits
    if prefix > bits:
        raise ValueError(say("'{text}' is no address or CIDR", text=text[:60]))
    rest = (1 << (bits - prefix)) - 1
    first = number & ~rest
    return version, first, first | rest, number != first


def show(version: int, number: int) -> str:
    """Write an address."""
    return str(ipaddress.IPv4Address(number) if version == 4 else ipaddress.IPv6Address(number))


@lru_cache(maxsize=20_000)
def show_span(version: int, span: Span) -> str:
    """Write an address interval as a CIDR where it is one, else as 'a-b'."""
    low, high = span
    size = high - low + 1
    if size & (size - 1) == 0 and low % size == 0:
        return f"{show(version, low)}/{BITS[version] - size.bit_length() + 1}"
    return f"{show(version, low)}-{show(version, high)}"
