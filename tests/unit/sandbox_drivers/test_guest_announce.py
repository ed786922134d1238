"""The frames with which an address is announced, taken apart byte by byte."""

import socket
import struct

from sandbox_drivers import announce

MAC = "fa:16:3e:01:02:03"


def test_arp_announces_in_both_forms():
    request, reply = announce.frames(MAC, "10.0.0.9")
    for frame, operation in ((request, 1), (reply, 2)):
        assert (frame[:6], frame[6:12], frame[12:14]) == (b"\xff" * 6, bytes.fromhex("fa163e010203"), b"\x08\x06")
        assert struct.unpack("!HHBBH", frame[14:22]) == (1, 0x800, 6, 4, operation)
        sender, target = frame[28:32], frame[38:42]
        assert sender == target == socket.inet_aton("10.0.0.9")
        assert len(frame) == 42


def test_neighbour_advertisement_has_a_right_checksum():
    (frame,) = announce.frames(MAC, "fd00::9")
    packet, body = frame[14:54], frame[54:]
    assert frame[:6] == b"\x33\x33\x00\x00\x00\x01"
    assert packet[6:8] == bytes([58, 255])
    assert (packet[8:24], packet[24:40]) == tuple(socket.inet_pton(socket.AF_INET6, a) for a in ("fd00::9", "ff02::1"))
    assert struct.unpack("!H", packet[4:6])[0] == len(body) == 32
    assert (body[0], body[4] & 0x20, body[8:24]) == (136, 0x20, packet[8:24])
    assert body[24:] == b"\x02\x01" + bytes.fromhex("fa163e010203")
    pseudo = packet[8:40] + struct.pack("!II", len(body), 58)
    assert announce.checksum(pseudo + body) == 0
