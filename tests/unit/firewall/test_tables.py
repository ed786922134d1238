"""Rules as a table: what goes out comes in again, and a mistake is named by its line and column."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenant_ops_dashboard.firewall import tables
from tenant_ops_dashboard.firewall.errors import BadDraft
from tenant_ops_dashboard.firewall.model import ACTIONS, PROTOCOLS, Rule

TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=20).map(str.strip)
RULES = st.builds(
    Rule,
    name=TEXT,
    description=TEXT,
    action=st.sampled_from(ACTIONS),
    protocol=st.sampled_from((None, *PROTOCOLS)),
    ip_version=st.sampled_from((4, 6)),
    source_ip_address=st.sampled_from((None, "192.0.2.0/24")),
    destination_port=st.sampled_from((None, "80", "8000:8080")),
    enabled=st.booleans(),
)


@given(st.lists(RULES, min_size=1, max_size=8))
def test_what_goes_out_comes_in_again(rules):
    assert tables.read(tables.to_csv(rules)) == tuple(rules)


@given(TEXT)
def test_no_cell_is_a_formula(name):
    cell = next(csv.DictReader(io.StringIO(tables.to_csv([Rule(name=name)]))))["name"]
    assert not cell.startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize(
    "text",
    [
        "Name,Action,Protocol,Destination_Port\nweb,ALLOW,TCP,80\n",
        "\ufeffname;action;protocol;destination_port\r\n\r\nweb;allow;tcp;80\r\n",
        "name\taction\tprotocol\tdestination_port\tsource_ip_address\nweb\tallow\ttcp\t80\tany",
        json.dumps([{"id": "r", "name": "web", "action": "allow", "protocol": "tcp", "destination_port": 80}]),
        json.dumps({"policy": "p", "rules": [{"name": "web", "action": "allow", "protocol": "tcp", "destination_port": "80"}]}),
    ],
)  # fmt: skip
def test_what_people_paste_is_read(text):
    assert tables.read(text) == (Rule(name="web", action="allow", protocol="tcp", destination_port="80"),)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "rules: are empty"),
        ("name,colour\nweb,red", "line 1: 'colour' is no column"),
        ("name,name\nweb,web", "line 1: names a column twice"),
        ("name,action\n\nweb,allow\n\nweb,drop", "line 5, action: must be one of"),
        ("name,enabled\nweb,perhaps", "line 2, enabled: must be true or false"),
        ("name,ip_version\nweb,5", "line 2, ip_version: must be 4 or 6"),
        ('name\n"' + "x" * 140_000 + '"', "line 2: is no CSV"),
        ("name\n" + "web\n" * 5001, "rules: has 5001 rules"),
        (",", "rules: are none"),
        ("name,action", "rules: are none"),
        ('"name\n', "line 1: is no CSV"),
        ("name,action\nweb,allow,192.0.2.1", "line 2: has 3 cells, and there are 2 columns"),
        ("[{]", "rules: are no JSON"),
        ('{"rules": 1}', "rules: must be a list"),
        ('[{"name": "web"}, {"port": 80}]', "rule 2, port: is unknown"),
        ("[[1]]", "rule 1: must be an object"),
    ],
)
def test_a_mistake_is_named_by_its_line(text, said):
    with pytest.raises(BadDraft) as caught:
        tables.read(text)
    assert str(caught.value).startswith(said)
