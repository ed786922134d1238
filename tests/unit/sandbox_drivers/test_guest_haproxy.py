"""The configuration Octavia renders, adapted to an amphora that is a namespace."""

import re

from sandbox_drivers.haproxy import Amphora, adapt

AMPHORA, LB, COMPUTE = (
    "0f8fad5b-d9cb-469f-a165-70867728950e",
    "48511ac1-d5f9-4050-bd6c-220a37006885",
    "7c9e6679-7425-40de-944b-e07fc1f90ae7",
)
RENDERED = f"""# Configuration for loadbalancer {LB}
global
    daemon
    user nobody
    log /run/rsyslog/octavia/log local0
    log /run/rsyslog/octavia/log local1 notice
    stats socket /base/{LB}.sock mode 0666 level user
    server-state-file /base/{LB}/servers-state
    maxconn 50000
    external-check

frontend one
    maxconn 1500
    bind 10.0.1.9:443 ssl crt-list /var/lib/octavia/certs/{LB}/l.pem
backend two
    external-check command /var/lib/octavia/ping-wrapper.sh
    fullconn 50000
"""


def test_paths_lie_in_the_amphoras_own_folder(tmp_path):
    amphora = Amphora(tmp_path, AMPHORA)
    text = adapt(RENDERED, amphora, "/base", "/var/lib/octavia/certs")
    assert f"stats socket {tmp_path}/0f8fad5b/s mode 0666 level user expose-fd listeners\n" in text
    assert f"server-state-file {tmp_path}/0f8fad5b/{LB}/servers-state\n" in text
    assert f"crt-list {tmp_path}/0f8fad5b/certs/{LB}/l.pem\n" in text
    assert "/var/lib/octavia" not in text
    assert "rsyslog" not in text


def test_the_base_path_may_be_the_one_the_amphorae_really_have(tmp_path):
    amphora = Amphora(tmp_path, AMPHORA)
    text = adapt(RENDERED.replace("/base/", f"{tmp_path}/"), amphora, str(tmp_path), "/var/lib/octavia/certs")
    assert f"server-state-file {amphora.base}/{LB}/servers-state\n" in text
    assert f"crt-list {amphora.base}/certs/{LB}/l.pem\n" in text
    inside = adapt(RENDERED.replace("/var/lib/octavia", str(tmp_path)), amphora, str(tmp_path), f"{tmp_path}/certs")
    assert f"crt-list {amphora.base}/certs/{LB}/l.pem\n" in inside


def test_only_a_configuration_with_a_ping_check_keeps_its_privileges(tmp_path):
    amphora = Amphora(tmp_path, AMPHORA)
    assert "user nobody" not in adapt(RENDERED, amphora, "/base", "/certs")
    without = "\n".join(line for line in RENDERED.splitlines() if "external-check" not in line)
    assert "user nobody" in adapt(without, amphora, "/base", "/certs")


def test_limits_are_lowered_to_what_a_process_can_hold_and_never_raised(tmp_path):
    text = adapt(RENDERED, Amphora(tmp_path, AMPHORA), "/base", "/var/lib/octavia/certs")
    assert re.findall(r"(maxconn|fullconn) (\d+)", text) == [
        ("maxconn", "2000"),
        ("maxconn", "1500"),
        ("fullconn", "2000"),
    ]


def test_an_old_haproxy_does_not_linger(tmp_path):
    assert "hard-stop-after 30s" in adapt(RENDERED, Amphora(tmp_path, AMPHORA), "/base", "/var/lib/octavia/certs")


def test_amphorae_are_found_again_by_their_record(tmp_path):
    assert Amphora(tmp_path, AMPHORA).compute == ""
    Amphora(tmp_path, AMPHORA).remember(COMPUTE)
    (found,) = Amphora.all(tmp_path)
    assert (found.id, found.compute, found.load_balancers()) == (AMPHORA, COMPUTE, [])


def test_a_half_written_record_is_no_amphora(tmp_path):
    Amphora(tmp_path, AMPHORA).remember(COMPUTE)
    (tmp_path / AMPHORA[:8] / "amphora.json").write_text("{")
    assert list(Amphora.all(tmp_path)) == []


def test_a_process_id_that_belongs_to_another_program_is_not_taken_for_haproxy(tmp_path):
    amphora = Amphora(tmp_path, AMPHORA)
    amphora.remember(COMPUTE)
    amphora.config(LB).parent.mkdir()
    (amphora.base / LB / f"{LB}.pid").write_text("1\n")
    assert amphora.pid(LB) is None


def test_the_statistics_socket_fits_what_haproxy_allows_below_the_longest_run_folder(tmp_path):
    longest = "/" + "r" * 59 + "/amphorae"
    assert len(str(Amphora(longest, AMPHORA).socket())) < 97


def test_its_name_among_peers_is_the_one_that_octavia_renders():
    """As Octavia 19's `base64_sha1_string` makes it of these ids; haproxy takes no '-' in front."""
    assert Amphora("/", AMPHORA).peer == "pDLdqBR7dmBrkLxJOJE1UFHOwpM"
    assert Amphora("/", "00000000-0000-0000-0000-000000000064").peer == "xC19DVJPYsH2CtfDhTe91ykairA"
