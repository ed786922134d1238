"""What people do to offers and clones: who may, what is refused with which words, and that it may be done twice."""

from __future__ import annotations

import datetime
import json
import logging
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard.clones import authority, source, written
from tenant_ops_dashboard.clones.errors import BadInput, InTheWay, NotAllowed, NotFound, NotOffered
from tenant_ops_dashboard.clones.model import Clone, Offer, Terms
from tenant_ops_dashboard.cloud import Cloud, CloudError
from tenant_ops_dashboard.records import clone_changes as changes
from tenant_ops_dashboard.records import clone_offering, unkept
from tenant_ops_dashboard.records import clones as records
from tests.unit.fake_openstack.world import World
from tests.unit.records.cloning import MINUTE, NOW

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
TERMS = Terms(("development",), "auto", 8 * 3600, 2)


class Two:
    """Production has a volume 'db'; development wants copies."""

    def __init__(self) -> None:
        self.world = World()
        self.volume = self.world.things.add("volumes", name="db", size=20, status="in-use", project_id="production")
        self.owner, self.developer = self.login("production", "owner"), self.login("development", "dev")
        self.stranger = self.login("elsewhere", "nobody")

    def login(self, project: str, name: str, *roles: str) -> Cloud:
        made = self.world.cloud(*(roles or ("member",)), project=project, name=name, service_user="a" * 32)
        return Cloud(**{**vars(made), "project_domain_id": "default"})

    @property
    def trusts(self) -> dict[str, Any]:
        return self.world.things.kept["trusts"]

    def offer(self, terms: Terms = TERMS) -> Offer:
        return changes.offer(self.owner, "db", terms, NOW)[0]

    def request(self, name: str = "ci", lease: str = "", now: datetime.datetime = NOW) -> Clone:
        return changes.request(self.developer, "db", name, lease, "a test", now)[0]

    def ready(self, **more: Any) -> Clone:
        self.offer()
        told = {"state": "ready", "step": "", "ready_at": NOW, "expires_at": NOW + 2 * HOUR, **more}
        return records.save(self.request(), **told)


@pytest.fixture
def two() -> Two:
    return Two()


def test_an_offer_lends_authority_once(two: Two) -> None:
    made, existing = changes.offer(two.owner, "db", TERMS, NOW)
    assert (existing, made.source_id, made.size, made.open) == (False, two.volume["id"], 20, True)
    (trust,) = two.trusts.values()
    assert (trust["id"], trust[authority.FOR_OFFER]) == (made.trust_id, made.id)
    assert changes.offer(two.owner, made.source_id, TERMS, NOW + MINUTE) == (made, True)
    assert changes.offer(two.owner, "db", replace(TERMS, most=3), NOW)[1] is False, "other terms are another offer"
    assert len(two.trusts) == 2


def test_an_offer_that_stood_for_long_is_lent_anew(two: Two) -> None:
    made = two.offer()
    later = NOW + datetime.timedelta(days=60)
    assert changes.offer(two.owner, "db", TERMS, later) == (made, True), "its authority holds for long"
    two.trusts.clear()
    again, existing = changes.offer(two.owner, "db", TERMS, later)
    assert (again.id, existing) == (made.id, True)
    assert set(two.trusts) == {again.trust_id} != {made.trust_id}
    assert records.offer(two.owner, made.id) == again


