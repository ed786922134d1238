"""Rules suggested on a page: from a denied probe by one button, looked at, and kept as a draft."""

import pytest
from django.core.cache import cache

from tests.unit.panels.firewall.test_pages import INDEX, edit, group, numbers, page  # noqa: F401
from tests.unit.panels.reading import read

pytestmark = pytest.mark.django_db
SUGGEST = f"{INDEX}suggest/"
WISH = {"want": "allow", "source": "tier:shop/dmz", "target": "tier:shop/database", "protocol": "tcp", "port": "22"}


def asked(client, **wish):
    answer = client.get(SUGGEST, {**WISH, **wish})
    assert answer.status_code == 200, read(answer).text("#suggest-form")
    return read(answer)


def _links(found, name):
    return [one for one in found.find_all("a", "href") if one.get("id") == name]


def kept(client, found, **wish):
    (token,) = [one["value"] for one in found.find_all("input", "name") if one["name"] == "shown"]
    return client.post(SUGGEST, {**WISH, **wish, "shown": token})


def test_from_a_denied_probe_one_button_leads_to_a_draft(client, owner, group, world):  # noqa: F811
    query = {name: WISH[name] for name in ("source", "target", "protocol", "port")}
    found = read(client.get(f"{INDEX}probe/", query))
    (link,) = _links(found, "let")
    assert found.text("#let") == "Draft the rules that let it through" and not _links(found, "close")
    page_ = read(client.get(link["href"].replace("&amp;", "&")))
    rules = page_.text("#rules")
    assert "Firewall group shop-fw, ingress" in rules and "port 22" in rules and "Security group" in rules
    assert "now open" in page_.text("#gained") and page_.text("#lost") == "nothing"
    world.calls()
    answer = kept(client, page_)
    id_ = next(one["id"] for one in world.things.kept["security-groups"].values() if "database" in one["name"])
    review = f"{INDEX}group/{group}/apply/?then=security-group%3A{id_}"
    assert answer.status_code == 302 and answer["Location"] == review
    assert not [call for call in world.calls() if not call.startswith("GET")]
    assert "Review draft" in page(client, group).text("#review")
    there = client.get(f"{INDEX}security-group/{id_}/").content.decode()
    assert "Review draft" in there and "tier:shop/dmz to tier:shop/database" in there
    assert any(": 22" in one and "new" in one for one in numbers(page(client, group), "ingress"))


def test_one_review_follows_the_other_until_the_wish_is_true(client, owner, group):  # noqa: F811
    review = kept(client, asked(client))["Location"]
    shown = read(client.get(review))
    assert "review of 1 more draft" in shown.text("#to-come")
    second = applied(client, review, shown)
    assert second.startswith(f"{INDEX}security-group/") and second.endswith("/apply/")
    shown = read(client.get(second))
    assert not shown.has("#to-come")
    assert applied(client, second, shown) == second.removesuffix("apply/")
    assert "It gets through." in read(client.get(SUGGEST, WISH)).text("#suggestion")
    assert client.get(review)["Location"] == second, "what is applied already leads on"


@pytest.mark.parametrize("then", ["security-group:../../x", "nothing:1", "security-group:", "https://example.org/"])
def test_an_address_leads_nowhere_but_to_reviews(client, owner, group, then):  # noqa: F811
    answer = client.get(f"{INDEX}group/{group}/apply/", {"then": then})
    assert answer.status_code == 302 and answer["Location"] == f"{INDEX}group/{group}/"
    edit(client, group, "off:0")
    assert not read(client.get(f"{INDEX}group/{group}/apply/", {"then": then})).has("#to-come")


def applied(client, address, shown):
    (version,) = [one["value"] for one in shown.find_all("input", "name") if one["name"] == "version"]
    answer = client.post(address, {"version": version})
    assert answer.status_code == 302, answer.content.decode()
    return answer["Location"]


def test_a_draft_that_is_there_is_not_written_over(client, owner, group):  # noqa: F811
    edit(client, group, "off:0")
    answer = kept(client, asked(client))
    assert answer.status_code == 409 and "You have a draft of shop-fw" in answer.content.decode()
    edit(client, group, "discard")
    assert kept(client, asked(client)).status_code == 302
    assert kept(client, asked(client)).status_code == 302, "a second click"


