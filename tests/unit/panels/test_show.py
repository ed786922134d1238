"""The page of one environment: progress, failure, proofs, what was changed by hand, care, delete."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tenant_ops_dashboard.cloud import Unreachable
from tenant_ops_dashboard.environments.errors import Blocked, NotFound
from tenant_ops_dashboard.environments.model import Progress
from tests.unit.panels import cases
from tests.unit.panels.reading import read

SHOW = "/tenant_ops/environment/shop/"
STATE = SHOW + "state/"
DELETE = SHOW + "delete/"


def showing(service, details):
    service.details.side_effect = lambda cloud, name: details


def proofs(page):
    return {node["data-proof"]: node["data-state"] for node in page.find_all("li", "data-proof")}


def boxes(page):
    """State of each box by key, from the wide picture."""
    picture = next(node for node in page.find_all("svg", "class") if "to-picture--across" in node["class"])
    found = [node for node in picture.everything() if node.name == "g" and "data-key" in node.attributes]
    return {node["data-key"]: node["class"].split()[1].removeprefix("to-box--") for node in found}


def test_a_good_one_says_where_it_serves_and_what_was_proven(client, owner, service):
    page = read(client.get(SHOW))
    assert page.text("#environment-answer") == "It is well: serving at http://203.0.113.7 , all 5 promises kept."
    assert "Signature" not in page.text("#tenant-ops")
    assert page.links("#address") == ["http://203.0.113.7"]
    assert set(proofs(page).values()) == {"good"}
    assert not page.has("#why")
    assert not page.has("#progress")


def test_progress_counts_and_fills_the_picture(client, owner, service):
    showing(service, cases.building(14))
    page = read(client.get(SHOW))
    assert page.text("#progress-done") == "14"
    assert page.text("#progress-total") == "24"
    assert "Now: Listener http :80, Pool, Health monitor" in page.text("#progress")
    assert boxes(page)["balancer"] == "good"
    assert boxes(page)["app_1"] == "planned"


def test_a_picture_says_each_state_in_a_table_too(client, owner, service):
    showing(service, cases.warning())
    page = read(client.get(SHOW))
    rows = {node["data-key"]: node.words() for node in page.find_all("tr", "data-key")}
    assert "failed" in rows["table-app_2"]
    assert "warning" in rows["table-balancer"]


def test_the_failing_resource_and_its_reason_stand_at_the_top(client, owner, service):
    showing(service, cases.failed())
    page = read(client.get(SHOW))
    assert page.text("#why").startswith("Database server failed. No valid host was found.")
    assert page.text("#failure-request") == cases.REQUEST_ID
    assert page.has("#retry")
    assert page.has("#rollback")
    assert boxes(page)["database"] == "failed"


def test_an_auditor_gets_no_buttons(client, auditor, service):
    showing(service, cases.failed())
    page = read(client.get(SHOW))
    assert not any(page.has(button) for button in ("#retry", "#rollback", "#delete-environment", "#care-give"))


def test_what_is_not_well_and_what_was_changed_by_hand(client, owner, service):
    showing(service, cases.warning())
    page = read(client.get(SHOW))
    assert "1 of 2 application servers is down since 13:58" in page.text("#why")
    assert proofs(page)["members"] == "warning"
    assert "tcp 22 from anywhere" in page.text("#drift")
    assert page.has("#care-revoke")


def test_the_poller_hears_nothing_twice_but_every_change(client, owner, service, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    showing(service, cases.building(3))
    first = client.get(STATE)
    assert client.get(STATE, headers={"If-None-Match": first["ETag"]}).status_code == 304
    showing(service, cases.building(4))
    assert client.get(STATE, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_it_polls_quickly_while_something_happens_and_slowly_after(client, owner, service):
    showing(service, cases.building())
    busy = read(client.get(SHOW)).one("#environment")["data-to-every"]
    showing(service, cases.details())
    client.post("/tenant_ops/environment/other/prove/")
    idle = read(client.get("/tenant_ops/environment/other/")).one("#environment")["data-to-every"]
    assert float(busy) < float(idle)


def test_what_is_gone_sends_a_script_to_the_list_and_a_person_a_page(client, owner, service):
    service.details.side_effect = NotFound("There is no environment called shop in this project.")
    script = client.get(STATE, headers={"X-Requested-With": "XMLHttpRequest"})
    assert script["X-Tenant-Ops-Next"] == "/tenant_ops/"
    person = client.get(SHOW)
    assert person.status_code == 404
    assert "There is no environment called shop" in read(person).text("#tenant-ops")


def test_boxes_lead_to_horizon_s_own_pages(client, owner, service):
    assert "/project/instances/s-1/" in read(client.get(SHOW)).links("#picture")


def test_deleting_names_what_goes_and_what_stays(client, owner, service):
    page = read(client.get(DELETE))
    assert "3 servers" in page.text("#lost")
    assert "The data volume shop-data (20 GB)" in page.text("#kept")
    service.delete.assert_not_called()


def test_deleting_keeps_the_data_unless_told(client, owner, service):
    answer = client.post(DELETE)
    assert answer["Location"] == SHOW
    assert service.delete.call_args.kwargs == {"data": False}


@pytest.mark.parametrize("typed", ["", "Shop", "shop2"])
def test_deleting_data_takes_the_name(client, owner, service, typed):
    answer = client.post(DELETE, {"data": "true", "confirm": typed})
    assert answer.status_code == 422
    assert read(answer).text("#confirm-problem") == "Type the name, shop, exactly."
    service.delete.assert_not_called()


def test_deleting_data_with_the_name_typed(client, owner, service):
    client.post(DELETE, {"data": "true", "confirm": "shop"})
    assert service.delete.call_args.kwargs == {"data": True}


def test_what_stands_in_the_way_is_a_sentence(client, owner, service):
    service.delete.side_effect = Blocked("The port shop-extra of somebody else is on the DMZ network.")
    answer = client.post(DELETE)
    assert answer.status_code == 409
    assert "shop-extra" in read(answer).text("#tenant-ops")


def test_rolling_back_asks_first(client, owner, service):
    showing(service, cases.failed())
    address = SHOW + "rollback/"
    assert read(client.get(address)).has("#confirm-delete")
    service.rollback.assert_not_called()
    client.post(address)
    assert service.rollback.call_args.args[1] == "shop"


def test_unattended_care_is_offered_where_a_service_user_is_named(client, owner, service, settings):
    assert not read(client.get(SHOW)).has("#care-give")
    settings.TENANT_OPS_SERVICE_USER = "some-id"
    assert read(client.get(SHOW)).has("#care-give")


@pytest.mark.parametrize(("verb", "call"), [("give", "give"), ("revoke", "revoke")])
def test_unattended_care_can_be_given_and_revoked(client, owner, service, verb, call):
    assert client.post(SHOW + "care/", {"do": verb})["Location"] == SHOW
    getattr(service, call).assert_called_once()


def test_what_heat_cannot_do_is_done_while_somebody_watches_who_may(client, owner, service):
    showing(service, cases.building(24))
    client.get(SHOW)
    assert service.reconcile.call_args.args[1].name == "shop"
    assert service.details.call_count == 2


def test_an_auditor_s_look_changes_nothing(client, auditor, service):
    showing(service, cases.building(24))
    client.get(SHOW)
    client.get("/tenant_ops/")
    service.reconcile.assert_not_called()


def test_a_reconcile_that_fails_is_no_failure_of_the_page(client, owner, service):
    showing(service, cases.building(24))
    service.reconcile.side_effect = Unreachable("Neutron does not answer.", "Neutron")
    assert client.get(SHOW).status_code == 200


def test_the_last_look_at_what_was_deleted_sweeps_up(client, owner, service, settings):
    settings.TENANT_OPS_CACHE_SECONDS = 0
    leaving = cases.details(environment=cases.environment(status="deleting"))
    showing(service, leaving)
    client.get(SHOW)
    service.reconcile.reset_mock()
    service.details.side_effect = NotFound("There is no environment called shop.")
    assert client.get(SHOW).status_code == 404
    service.reconcile.assert_called_once()


def test_packets_are_sent_once_and_stand_beside_the_other_proofs(client, owner, service):
    page = read(client.get(SHOW))
    assert page.has("[data-to-auto]")
    client.post(SHOW + "prove/")
    page = read(client.get(SHOW))
    assert proofs(page)["closed"] == "good"
    assert not page.has("[data-to-auto]")
    assert "all 7 promises kept" in page.text("#environment-answer")


def test_packets_go_only_where_neutron_says_the_boxes_are(client, owner, service):
    showing(service, cases.details(outputs={"address": "169.254.169.254", "database": "127.0.0.1"}))
    assert not read(client.get(SHOW)).has("#prove")
    client.post(SHOW + "prove/")
    service.prove.assert_not_called()
    showing(service, cases.details(outputs={"address": "203.0.113.7", "database": "127.0.0.1"}))
    client.post("/tenant_ops/environment/other/prove/")
    assert service.prove.call_args.args[1].outputs == {"address": "203.0.113.7"}


def test_an_address_can_lead_through_the_operator_s_way(client, owner, service, settings):
    settings.TENANT_OPS_ADDRESS_VIA = "http://127.0.0.1:8/{address}/"
    assert read(client.get(SHOW)).links("#address") == ["http://127.0.0.1:8/203.0.113.7/"]


def test_a_delete_that_failed_says_so(client, owner, service):
    gone = tuple(replace(step, state="gone") for step in cases.progress().resources)
    progress = Progress(20, 24, 9.0, gone, "Router: port in use", cases.REQUEST_ID)
    showing(service, cases.details(environment=cases.environment(status="failed"), progress=progress))
    page = read(client.get(SHOW))
    assert page.text("#environment-answer").startswith("It could not be taken away wholly")


def test_after_a_change_of_one_s_own_the_next_look_is_fresh(client, owner, service):
    client.get(SHOW)
    client.post(DELETE)
    client.get(SHOW)
    assert service.details.call_count == 3
