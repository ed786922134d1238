"""The pictures on the pages: each is one that the script takes, of a page that there is, and no larger than it need be."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from tests.pictures.album import ALBUM, Picture
from tests.pictures.camera import IMAGES
from tests.unit.docs.pages import PAGES, prose
from tests.unit.panels.walk import PARTS, addresses

EACH, ALL = 150 * 1024, 2 * 1024 * 1024  # bytes
#: What the scenes call the parts of an address.
WORDS = {"shop": PARTS["stack_id"], "down": PARTS["member"]}


def shown() -> dict[str, str]:
    """The words in the place of each picture that a page shows, by the picture's name."""
    found = {}
    for page in PAGES:
        found.update({name: words for words, name in re.findall(r"!\[([^\]]*)\]\((?:docs/)?images/([\w-]+)\.png\)", prose(page))})
    return found


def test_pages_show_what_the_script_takes_and_nothing_else() -> None:
    taken = {one.name for one in ALBUM}
    assert len(taken) == len(ALBUM)
    assert {path.stem for path in IMAGES.iterdir()} == taken
    assert set(shown()) == taken


def test_each_picture_is_told_in_words() -> None:
    assert {name: words for name, words in shown().items() if len(words) < 20} == {}


def test_pictures_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in IMAGES.iterdir()}
    assert {name: size for name, size in sizes.items() if size > EACH} == {}
    assert sum(sizes.values()) < ALL


@pytest.mark.parametrize("picture", ALBUM, ids=lambda picture: picture.name)
def test_the_page_of_a_picture_is_there(picture: Picture) -> None:
    known = addresses()
    assert picture.view in known
    there = resolve(urlsplit(known[picture.view]).path)
    asked = resolve(urlsplit(picture.address.format(**{**PARTS, **WORDS})).path)
    assert asked.view_name == there.view_name
