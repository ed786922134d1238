"""Sends and hears single packets in a namespace, by words on its standard input; the standard library and root, no more.

`["send", [packet...]]` sends each once, `["stream", [packet...], gap]` one after the other for ever, `["stop"]` ends that,
`["report"]` prints what was heard since the last report: `{"got": {id: [times, first, last]}, "answered": {...}}` in seconds of
the monotonic clock. A packet is `{"id", "protocol", "src", "dst", "src_port", "dst_port"}`; what arrives is answered.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import sys
import time
from itertools import cycle
from typing import Any

MAGIC = b"tenant-ops"
ASKED, ANSWERED = b"?", b"!"
NUMBERS = {"icmp": socket.IPPROTO_ICMP, "tcp": socket.IPPROTO_TCP, "udp": socket.IPPROTO_UDP}
ETHERTYPE_IPV4 = 0x0800
SYN = 0x02


def checksum(data: bytes) -> int:
    """RFC 1071."""
    total = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def datagram(packet: dict[str, Any], mark: bytes = ASKED) -> bytes:
    """The packet as it goes out, from its IP header on (RFC 791, 768, 792, 9293)."""
    protocol, payload = NUMBERS[packet["protocol"]], MAGIC + mark + struct.pack("!Q", packet["id"])
    ends = socket.inet_aton(packet["src"]) + socket.inet_aton(packet["dst"])
    ports = struct.pack("!HH", packet["src_port"], packet["dst_port"])
    if packet["protocol"] == "icmp":
        body = struct.pack("!BBHHH", 8, 0, 0, packet["id"] & 0xFFFF, 0) + payload
        summed = checksum(body)
        body = body[:2] + struct.pack("!H", summed) + body[4:]
    else:
        if packet["protocol"] == "udp":
            head, at = ports + struct.pack("!HH", 8 + len(payload), 0), 6
        else:
            head, at = ports + struct.pack("!IIBBHHH", packet["id"] & 0xFFFFFFFF, 0, 5 << 4, SYN, 1024, 0, 0), 16
        body = head + payload
        summed = checksum(ends + struct.pack("!BBH", 0, protocol, len(body)) + body)
        body = body[:at] + struct.pack("!H", summed or 0xFFFF) + body[at + 2 :]
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0) + ends + body


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Station:
    def __init__(self) -> None:
        self.out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETHERTYPE_IPV4))
        self.ear.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sent: dict[tuple[str, int, int], int] = {}
        self.heard: dict[str, dict[int, list[float]]] = {"got": {}, "answered": {}}
        self.stream: Any = iter(())
        self.gap, self.due = 0.0, float("inf")

    def run(self) -> None:
        tell("ready")
        pending = b""
        while True:
            wait = max(0.0, min(self.due - time.monotonic(), 1.0))
            ready, _, _ = select.select([sys.stdin, self.ear], [], [], wait)
            if self.ear in ready:
                self.hear()
            if sys.stdin in ready:
                read = sys.stdin.buffer.raw.read(1 << 16)
                if not read:
                    return
                *lines, pending = (pending + read).split(b"\n")
                for line in lines:
                    self.obey(json.loads(line))
            if time.monotonic() >= self.due:
                self.send(next(self.stream))
                self.due = time.monotonic() + self.gap

    def obey(self, words: list[Any]) -> None:
        if words[0] == "send":
            for packet in words[1]:
                self.send(packet)
        elif words[0] == "stream" and words[1]:
            self.stream, self.gap, self.due = cycle(words[1]), words[2], 0.0
        elif words[0] == "stop":
            self.due = float("inf")
        elif words[0] == "report":
            tell(json.dumps(self.heard))
            self.heard = {"got": {}, "answered": {}}

    def send(self, packet: dict[str, Any]) -> None:
        self.sent[packet["dst"], packet["src_port"], packet["dst_port"]] = packet["id"]
        self.out.sendto(datagram(packet), (packet["dst"], 0))

    def hear(self) -> None:
        raw, sender = self.ear.recvfrom(2048)
        if sender[2] == socket.PACKET_OUTGOING or len(raw) < 28:
            return
        body, protocol = raw[(raw[0] & 15) * 4 :], raw[9]
        src, dst = socket.inet_ntoa(raw[12:16]), socket.inet_ntoa(raw[16:20])
        src_port, dst_port = struct.unpack("!HH", body[:4])
        at = body.find(MAGIC)
        if at < 0:
            # The kernel's own answer to a SYN has no words in it; who was asked is known.
            known = self.sent.get((src, dst_port, src_port)) if protocol == NUMBERS["tcp"] else None
            if known is not None:
                self.note("answered", known)
            return
        mark, number = body[at + len(MAGIC) :][:1], struct.unpack("!Q", body[at + len(MAGIC) + 1 :][:8])[0]
        if protocol == NUMBERS["icmp"]:
            # A type of its own says that it is an answer; an error that quotes one of ours is none.
            if body[0] in (0, 8):
                self.note("got" if body[0] == 8 else "answered", number)
        elif mark == ANSWERED:
            self.note("answered", number)
        else:
            self.note("got", number)
            if protocol == NUMBERS["udp"]:
                turned = {"src": dst, "dst": src, "src_port": dst_port, "dst_port": src_port}
                back = {"id": number, "protocol": "udp", **turned}
                self.out.sendto(datagram(back, ANSWERED), (src, 0))

    def note(self, what: str, number: int) -> None:
        now = time.monotonic()
        known = self.heard[what].setdefault(number, [0, now, now])
        known[0], known[2] = known[0] + 1, now


if __name__ == "__main__":
    Station().run()