def test_a_draft_that_came_back_to_what_is_there_is_in_nobodys_way(client, owner, group, world):  # noqa: F811
    id_ = next(one["id"] for one in world.things.kept["security-groups"].values() if "database" in one["name"])
    where = f"{INDEX}security-group/{id_}/"
    for port in ("1522", "1521"):
        (version,) = {one["value"] for one in read(client.get(where)).find_all("input", "name") if one["name"] == "version"}
        told = {"ethertype": "IPv4", "protocol": "tcp", "port_range_min": port, "remote_group_id": "secu-12"}
        assert client.post(f"{where}ingress/rule/?change=0", {**told, "version": version}).status_code == 302
    assert "Review draft" not in client.get(where).content.decode()
    assert kept(client, asked(client)).status_code == 302


def test_what_changed_after_the_page_was_shown_is_not_kept(client, owner, group, world):  # noqa: F811
    found = asked(client)
    policies = world.things.kept["firewall_policies"]
    in_force = world.things.kept["firewall_groups"][group]["ingress_firewall_policy_id"]
    policies[in_force]["firewall_rules"] = policies[in_force]["firewall_rules"][1:]
    cache.clear()
    assert kept(client, found).status_code == 409


def test_an_allowed_probe_leads_to_rules_that_close_it(client, owner, group):  # noqa: F811
    query = {"source": WISH["source"], "target": WISH["target"], "protocol": "tcp", "port": "1521"}
    assert "close" in read(client.get(f"{INDEX}probe/", query)).text("#close")
    found = asked(client, want="deny", port="1521")
    assert "deny tcp" in found.text("#rules") and "now closed" in found.text("#lost")


def test_what_no_rule_does_is_said(client, owner, group):  # noqa: F811
    found = asked(client, source="internet")
    assert "give" in found.text("#cannot") and "floating address" in found.text("#cannot")


@pytest.mark.parametrize(
    ("field", "value"), [("port", "0"), ("port", "9-1"), ("target", "server:nobody"), ("source", "10.0.0.0/99")]
)
def test_a_mistake_stands_at_its_field(client, owner, group, field, value):  # noqa: F811
    answer = client.get(SUGGEST, {**WISH, field: value})
    assert answer.status_code == 422
    (box,) = [one for one in read(answer).find_all("input", "name") if one["name"] == field]
    assert (box["value"], box.get("aria-invalid")) == (value, "true")


def test_a_reader_is_offered_no_drafts(client, auditor, group):  # noqa: F811
    query = {name: WISH[name] for name in ("source", "target", "protocol", "port")}
    assert not _links(read(client.get(f"{INDEX}probe/", query)), "let")
    assert client.get(SUGGEST, WISH).status_code == 403


def copied(client, group, direction, words, **more):  # noqa: F811
    where = f"{INDEX}group/{group}/{direction}/copy/"
    form = read(client.get(where))
    (version,) = [one["value"] for one in form.find_all("input", "name") if one["name"] == "version"]
    chosen = next(one for one in form.find_all("option", "value") if words in one.words())
    return client.post(where, {"copy": chosen["value"], "version": version, **more})


def test_a_rule_is_begun_as_a_copy_of_a_security_groups(client, owner, group):  # noqa: F811
    assert f"/group/{group}/ingress/copy/" in client.get(f"{INDEX}group/{group}/ingress/rule/").content.decode()
    answer = copied(client, group, "ingress", "tcp 1521")
    assert answer.status_code == 302, read(answer).text("#copy-form")
    if "/rule/?" in answer["Location"]:
        form = read(client.get(answer["Location"]))
        filled = {one["name"]: one.get("value") for one in form.find_all("input", "name")}
        assert filled["destination_port"] == "1521" and filled["destination_ip_address"].startswith("10.20.2.")
    else:
        assert any(": 1521" in one and "new" in one for one in numbers(page(client, group), "ingress"))


def test_a_copy_that_cannot_be_is_refused_at_its_field(client, owner, group, world):  # noqa: F811
    group_ = next(one for one in world.things.kept["security-groups"].values() if "database" in one["name"])
    group_["security_group_rules"].append(
        {**group_["security_group_rules"][-1], "id": "gre", "protocol": "gre", "port_range_min": None,
         "port_range_max": None}
    )  # fmt: skip
    cache.clear()
    answer = copied(client, group, "ingress", "gre")
    assert answer.status_code == 422 and "cannot name the protocol gre" in answer.content.decode()
    assert client.post(f"{INDEX}group/{group}/ingress/copy/", {"copy": "nothing"}).status_code == 422
