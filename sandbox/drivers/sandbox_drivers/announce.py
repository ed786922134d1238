"""Says on a link that an address is here: gratuitous ARP, or an unsolicited neighbour advertisement.

Run inside a guest: announce.py DEVICE MAC ADDRESS…  OVN binds a VIP's virtual port to the port it hears this from.
Standard library only.
"""

from __future__ import annotations

import socket
import struct
import sys
import time

MOMENTS = (0.0, 0.2, 0.8, 2.0, 4.0)  # right after a plug the switch may not listen yet
ALL_NODES = "ff02::1"


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def arp(mac: str, address: str, operation: int) -> bytes:
    """An Ethernet frame: ARP request (1) or reply (2) that announces an address (RFC 826, RFC 5227)."""
    ip = socket.inet_pton(socket.AF_INET, address)
    head = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
    return b"\xff" * 6 + _mac(mac) + b"\x08\x06" + head + _mac(mac) + ip + b"\0" * 6 + ip


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def advertisement(mac: str, address: str) -> bytes:
    """An Ethernet frame: neighbour advertisement to all nodes with the override flag (RFC 4861, 4.4 and 7.2.6)."""
    source, target = socket.inet_pton(socket.AF_INET6, address), socket.inet_pton(socket.AF_INET6, ALL_NODES)
    body = struct.pack("!BBHI", 136, 0, 0, 0x20000000) + source + b"\x02\x01" + _mac(mac)
    total = checksum(source + target + struct.pack("!II", len(body), 58) + body)
    body = body[:2] + struct.pack("!H", total) + body[4:]
    head = struct.pack("!IHBB", 0x60000000, len(body), 58, 255) + source + target
    return b"\x33\x33\x00\x00\x00\x01" + _mac(mac) + b"\x86\xdd" + head + body


def frames(mac: str, address: str) -> list[bytes]:
    return [advertisement(mac, address)] if ":" in address else [arp(mac, address, 1), arp(mac, address, 2)]


def main(device: str, mac: str, *addresses: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind((device, 0))
        began = time.monotonic()
        for moment in MOMENTS:
            time.sleep(max(0.0, began + moment - time.monotonic()))
            for address in addresses:
                for frame in frames(mac, address):
                    link.send(frame)


if __name__ == "__main__":
    main(*sys.argv[1:])
