"""`tenant-ops clone offer|offers|withdraw|request|list|show|lineage`: what is asked, said and waited for."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tenant_ops_dashboard import cloud as clouds
from tenant_ops_dashboard.cli import clones
from tests.unit.cli.clone_api import CLONE, OFFER, READY, Dashboard, refusal, run
from tests.unit.fake_openstack.world import World

Out = pytest.CaptureFixture[str]
ASK = ("request", "shop-data", "--name", "ci-1")


@pytest.fixture
def dashboard(monkeypatch: pytest.MonkeyPatch) -> Dashboard:
    monkeypatch.setattr(clones, "EVERY", 0.0)
    return Dashboard(monkeypatch)


def told(capsys: Out, *words: str, code: int = 0) -> Any:
    assert run(*words, "-f", "json") == code
    return json.loads(capsys.readouterr().out)


def test_an_offer_is_what_was_written_and_no_more(dashboard: Dashboard, capsys: Out) -> None:
    assert told(capsys, "offer", "shop-data", "--to", "development") == {**OFFER, "existing": False}
    assert dashboard.asked[-1][3] == {"volume": "shop-data", "to": ["development"]}
    more = ("--to", "testing", "--approve", "auto", "--max-lease", "2d", "--max-clones", "3")
    assert run("offer", "shop-data", "--to", "development", *more) == 0
    assert dashboard.asked[-1][3] == {
        "volume": "shop-data", "to": ["development", "testing"], "approve": "auto", "max_lease": "2d",
        "max_clones": "3",
    }  # fmt: skip


def test_how_a_copy_is_delivered_is_asked_of_the_api(dashboard: Dashboard, capsys: Out) -> None:
    assert run("offer", "shop-data", "--to", "development", "--deliver", "served") == 0
    assert dashboard.asked[-1][3]["deliver"] == "served"
    assert "handed-over" in capsys.readouterr().out
    dashboard.answers["POST", "/offers"] = refusal(422, "deliver: this is 'handed-over' or 'served'.")
    assert run("offer", "shop-data", "--to", "development", "--deliver", "rented") == 2
    assert capsys.readouterr().err.startswith("--deliver: ")
    served = {**READY, "deliver": "served", "network": "ci-1-db", "network_id": "n1", "volume_id": None, "address": "10.96.0.5"}
    dashboard.answers["GET", "/c1"] = served
    assert run("show", "c1") == 0
    told = capsys.readouterr().out
    assert ("ci-1-db" in told, "n1" in told, "10.96.0.5" in told) == (True, True, True)


def test_a_mask_is_a_file_or_standard_input(
    dashboard: Dashboard, capsys: Out, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mask.sql").write_text("DELETE FROM rows;")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    for file, script in ((str(tmp_path / "mask.sql"), "DELETE FROM rows;"), ("-", "")):
        more = ("--to", "development", "--consistency", "paused", "--mask", file)
        assert run("offer", "shop-data", *more) == 0
        body = dashboard.asked[-1][3]
        assert (body["mask"], body["consistency"]) == (script, "paused"), "what is empty is refused by the API"
    capsys.readouterr()
    asked = len(dashboard.asked)
    assert run("offer", "shop-data", "--to", "development", "--mask", str(tmp_path / "nothing")) == 2
    assert capsys.readouterr().err.startswith("--mask: ")
    assert len(dashboard.asked) == asked


def test_an_environment_is_asked_for_by_its_blueprint(dashboard: Dashboard) -> None:
    assert run(*ASK, "--get", "environment", "--blueprint", "tomcat-oracle") == 0
    assert dashboard.asked[-1][3] == {
        "offer": "shop-data", "name": "ci-1", "get": "environment", "blueprint": "tomcat-oracle",
    }  # fmt: skip


def test_a_server_is_asked_for_without_a_blueprint(dashboard: Dashboard) -> None:
    assert run(*ASK, "--get", "server") == 0
    assert dashboard.asked[-1][3] == {"offer": "shop-data", "name": "ci-1", "get": "server"}


def test_a_server_that_starts_from_a_system_disk_is_told_with_what_becomes_of_it(
    dashboard: Dashboard, capsys: Out
) -> None:
    system = {**OFFER, "source": {**OFFER["source"], "bootable": True}}
    dashboard.answers["GET", "/offers"] = {"offers": [system]}
    assert run("offers") == 0
    assert "shop-data (20 GB, system disk)" in capsys.readouterr().out
    dashboard.answers["POST", ""] = 201, {**CLONE, "get": "server", "blueprint": "booted-server", "existing": False}
    assert run(*ASK, "--get", "server") == 0
    said = capsys.readouterr().err
    assert "keeps the volume (delete on termination is off); the clone's end deletes both." in said
    dashboard.answers["POST", ""] = 201, {**CLONE, "get": "server", "blueprint": "database-server", "existing": False}
    assert run(*ASK, "--get", "server") == 0
    assert capsys.readouterr().err == ""


def test_offers_and_clones_are_whole_in_json_and_short_for_people(dashboard: Dashboard, capsys: Out) -> None:
    assert told(capsys, "offers") == [OFFER]
    assert told(capsys, "list", "--ended", "7d") == [CLONE]
    assert dashboard.asked[-1][2] == {"ended": "7d"}
    for words, seen, hidden in (("offers", "shop-data (20 GB)", "28800"), ("list", "ci-1", "2026-11-29T08:00:00Z")):
        assert run(words) == 0
        shown = capsys.readouterr().out
        assert seen in shown
        assert hidden not in shown
        assert "None" not in shown
    for form in ("yaml", "csv"):
        for words in (("offers",), ("list",), ("show", "c1"), ("lineage", "c1")):
            assert run(*words, "-f", form) == 0
            assert "shop-data" in capsys.readouterr().out


def test_a_page_of_clones_says_where_the_next_one_begins(dashboard: Dashboard, capsys: Out) -> None:
    link = {"rel": "next", "href": "http://fake/tenant_ops/api/v1/clones?limit=1&marker=c1"}
    dashboard.answers["GET", ""] = {"clones": [CLONE], "links": [link], "cared_at": None}
    assert run("list", "--limit", "1", "--ended", "7d", "--marker", "c0", "-f", "json") == 0
    assert dashboard.asked[-1][2] == {"limit": "1", "ended": "7d", "marker": "c0"}
    said = capsys.readouterr()
    assert json.loads(said.out) == [CLONE]
    assert said.err == "There are more: --marker c1 shows the next ones.\n"
    dashboard.answers["GET", ""] = refusal(422, "limit: this is a whole number from 1 to 500.")
    assert run("list", "--limit", "many") == 2
    assert capsys.readouterr().err == "--limit: this is a whole number from 1 to 500.\n"


@pytest.mark.parametrize("wanted", ["o1", "v1", "shop-data"])
def test_an_offer_is_withdrawn_by_id_or_by_its_volume(dashboard: Dashboard, capsys: Out, wanted: str) -> None:
    theirs = {**OFFER, "id": "o2", "source": {**OFFER["source"], "volume_id": None}}
    dashboard.answers["GET", "/offers"] = [
        (200, {"offers": [OFFER, theirs]}), (200, {"offers": [{**OFFER, "open": False}]}),
    ]  # fmt: skip
    assert told(capsys, "withdraw", wanted) == {**OFFER, "open": False}
    assert ("DELETE", "/offers/o1") in [one[:2] for one in dashboard.asked]


def test_what_is_not_this_project_s_is_not_withdrawn(dashboard: Dashboard, capsys: Out) -> None:
    assert run("withdraw", "nothing") == 2
    assert capsys.readouterr().err == "OFFER: this project offers nothing called 'nothing'.\n"
    dashboard.answers["GET", "/offers"] = {"offers": [OFFER, {**OFFER, "id": "o2"}]}
    assert run("withdraw", "shop-data") == 2
    assert "say the id of one, o1, o2." in capsys.readouterr().err
    assert not [one for one in dashboard.asked if one[0] == "DELETE"]


def test_a_request_is_told_as_it_is_asked_for(dashboard: Dashboard, capsys: Out) -> None:
    assert told(capsys, *ASK, "--lease", "2h", "--purpose", "ci") == {**CLONE, "existing": False}
    assert dashboard.asked == [
        ("POST", "", {}, {"offer": "shop-data", "name": "ci-1", "lease": "2h", "purpose": "ci"}),
    ]  # fmt: skip
    dashboard.answers["POST", ""] = (200, {**READY, "existing": True})
    assert told(capsys, *ASK, "--wait") == {**READY, "existing": True}
    assert [one[0] for one in dashboard.asked] == ["POST", "POST"], "what is ready is not waited for"


def test_whoever_waits_reads_each_change_once(dashboard: Dashboard, capsys: Out) -> None:
    copying = {**CLONE, "state": "copying", "says": "copying 20 GB, 3 s so far"}
    dashboard.answers["GET", "/c1"] = [(200, CLONE), (200, copying), (503, {}), (503, {}), (200, copying), (200, READY)]
    assert run(*ASK, "--wait", "-f", "json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {**READY, "existing": False}
    assert said.err.splitlines() == ["approved", "copying: copying 20 GB, 3 s so far", "ready"]


def test_where_there_is_nothing_it_says_what_to_do(dashboard: Dashboard, capsys: Out) -> None:
    dashboard.answers["GET", ""] = {"clones": [], "links": [], "cared_at": None}
    dashboard.answers["GET", "/offers"] = {"offers": []}
    for words, says in (("list", "'tenant-ops clone offers' lists"), ("offers", "ask the owner of the data")):
        assert run(words, "-f", "json") == 0
        said = capsys.readouterr()
        assert json.loads(said.out) == []
        assert says in said.err


def test_whoever_waits_reads_the_place_in_the_line(dashboard: Dashboard, capsys: Out) -> None:
    dashboard.answers["GET", "/c1"] = [(200, {**CLONE, "place": place}) for place in (3, 2, 2, 1)] + [(200, READY)]
    assert run(*ASK, "--wait", "-f", "json") == 0
    assert capsys.readouterr().err.splitlines() == [
        "approved", "approved, number 3 in the line", "approved, number 2 in the line", "approved", "ready",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("state", "more", "says"),
    [
        ("denied", {"reason": "Not before the audit."}, "denied: Not before the audit."),
        ("failed", {"says": "Cinder could not copy it."}, "failed: Cinder could not copy it."),
        ("parked", {"says": "The quota is full."}, "parked: The quota is full."),
        ("orphaned", {"says": "The trust is gone."}, "orphaned: The trust is gone."),
        ("released", {}, "released"),
    ],
)
def test_a_wait_that_ends_otherwise_says_why_and_fails(
    dashboard: Dashboard, capsys: Out, state: str, more: dict[str, str], says: str
) -> None:
    going = {**CLONE, "state": "releasing", "says": "It is taken away."}
    dashboard.answers["GET", "/c1"] = [(200, going), (200, {**CLONE, "state": state, **more})]
    assert run(*ASK, "--wait", "-f", "json") == 1
    said = capsys.readouterr()
    assert said.err.splitlines()[-1] == says
    assert json.loads(said.out)["state"] == state


def test_a_wait_that_is_broken_off_leaves_the_request(
    dashboard: Dashboard, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(clones.time, "sleep", interrupt)
    assert run(*ASK, "--wait") == 130
    assert "The request goes on: 'tenant-ops clone show c1' tells how far it is." in capsys.readouterr().err
    assert [one[0] for one in dashboard.asked] == ["POST"]


@pytest.mark.parametrize(("cared", "said"), [(None, "last seen never"), ("2026-11-20T00:00:00Z", "last seen 2026-11-20")])
def test_a_wait_says_where_nothing_makes_clones(
    dashboard: Dashboard, capsys: Out, monkeypatch: pytest.MonkeyPatch, cared: str | None, said: str
) -> None:
    monkeypatch.setattr(clones, "QUIET", -1.0)
    dashboard.answers["GET", ""] = {"clones": [], "cared_at": cared}
    assert run(*ASK, "--wait") == 0
    assert said in capsys.readouterr().err


def test_a_dashboard_that_stays_away_ends_the_wait(
    dashboard: Dashboard, capsys: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clones, "LOST", -1.0)
    dashboard.answers["GET", "/c1"] = (503, {})
    assert run(*ASK, "--wait") == 3
    assert "HTTP 503" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("answer", "code", "says"),
    [
        (refusal(422, "lease: write a span as 30m, 8h or 2d."), 2, "--lease: write a span as 30m, 8h or 2d."),
        (refusal(404, "offer: nobody offers 'shop-data' to this project."), 2, "OFFER: nobody offers"),
        (refusal(404, "Nobody offers that."), 2, "OFFER: Nobody offers that."),
        (refusal(403, "An application credential cannot give authority."), 3, "An application credential cannot"),
        (refusal(409, "There are 5 clones of 'shop-data'."), 1, "There are 5 clones of 'shop-data'."),
        (refusal(503, "Clones cannot be read."), 3, "Clones cannot be read."),
    ],
)
def test_what_the_api_refuses(dashboard: Dashboard, capsys: Out, answer: Any, code: int, says: str) -> None:
    dashboard.answers["POST", ""] = answer
    assert run(*ASK) == code
    said = capsys.readouterr().err.strip()
    assert says in said
    assert said.startswith(says[:8]) or code == 3
    assert "\n" not in said


def test_one_is_shown_by_whatever_name_it_has(dashboard: Dashboard, capsys: Out) -> None:
    assert told(capsys, "show", "c1") == READY
    odd = {**CLONE, "name": "a/b"}
    dashboard.answers["GET", ""] = {"clones": [{**odd, "id": "c1"}, {**odd, "id": "c0", "ended_at": "x"}]}
    assert told(capsys, "show", "a/b") == READY
    dashboard.answers["GET", "/two%20words"] = READY
    assert told(capsys, "show", "two words") == READY
    dashboard.answers["GET", ""] = {"clones": [{**odd, "id": "c1"}, {**odd, "id": "c2"}]}
    for words, says in (("a/b", "CLONE: 2 clones are called 'a/b': say the id of one, c1, c2."), ("..", "CLONE: this")):
        assert run("show", words) == 2
        assert says in capsys.readouterr().err
    assert run("show", "x") == 2
    assert capsys.readouterr().err.startswith("CLONE: ")


def test_people_read_a_clone_without_what_is_empty(dashboard: Dashboard, capsys: Out) -> None:
    assert run("show", "c1") == 0
    shown = capsys.readouterr().out
    assert "copy 3.2 s" in shown
    for name in ("environment_id", "purpose", "lineage", "None"):
        assert name not in shown


def test_lineage_is_a_tree_for_people(dashboard: Dashboard, capsys: Out) -> None:
    assert told(capsys, "lineage", "c1") == READY["lineage"]
    assert run("lineage", "c1") == 0
    assert capsys.readouterr().out.splitlines() == [
        "shop-data of production", "  copied as of 2026-11-29T08:00:02Z",
        "    ci-1 of development, volume v2: ready",
    ]  # fmt: skip
    more = {"masked": "0123456789abcdef", "snapshot": {"id": "s1", "kept": False}}
    dashboard.answers["GET", "/c1"] = {**READY, "lineage": {**READY["lineage"], **more}}
    assert run("lineage", "c1") == 0
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "  copied as of 2026-11-29T08:00:02Z, at one moment", "    masked by the script 0123456789ab",
    ]  # fmt: skip


def test_a_cloud_without_the_dashboard_s_api_says_what_to_install(capsys: Out, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clouds, "from_clouds_yaml", lambda name, **options: World().cloud())
    for words in (("offers",), ("list",), ("orphans",), ("trust", "list"), ASK):
        assert run(*words) == 3
        assert "docs/install.md" in capsys.readouterr().err
