"""Octavia: load balancers from being made to being gone, their members, pages and what is refused."""

from __future__ import annotations

from typing import Any

from tests.conformance.cases.networks import network
from tests.conformance.registry import case
from tests.conformance.target import NOTHING, Answer, Json, Person, Target

ROOT = "/lbaas/loadbalancers"
IMMUTABLE = "Pool ID is immutable and cannot be updated."


def said(words: str) -> Json:
    """An error of Octavia's."""
    return {"faultcode": "Client", "faultstring": words, "debuginfo": None}


def plainly(code: int, words: str) -> Json:
    """An error that Octavia's hooks gave before it was asked."""
    return {"code": code, "title": "Bad Request", "description": words}


def wanted(t: Target, subnet: str) -> Json:
    """A load balancer of OVN's with a listener, a pool and two members; it is made within seconds."""
    members = [{"address": f"10.77.0.{one}", "protocol_port": 8080, "subnet_id": subnet} for one in (11, 12)]
    pool = {"name": "app", "protocol": "TCP", "lb_algorithm": "SOURCE_IP_PORT", "members": members}
    listener = {"name": "http", "protocol": "TCP", "protocol_port": 80, "default_pool": pool}
    return {"name": t.name, "vip_subnet_id": subnet, "provider": "ovn", "tags": ["a"], "listeners": [listener]}


def calm(me: Person, path: str) -> bool:
    """Nothing of it is being worked on."""
    tree = me.get("load-balancer", f"{path}/status")
    return tree.status == 200 and "PENDING" not in str(tree.body)


def once_more(t: Target, ask: Any) -> Answer:
    """What is answered once the pool takes changes: it may be a moment later than its tree tells."""
    found: list[Answer] = []

    def taken() -> bool:
        found.append(ask())
        return found[-1].refused()[1] != said(IMMUTABLE)

    t.until(taken)
    return found[-1]


@case
def a_load_balancer(t: Target) -> None:
    me, subnet = t.person(), _subnet(t)
    answer = me.post("load-balancer", ROOT, {"loadbalancer": wanted(t, subnet)})
    assert answer.status == 201, answer
    made = answer.body["loadbalancer"]
    path = f"{ROOT}/{made['id']}"
    t.after(lambda: _take_away(t, path))
    assert (made["name"], made["provisioning_status"], made["operating_status"]) == (
        t.name,
        "PENDING_CREATE",
        "OFFLINE",
    )
    early = me.delete("load-balancer", f"{path}?cascade=true")
    words = "Invalid state PENDING_CREATE of loadbalancer resource ID"
    assert early.refused(made["id"]) == (409, said(words))
    t.until(lambda: calm(me, path))
    _rows(t, me, made["id"])
    _whose(t, made["id"])
    pool = f"/lbaas/pools/{me.get('load-balancer', path).body['loadbalancer']['pools'][0]['id']}"
    _pages(me, f"{pool}/members", "members")
    _members(t, me, path, pool)
    words = "Validation failure: Cannot delete Load Balancer ID - it has children"
    assert me.delete("load-balancer", path).refused(made["id"]) == (400, said(words))
    assert me.delete("load-balancer", f"{path}?cascade=true").status == 204
    late = me.delete("load-balancer", f"{path}?cascade=true").refused(made["id"])
    assert late in ((409, said("Invalid state PENDING_DELETE of loadbalancer resource ID")),
                    (404, said("Load Balancer ID not found.")))  # fmt: skip
    t.until(lambda: me.get("load-balancer", path).status == 404)
    assert made["id"] not in [one["id"] for one in me.get("load-balancer", ROOT).body["loadbalancers"]]


