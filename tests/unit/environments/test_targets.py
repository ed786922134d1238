"""Which addresses packets may be sent to, and what is left of an address that is none."""

from __future__ import annotations

import pytest

from tenant_ops_dashboard.environments.proofs import targets

NEVER = (
    "127.0.0.1", "127.8.8.8", "::1", "0.0.0.0", "0.1.2.3", "::", "169.254.1.1", "169.254.169.254", "fe80::1", "fd00:ec2::254",
    "100.100.100.200", "224.0.0.1", "ff02::1", "240.0.0.1", "255.255.255.255", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "2002:7f00:1::", "64:ff9b::7f00:1",
)  # fmt: skip
PRIVATE = ("10.1.2.3", "172.16.0.9", "172.31.255.1", "192.168.1.1", "100.64.0.1", "fd12::1", "198.18.0.1", "fec0::1")
PUBLIC = ("203.0.113.7", "8.8.8.8", "2001:4860:4860::8888", "172.32.0.1", "100.128.0.1", "11.0.0.1")


@pytest.mark.parametrize("address", NEVER)
def test_never_whatever_the_way(address: str) -> None:
    assert targets.refused(address, proxied=True)
    assert targets.refused(address, proxied=False)


@pytest.mark.parametrize("address", PRIVATE)
def test_private_ones_through_a_proxy_alone(address: str) -> None:
    assert "private" in targets.refused(address, proxied=False)
    assert targets.refused(address, proxied=True) == ""


@pytest.mark.parametrize("address", PUBLIC)
def test_others_either_way(address: str) -> None:
    assert targets.refused(address, proxied=False) == targets.refused(address, proxied=True) == ""


@pytest.mark.parametrize(
    "text",
    ["", "name.test", "1.2.3", "1.2.3.4/8", "1.2.3.4\r\n", " 1.2.3.4", "fe80::1%eth0", "fe80::1%\r\nX: y", None, 7, []],
)
def test_what_is_no_literal_is_nothing(text: object) -> None:
    assert targets.literal(text) == ""


def test_a_literal_is_printed_in_one_way() -> None:
    assert targets.literal("2001:DB8:0:0::7") == "2001:db8::7"
    assert targets.literal("203.0.113.7") == "203.0.113.7"
