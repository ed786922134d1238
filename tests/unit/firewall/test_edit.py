"""What a person does to a draft gives a new draft and leaves everything else where it was."""

import pytest

from tenant_ops_dashboard.firewall import draft, edit
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import Rule


def made(*names, **more):
    rules = [{"id": f"id-{name}", "name": name} for name in names]
    return draft.parse({"group": {"id": "g", "ports": ["p"]}, "ingress": {"policy": "i", "rules": rules}, **more})


def names(told, direction="ingress"):
    policy = told.state.policy(direction)
    return "".join(rule.name for rule in policy.rules) if policy else None


@pytest.mark.parametrize(
    ("done", "left"),
    [
        (lambda told: edit.insert(told, "ingress", [Rule(name="x"), Rule(name="y")], 1), "axybcd"),
        (lambda told: edit.insert(told, "ingress", [Rule(name="x")]), "abcdx"),
        (lambda told: edit.insert(told, "ingress", [Rule(name="x")], 0), "xabcd"),
        (lambda told: edit.remove(told, "ingress", [0, 2]), "bd"),
        (lambda told: edit.move(told, "ingress", [3], 0), "dabc"),
        (lambda told: edit.move(told, "ingress", [0], 3), "bcda"),
        (lambda told: edit.move(told, "ingress", [2, 0], 1), "bacd"),
        (lambda told: edit.change(told, "ingress", 1, name="B"), "aBcd"),
        (lambda told: edit.without_policy(told, "ingress"), None),
    ],
)
def test_rules_come_go_and_move(done, left):
    before = made("a", "b", "c", "d")
    after = done(before)
    assert names(after) == left
    assert names(before) == "abcd"
    assert (after.base, after.state.egress, after.state.group) == (before.base, None, before.state.group)


def test_a_changed_rule_stays_the_same_rule_and_its_policy_the_same_policy():
    after = edit.enable(edit.change(made("a", "b"), "ingress", 0, destination_port="80"), "ingress", [0, 1], False)
    first, second = after.state.ingress.rules
    assert (first.id, first.destination_port, first.enabled, second.enabled) == ("id-a", "80", False, False)
    assert after.state.ingress.policy == "i"


def test_the_first_rule_of_a_direction_makes_its_policy():
    after = edit.insert(made("a"), "egress", [Rule(name="x")])
    assert (names(after, "egress"), after.state.egress.policy) == ("x", None)


@pytest.mark.parametrize(
    "done",
    [
        lambda told: edit.insert(told, "ingress", [Rule()], 3),
        lambda told: edit.insert(told, "ingress", [Rule()], -1),
        lambda told: edit.change(told, "ingress", 2, name="x"),
        lambda told: edit.enable(told, "egress", [0], True),
        lambda told: edit.remove(told, "ingress", [0, -1]),
        lambda told: edit.move(told, "ingress", [0], 2),
        lambda told: edit.back_to_start(told),
    ],
)
def test_what_is_not_there_is_refused(done):
    with pytest.raises(BadDraft):
        done(made("a", "b"))


def test_all_edits_can_be_taken_back():
    was = {"group": {"id": "g", "name": "shop", "ports": ["p"]}, "ingress": {"rules": [{"name": "a"}]}, "egress": None}
    start = made("a", base={"was": was})
    edited = edit.set_group(edit.remove(start, "ingress", [0]), name="other", ports=("q",))
    assert (edited.state.group.name, edited.state.group.ports) == ("other", ("q",))
    assert draft.written(edit.back_to_start(edited))["group"]["name"] == "shop"
