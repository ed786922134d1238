"""A steady load: pace.py ADDRESS RATE PROCESS; so many requests a second, as long as that process lives."""

import socket
import sys
import time
from pathlib import Path


def main(address: str, rate: float, process: int) -> None:
    due = time.monotonic()
    while Path(f"/proc/{process}").exists():
        try:
            with socket.create_connection((address, 80), timeout=5) as s:
                s.sendall(b"GET / HTTP/1.1\r\nHost: load\r\nConnection: close\r\n\r\n")
                while s.recv(4096):
                    pass
        except OSError:
            pass
        due = max(due + 1 / rate, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]))
