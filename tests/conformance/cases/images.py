"""Glance: images and their pages."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Target

#: Properties that somebody gave an image, beside Glance's own fields.
FREE = ("os_distro", "os_version", "os_type", "image_type")


@case
def images(t: Target) -> None:
    me = t.person()
    every = me.get("image", "/images", status="active", limit=50)
    assert every.status == 200
    assert "next" not in every.body
    row = every.body["images"][0]
    own = {name for name in row if not name.startswith("owner_specified.") and name not in FREE}
    t.recorded.like("image", {name: row[name] for name in own})
    assert (row["status"], row["visibility"]) == ("active", "public")
    first = me.get("image", "/images", status="active", limit=1)
    following = urlsplit(first.body["next"])
    assert following.path == "/v2/images"
    assert parse_qs(following.query) == {
        "status": ["active"],
        "limit": ["1"],
        "marker": [first.body["images"][0]["id"]],
    }
    missing = me.get("image", "/images", limit=1, marker=NOTHING)
    words = {
        "message": "No image found with ID ID<br /><br />\n\n\n",
        "code": "400 Bad Request",
        "title": "Bad Request",
    }
    assert missing.refused() == (400, words)
    wrong = me.get("image", "/images", limit="x")
    assert wrong.refused() == (400, {**words, "message": "limit param must be an integer<br /><br />\n\n\n"})
