"""A draft's JSON: what is written can be read again, and what cannot be read is named by its place."""

import copy
import json

import pytest

from tenant_ops_dashboard.firewall import draft
from tenant_ops_dashboard.firewall.errors import BadDraft

DRAFT = {
    "group": {"id": "g", "name": "shop-fw", "admin_state_up": True, "ports": ["p1", "p2"]},
    "ingress": {"policy": "i", "name": "in", "rules": [
        {"id": "r1", "name": "web", "action": "allow", "protocol": "TCP", "destination_port": 80},
        {"name": "new", "action": "deny", "ip_version": 6, "source_ip_address": "2001:db8::/32"},
    ]},
    "egress": None,
    "base": {"group": 3, "ingress": 0, "egress": None, "rules": {"r1": 2}},
}  # fmt: skip


def test_what_is_written_is_read_again():
    read = draft.parse(DRAFT)
    again = draft.loads(json.dumps(draft.written(read)))
    assert again == read
    first, second = read.state.rules
    assert (first.protocol, first.destination_port, first.enabled) == ("tcp", "80", True)
    assert (second.id, second.ip_version, second.action) == (None, 6, "deny")
    assert "id" not in draft.rule_written(second)
    assert (read.base.group, read.base.rules) == (3, {"r1": 2})


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("extra",), 1, "extra: is unknown"),
        (("group",), [], "group: must be an object"),
        (("group", "ports"), ["p", "p"], "group.ports: names a port twice"),
        (("group", "ports"), [None], "group.ports[0]: must be the id of a port"),
        (("group", "admin_state_up"), "yes", "group.admin_state_up: must be true or false"),
        (("ingress", "rules"), {}, "ingress.rules: must be a list"),
        (("ingress", "rules"), [{}] * 5001, "ingress.rules: has 5001 rules"),
        (("ingress", "rules", 1, "id"), "r1", "ingress.rules[1].id: is the id of a rule above it"),
        (("ingress", "rules", 0, "ports"), "80", "ingress.rules[0].ports: is unknown"),
        (("ingress", "rules", 0, "action"), "drop", "ingress.rules[0].action: must be one of allow, deny, reject"),
        (("ingress", "rules", 0, "ip_version"), True, "ingress.rules[0].ip_version: must be 4 or 6"),
        (("ingress", "rules", 0, "enabled"), None, "ingress.rules[0].enabled: must be true or false"),
        (("ingress", "rules", 0, "name"), "x" * 256, "ingress.rules[0].name: has 256 characters"),
        (("ingress", "rules", 0, "protocol"), ["tcp"], "ingress.rules[0].protocol: must be a text"),
        (("egress",), {"policy": "e"}, "egress.rules: is missing"),
        (("base", "group"), "3", "base.group: must be a revision number"),
        (("base", "rules", "r1"), 1.5, "base.rules.r1: must be a revision number"),
        (("base", "was"), {"ingress": None}, "base.was.group: is missing"),
    ],
)
def test_a_mistake_is_named_by_its_place(path, value, said):
    given = copy.deepcopy(DRAFT)
    place = given
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(BadDraft) as caught:
        draft.parse(given)
    assert str(caught.value).startswith(said)
    assert caught.value.field == said.split(": ")[0]


def test_text_that_is_no_json_is_told():
    for text in ("{", "[" * 100_000, ""):
        with pytest.raises(BadDraft, match="no JSON"):
            draft.loads(text)
