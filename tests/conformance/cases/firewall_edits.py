"""FWaaS v2 as an editor meets it: revisions, If-Match, single rules of a list, and what of a rule is refused."""

from __future__ import annotations

from tests.conformance.cases.firewalls import ROOT, group, interface, policy, rule
from tests.conformance.cases.networks import said
from tests.conformance.registry import case
from tests.conformance.target import Json, Person, Target


def revision(t: Target, many: str, id_: str) -> int:
    (row,) = t.person().get("network", f"{ROOT}{many}/{id_}").body.values()
    found: int = row["revision_number"]
    return found


def changed(t: Target, many: str, id_: str, **fields: object) -> Json:
    """The answer of a PUT of these fields."""
    one = {"rules": "rule", "policies": "policy", "groups": "group"}[many]
    answer = t.person().put("network", f"{ROOT}{many}/{id_}", {f"firewall_{one}": fields})
    assert answer.status == 200, answer
    found: Json = answer.body[f"firewall_{one}"]
    return found


@case
def revisions_of_a_policy_and_its_rules(t: Target) -> None:
    first, second = rule(t)["id"], rule(t)["id"]
    held = policy(t, first)
    id_, began = held["id"], held["revision_number"]
    assert changed(t, "policies", id_, firewall_rules=[second, first])["revision_number"] == began, (
        "a list moves nothing"
    )
    assert changed(t, "policies", id_, name=f"{t.name}-x")["revision_number"] == began + 1
    assert changed(t, "policies", id_, audited=True)["revision_number"] == began + 2
    kept = changed(t, "policies", id_, firewall_rules=[first, second], audited=True)
    assert (kept["audited"], kept["revision_number"]) == (True, began + 2)
    fell = changed(t, "policies", id_, firewall_rules=[second, first])
    assert (fell["audited"], fell["revision_number"]) == (False, began + 3)
    at = revision(t, "rules", first)
    assert changed(t, "rules", first, description="x")["revision_number"] == at + 1
    assert changed(t, "rules", first, description="x")["revision_number"] == at + 1, "the same again moves nothing"
    assert revision(t, "policies", id_) == began + 3
    changed(t, "policies", id_, audited=True)
    changed(t, "rules", first, destination_port="81")
    row = t.person().get("network", f"{ROOT}policies/{id_}").body["firewall_policy"]
    assert (row["audited"], row["revision_number"]) == (False, began + 5)


@case
def revisions_of_a_group(t: Target) -> None:
    one, other = policy(t)["id"], policy(t)["id"]
    made = group(t, one)
    id_, began = made["id"], made["revision_number"]
    both = {"ingress_firewall_policy_id": other, "egress_firewall_policy_id": other}
    assert changed(t, "groups", id_, **both)["revision_number"] == began + 1
    assert changed(t, "groups", id_, **both)["revision_number"] == began + 1, "the same again moves nothing"
    whole = changed(t, "groups", id_, name=f"{t.name}-x", admin_state_up=False, egress_firewall_policy_id=None)
    assert whole["revision_number"] == began + 2
    changed(t, "policies", other, name=f"{t.name}-y", firewall_rules=[])
    assert revision(t, "groups", id_) == began + 2, "no change of a policy shows on the group"


@case
def if_match_of_fwaas(t: Target) -> None:
    me = t.person()
    held = policy(t, rule(t)["id"])["id"]
    made = group(t, held)["id"]
    for many, one, id_ in (("policies", "policy", held), ("groups", "group", made)):
        path, now = f"{ROOT}{many}/{id_}", revision(t, many, id_)
        body = {f"firewall_{one}": {"name": f"{t.name}-z"}}
        words = f"Constrained to {now + 7}, but current revision is {now}"
        refused = said("RevisionNumberConstraintFailed", words)
        assert me.ask("PUT", "network", path, body, revision=now + 7).refused() == (412, refused)
        assert revision(t, many, id_) == now
        answer = me.ask("PUT", "network", path, body, revision=now)
        assert (answer.status, answer.body[f"firewall_{one}"]["revision_number"]) == (200, now + 1)
    assert me.ask("DELETE", "network", f"{ROOT}policies/{held}", revision=99).status == 409, "in use comes first"
    for path in (f"{ROOT}groups/{made}", f"{ROOT}policies/{policy(t)['id']}", f"{ROOT}rules/{rule(t)['id']}"):
        assert me.ask("DELETE", "network", path, revision=99).status == 412
        assert me.get("network", path).status == 200


@case
def single_rules_of_a_list(t: Target) -> None:
    me = t.person()
    first, second, third = (rule(t)["id"] for _ in range(3))
    held = policy(t, first)["id"]
    changed(t, "policies", held, audited=True)
    path = f"{ROOT}policies/{held}"

    def put(verb: str, **fields: str) -> tuple[int, object]:
        answer = me.put("network", f"{path}/{verb}", fields)
        return answer.status, answer.body.get("firewall_rules")

    assert put("insert_rule", firewall_rule_id=second) == (200, [second, first])
    row = me.get("network", path).body["firewall_policy"]
    assert row["audited"] is False
    assert put("insert_rule", firewall_rule_id=third, insert_after=second) == (200, [second, third, first])
    twice = me.put("network", f"{path}/insert_rule", {"firewall_rule_id": third})
    words = "Operation cannot be performed since firewall rule ID is already associated with firewall policy ID."
    assert twice.refused(third, held) == (409, said("FirewallRuleAlreadyAssociated", words))
    assert put("remove_rule", firewall_rule_id=third) == (200, [second, first])
    gone = me.put("network", f"{path}/remove_rule", {"firewall_rule_id": third})
    words = "Firewall rule ID is not associated with firewall policy ID."
    assert gone.refused(third, held) == (400, said("FirewallRuleNotAssociatedWithPolicy", words))
    assert me.put("network", path, {"firewall_policy": {"firewall_rules": [first, first]}}).status == 400


