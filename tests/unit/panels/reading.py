"""Reads an answer's HTML the way a test needs it: by id, by attribute, as text."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


class Node:
    """An element with its attributes; `get` and `[]` read them."""

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name, self.attributes = name, attributes
        self.children: list[Node | str] = []

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]

    def get(self, attribute: str) -> str | None:
        return self.attributes.get(attribute)

    def everything(self) -> list[Node]:
        found = [self]
        for child in self.children:
            if isinstance(child, Node):
                found += child.everything()
        return found

    def words(self) -> str:
        parts = [child.words() if isinstance(child, Node) else child for child in self.children]
        return " ".join(" ".join(parts).split())


class Page(HTMLParser):
    """A parsed page; a place is '#id', '[attribute]' or an element's name."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.root = Node("", {})
        self.open = [self.root]
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self.open) - 1, 0, -1):
            if self.open[place].name == tag:
                del self.open[place:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def find_all(self, name: str = "", attribute: str = "", within: str = "") -> list[Node]:
        start = self.one(within) if within else self.root
        return [
            node
            for node in start.everything()
            if (not name or node.name == name) and (not attribute or attribute in node.attributes)
        ]

    def one(self, place: str) -> Node:
        for node in self.root.everything():
            if place.startswith("#") and node.get("id") == place[1:]:
                return node
            if place.startswith("[") and place[1:-1] in node.attributes:
                return node
            if node.name == place:
                return node
        raise AssertionError(f"The page has no {place}.")

    def has(self, place: str) -> bool:
        try:
            self.one(place)
        except AssertionError:
            return False
        return True

    def text(self, place: str) -> str:
        return self.one(place).words()

    def links(self, place: str) -> list[str]:
        return [node["href"] for node in self.one(place).everything() if node.name == "a" and "href" in node.attributes]


def read(answer: Any) -> Page:
    """The page of a Django response."""
    return Page(answer.content.decode())
