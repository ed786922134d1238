"""What scripts ask for leaves the session alone; everybody sees her own time, in every answer."""

from __future__ import annotations

import threading
from urllib.parse import unquote

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from tests.unit.panels import sessions
from tests.unit.panels.reading import read

ENGINES = ["django.contrib.sessions.backends.cache", "django.contrib.sessions.backends.signed_cookies"]
INDEX, STATE = "/tenant_ops/", "/tenant_ops/state/"
SCRIPT = {"X-Requested-With": "XMLHttpRequest"}
COOKIE = "sessionid"


@pytest.fixture(params=ENGINES, ids=["cache", "cookies"])
def horizon(request, settings, world, projects):
    """Horizon's own middleware, with either way to keep sessions."""
    settings.SESSION_ENGINE = request.param
    settings.MIDDLEWARE = sessions.middleware()
    settings.SESSION_SAVE_EVERY_REQUEST = False
    settings.TENANT_OPS_CACHE_SECONDS = 0
    return settings


@pytest.fixture
def person(horizon):
    made = Client()
    sessions.log_in(made, sessions.token())
    return made


def during(world, work):
    """Do this while the page waits for Heat's list."""
    place = next(n for n, (_, _, handler) in enumerate(world.wire.handlers) if handler == world.heat.listing)
    method, path, usual = world.wire.handlers[place]
    waiting = [work]

    def listing(query, body):
        while waiting:
            waiting.pop()()
        return usual(query=query, body=body)

    world.wire.handlers[place] = (method, path, listing)
    return waiting


@pytest.mark.parametrize("every_request", [False, True])
@pytest.mark.parametrize("headers", [SCRIPT, {}], ids=["script", "plain"])
def test_a_poll_saves_nothing_and_sets_no_cookie(person, horizon, every_request, headers):
    horizon.SESSION_SAVE_EVERY_REQUEST = every_request
    before = person.cookies[COOKIE].value
    answer = person.get(STATE, headers=headers)
    assert answer.status_code == 200
    assert COOKIE not in answer.cookies
    assert person.cookies[COOKIE].value == before
    assert not answer.wsgi_request.session.modified


def test_a_page_that_a_person_opens_keeps_the_session_alive(person):
    assert COOKIE in person.get(INDEX).cookies


def test_who_switches_the_project_while_a_poll_waits_stays_there(person, world):
    def switch():
        other = Client()
        other.cookies[COOKIE] = person.cookies[COOKIE].value
        sessions.log_in(other, sessions.token("development", "development"))
        person.cookies[COOKIE] = other.cookies[COOKIE].value

    waiting = during(world, switch)
    assert person.get(STATE, headers=SCRIPT).status_code == 200
    assert waiting == []
    assert sessions.store(person)["token"].project["id"] == "development"


def test_polls_do_not_move_the_end_of_an_idle_session(settings, world, projects):
    settings.SESSION_ENGINE, settings.MIDDLEWARE = ENGINES[0], sessions.middleware()
    settings.SESSION_TIMEOUT = 1800
    person = Client()
    sessions.log_in(person, sessions.token())
    (place,) = [one for one in cache._expire_info if person.cookies[COOKIE].value in one]
    ends = cache._expire_info[place]
    for _ in range(3):
        assert person.get(STATE, headers=SCRIPT).status_code == 200
    assert cache._expire_info[place] == ends
    person.get(INDEX)
    assert cache._expire_info[place] > ends


def test_a_poll_after_the_end_of_the_session_is_told_so_and_takes_no_new_one_away(person, horizon):
    if ENGINES[0] == horizon.SESSION_ENGINE:
        sessions.store(person).delete()
    else:
        person.cookies[COOKIE] = "gone"
    answer = person.get(STATE, headers=SCRIPT)
    assert answer.status_code == 401
    assert COOKIE not in answer.cookies


def test_a_poll_with_a_token_that_has_ended_is_told_so(horizon):
    person = Client()
    sessions.log_in(person, sessions.token(seconds=-1))
    assert person.get(STATE, headers=SCRIPT).status_code == 401


def clocks(answer):
    """Hour and minute of the header and of the page."""
    said = unquote(answer.get("X-Tenant-Ops-As-Of", ""))
    return said.removeprefix("as of ")[:5], read(answer).text("[data-to-asof]").removeprefix("as of ")[:5]


@pytest.mark.parametrize("place", ["session", "cookie"])
def test_everybody_sees_her_own_time_in_every_answer(horizon, place):
    zones = {"UTC": 0, "Asia/Tokyo": 9 * 60, "Asia/Kolkata": 5 * 60 + 30}
    people = {zone: Client() for zone in zones}
    for zone, person in people.items():
        sessions.log_in(person, sessions.token(), **({"django_timezone": zone} if place == "session" else {}))
        if place == "cookie":
            person.cookies["django_timezone"] = zone
        person.get(INDEX)
    found = {zone: (*clocks(person.get(STATE, headers=SCRIPT)), clocks(person.get(INDEX))[1])
             for zone, person in people.items()}  # fmt: skip
    begin = _minutes(found["UTC"][0])
    for zone, ahead in zones.items():
        assert {(_minutes(clock) - begin - ahead) % 1440 for clock in found[zone]} <= {0, 1}, zone


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def test_no_zone_is_left_for_the_next_request_of_the_thread(horizon):
    person = Client()
    sessions.log_in(person, sessions.token(), django_timezone="Asia/Tokyo")
    for address in (INDEX, STATE):
        person.get(address, headers=SCRIPT if address == STATE else {})
        assert timezone.get_current_timezone_name() == horizon.TIME_ZONE


def test_a_zone_that_is_none_is_the_default(person, horizon):
    person.cookies["django_timezone"] = "../../etc/passwd"
    assert person.get(STATE, headers=SCRIPT).status_code == 200


def test_two_people_at_once_keep_their_zones(horizon, world):
    found = {}

    def ask(zone):
        person = Client()
        sessions.log_in(person, sessions.token(), django_timezone=zone)
        found[zone] = clocks(person.get(STATE, headers=SCRIPT))

    threads = [threading.Thread(target=ask, args=[zone]) for zone in ("Asia/Tokyo", "Asia/Kolkata")]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    apart = (_minutes(found["Asia/Tokyo"][0]) - _minutes(found["Asia/Kolkata"][0])) % 1440
    assert apart in (209, 210, 211)
