"""Clones at the API: offered, asked for, decided, extended, given back; each project sees its own side alone."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest
from django.utils import timezone

from tenant_ops_dashboard.clones.model import Clone
from tenant_ops_dashboard.records import clones as records
from tenant_ops_dashboard.records.clone_models import CloneOffer
from tenant_ops_dashboard.records.models import AuditEvent
from tests.unit.api.conftest import Api
from tests.unit.api.test_frame import conforms
from tests.unit.fake_openstack.server import Login

pytestmark = pytest.mark.django_db
OFFERS, CLONES, ONE, TRUSTS = "/clones/offers", "/clones", "/clones/{clone}", "/clones/trusts"
TERMS = {"volume": "shop-data", "to": ["development"], "approve": "ask", "max_lease": "8h", "max_clones": 2}
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def cloud(api: Api, settings: Any) -> Api:
    """Production has a volume; the plugin has a service user."""
    settings.TENANT_OPS_SERVICE_USER = "a" * 32
    api.world.things.add("volumes", name="shop-data", project_id="project", size=20, status="in-use", attachments=[])
    api.world.wire.logins["token-of-stranger"] = Login("secret", frozenset({"member"}), "stranger")
    return api


def post(api: Api, path: str, body: Any, who: str, shape: str = "", status: int = 200) -> Any:
    answer = api.post(f"v1{path}", body, who)
    assert answer.status_code == status, answer.content
    return conforms(answer, "post", shape or path)


def offer(api: Api, status: int = 201, **more: Any) -> Any:
    return post(api, OFFERS, {**TERMS, **more}, "owner", status=status)


def request(api: Api, name: str = "ci", status: int = 201, who: str = "developer", **more: Any) -> Any:
    return post(api, CLONES, {"offer": "shop-data", "name": name, **more}, who, status=status)


def do(api: Api, what: str, who: str, status: int = 200, name: str = "ci", **body: Any) -> Any:
    return post(api, f"/clones/{name}/{what}", body, who, f"{ONE}/{what}", status)


def listed(api: Api, path: str, who: str, **query: Any) -> list[Any]:
    found = conforms(api.get(f"v1{path}", who, **query), "get", path)
    return list(found[path.rpartition("/")[2]])


def kept(id_: str) -> Clone:
    return next(one for one in records.every("") + records.every("RegionOne") if one.id == id_)


def ready(id_: str) -> Clone:
    """Copied and handed over, as the job does it."""
    now = timezone.now().replace(microsecond=0)
    fields = {"volume_id": "copy-1", "data_at": now, "ready_at": now, "expires_at": now + 2 * HOUR, "size": 20}
    return records.save(kept(id_), state="ready", step="", seconds={"copy": 3.0}, **fields)


def test_newer_data_is_asked_for_by_who_holds_it(cloud: Api) -> None:
    offer(cloud, approve="auto")
    made = request(cloud)
    assert "while it is ready" in do(cloud, "refresh", "developer", 409)["error"]["sentence"]
    ready(made["id"])
    said = do(cloud, "refresh", "owner", 403)["error"]["sentence"]
    assert said == "The project development, which asked for the clone, refreshes it."
    told = do(cloud, "refresh", "developer")
    assert (told["state"], told["volume_id"], told["refreshed_at"]) == ("refreshing", "copy-1", None)
    assert do(cloud, "refresh", "developer")["state"] == "refreshing"
    assert kept(made["id"]).generation == 1


def test_it_goes_back_where_it_was_asked_for_so(cloud: Api) -> None:
    offer(cloud, approve="auto")
    said = post(cloud, CLONES, {"offer": "shop-data", "name": "ci", "revertible": "yes"}, "developer", status=422)
    assert said["error"]["field"] == "revertible"
    plain, made = request(cloud, "plain"), request(cloud, revertible=True)
    assert (plain["revertible"], made["revertible"]) == (False, True)
    for one in (plain, made):
        ready(one["id"])
    assert "revertible" in do(cloud, "revert", "developer", 409, "plain")["error"]["sentence"]
    records.save(kept(made["id"]), baseline_id="snapshot-1")
    assert do(cloud, "revert", "owner", 403)["error"]["sentence"].endswith("which asked for the clone, reverts it.")
    assert do(cloud, "revert", "developer")["state"] == "refreshing"


def test_an_offer_stands_once_on_the_same_terms_and_each_side_is_told_its_own(cloud: Api) -> None:
    made = offer(cloud)
    assert (made["existing"], made["source"]["name"], made["max_lease_seconds"]) == (False, "shop-data", 28800)
    again = offer(cloud, 200)
    assert (again["id"], again["existing"]) == (made["id"], True)
    assert listed(cloud, OFFERS, "owner")[0]["source"]["volume_id"]
    (theirs,) = listed(cloud, OFFERS, "developer")
    assert (theirs["source"]["volume_id"], theirs["project"], theirs["user"]) == (None, "production", "owner")
    assert listed(cloud, OFFERS, "stranger") == []
    answer = cloud.ask("DELETE", f"v1{OFFERS}/{made['id']}", "developer")
    assert answer.status_code == 404
    for _again in range(2):
        answer = cloud.ask("DELETE", f"v1{OFFERS}/shop-data")
        assert conforms(answer, "delete", f"{OFFERS}/{{offer}}")["open"] is False
    assert listed(cloud, OFFERS, "owner") == listed(cloud, OFFERS, "developer") == []
    assert [one["id"] for one in listed(cloud, OFFERS, "owner", withdrawn="true")] == [made["id"]]


def test_a_clone_is_asked_for_once_decided_and_given_back(cloud: Api) -> None:
    offer(cloud)
    made = request(cloud, purpose="ci", lease="1h")
    assert (made["state"], made["existing"], made["purpose"]) == ("requested", False, "ci")
    again = request(cloud, status=200)
    assert (again["id"], again["existing"]) == (made["id"], True)
    assert do(cloud, "approve", "developer", 403)["error"]["sentence"].startswith("The project production")
    told = do(cloud, "approve", "owner")
    assert (told["state"], told["decided_by"], told["place"]) == ("approved", "owner", 1)
    assert request(cloud, "second")["place"] is None
    assert do(cloud, "approve", "owner", name="second")["place"] == 2
    ready(made["id"])
    shown = conforms(cloud.get("v1/clones/ci", "developer"), "get", ONE)
    assert (shown["state"], shown["volume_id"], shown["seconds"]) == ("ready", "copy-1", {"copy": 3.0})
    assert shown["lineage"]["source"] == {"project": "production", "volume_id": None, "name": "shop-data"}
    assert conforms(cloud.get("v1/clones/ci"), "get", ONE)["lineage"]["source"]["volume_id"]
    assert do(cloud, "extend", "developer", by="1h")["expires_at"] > shown["expires_at"]
    late = do(cloud, "extend", "developer", 422, by="2d")["error"]
    assert (late["field"], "at the latest" in late["sentence"]) == ("by", True)
    pinned = do(cloud, "pin", "owner")
    assert (pinned["pinned"], pinned["expires_at"]) == (True, None)
    assert do(cloud, "pin", "owner", on=False)["expires_at"]
    assert do(cloud, "release", "developer")["state"] == "releasing"
    assert len(listed(cloud, CLONES, "owner")) == len(listed(cloud, CLONES, "developer")) == 2
    assert AuditEvent.objects.filter(target_id=made["id"], outcome="success").count() >= 5


def test_what_was_denied_says_why_and_is_listed_as_ended(cloud: Api) -> None:
    offer(cloud)
    request(cloud)
    assert do(cloud, "deny", "owner", reason="Not now.")["reason"] == "Not now."
    assert listed(cloud, CLONES, "developer") == []
    (told,) = listed(cloud, CLONES, "developer", ended="1h")
    assert (told["state"], told["reason"]) == ("denied", "Not now.")
    assert told["ended_at"]
    assert request(cloud)["existing"] is False


def test_a_server_is_asked_for_and_told_by_its_id_and_address(cloud: Api) -> None:
    offer(cloud)
    error = request(cloud, status=422, get="server", blueprint="tomcat-oracle")["error"]
    assert (error["field"], "always made of database-server" in error["sentence"]) == ("blueprint", True)
    made = request(cloud, get="server")
    told = {name: made[name] for name in ("get", "blueprint", "server_id", "environment_id", "address")}
    assert told == {
        "get": "server", "blueprint": "database-server", "server_id": None, "environment_id": None, "address": None,
    }  # fmt: skip
    records.save(kept(made["id"]), environment_id="stack-1", server_id="server-1", address="10.20.2.9")
    shown = conforms(cloud.get("v1/clones/ci", "developer"), "get", ONE)
    assert (shown["server_id"], shown["environment_id"], shown["address"]) == ("server-1", "stack-1", "10.20.2.9")


def test_what_the_blueprint_asks_may_be_answered_and_is_told_to_who_asked_alone(cloud: Api) -> None:
    offer(cloud)
    for given, says in (({"flavour": "small"}, "it asks image, flavor"), ({"flavor": "none such"}, "set: flavor: "), (["flavor"], "names and values")):
        error = request(cloud, status=422, get="server", set=given)["error"]
        assert (error["field"], says in error["sentence"]) == ("set", True), error
    error = request(cloud, status=422, set={"flavor": "small"})["error"]
    assert "a volume by itself asks nothing" in error["sentence"]
    assert request(cloud, get="server", set={"flavor": "small"})["set"] == {"flavor": "small"}
    assert conforms(cloud.get("v1/clones/ci"), "get", ONE)["set"] == {}


def test_of_a_system_disk_a_server_starts_from_the_copy(cloud: Api) -> None:
    told = offer(cloud)
    assert told["source"]["bootable"] is False
    kept_volume = next(one for one in cloud.world.things.kept["volumes"].values() if one["id"] == told["source"]["volume_id"])
    kept_volume["bootable"] = "true"
    assert offer(cloud, 200)["source"]["bootable"] is True
    (seen,) = listed(cloud, OFFERS, "developer")
    assert (seen["source"]["bootable"], seen["source"]["volume_id"]) == (True, None)
    error = request(cloud, status=422, get="server", revertible=True)["error"]
    assert error["field"] == "revertible"
    assert request(cloud, get="server")["blueprint"] == "booted-server"


def test_when_the_job_last_ran_is_told(cloud: Api) -> None:
    assert conforms(cloud.get(f"v1{CLONES}"), "get", CLONES)["cared_at"] is None
    records.beat(timezone.now())
    assert conforms(cloud.get(f"v1{CLONES}"), "get", CLONES)["cared_at"].endswith("Z")


def test_nobody_else_sees_or_changes_anything(cloud: Api) -> None:
    made = offer(cloud, approve="auto")
    clone = request(cloud)
    assert clone["state"] == "approved"
    ready(clone["id"])
    assert listed(cloud, CLONES, "stranger") == []
    assert cloud.get(f"v1/clones/{clone['id']}", "stranger").status_code == 404
    for what, body in (("approve", {}), ("deny", {}), ("extend", {"by": "1h"}), ("pin", {}), ("refresh", {}), ("revert", {}), ("release", {})):
        assert do(cloud, what, "stranger", 404, name=clone["id"], **body)["error"]["field"] in ("clone", "")
    for wanted in (made["id"], "shop-data", made["source"]["volume_id"]):
        error = post(cloud, CLONES, {"offer": wanted, "name": "x"}, "stranger", status=404)["error"]
        assert "production" not in json.dumps(error)
    assert kept(clone["id"]).state == "ready"


@pytest.mark.parametrize(("what", "body"), [("release", {}), ("extend", {"by": "1h"}), ("approve", {})])
def test_a_reader_sees_and_changes_nothing(cloud: Api, what: str, body: Any) -> None:
    offer(cloud)
    made = request(cloud)
    assert [one["id"] for one in listed(cloud, CLONES, "auditor-there")] == [made["id"]]
    before = kept(made["id"])
    for who in ("auditor-there", "auditor"):
        assert do(cloud, what, who, 403, **body)["error"]["field"] == ""
    post(cloud, OFFERS, TERMS, "auditor", status=403)
    post(cloud, CLONES, {"offer": "shop-data", "name": "mine"}, "auditor-there", status=403)
    assert kept(made["id"]) == before


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (OFFERS, {"volume": ""}, "volume"), (OFFERS, {"to": []}, "to"), (OFFERS, {"to": "development"}, "to"),
        (OFFERS, {"to": [1]}, "to"), (OFFERS, {"to": ["production"]}, "to"), (OFFERS, {"approve": "never"}, "approve"),
        (OFFERS, {"max_lease": "soon"}, "max_lease"), (OFFERS, {"max_lease": 8}, "max_lease"),
        (OFFERS, {"max_clones": 0}, "max_clones"), (OFFERS, {"max_clones": "x"}, "max_clones"),
        (OFFERS, {"consistency": "frozen"}, "consistency"), (OFFERS, {"mask": ""}, "mask"), (OFFERS, {"mask": 1}, "mask"),
        (OFFERS, {"mask": "x" * 33000}, "mask"), (OFFERS, {"mask": "SELECT 1;"}, "mask"),
        (CLONES, {"get": "moon"}, "get"), (CLONES, {"get": "environment", "blueprint": "web-jump"}, "blueprint"),
        (CLONES, {"get": "environment", "name": "no name for it"}, "name"), (CLONES, {"why": "x"}, "why"),
        (OFFERS, {"surprise": 1}, "surprise"), (OFFERS, {"volume": ["a"]}, "volume"),
        (CLONES, {"name": " "}, "name"), (CLONES, {"name": "x" * 201}, "name"), (CLONES, {"offer": ""}, "offer"),
        (CLONES, {"lease": "soon"}, "lease"), (CLONES, {"lease": "2d"}, "lease"), (CLONES, {"lease": 7200}, "lease"),
        (CLONES, {"purpose": "x" * 601}, "purpose"),
        ("/clones/ci/extend", {"by": ""}, "by"), ("/clones/ci/extend", {"by": "soon"}, "by"),
        ("/clones/ci/pin", {"on": "yes"}, "on"), ("/clones/ci/deny", {"reason": "x" * 601}, "reason"),
        ("/clones/ci/approve", {"why": "x"}, "why"),
    ],
)  # fmt: skip
def test_bad_input_names_its_field_and_keeps_nothing(cloud: Api, path: str, body: Any, field: str) -> None:
    offer(cloud)
    before = kept(request(cloud)["id"])
    given = {OFFERS: TERMS, CLONES: {"offer": "shop-data", "name": "new"}}.get(path, {})
    who = "owner" if path == OFFERS or path.rpartition("/")[2] in ("pin", "deny", "approve") else "developer"
    answer = cloud.post(f"v1{path}", {**given, **body}, who)
    assert answer.status_code == 422, answer.content
    error = conforms(answer, "post", path.replace("/ci/", "/{clone}/"))["error"]
    assert error["field"] == field
    assert error["sentence"].startswith(f"{field}: ")
    assert (len(listed(cloud, OFFERS, "owner")), len(listed(cloud, CLONES, "developer"))) == (1, 1)
    assert kept(before.id) == before


def test_a_masked_offer_tells_which_script_it_is_and_not_what_it_says(cloud: Api, settings: Any) -> None:
    settings.TENANT_OPS_MASK_IMAGE = settings.TENANT_OPS_MASK_FLAVOR = "mask"
    made = offer(cloud, mask="UPDATE rows SET text = 'secret-rule';", consistency="paused")
    assert (len(made["masked"]), made["consistency"]) == (64, "paused")
    assert [one["masked"] for one in listed(cloud, OFFERS, "developer")] == [made["masked"]]
    asked = request(cloud, get="environment")
    assert (asked["get"], asked["blueprint"], asked["lineage"]["masked"]) == (
        "environment", "tomcat-oracle", made["masked"],
    )  # fmt: skip
    for who in ("owner", "developer"):
        for path in (OFFERS, CLONES):
            assert "secret-rule" not in cloud.get(f"v1{path}", who).content.decode()


def test_what_is_served_is_asked_for_without_authority(cloud: Api, settings: Any) -> None:
    error = offer(cloud, 422, deliver="served")["error"]
    assert (error["field"], "no server that could serve" in error["sentence"]) == ("deliver", True)
    assert offer(cloud, 422, deliver="rented")["error"]["field"] == "deliver"
    settings.TENANT_OPS_SERVE_IMAGE = settings.TENANT_OPS_SERVE_FLAVOR = "serve"
    assert offer(cloud, deliver="served")["deliver"] == "served"
    for what in ("volume", "environment"):
        error = request(cloud, status=422, get=what)["error"]
        assert (error["field"], "its owner keeps the volume" in error["sentence"]) == ("get", True)
    assert request(cloud, status=422, blueprint="tomcat-oracle")["error"]["field"] == "blueprint"
    trusts = len(cloud.world.things.kept["trusts"])
    made = request(cloud)
    assert (made["get"], made["deliver"], made["network_id"], made["blueprint"]) == ("server", "served", None, None)
    assert len(cloud.world.things.kept["trusts"]) == trusts
    records.save(kept(made["id"]), network_id="network-1", server_id="server-1", address="10.96.0.5")
    shown = conforms(cloud.get("v1/clones/ci", "developer"), "get", ONE)
    assert (shown["network_id"], shown["network"], shown["server_id"]) == ("network-1", "ci-db", None)
    assert conforms(cloud.get("v1/clones/ci", "owner"), "get", ONE)["server_id"] == "server-1"


def test_a_name_may_be_written_as_people_do(cloud: Api) -> None:
    offer(cloud)
    made = request(cloud, "my  clone ä")
    assert made["name"] == "my clone ä"
    assert cloud.get("v1/clones/my%20clone%20%C3%A4", "developer").json()["id"] == made["id"]
    assert cloud.get("v1/clones/%00", "developer").status_code == 404
    assert cloud.get(f"v1/clones/{'x' * 300}", "developer").status_code == 422


def test_where_no_more_is_allowed_it_says_so(cloud: Api) -> None:
    offer(cloud, max_clones=1)
    request(cloud)
    assert "as many as its owner allows" in request(cloud, "more", 409)["error"]["sentence"]


def test_standing_authority_is_given_once_shown_and_taken_back(cloud: Api) -> None:
    given = post(cloud, TRUSTS, {}, "developer", status=201)
    assert (given["user"], given["ended_at"]) == ("developer", None)
    assert post(cloud, TRUSTS, {}, "developer", status=200)["id"] == given["id"]
    assert [one["id"] for one in listed(cloud, TRUSTS, "developer")] == [given["id"]]
    assert listed(cloud, TRUSTS, "owner") == []
    path = f"v1{TRUSTS}/{given['id']}"
    assert cloud.ask("DELETE", path, "owner").status_code == 404
    for _again in range(2):
        answer = cloud.ask("DELETE", path, "developer")
        assert conforms(answer, "delete", f"{TRUSTS}/{{trust}}")["ended_at"]
    assert listed(cloud, TRUSTS, "developer") == []


def test_a_login_that_cannot_give_authority_says_what_is_missing(cloud: Api) -> None:
    """As an application credential's token."""
    offer(cloud, approve="auto")
    words = {"message": "You are not authorized to perform the requested action: Delegated tokens cannot manage trusts."}
    refused = lambda query, body: (403, {"error": {**words, "code": 403, "title": "Forbidden"}})  # noqa: E731
    handlers = cloud.world.wire.handlers
    for method in ("GET", "POST"):
        cloud.world.wire.on(method, "/identity/v3/OS-TRUST/trusts")(refused)
        handlers.insert(0, handlers.pop())
    sentence = request(cloud, status=403)["error"]["sentence"]
    assert sentence.startswith("An application credential cannot give authority")
    assert "'tenant-ops clone trust give'" in sentence
    assert listed(cloud, CLONES, "developer") == []


@pytest.mark.parametrize(("path", "query"), [(CLONES, "ended"), (OFFERS, "withdrawn")])
def test_a_parameter_that_cannot_be_is_named(cloud: Api, path: str, query: str) -> None:
    error = conforms_error(cloud, path, query)
    assert (error["field"], error["sentence"].partition(": ")[0]) == (query, query)


def conforms_error(api: Api, path: str, query: str) -> Any:
    answer = api.get(f"v1{path}", **{query: "maybe"})
    assert answer.status_code == 422
    return conforms(answer, "get", path)["error"]


def test_pages_and_programs_keep_clones_in_the_same_region(cloud: Api, settings: Any) -> None:
    """Horizon's pages begin with the catalogue's first region where no setting names one."""
    settings.DEFAULT_SERVICE_REGIONS = {}
    made = offer(cloud)
    (kept_,) = CloneOffer.objects.filter(id=made["id"])
    assert kept_.region == "RegionOne"
