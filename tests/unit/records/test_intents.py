"""Intents in the database: by project, each once, with since when it fares as it does."""

from __future__ import annotations

import datetime

import pytest

from tenant_ops_dashboard.environments.intent import Intent, identity
from tenant_ops_dashboard.errors import BadInput
from tenant_ops_dashboard.firewall.checking import Checked
from tenant_ops_dashboard.firewall.standing import Off, Standing, of_blueprints
from tenant_ops_dashboard.records import intents, models

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 11, 29, 12, 0, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
CLOSED = Intent("deny", "internet", "10.0.0.5", says="Closed.")
SHOP = {"shop-id": "tomcat-oracle"}


def own(intent: Intent = CLOSED, environment: str = "") -> Standing:
    return Standing(identity(intent, environment), intent, environment, who="ada", added=NOW)


def test_the_same_again_is_the_same_one_whatever_it_says() -> None:
    intents.add("project", own())
    again = intents.add("project", own(Intent("deny", "internet", "10.0.0.5", says="Shut.")))
    assert again.intent.says == "Closed."
    assert len(intents.kept("project")) == 1
    intents.add("project", own(environment="shop-id"))
    assert len(intents.kept("project")) == 2
    assert intents.kept("other") == ()


def test_there_is_an_end_to_how_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intents, "MOST", 1)
    intents.add("project", own())
    with pytest.raises(BadInput, match="1 intents already"):
        intents.add("project", own(environment="shop-id"))


def test_since_is_when_it_began_to_fare_so_and_an_older_look_says_nothing() -> None:
    one = own()
    intents.add("project", one)
    looks = [(True, 0), (False, 1), (False, 2), (True, -5)]
    for holds, minutes in looks:
        intents.keep(
            "project", [one], [Checked(holds, "because", {"src": {}}, ({"rule_id": "r"},))], NOW + minutes * MINUTE
        )
    (found,) = intents.broken("project")
    assert found.last is not None
    assert (found.last.holds, found.last.since, found.last.at) == (False, NOW + MINUTE, NOW + 2 * MINUTE)
    assert found.last.rules == ({"rule_id": "r"},)
    assert intents.broken("other") == ()


def test_a_blueprint_s_own_stand_without_a_row_and_can_be_switched_off() -> None:
    first = of_blueprints(SHOP)[0]
    assert [one.id for one in intents.of("project", SHOP)] == [one.id for one in of_blueprints(SHOP)]
    intents.switch("project", first, Off("ada", "moved", NOW))
    assert first.id not in {one.id for one in intents.on(intents.of("project", SHOP))}
    intents.keep("project", [first], [Checked(False, "open")], NOW)
    assert intents.broken("project") == ()
    intents.switch("project", first, None)
    assert first.id in {one.id for one in intents.on(intents.of("project", SHOP))}
    assert [one.id for one in intents.broken("project")] == [first.id]


def test_what_is_of_an_environment_that_is_gone_goes_and_no_other() -> None:
    for environment in ("", "shop-id", "gone-id", "elsewhere-id"):
        intents.add("project", own(environment=environment))
    intents.keep("project", of_blueprints(SHOP), [Checked(True, "")] * 3, NOW)
    assert intents.tidy("project", SHOP, lambda id_: id_ == "gone-id") == 1
    left = {one.environment for one in intents.kept("project")}
    assert left == {"", "shop-id", "elsewhere-id"}
    assert intents.tidy("project", {"shop-id": "web-jump"}, lambda id_: False) == 2, "what both bring stays"


def test_one_that_another_release_wrote_is_left_alone() -> None:
    intents.add("project", own())
    models.FirewallIntent.objects.update(content='{"expect": "perhaps"}')
    assert intents.kept("project") == ()
