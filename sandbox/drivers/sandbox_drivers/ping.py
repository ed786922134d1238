#!/usr/bin/python3 -IS
"""haproxy's external check of a PING monitor: ping.py PROXY PORT SERVER …; ends with 0 where the server answers."""

from __future__ import annotations

import os
import socket
import struct
import sys

SECONDS = 2
ICMP6 = 58


def main(address: str) -> int:
    six = ":" in address
    family, protocol = (socket.AF_INET6, ICMP6) if six else (socket.AF_INET, socket.IPPROTO_ICMP)
    with socket.socket(family, socket.SOCK_DGRAM, protocol) as s:
        s.settimeout(SECONDS)
        # the kernel fills in identifier and checksum of an unprivileged ICMP socket
        s.sendto(struct.pack("!BBHHH", 128 if six else 8, 0, 0, 0, os.getpid() & 0xFFFF), (address, 0))
        try:
            s.recv(1024)
        except OSError:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[3]))