@case
def fields_of_a_rule_that_neutron_refuses(t: Target) -> None:
    me = t.person()
    for fields, kind, words in (
        ({"protocol": "icmp", "destination_port": "80"}, "FirewallRuleInvalidICMPParameter",
         "Source, destination port are not allowed when protocol is set to ICMP."),
        ({"protocol": "sctp", "source_port": "80"}, "FirewallRuleInvalidICMPParameter",
         "Source, destination port are not allowed when protocol is set to ICMP."),
        ({"protocol": None, "destination_port": "80"}, "FirewallRuleWithPortWithoutProtocolInvalid",
         "Source/destination port requires a protocol."),
        ({"source_ip_address": "2001:db8::/64"}, "FirewallIpAddressConflict",
         "Invalid input - IP addresses do not agree with IP Version."),
    ):  # fmt: skip
        answer = me.post("network", f"{ROOT}rules", {"firewall_rule": {"name": t.name, **fields}})
        assert answer.refused() == (400, said(kind, words)), fields
    for fields in (
        {"protocol": "esp"}, {"protocol": "tcp", "destination_port": "90:80"}, {"protocol": "tcp", "source_port": "80-90"},
        {"protocol": "tcp", "source_port": "70000"}, {"source_ip_address": "10.0.0"}, {"name": "a\tb"}, {"name": "blank "},
        {"name": "\U0001f525"}, {"name": "   "}, {"name": "\u202egnp"},
    ):  # fmt: skip
        answer = me.post("network", f"{ROOT}rules", {"firewall_rule": {"name": t.name, **fields}})
        assert answer.status == 400, (fields, answer)


@case
def fields_of_a_rule_that_neutron_takes_and_keeps_otherwise(t: Target) -> None:
    fields = {
        "name": f"{t.name} <b>",
        "protocol": "tcp",
        "destination_port": "0:10",
        "source_ip_address": "10.0.0.5/24",
    }
    made = t.make("network", f"{ROOT}rules", {"firewall_rule": fields})
    kept = (
        "any port",
        made["destination_port"],
        made["source_ip_address"],
        made["action"],
        made["enabled"],
        made["ip_version"],
    )
    assert kept == ("any port", None, "10.0.0.5/24", "deny", True, 4)
    assert changed(t, "rules", made["id"], destination_port="80:80", action="ALLOW")["destination_port"] == "80"
    (row,) = t.person().get("network", f"{ROOT}rules", name=f"{t.name} <b>").body["firewall_rules"]
    assert (row["action"], row["firewall_policy_id"]) == ("allow", None)


@case
def ports_and_policies_of_a_group_in_one_put(t: Target) -> None:
    _, router = interface(t)
    one, other = policy(t)["id"], policy(t)["id"]
    made = group(t, one)
    began = made["revision_number"]
    both = changed(t, "groups", made["id"], ports=[router], ingress_firewall_policy_id=other)
    assert (both["ports"], both["revision_number"]) == ([router], began + 1)
    assert changed(t, "groups", made["id"], ports=[router])["revision_number"] == began + 1
    assert changed(t, "groups", made["id"], ports=[])["revision_number"] == began + 2


@case
def sharing_a_policy(t: Target) -> None:
    me, operator, other = t.person(), t.person("operator"), t.person("developer")
    held = rule(t)["id"]
    id_ = policy(t, held)["id"]
    first, second = f"{ROOT}rules/{held}", f"{ROOT}policies/{id_}"

    def refused(who: Person, path: str, **fields: object) -> tuple[int, object]:
        one = "firewall_rule" if path == first else "firewall_policy"
        answer = who.put("network", path, {one: fields})
        return answer.refused(id_, held) if answer.status > 299 else (answer.status, answer.body[one]["shared"])

    def forbidden(what: str) -> tuple[int, object]:
        return 403, said("PolicyNotAuthorized", f"{what} is disallowed by policy")

    for path, what in ((first, "rule:update_firewall_rule"), (second, "rule:update_firewall_policy")):
        assert refused(me, path, shared=True) == forbidden(f"({what} and {what}:shared)")
    words = "Operation cannot be performed. Before sharing firewall policy ID, share associated firewall rule ID."
    assert refused(operator, second, shared=True) == (409, said("FirewallPolicySharingConflict", words))
    assert refused(operator, first, shared=True) == (200, True)
    assert refused(operator, second, shared=True) == (200, True)
    assert [other.get("network", path).status for path in (first, second)] == [200, 200]
    assert len(other.get("network", f"{ROOT}policies", name=t.name).body["firewall_policies"]) == 1
    assert refused(other, second, name="x") == forbidden("rule:update_firewall_policy")
    asked = {"name": t.name, "ingress_firewall_policy_id": id_}
    using = other.post("network", f"{ROOT}groups", {"firewall_group": asked}).body["firewall_group"]["id"]
    try:
        words = "Firewall policy ID is being used."
        assert refused(operator, second, shared=False) == (409, said("FirewallPolicyInUse", words))
    finally:
        assert other.delete("network", f"{ROOT}groups/{using}").status == 204
    assert refused(operator, second, shared=False) == (200, False)
    assert refused(operator, first, shared=False) == (200, False)
    assert other.get("network", second).status == 404
