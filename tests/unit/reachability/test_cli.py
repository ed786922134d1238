"""The command line: formats, order, exit codes, and that nothing of the cloud is loaded."""

import json
import subprocess
import sys

import pytest

from tenant_ops_dashboard.cli.main import main
from tests.unit.reachability.cloudmaker import OUTSIDE, two_tiers


@pytest.fixture
def files(tmp_path):
    """A snapshot before and after a firewall group, and two packets."""
    cloud = two_tiers()
    (tmp_path / "before.json").write_text(json.dumps(cloud.raw))
    cloud.firewall("fw", ["r1-dmz"], ingress=[{"protocol": "tcp", "destination_port": "80"}], egress=[])
    (tmp_path / "after.json").write_text(json.dumps(cloud.raw))
    packet = {"src": {"ip": OUTSIDE}, "dst": {"port": "app"}, "protocol": "tcp"}
    lines = [json.dumps({**packet, "dst_port": port}) for port in (81, 80)]
    (tmp_path / "packets.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def call(capsys, *arguments):
    code = main(["reachability", *map(str, arguments)])
    out, err = capsys.readouterr()
    return code, out, err


def test_probe_answers_json_lines_in_order(files, capsys):
    packets = ("--packets", files / "packets.jsonl")
    code, out, _ = call(capsys, "probe", "--snapshot", files / "after.json", *packets)
    assert code == 0
    assert [json.loads(line)["verdict"] for line in out.splitlines()] == ["deny", "allow"]
    code, out, _ = call(capsys, "probe", "--snapshot", files / "after.json", *packets, "--profile", "l2-agent")
    assert {json.loads(line)["profile"] for line in out.splitlines()} == {"l2-agent"}


def test_exposure_diff_and_lint_write_lists(files, capsys):
    code, out, _ = call(capsys, "exposure", "--snapshot", files / "after.json", "--from", "internet")
    assert code == 0 and [entry["port"] for entry in json.loads(out)] == ["app"]
    code, out, _ = call(
        capsys, "diff", "--before", files / "before.json", "--after", files / "after.json", "--from", "internet"
    )
    assert code == 0 and json.loads(out)[0]["lost"] and not json.loads(out)[0]["gained"]
    code, out, _ = call(capsys, "lint", "--snapshot", files / "after.json")
    assert code == 0 and {"kind", "severity", "object", "rules", "why", "fix"} == set(json.loads(out)[0])


def test_findings_at_the_level_asked_for_make_exit_code_1(files, capsys):
    assert call(capsys, "lint", "--snapshot", files / "after.json", "--fail-on", "medium")[0] == 1
    (files / "empty.json").write_text("{}")
    assert call(capsys, "lint", "--snapshot", files / "empty.json", "--fail-on", "info")[0] == 0


@pytest.mark.parametrize(
    ("snapshot", "packet", "said"),
    [
        ('{"ports": [{"id": "p"}]}', "{}", "bad.json: ports p: network_id is missing"),
        ('{"ports": [', "{}", "bad.json: is no JSON"),
        ("{}", "{}", "packets: line 1: src must be"),
        ("{}", "[1]", "packets: line 1: must be a JSON object"),
        ("{}", "nonsense", "packets: line 1: is no JSON"),
        ("{}", '{"src": {"port": "x"}, "dst": {"ip": "10.0.0.1"}}', "src: port x is not in the snapshot"),
        ("{}", '{"src": {"ip": "10.0.0.1"}, "dst": {"ip": "::1"}, "protocol": "tcp"}', "different IP versions"),
        ("{}", '{"src": {"ip": "10.0.0.1"}, "dst": {"ip": "10.0.0.2"}, "protocol": "tcp"}', "dst_port is missing for tcp"),
        ("{}", '{"src": {"ip": "10.0.0.1"}, "dst": {"ip": "10.0.0.2"}, "protocol": "tcp", "dst_port": 70000}', "dst_port must be"),
        ("{}", '{"src": {"ip": "10.0.0.1"}, "dst": {"ip": "10.0.0.2"}, "protocol": "tcp", "dst_port": 80, "sport": 53}', "line 1: sport is unknown"),
        ("{}", '{"src": {"ip": "10.0.0.1", "prt": "p"}, "dst": {"ip": "10.0.0.2"}, "protocol": "1"}', "line 1: src.prt is unknown"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, capsys, snapshot, packet, said):
    (tmp_path / "bad.json").write_text(snapshot)
    (tmp_path / "packets").write_text(packet)
    code, out, err = call(capsys, "probe", "--snapshot", tmp_path / "bad.json", "--packets", tmp_path / "packets")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err


def test_a_missing_file_and_an_unknown_source_are_bad_input(files, capsys):
    for arguments in (
        ("lint", "--snapshot", files / "none.json"),
        ("exposure", "--snapshot", files / "after.json", "--from", "x"),
    ):
        code, out, err = call(capsys, *arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)


def test_offline_commands_load_nothing_of_the_cloud(files):
    told = subprocess.run(
        [sys.executable, "-c", (
            "import sys; from tenant_ops_dashboard.cli.main import main; "
            f"code = main(['reachability', 'lint', '--snapshot', {str(files / 'after.json')!r}]); "
            "bad = [m for m in ('openstack', 'keystoneauth1', 'octaviaclient', 'django') if m in sys.modules]; "
            "sys.exit(9 if bad else code)"
        )],
        capture_output=True, cwd=files, env={"PATH": "/usr/bin:/bin"}, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
