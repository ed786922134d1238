"""Where nobody said which back end filters: each that it may be is asked, and what they do not agree on is not known."""

from dataclasses import replace

import pytest

from tenant_ops_dashboard.firewall import read
from tenant_ops_dashboard.firewall.ends import Ends
from tenant_ops_dashboard.firewall.intents import check, parse
from tenant_ops_dashboard.firewall.names import Names
from tenant_ops_dashboard.firewall.preview import preview
from tenant_ops_dashboard.firewall.snapshot import Seen
from tenant_ops_dashboard.reachability.diff import diff
from tenant_ops_dashboard.reachability.engine import Engine
from tenant_ops_dashboard.reachability.exposure import exposure
from tenant_ops_dashboard.reachability.probe import probe
from tenant_ops_dashboard.reachability.snapshot import build_snapshot
from tests.unit.reachability.cloudmaker import two_tiers

WEB = {"protocol": "tcp", "destination_port": "443"}
DATABASE = {"protocol": "tcp", "destination_port": "1521", "destination_ip_address": "10.0.2.0/24"}
NOT_KNOWN = "TENANT_OPS_FIREWALL_PROFILE"


@pytest.fixture
def cloud():
    """The gravest case: 'app' may ask the web, which the L3 agent takes for all of it, the database's network too."""
    made = two_tiers()
    made.firewall("fw", ["r1-dmz", "r1-db"], ingress=[DATABASE], egress=[DATABASE, WEB])
    made.raw["meta"] = {"profile": ""}
    return made


def packet(port):
    return {"src": {"port": "app"}, "dst": {"port": "data"}, "protocol": "tcp", "dst_port": port}


def engine(cloud, profile=None):
    return Engine(build_snapshot(cloud.raw), profile)


def test_a_probe_says_what_each_would_do_and_gives_the_more_open_answer(cloud):
    assert [probe(engine(cloud, one), packet(443))["verdict"] for one in ("ovn", "l3-agent")] == ["deny", "allow"]
    answer = probe(engine(cloud), packet(443))
    assert (answer["verdict"], answer["profile"]) == ("allow", "")
    assert NOT_KNOWN in answer["unknown"][0] and "ovn: deny; l3-agent: allow" in answer["unknown"][0]


def test_a_probe_on_which_they_agree_is_sure(cloud):
    answer = probe(engine(cloud), packet(22))
    assert (answer["verdict"], answer["profile"], answer["unknown"]) == ("deny", "", [])


def test_what_meets_no_firewall_group_is_sure(cloud):
    cloud.raw["firewall_groups"] = []
    assert [one["unknown"] for one in exposure(engine(cloud), "port:app", "port:data")] == [[]]


def test_an_exposure_says_that_it_is_not_sure(cloud):
    (entry,) = exposure(engine(cloud), "port:app", "port:data")
    assert entry["profile"] == "" and NOT_KNOWN in entry["unknown"][0]
    assert not any(
        NOT_KNOWN in said for one in exposure(engine(cloud, "ovn"), "port:app", "port:data") for said in one["unknown"]
    )


def test_no_promise_that_nothing_passes_is_kept_for_sure(cloud):
    ends = Ends(Seen(cloud.raw), Names(None))
    wish = {"expect": "deny", "from": "port:app", "to": "port:data", "protocol": "tcp", "dst_port": "443"}
    (judged,) = check(ends.engine, parse([wish]), ends)
    assert judged.found.holds is None and NOT_KNOWN in judged.found.because


def test_a_preview_has_what_changes_on_any_of_them(cloud):
    seen = Seen(cloud.raw)
    draft = read.draft(seen, "fw")
    egress = draft.state.policy("egress")
    closed = replace(draft, state=draft.state.having("egress", replace(egress, rules=egress.rules[:1])))
    found = preview(Ends(seen, Names(None)), closed, read.find(seen, "fw")).traffic
    assert any((one["from"], one["port"], one["dst_port"]) == ("app", "data", "443-443") for one in found.lost)
    assert any(NOT_KNOWN in one for one in found.unknown)


def test_a_snapshot_of_before_is_told_apart_only_where_traffic_differs(cloud):
    assert diff(engine(cloud), engine(cloud)) == []


def test_the_snapshot_s_word_can_be_overruled_and_a_wrong_one_is_refused(cloud):
    assert engine(cloud, "l3-agent").told == "l3-agent"
    cloud.raw["meta"] = {}
    assert engine(cloud).told == "ovn"
    with pytest.raises(ValueError, match="profile must be one of"):
        engine(cloud, "iptables")