def _rows(t: Target, me: Person, id_: str) -> None:
    listed = me.get("load-balancer", ROOT, name=t.name, project_id=me.project)
    (row,) = listed.body["loadbalancers"]
    assert listed.body["loadbalancers_links"] == []
    t.recorded.like("load balancer", row)
    assert (row["id"], row["provisioning_status"], row["tags"]) == (id_, "ACTIVE", ["a"])
    shown = me.get("load-balancer", f"{ROOT}/{id_}")
    t.recorded.like("load balancer", shown.body["loadbalancer"])
    for many, kind in (("listeners", "listener"), ("pools", "pool")):
        found = [one for one in me.get("load-balancer", f"/lbaas/{many}", project_id=me.project).body[many]
                 if one["loadbalancers"] == [{"id": id_}]]  # fmt: skip
        assert len(found) == 1
        t.recorded.like(kind, found[0])
    assert me.get("load-balancer", "/lbaas/healthmonitors").status == 200
    tree = me.get("load-balancer", f"{ROOT}/{id_}/status").body["statuses"]["loadbalancer"]
    (listener,) = tree["listeners"]
    (pool,) = listener["pools"]
    for kind, one in (("load balancer", tree), ("listener", listener), ("pool", pool), ("member", pool["members"][0])):
        t.recorded.like(f"{kind} in a tree", one)
    stats = me.get("load-balancer", f"{ROOT}/{id_}/stats")
    t.recorded.like("statistics", stats.body["stats"])


def _whose(t: Target, id_: str) -> None:
    developer, forbidden = t.person("developer"), (403, said("Policy does not allow this request to be performed."))
    assert developer.get("load-balancer", f"{ROOT}/{id_}").refused() == forbidden
    assert developer.get("load-balancer", ROOT, project_id=t.person().project).refused() == forbidden
    assert developer.delete("load-balancer", f"{ROOT}/{id_}?cascade=true").refused() == forbidden
    assert id_ not in [one["id"] for one in developer.get("load-balancer", ROOT).body["loadbalancers"]]
    assert id_ in [one["id"] for one in t.person("operator").get("load-balancer", ROOT).body["loadbalancers"]]


def _pages(me: Person, path: str, key: str) -> None:
    first = me.get("load-balancer", path, limit=1)
    marker = first.body[key][0]["id"]
    assert first.ways(f"{key}_links") == {"next": {"limit": ["1"], "marker": [marker]}}
    second = me.get("load-balancer", path, limit=1, marker=marker)
    assert second.body[key][0]["id"] != marker
    assert "previous" in second.ways(f"{key}_links")
    refused = me.get("load-balancer", path, limit=1, marker=NOTHING)
    assert refused.refused() == (400, said("Supplied pagination marker 'ID' is not valid."))


def _members(t: Target, me: Person, balancer: str, pool: str) -> None:
    path = f"{pool}/members"
    first, second = me.get("load-balancer", path).body["members"]
    t.recorded.like("member", first)
    assert me.get("load-balancer", f"{path}/{first['id']}").body["member"] == first
    assert me.get("load-balancer", f"{path}/{NOTHING}").refused() == (404, said("Member ID not found."))
    strange = me.put("load-balancer", f"{path}/{first['id']}", {"member": {"strange": 1}})
    assert strange.refused() == (400, said("Unknown attribute for argument member_.member: strange"))
    heavy = me.put("load-balancer", f"{path}/{first['id']}", {"member": {"weight": 300}})
    words = "Invalid input for field/attribute weight. Value: '300'. Value should be lower or equal to 256"
    assert heavy.refused() == (400, said(words))
    changed = once_more(t, lambda: me.put("load-balancer", f"{path}/{first['id']}", {"member": {"name": "x"}}))
    assert (changed.status, changed.body["member"]["name"]) == (200, "x")
    assert changed.body["member"]["provisioning_status"] == "PENDING_UPDATE"
    immutable = (409, said(IMMUTABLE))
    id_ = pool.rpartition("/")[2]
    assert me.put("load-balancer", f"{path}/{second['id']}", {"member": {"name": "y"}}).refused(id_) == immutable
    assert me.delete("load-balancer", f"{path}/{second['id']}").refused(id_) == immutable
    t.until(lambda: calm(me, balancer))
    taken = {"member": {"address": first["address"], "protocol_port": 8080}}
    words = f"Another member on this pool is already using ip {first['address']} on protocol_port 8080"
    assert once_more(t, lambda: me.post("load-balancer", path, taken)).refused() == (409, said(words))
    new = {"member": {"address": "10.77.0.13", "protocol_port": 8080, "subnet_id": first["subnet_id"]}}
    added = once_more(t, lambda: me.post("load-balancer", path, new))
    assert (added.status, added.body["member"]["provisioning_status"]) == (201, "PENDING_CREATE")
    t.recorded.like("member", added.body["member"])
    t.until(lambda: calm(me, balancer))
    assert once_more(t, lambda: me.delete("load-balancer", f"{path}/{second['id']}")).status == 204
    t.until(lambda: calm(me, balancer))
    assert me.delete("load-balancer", f"{path}/{second['id']}").refused(second["id"]) == (
        404,
        said("Member ID not found."),
    )
    assert {one["address"] for one in me.get("load-balancer", path).body["members"]} == {first["address"], "10.77.0.13"}


