"""Lists long enough for the shortcuts of the construction, held against rule by rule reading."""

import ipaddress
import random

import pytest

from bench.policies import policy, towards
from tenant_ops_dashboard.reachability import analyse_policy, spans
from tenant_ops_dashboard.reachability.boxes import DST, SRC, WHOLE, inside
from tenant_ops_dashboard.reachability.budget import Budget
from tenant_ops_dashboard.reachability.build import all_matches, first_match, first_permit
from tenant_ops_dashboard.reachability.diagram import Diagrams
from tenant_ops_dashboard.reachability.order import BY_DESTINATION, BY_SOURCE
from tests.verify.reachability import naive_policy


def corners(box, rng):
    """Some packets of a box: its lowest, its highest, and one between."""
    yield tuple(field[0][0] for field in box)
    yield tuple(field[-1][1] for field in box)
    yield tuple(rng.randint(*rng.choice(field)) for field in box)


def written(point):
    """A point of IPv4 as the packet of the contract."""
    protocol, src, dst, dst_port, src_port = point
    ends = {"src": str(ipaddress.IPv4Address(src)), "dst": str(ipaddress.IPv4Address(dst))}
    kind = {"icmp_type": dst_port >> 8, "icmp_code": dst_port & 255}
    return {**ends, "protocol": protocol, "src_port": src_port, "dst_port": dst_port, **kind}


@pytest.mark.parametrize(("make", "order"), [(policy, None), (towards, BY_DESTINATION)])
@pytest.mark.parametrize("seed", range(3))
def test_each_box_of_a_long_policy_is_decided_as_the_naive_evaluator_decides_it(make, order, seed):
    rules, rng = make(150, seed), random.Random(seed)
    analysis = analyse_policy(rules, budget=Budget(seconds=60))
    store = analysis.stores[4]
    assert order in (None, store.order)
    found = list(store.boxes(analysis.roots[4]))
    decided = {rules[analysis._order[4][value - 1][0]]["id"] for _, value in found}
    assert analysis.never_matched == [rule["id"] for rule in rules if rule["id"] not in decided]
    for box, value in rng.sample(found, min(len(found), 150)):
        for point in corners(box, rng):
            assert naive_policy.decides(rules, written(point)) == rules[analysis._order[4][value - 1][0]]["id"], point


def some_intervals(rng, top, base):
    """One to three intervals of a field around few places, or all of it."""
    if rng.random() < 0.3:
        return ((0, top),)
    lows = sorted(rng.sample(range(base, base + 60, 4), rng.choice([1, 1, 2, 3])))
    return tuple((low, low + rng.choice([0, 1, 2])) for low in lows)


def some_boxes(count, seed):
    """Matches whose fields have several intervals, as security groups and balancers make them."""
    rng = random.Random(seed)
    whole = WHOLE[4]
    return [
        (
            (rng.choice([(6, 6), (17, 17), (0, 255)]),),
            *(some_intervals(rng, whole[field][0][1], 80) for field in range(1, 5)),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("order", [BY_SOURCE, BY_DESTINATION], ids=["by source", "by destination"])
@pytest.mark.parametrize("seed", range(4))
def test_sets_of_several_intervals_are_matched_as_one_by_one(order, seed):
    rules, rng = some_boxes(40, seed), random.Random(seed)
    permits = [rng.random() < 0.5 for _ in rules]
    store = Diagrams(4, Budget(seconds=60), order)
    first, permit = first_match(store, rules), first_permit(store, rules, permits)
    everyone, named = all_matches(store, rules[:16])
    points = [tuple(field[0][0] for field in box) for box, _ in store.boxes(first)]
    points += [tuple(rng.choice([79, *range(80, 142)]) for _ in range(5)) for _ in range(300)]
    points += [(rng.choice([6, 17, 1]), *point[1:]) for point in points[-300:]]
    told = [look_up(store, root, points) for root in (first, permit, everyone)]
    for point, decides, lets, all_of_them in zip(points, *told, strict=True):
        matching = [index for index, rule in enumerate(rules) if inside(rule, point)]
        assert decides == (matching[0] + 1 if matching else 0)
        assert lets == (permits[matching[0]] if matching else 0)
        assert named[all_of_them] == tuple(index for index in matching if index < 16)


def look_up(store, root, points):
    """The leaf value of each point."""
    boxes = list(store.boxes(root))
    return [next((value for box, value in boxes if inside(box, point)), 0) for point in points]


def test_a_match_that_holds_nothing_in_a_field_matches_nothing():
    empty = (*WHOLE[4][:SRC], (), *WHOLE[4][DST:])
    store = Diagrams(4)
    assert [value for _, value in store.boxes(first_match(store, [empty, WHOLE[4]]))] == [2]


SPELLINGS = [
    "10.0.0.1", "255.255.255.255", "0.0.0.0", " 10.0.0.1 ", "10.0.0.1\n", "010.0.0.1", "10.0.0.00", "10.0.0.256", "10.0.0",
    "10.0.0.0.1", "10..0.1", "+1.0.0.1", "1_0.0.0.1", "１0.0.0.1", "0x10.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "", ". . .",
]  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_an_address_is_read_as_python_reads_it(text):
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        with pytest.raises(ValueError, match="is no IP address"):
            spans.address(text)
    else:
        assert spans.address(text) == (found.version, int(found))
