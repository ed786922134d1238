"""Which tier a server plays, from what Nova knows of it."""

import base64
import gzip
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

import pytest
from sandbox_drivers import tier

ENV = "TENANT_OPS_TIER=application\nTENANT_OPS_PORT=8080\nTENANT_OPS_DATABASE=10.0.2.10:1521\n"
APPLICATION = {"listen": ["http:80", "http:8080"], "database": "10.0.2.10:1521", "volume": None}


def cloud_config(content: str, extra: str = "") -> str:
    indented = "".join(f"      {line}\n" for line in content.splitlines())
    return f"#cloud-config\nwrite_files:\n  - path: /etc/tenant-ops/tier.env\n{extra}    content: |\n{indented}"


def encode(text: str | bytes) -> str:
    return base64.b64encode(text if isinstance(text, bytes) else text.encode()).decode()


def of(user_data: str | bytes, name: str = "x", **metadata: str) -> dict:
    return tier.settings(name, encode(user_data), metadata)


def test_cloud_config_of_an_application():
    assert of(cloud_config(ENV)) == APPLICATION


def test_database_names_its_port_and_volume():
    found = of(cloud_config("TENANT_OPS_TIER=database\nTENANT_OPS_PORT=1522\nTENANT_OPS_VOLUME=/dev/vdc\n"))
    assert found == {"listen": ["tcp:1522"], "database": None, "volume": "/dev/vdc"}


@pytest.mark.parametrize(
    ("said", "rows"), [("1000", 1000), ("0", None), ("", None), ("many", None), ("-5", None), ("9" * 5000, 100_000)]
)
def test_database_asks_for_sample_rows(said, rows):
    found = of(cloud_config(f"TENANT_OPS_TIER=database\nTENANT_OPS_SAMPLE={said}\n"))
    assert found.get("sample") == rows


def test_jump_host_listens_on_22():
    assert of(cloud_config("TENANT_OPS_TIER=jump\n"))["listen"] == ["ssh:22"]


def test_heat_wraps_user_data_in_mime_parts():
    whole = MIMEMultipart()
    whole.attach(MIMEText("#cloud-config\nuser: ec2-user\n", "cloud-config"))
    inner = MIMEMultipart()
    inner.attach(MIMEText("#!/bin/sh\necho hello\n", "x-shellscript"))
    inner.attach(MIMEText(cloud_config(ENV), "x-cfninitdata", "utf-8"))
    whole.attach(inner)
    assert of(whole.as_bytes()) == APPLICATION


def test_zipped_as_a_whole():
    assert of(gzip.compress(cloud_config(ENV).encode())) == APPLICATION


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("b64", encode(ENV)),
        ("base64", encode(ENV)),
        ("gz+b64", encode(gzip.compress(ENV.encode()))),
        ("gzip+base64", encode(gzip.compress(ENV.encode()))),
    ],
)
def test_encodings_of_a_written_file(encoding, content):
    assert of(cloud_config(content, f"    encoding: {encoding}\n")) == APPLICATION


def test_a_script_that_writes_the_lines_is_understood():
    script = (
        "#!/bin/bash\ncat > /etc/tenant-ops/tier.env <<END\n" + ENV + 'export TENANT_OPS_DATABASE="10.9.9.9"\nEND\n'
    )
    assert of(script)["database"] == "10.9.9.9"


def test_another_file_of_the_cloud_config_does_not_count():
    text = cloud_config(ENV) + "  - path: /tmp/other\n    content: |\n      TENANT_OPS_DATABASE=1.1.1.1\n"
    assert of(text)["database"] == "10.0.2.10:1521"


def test_metadata_overrides_what_it_listens_on_and_nothing_else():
    found = of(cloud_config(ENV), **{"sandbox:listen": "http:9090, tcp:1521,nonsense:7,http:0,http:99999"})
    assert found == {"listen": ["http:9090", "tcp:1521"], "database": "10.0.2.10:1521", "volume": None}


def test_empty_metadata_means_that_nothing_listens():
    assert of("", **{"sandbox:listen": ""})["listen"] == []


@pytest.mark.parametrize(
    ("name", "listen"),
    [
        ("db-1", ["tcp:1521"]),
        ("web", ["http:80", "http:8080"]),
        ("jumphost", ["ssh:22"]),
        ("amphora-0f8fad5b-d9cb-469f-a165-70867728950e", []),
        ("amphora-like", ["http:80", "http:8080"]),
    ],
)
def test_a_server_that_says_nothing_is_known_by_its_name(name, listen):
    assert tier.settings(name, None, {})["listen"] == listen


@pytest.mark.parametrize(
    "broken",
    [
        b"\x1f\x8bnot really gzip",
        b"#cloud-config\nwrite_files: [unclosed",
        b"#cloud-config\n- a list\n",
        b"#cloud-config\nwrite_files: text\n",
        b"#cloud-config\nwrite_files:\n  - 7\n  - path: /etc/tenant-ops/tier.env\n",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x",
        bytes(range(256)),
        b"",
    ],
)
def test_malformed_user_data_counts_as_none(broken):
    assert of(broken, name="web") == {"listen": ["http:80", "http:8080"], "database": None, "volume": None}


def test_user_data_that_is_not_base64():
    assert tier.settings("web", "%%%", {})["database"] is None


def test_a_port_that_is_none_falls_back():
    assert of(cloud_config("TENANT_OPS_TIER=application\nTENANT_OPS_PORT=nine\n"))["listen"] == ["http:80", "http:8080"]