@case
def layer_7_policies(t: Target) -> None:
    me, subnet = t.person(), _subnet(t)
    body = wanted(t, subnet) | {"provider": "amphora"}
    (listener,) = body["listeners"]
    old = {"type": "PATH", "compare_type": "STARTS_WITH", "value": "/old"}
    away = {"name": "away", "action": "REDIRECT_TO_URL", "redirect_url": "https://www.example.com/", "rules": [old, old]}
    listener["default_pool"].update(protocol="HTTP", lb_algorithm="ROUND_ROBIN")
    listener.update(protocol="HTTP", l7policies=[{"action": "REJECT", "position": 1, "rules": [old]}, away])
    made = me.post("load-balancer", ROOT, {"loadbalancer": body}).body["loadbalancer"]
    path = f"{ROOT}/{made['id']}"
    t.after(lambda: _take_away(t, path))
    t.until(lambda: calm(me, path))
    (owner,) = [one for one in me.get("load-balancer", "/lbaas/listeners", project_id=me.project).body["listeners"]
                if one["loadbalancers"] == [{"id": made["id"]}]]  # fmt: skip
    listed = me.get("load-balancer", "/lbaas/l7policies", project_id=me.project).body["l7policies"]
    ours = {one["action"]: one for one in listed if one["listener_id"] == owner["id"]}
    assert {one["id"] for one in owner["l7policies"]} == {one["id"] for one in ours.values()}
    policy = ours["REDIRECT_TO_URL"]
    t.recorded.like("l7policy", policy)
    assert (policy["redirect_url"], policy["redirect_http_code"], ours["REJECT"]["redirect_http_code"]) == (
        "https://www.example.com/", 302, None,
    )  # fmt: skip
    assert (policy["provisioning_status"], policy["operating_status"]) == ("ACTIVE", "OFFLINE")
    rules = f"/lbaas/l7policies/{policy['id']}/rules"
    first, second = me.get("load-balancer", rules).body["rules"]
    t.recorded.like("l7rule", first)
    assert {one["id"] for one in policy["rules"]} == {first["id"], second["id"]}
    assert {key: first[key] for key in (*old, "invert", "admin_state_up")} == old | {"invert": False, "admin_state_up": True}
    _pages(me, rules, "rules")
    gone = me.get("load-balancer", f"/lbaas/l7policies/{NOTHING}/rules").refused()
    assert gone == (404, plainly(404, "L7Policy ID not found."))


@case
def amphorae_are_for_administrators(t: Target) -> None:
    forbidden = (403, said("Policy does not allow this request to be performed."))
    assert t.person().get("load-balancer", "/octavia/amphorae").refused() == forbidden
    answer = t.person("operator").get("load-balancer", "/octavia/amphorae", loadbalancer_id=NOTHING)
    assert (answer.status, answer.body) == (200, {"amphorae": [], "amphorae_links": []})
    for one in t.person("operator").get("load-balancer", "/octavia/amphorae").body["amphorae"]:
        t.recorded.like("amphora", one)


