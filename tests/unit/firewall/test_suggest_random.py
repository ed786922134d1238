"""Random wishes on random clouds: a suggestion does what is wished, tells what else it does, and has no rule too many."""

import random

import pytest

from tenant_ops_dashboard.firewall import checks, draft
from tenant_ops_dashboard.firewall.checking import Set, check_allow, check_deny
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.security_groups import checks as group_checks
from tenant_ops_dashboard.firewall.security_groups import draft as group_draft
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.firewall.suggest import suggest
from tenant_ops_dashboard.reachability.diff import diff
from tests.unit.firewall.applied import applied
from tests.unit.firewall.test_intents_random import ENDS
from tests.unit.firewall.test_intents_random import packets as wished
from tests.unit.firewall.test_preview_random import cloud, inside, packets, worth

pytestmark = pytest.mark.usefixtures("patient")


def holds(seen, wish, want):
    ends = Ends(seen, Names(None))
    check = check_allow if want == "allow" else check_deny
    return check(ends.engine, ends.source(wish["from"], "from"), ends.target(wish["to"], "to"), wish["packets"]).holds


def told(boxes, packet):
    return any(inside(box, packet) for box in boxes)


def some(rng):
    """A cloud and a wish."""
    raw = cloud(rng)
    protocol = rng.choice(["tcp", "tcp", "udp", "icmp", None])
    port = rng.choice([None, "80", "80"]) if protocol in ("tcp", "udp") else None
    wish = {"from": rng.choice(list(ENDS)), "to": rng.choice(list(ENDS)), "protocol": protocol, "dst_port": port}
    return raw, {**wish, "packets": Set(protocol, (80, 80) if port else None)}


@pytest.mark.parametrize("want", ["allow", "deny"])
@pytest.mark.parametrize("seed", range(16))
def test_a_suggestion_does_what_is_wished_and_says_what_else(seed, want):
    rng = random.Random(f"{seed} {want}")
    for _ in range(2):
        raw, wish = some(rng)
        before = Seen(raw)
        ends = Ends(before, Names(None))
        ports = (80, 80) if wish["dst_port"] else None
        found = suggest(ends, wish["from"], wish["to"], wish["protocol"], ports, want)
        written = found.written()
        after, rules = applied(raw, written)
        assert holds(after, wish, want) is found.holds or found.cannot, (wish, written["rules"])
        assert found.holds is not False or found.cannot
        for one in written["firewall"]:
            checks.refuse(draft.parse(one).state, before.engine.profile)
        for one in written["security_groups"]:
            group_checks.refuse(group_draft.parse(one).state)
        if found.holds:
            for asked in wished(rng, wish):
                fates = [worth(after.engine, one) for one in asked]
                assert (max(fates) == 2) if want == "allow" else (max(fates) == 0), (wish, asked)
        for packet in packets(rng, 60):
            was, now = worth(before.engine, packet), worth(after.engine, packet)
            preview = written["preview"]
            assert (now > was) is told(preview["gained"], packet), (wish, packet, written["rules"])
            assert (now < was) is told(preview["lost"], packet), (wish, packet, written["rules"])
            assert not told(written["also_opens"], packet) or now > was
            assert not told(written["also_closes"], packet) or now < was
        # What is left of a security group's rule stays, whether somebody uses it or not.
        narrowed = any(len(one["rules"]) and _gone(one) for one in written["security_groups"])
        for number in range(rules if found.holds and not narrowed else 0):
            less, _ = applied(raw, written, without=number)
            # A rule that the wish does without is there so that less happens besides.
            needed = holds(less, wish, want) is not True or diff(after.engine, less.engine)
            assert needed, (number, written["rules"])


def _gone(written):
    kept = {one.get("id") for one in written["rules"]}
    return any(one["id"] not in kept for one in written["base"]["was"]["rules"])
