"""The picture's layout: nothing overlaps, everything is on it, lines end at their boxes, long words are cut."""

from __future__ import annotations

import itertools
import re

import pytest

from tenant_ops_dashboard.environments.model import Box, Picture
from tenant_ops_dashboard.panels.picture import draw, shapes
from tests.unit.panels import cases

JUMP = Picture(
    boxes=(
        *cases.picture().boxes,
        Box("jump", "Jump host", "dmz", "jump_host", "good"),
        Box("jump_address", "Floating IP of the jump host", "edge", "floating_ip", "good", "203.0.113.8"),
        Box("jump_group", "Security group of the jump host", "dmz", "security_group", "good"),
    ),
    arrows=(*cases.picture().arrows, ("jump_address", "router", "tcp 22"), ("jump", "database", "tcp 22")),
)
MANY = Picture(tuple(Box(f"app-{n}", f"Server {n}", "dmz", "server", "good") for n in range(12)), ())
PICTURES = {
    "usual": cases.picture(),
    "jump": JUMP,
    "many": MANY,
    "failed": cases.picture(database="failed", app_1="planned", app_2="planned", balancer="building"),
}


@pytest.fixture(params=[(name, narrow) for name in PICTURES for narrow in (False, True)], ids=str)
def drawn(request):
    name, narrow = request.param
    return PICTURES[name], draw(PICTURES[name], narrow=narrow)


def overlap(one, two):
    apart = one.x + one.width <= two.x or two.x + two.width <= one.x
    return not (apart or one.y + one.height <= two.y or two.y + two.height <= one.y)


def test_no_box_covers_another(drawn):
    _, drawing = drawn
    for one, two in itertools.combinations(drawing.boxes, 2):
        assert not overlap(one, two), (one.box.key, two.box.key)


def test_every_box_is_inside_its_lane_and_the_picture(drawn):
    _, drawing = drawn
    lanes = {lane.tier: lane for lane in drawing.lanes}
    for placed in drawing.boxes:
        lane = lanes[placed.box.tier]
        assert lane.x <= placed.x <= placed.x + placed.width <= lane.x + lane.width <= drawing.width
        assert lane.y <= placed.y <= placed.y + placed.height <= lane.y + lane.height <= drawing.height


def test_everything_is_shown_once(drawn):
    picture, drawing = drawn
    shown = [placed.box.key for placed in drawing.boxes] + [lane.network.key for lane in drawing.lanes if lane.network]
    assert sorted(shown) == sorted(box.key for box in picture.boxes)


def test_every_arrow_between_boxes_is_drawn_to_its_end(drawn):
    picture, drawing = drawn
    places = {placed.box.key: placed for placed in drawing.boxes}
    for (_, end, _), line in zip(picture.arrows, drawing.lines, strict=True):
        *_, x, y = (float(number) for number in re.findall(r"-?[\d.]+", line.path))
        box = places[end]
        assert box.x - 3 <= x <= box.x + box.width + 3
        assert box.y - 3 <= y <= box.y + box.height + 3


def test_lines_that_say_the_same_say_it_once():
    words = [line.words for line in draw(cases.picture()).lines]
    assert words.count("tcp 8080") == 1
    assert words.count("tcp 1521") == 1


def test_a_line_is_as_far_as_the_less_finished_of_its_ends():
    lines = draw(cases.picture(app_2="failed", database="planned")).lines
    states = dict(zip(cases.picture().arrows, (line.state for line in lines), strict=True))
    assert states["balancer", "app_2", "tcp 8080"] == "failed"
    assert states["app_1", "database", "tcp 1521"] == "planned"
    assert states["balancer", "app_1", "tcp 8080"] == "good"


@pytest.mark.parametrize(
    "name", ["x" * 200, "a b c " * 40, "<script>alert(1)</script>", "very-long-name-with-hyphens-1"]
)
def test_long_names_stay_in_their_boxes(name):
    picture = Picture((Box("a", name, "dmz", "server", "good", name, parts=((name, "good"), ("b", "good"))),), ())
    (placed,) = draw(picture).boxes
    assert len(placed.title) <= 2
    for line in [*(line for line, _ in placed.title), placed.detail]:
        assert len(line) * 13 * 0.56 <= placed.width
    assert placed.parts[-1][2] < placed.width


def test_a_name_too_long_for_one_line_breaks_where_a_person_would():
    assert shapes.lines("Application server 1", 122, 13) == ("Application", "server 1")
    assert shapes.lines("shop-95a694-app-216", 122, 13) == ("shop-95a694-", "app-216")
    assert shapes.lines("Router", 122, 13) == ("Router",)


def test_an_empty_picture_is_drawn_as_nothing():
    assert draw(Picture(())).boxes == ()