@case
def what_octavia_has_not(t: Target) -> None:
    me = t.person()
    for path in ("loadbalancers", "listeners", "pools", "healthmonitors"):
        behind = me.get("load-balancer", f"/lbaas/{path}", limit=2, marker=NOTHING)
        assert behind.refused() == (400, said("Supplied pagination marker 'ID' is not valid."))
        strange = me.get("load-balancer", f"/lbaas/{path}", strange="1")
        assert strange.refused() == (400, said("One or more arguments are either duplicate or invalid"))
        wrong = me.get("load-balancer", f"/lbaas/{path}", limit="x")
        assert wrong.refused() == (400, plainly(400, "Supplied pagination limit 'x' is not valid."))
        assert me.get("load-balancer", f"/lbaas/{path}").body[f"{path}_links"] == []
    missing, one = (404, said("Load Balancer ID not found.")), f"{ROOT}/{NOTHING}"
    for path in (one, f"{one}/status"):
        assert me.get("load-balancer", path).refused() == missing
    for path in (one, f"{one}?cascade=true"):
        assert me.delete("load-balancer", path).refused() == missing


@case
def what_pools_have_not_and_octavia_does_not_make(t: Target) -> None:
    me = t.person()
    assert me.get("load-balancer", f"{ROOT}/{NOTHING}/stats").refused() == (404, said("Load Balancer ID not found."))
    assert me.get("load-balancer", f"/lbaas/pools/{NOTHING}").refused() == (404, said("Pool ID not found."))
    members = f"/lbaas/pools/{NOTHING}/members"
    for answer in (
        me.get("load-balancer", members),
        me.get("load-balancer", f"{members}/{NOTHING}"),
        me.post("load-balancer", members, {"member": {"address": "10.1.1.1", "protocol_port": 80}}),
        me.put("load-balancer", f"{members}/{NOTHING}", {"member": {"weight": 1}}),
        me.delete("load-balancer", f"{members}/{NOTHING}"),
    ):
        assert answer.refused() == (404, plainly(404, "Pool ID not found."))
    nowhere = me.post("load-balancer", ROOT, {"loadbalancer": {"name": t.name, "vip_subnet_id": NOTHING}})
    assert nowhere.refused() == (400, said("Subnet ID not found."))
    unknown = me.post("load-balancer", ROOT, {"loadbalancer": {"name": t.name, "strange": 1}})
    assert unknown.refused() == (400, said("Unknown attribute for argument load_balancer.loadbalancer: strange"))


@case
def quotas_of_octavia(t: Target) -> None:
    me = t.person()
    for path in (f"/quotas/{me.project}", f"/lbaas/quotas/{me.project}"):
        answer = me.get("load-balancer", path)
        assert answer.status == 200
        t.recorded.like("quota of octavia", answer.body["quota"])


@case
def providers_of_octavia(t: Target) -> None:
    answer = t.person().get("load-balancer", "/lbaas/providers")
    assert answer.status == 200
    told = {one["name"]: one["description"] for one in answer.body["providers"]}
    assert {"amphora", "ovn"} <= set(told)
    assert all(isinstance(one, str) for one in told.values())


@case
def flavors_of_octavia(t: Target) -> None:
    answer = t.person().get("load-balancer", "/lbaas/flavors")
    assert (answer.status, set(answer.body)) == (200, {"flavors", "flavors_links"})
    for one in answer.body["flavors"]:
        assert {name: type(value) for name, value in one.items()} == {
            "id": str, "name": str, "description": str, "enabled": bool, "flavor_profile_id": str,
        }  # fmt: skip


def _subnet(t: Target) -> str:
    there = network(t)
    return str(t.person().get("network", "/subnets", network_id=there).body["subnets"][0]["id"])


def _take_away(t: Target, path: str) -> None:
    """Once it takes a delete, and until it has gone."""
    me = t.person()
    t.until(lambda: me.delete("load-balancer", f"{path}?cascade=true").status in (204, 404))
    t.until(lambda: me.get("load-balancer", path).status == 404)