def test_who_lost_the_race_gives_his_authority_back(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    first = two.offer()
    monkeypatch.setattr(records, "same_offer", lambda offer: None)
    assert changes.offer(two.owner, "db", TERMS, NOW) == (first, True)
    assert list(two.trusts) == [first.trust_id]
    made = two.request()
    monkeypatch.setattr(records, "named", lambda *words: None)
    monkeypatch.setattr(records, "add", lambda clone: (made, True))
    assert changes.request(two.developer, "db", "ci", "", "", NOW) == (made, True)
    assert set(two.trusts) == {first.trust_id, made.trust_id}


def test_what_cannot_be_kept_leaves_no_authority(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*words: Any) -> None:
        raise unkept.NotKept("away")

    monkeypatch.setattr(records, "add_offer", away)
    with pytest.raises(unkept.NotKept):
        two.offer()
    assert two.trusts == {}


def test_a_request_is_approved_at_once_or_waits(two: Two) -> None:
    offer = two.offer()
    made = two.request()
    assert (made.state, made.step, made.lease, made.own_trust) == ("approved", "check", 7200, True)
    assert two.trusts[made.trust_id][authority.FOR_CLONE] == made.id
    assert changes.request(two.developer, offer.id, "ci", "4h", "", NOW + HOUR) == (made, True)
    changes.offer(two.owner, "db", replace(TERMS, approve="ask", longest=3600), NOW)
    waits = next(one for one in records.offers(two.owner) if one.terms.approve == "ask")
    asked, _ = changes.request(two.developer, waits.id, "waits", "", "", NOW)
    assert (asked.state, asked.step, asked.decided_at, asked.lease) == ("requested", "", None, 3600)


def test_what_nobody_offers_is_refused_and_audited(two: Two, caplog: pytest.LogCaptureFixture) -> None:
    two.offer()
    caplog.set_level(logging.INFO, logger="tenant_ops.audit")
    for cloud, words in ((two.stranger, "db"), (two.developer, "another"), (two.owner, "db")):
        with pytest.raises(NotOffered, match=r"^offer: ") as refused:
            changes.request(cloud, words, "ci", "", "", NOW)
        assert refused.value.field == "offer"
        event = json.loads(caplog.records[-1].message)
        assert (event["action"], event["outcome"]) == ("create/clone", "failure")
    assert len(two.trusts) == 1, "nothing was lent for it"


def test_a_lease_and_a_number_that_are_too_large(two: Two) -> None:
    two.offer()
    with pytest.raises(BadInput, match=r"^lease: this is longer than 8 h"):
        two.request(lease="9h")
    assert two.request(lease="8h").lease == 8 * 3600
    two.request("second")
    with pytest.raises(InTheWay, match="There are 2 clones of 'db'"):
        two.request("third")
    with pytest.raises(BadInput, match=r"^name: "):
        two.request(" ")


def test_a_name_that_is_another_sources_is_not_given_away(two: Two) -> None:
    made = (two.offer(), two.request())[1]
    two.world.things.add("volumes", name="other", status="available", project_id="production")
    changes.offer(two.owner, "other", TERMS, NOW)
    with pytest.raises(InTheWay, match="a clone called 'ci', of db"):
        changes.request(two.developer, "other", "ci", "", "", NOW)
    assert records.clones(two.developer) == (made,)


def test_standing_authority_serves_whoever_asks(two: Two) -> None:
    two.offer()
    given = changes.trust_give(two.developer, NOW)
    assert changes.trust_give(two.developer, NOW + MINUTE) == given
    made = two.request()
    assert (made.trust_id, made.own_trust) == (given.id, False)
    late = given.until - HOUR
    assert two.request("late", now=late).own_trust, "it would end before the clone does"
    gone = changes.trust_revoke(two.developer, given.id, NOW)
    assert gone.ended_at == NOW
    assert changes.trust_revoke(two.developer, given.id, NOW + MINUTE) == gone
    assert given.id not in two.trusts
    with pytest.raises(NotFound):
        changes.trust_revoke(two.stranger, given.id, NOW)


def test_an_application_credential_is_told_what_is_missing(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.offer()

    def bound(*words: Any) -> str:
        raise NotAllowed("An application credential cannot give authority.")

    monkeypatch.setattr(authority, "give_clone", bound)
    with pytest.raises(NotAllowed, match="with a password to run 'tenant-ops clone trust give' once"):
        two.request()
    assert records.clones(two.developer) == ()
    changes.trust_give(two.developer, NOW)
    assert two.request().own_trust is False


def test_the_owner_decides_and_nobody_else(two: Two) -> None:
    two.offer(replace(TERMS, approve="ask"))
    asked = two.request()
    for do in (changes.approve, lambda *words: changes.deny(*words[:2], "no", words[2])):
        with pytest.raises(NotAllowed, match="The project production"):
            do(two.developer, "ci", NOW)
        with pytest.raises(NotFound):
            do(two.stranger, asked.id, NOW)
    made = changes.approve(two.owner, "ci", NOW + MINUTE)
    assert (made.state, made.step, made.decided_by, made.decided_at) == ("approved", "check", "owner", NOW + MINUTE)
    assert changes.approve(two.owner, asked.id, NOW + HOUR) == made
    with pytest.raises(InTheWay, match="approved already"):
        changes.deny(two.owner, "ci", "too late", NOW)


def test_what_is_denied_says_why_and_frees_its_name(two: Two) -> None:
    two.offer(replace(TERMS, approve="ask"))
    two.request()
    made = changes.deny(two.owner, "ci", "not this week", NOW)
    assert (made.state, made.reason, made.ended_at, made.ended) == ("denied", "not this week", NOW, True)
    assert made.step == "end", "the trust that was given for it is left to care"
    assert changes.deny(two.owner, made.id, "again", NOW) == made
    with pytest.raises(InTheWay, match="denied"):
        changes.approve(two.owner, made.id, NOW)
    assert two.request().id != made.id
    with pytest.raises(BadInput, match=r"^reason: "):
        changes.deny(two.owner, "ci", "x" * 601, NOW)


def test_two_who_decide_at_once(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    two.offer(replace(TERMS, approve="ask"))
    read = two.request()
    changes.deny(two.owner, "ci", "no", NOW)
    monkeypatch.setattr(clone_offering, "_owned", lambda cloud, words: read)
    with pytest.raises(records.Moved):
        changes.approve(two.owner, "ci", NOW)
    assert records.clone(two.owner, read.id).state == "denied"


def test_a_lease_is_extended_within_what_the_offer_allows(two: Two) -> None:
    two.ready()
    made = changes.extend(two.developer, "ci", "5h", NOW)
    assert (made.expires_at, made.lease) == (NOW + 7 * HOUR, 7 * 3600)
    with pytest.raises(BadInput, match=r"^by: its owner lets it end at 2026-11-21 20:00:00 UTC at the latest"):
        changes.extend(two.developer, "ci", "61m", NOW)
    assert changes.extend(two.developer, "ci", "1h", NOW).expires_at == NOW + 8 * HOUR
    with pytest.raises(NotAllowed, match="The project development"):
        changes.extend(two.owner, "ci", "1h", NOW)
    two.request("soon")
    with pytest.raises(InTheWay, match="It is approved"):
        changes.extend(two.developer, "soon", "1h", NOW)


def test_a_pin_takes_the_end_away_and_brings_it_back(two: Two) -> None:
    two.ready()
    made = changes.pin(two.owner, "ci", True, NOW)
    assert (made.expires_at, made.pinned_by) == (None, "owner")
    assert changes.pin(two.owner, "ci", True, NOW) == made
    with pytest.raises(InTheWay, match="owner pinned it"):
        changes.extend(two.developer, "ci", "1h", NOW)
    with pytest.raises(NotAllowed):
        changes.pin(two.developer, "ci", False, NOW)
    assert changes.pin(two.owner, "ci", False, NOW).expires_at == NOW + 2 * HOUR
    changes.pin(two.owner, "ci", True, NOW)
    late = NOW + 9 * HOUR
    assert changes.pin(two.owner, "ci", False, late).expires_at == late + 5 * MINUTE, "its holder has time to save what is his"


@pytest.mark.parametrize("who", ["owner", "developer"])
def test_either_project_ends_it(two: Two, who: str) -> None:
    two.ready()
    cloud = getattr(two, who)
    made = changes.release(cloud, "ci", NOW)
    assert (made.state, made.step, made.outcome) == ("releasing", "end", "released")
    assert changes.release(cloud, made.id, NOW) == made
    with pytest.raises(NotFound):
        changes.release(two.stranger, made.id, NOW)


def test_a_request_is_taken_back_at_once_with_its_authority(two: Two) -> None:
    two.offer(replace(TERMS, approve="ask"))
    asked = two.request()
    made = changes.release(two.developer, "ci", NOW)
    assert (made.state, made.step, made.ended_at) == ("released", "", NOW)
    assert asked.trust_id not in two.trusts
    assert changes.release(two.developer, made.id, NOW) == made
    two.request("second")
    assert changes.release(two.owner, "second", NOW).step == "end", "the owner may not touch another's trust"


def test_a_withdrawn_offer_denies_what_is_not_copied_yet(two: Two) -> None:
    kept = two.ready()
    two.offer(replace(TERMS, approve="ask"))
    for one in records.offers(two.owner):
        if one.terms.approve == "ask":
            changes.request(two.developer, one.id, "asked", "", "", NOW)
            gone = changes.withdraw(two.owner, one.id, NOW)
            assert (gone.open, gone.withdrawn_by, gone.trust_id) == (False, "owner", "")
            assert one.trust_id not in two.trusts
            assert changes.withdraw(two.owner, one.id, NOW + HOUR) == gone
    denied = records.clone(two.developer, "asked")
    assert (denied.state, denied.reason) == ("denied", "the offer was withdrawn")
    going = two.request("going")
    changes.withdraw(two.owner, "db", NOW)
    stopped = records.clone(two.developer, going.id)
    assert (stopped.state, stopped.step, stopped.outcome) == ("releasing", "end", "denied")
    assert replace(records.clone(two.developer, kept.id), offer=kept.offer) == kept, "what was copied stays until its lease ends"
    assert kept.offer.trust_id in two.trusts, "what is taken away still needs it"
    assert changes.request(two.developer, "db", "ci", "", "", NOW)[1], "a clone that stands is found as before"
    with pytest.raises(NotOffered):
        two.request("more")
    with pytest.raises(NotFound):
        changes.withdraw(two.developer, "db", NOW)


def test_what_another_gave_is_left_to_care(two: Two) -> None:
    made = two.offer()
    colleague = two.login("production", "colleague")
    gone = changes.withdraw(colleague, "db", NOW)
    assert (gone.open, gone.trust_id) == (False, made.trust_id)
    assert records.spent() == (gone,)


def test_readers_change_nothing(two: Two) -> None:
    two.offer()
    reader = two.login("development", "reader", "reader")
    for do in (
        lambda: changes.request(reader, "db", "ci", "", "", NOW), lambda: changes.trust_give(reader, NOW),
        lambda: changes.offer(reader, "db", TERMS, NOW),
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            do()
    assert len(two.trusts) == 1


def test_a_cloud_that_refuses_keeps_nothing(two: Two) -> None:
    two.world.wire.trouble["POST .*trusts"] = [403]
    with pytest.raises(CloudError):
        two.offer()
    assert records.offers(two.owner) == ()


def test_authority_lasts_as_long_as_the_lease_that_was_extended(two: Two) -> None:
    two.offer(replace(TERMS, longest=300 * 86400))
    made = records.save(two.request(), state="ready", step="", ready_at=NOW, expires_at=NOW + 2 * HOUR)
    assert changes.extend(two.developer, "ci", "20d", NOW).trust_id == made.trust_id, "it holds for long"
    longer = changes.extend(two.developer, "ci", "200d", NOW)
    assert (longer.own_trust, made.trust_id in two.trusts) == (True, False)
    until = two.trusts[longer.trust_id]["expires_at"]
    assert longer.expires_at is not None
    assert until > (longer.expires_at + datetime.timedelta(days=1)).isoformat()
    assert changes.extend(two.developer, "ci", "1h", NOW).trust_id == longer.trust_id
    two.trusts.clear()


def test_a_standing_authority_that_ends_before_the_later_end_does_not_do(two: Two) -> None:
    two.offer(replace(TERMS, longest=300 * 86400))
    given = changes.trust_give(two.developer, NOW)
    made = records.save(two.request(), state="ready", step="", ready_at=NOW, expires_at=NOW + 2 * HOUR)
    assert (made.trust_id, made.own_trust) == (given.id, False)
    made = changes.extend(two.developer, "ci", "1d", NOW)
    assert (made.trust_id, made.own_trust) == (given.id, False)
    made = changes.extend(two.developer, "ci", "250d", NOW)
    assert (made.trust_id != given.id, made.own_trust, set(two.trusts) >= {given.id, made.trust_id}) == (True, True, True)


@pytest.mark.parametrize("alone", ["request", "decide"])
def test_each_side_releases_by_its_own_right(two: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alone: str) -> None:
    two.ready()
    file = tmp_path / "policy.yaml"
    file.write_text("".join(f'"clones:{one}": "{"role:member" if one == alone else "!"}"\n' for one in ("request", "decide")))
    monkeypatch.setenv("TENANT_OPS_POLICY_FILE", str(file))
    may, may_not = (two.developer, two.owner) if alone == "request" else (two.owner, two.developer)
    with pytest.raises(NotAllowed):
        changes.release(may_not, "ci", NOW)
    assert changes.release(may, "ci", NOW).state == "releasing"


def test_a_project_that_is_made_anew_under_a_name_gets_nothing(two: Two) -> None:
    two.login("dev-1", "owner")
    rows = [{"id": "dev-1", "name": "development", "domain_id": "default"}, {"id": "x", "name": "elsewhere", "domain_id": "other"}]
    two.world.wire.handlers.insert(
        0, ("GET", re.compile("^/identity/v3/auth/projects$"), lambda query, body: {"projects": rows, "links": {}})
    )
    made = two.offer(replace(TERMS, to=("development", "elsewhere")))
    assert made.terms.ids == (("development", "dev-1"),)
    assert written.offer(two.owner, made)["to_by_name"] == ["elsewhere"], "another domain's is not meant"
    anew = replace(two.login("dev-9", "dev"), project_name="development", project_domain_id="default")
    assert records.offered(anew) == ()
    with pytest.raises(NotOffered):
        changes.request(anew, "db", "ci", "", "", NOW)
    first = replace(two.login("dev-1", "dev"), project_name="development", project_domain_id="default")
    assert [one.id for one in records.offered(first)] == [made.id]
    assert written.offer(first, made)["to"] == ["development"]
    rows[0]["name"] = "renamed"
    assert two.offer(replace(TERMS, to=("development", "elsewhere"))).id == made.id, "who sees less offers the same"
    rows[0] = {"id": "dev-2", "name": "development", "domain_id": "default"}
    assert two.offer(replace(TERMS, to=("development", "elsewhere"))).id != made.id


def test_a_project_asks_nothing_of_itself_whatever_it_is_called_now(two: Two) -> None:
    two.offer()
    renamed = replace(two.owner, project_name="development")
    assert records.offered(renamed) == ()
    with pytest.raises(NotOffered):
        changes.request(renamed, "db", "ci", "", "", NOW)


def test_by_whichever_name_the_data_is_offered_it_is_one_offer_and_lends_authority_once(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = two.offer()
    found = replace(source.find(two.owner, "db"), environment="shop")
    monkeypatch.setattr(clone_offering.source, "find", lambda cloud, words: found)
    assert changes.offer(two.owner, "shop", TERMS, NOW) == (made, True)
    assert len(two.trusts) == 1
    assert not [one for one in two.world.calls() if one.startswith("DELETE")]
