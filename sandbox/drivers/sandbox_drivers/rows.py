"""Rows on a raw volume: a header, then records that only ever are appended.

    512 bytes   magic line, padded with zeros
    each row    length (4 bytes, big endian), CRC-32 of the text (4 bytes), the text in UTF-8
    end         a length of zero, which is what a fresh sparse file holds

A copy of the file taken at any moment holds a whole number of rows: a torn last record fails its checksum and is the
end.
"""

from __future__ import annotations

import errno
import os
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path

MAGIC = b"tenant-ops rows 1\n".ljust(512, b"\0")
HEAD = struct.Struct(">II")
LONGEST = 1 << 16
CHUNK = 1 << 20


class RowsError(Exception):
    """The volume cannot be read or written; the text says why."""


def packed(texts: Iterable[str]) -> bytes:
    """A volume's beginning with these rows. Raises RowsError where one is empty or too long."""
    found = [text.encode() for text in texts]
    if not all(0 < len(data) <= LONGEST for data in found):
        raise RowsError(f"a row has 1 to {LONGEST} bytes")
    return MAGIC + b"".join(HEAD.pack(len(data), zlib.crc32(data)) + data for data in found)


class Rows:
    """The rows of one file; read again when another file takes its name (a revert) or it grows by another's hand."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.descriptor = -1
        self.seen: tuple[int, int] = (0, 0)
        self.end = 0
        self.rows: list[str] = []

    def count(self) -> int:
        """Raises RowsError."""
        self._open()
        return len(self.rows)

    def all(self) -> list[str]:
        self._open()
        return list(self.rows)

    def add(self, text: str) -> int:
        """Appends a row, safe on the disk; returns the number of rows. Raises RowsError where the volume is full."""
        self._open()
        data = text.encode()
        if not 0 < len(data) <= LONGEST:
            raise RowsError(f"a row has 1 to {LONGEST} bytes")
        try:
            if self.end + HEAD.size + len(data) > os.fstat(self.descriptor).st_size:
                raise RowsError("the volume is full")
            if not self.rows:
                os.pwrite(self.descriptor, MAGIC, 0)
            os.pwrite(self.descriptor, HEAD.pack(len(data), zlib.crc32(data)) + data, self.end)
            os.fdatasync(self.descriptor)
        except OSError as e:
            raise RowsError(f"the volume cannot be written: {e.strerror}") from e
        self.end += HEAD.size + len(data)
        self.rows.append(text)
        return len(self.rows)

    def fill(self, texts: Iterable[str]) -> bool:
        """Gives a volume that was never written its first rows, all in one write; whether it did.

        A volume with a single written byte is left as it is, whatever that byte means. Raises RowsError.
        """
        self._open()
        try:
            if not self._untouched():
                return False
            records = packed(texts)
            if len(records) > os.fstat(self.descriptor).st_size:
                raise RowsError("the volume is too small for its first rows")
            os.pwrite(self.descriptor, records, 0)
            os.fdatasync(self.descriptor)
            self._scan()
        except OSError as e:
            raise RowsError(f"the volume cannot be written: {e.strerror}") from e
        return True

    def replace(self, texts: Iterable[str]) -> None:
        """Puts these rows in the place of all others, and zeros wherever something of those is left.

        Raises RowsError; one that does not fit or is on something else than rows changes nothing.
        """
        self._open()
        records = packed(texts)
        try:
            if os.pread(self.descriptor, len(MAGIC), 0) != MAGIC and not self._untouched():
                raise RowsError("the volume holds something else than rows")
            if len(records) > os.fstat(self.descriptor).st_size:
                raise RowsError("the volume is full")
            self._write(records, 0)
            self._clear(len(records))
            os.fdatasync(self.descriptor)
            self._scan()
        except OSError as e:
            raise RowsError(f"the volume cannot be written: {e.strerror}") from e

    def _write(self, data: bytes, at: int) -> None:
        """All of it: a disk that becomes full takes a part, and says so at the next write."""
        view = memoryview(data)
        while view:
            done = os.pwrite(self.descriptor, view, at)
            view, at = view[done:], at + done

    def _clear(self, at: int) -> None:
        """Zeros from there on, wherever the file is no hole."""
        while True:
            try:
                begin = os.lseek(self.descriptor, at, os.SEEK_DATA)
            except OSError as e:
                if e.errno == errno.ENXIO:
                    return
                raise
            at = os.lseek(self.descriptor, begin, os.SEEK_HOLE)
            for part in range(begin, at, CHUNK):
                self._write(bytes(min(CHUNK, at - part)), part)

    def _untouched(self) -> bool:
        """Whether the file is one hole: a file system, say, may leave its first bytes empty."""
        try:
            os.lseek(self.descriptor, 0, os.SEEK_DATA)
        except OSError as e:
            if e.errno == errno.ENXIO:
                return True
            raise
        return False

    def close(self) -> None:
        if self.descriptor >= 0:
            os.close(self.descriptor)
        self.descriptor, self.seen = -1, (0, 0)

    def _open(self) -> None:
        try:
            now = Path(self.path).stat()
            if self.descriptor >= 0 and self.seen == (now.st_dev, now.st_ino) and not self._more():
                return
            self.close()
            self.descriptor = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
            self.seen = (now.st_dev, now.st_ino)
            self._scan()
        except OSError as e:
            self.close()
            raise RowsError(f"the volume cannot be read: {e.strerror}") from e

    def _more(self) -> bool:
        """Whether the next record has been written by somebody else (a database that shares the volume)."""
        return os.pread(self.descriptor, HEAD.size, self.end).strip(b"\0") != b""

    def _scan(self) -> None:
        head = os.pread(self.descriptor, len(MAGIC), 0)
        self.rows, self.end = [], len(MAGIC)
        if head == MAGIC:
            while (row := self._record()) is not None:
                self.rows.append(row)
        elif head.strip(b"\0"):
            self.close()
            raise RowsError("the volume holds something else than rows")

    def _record(self) -> str | None:
        start = os.pread(self.descriptor, HEAD.size, self.end)
        if len(start) < HEAD.size:
            return None
        length, check = HEAD.unpack(start)
        data = os.pread(self.descriptor, length, self.end + HEAD.size) if 0 < length <= LONGEST else b""
        if not data or len(data) < length or zlib.crc32(data) != check:
            return None
        self.end += HEAD.size + length
        return data.decode(errors="replace")
