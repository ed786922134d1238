"""A load of HTTP requests, each on a connection of its own: load.py ADDRESS REQUESTS THREADS [PAUSE].

Run in the outside namespace; a thread waits PAUSE seconds after each of its requests. Prints one line of JSON:
{"answered": {first word of a body: times}, "failed": n, "seconds": s}
"""

import collections
import json
import socket
import sys
import threading
import time


def ask(address: str) -> str:
    """The first word of the answer's body; raises OSError where there is none or its status is not 200."""
    with socket.create_connection((address, 80), timeout=10) as s:
        s.sendall(b"GET / HTTP/1.1\r\nHost: load\r\nConnection: close\r\n\r\n")
        head, _, body = b"".join(iter(lambda: s.recv(4096), b"")).partition(b"\r\n\r\n")
    if head.split()[1:2] != [b"200"] or not body.split():
        raise OSError(head[:100])
    return body.split()[0].decode()


def main(address: str, requests: int, threads: int, pause: float = 0.0) -> None:
    answered: collections.Counter[str] = collections.Counter()
    failed = 0
    left = iter(range(requests))
    lock = threading.Lock()

    def work() -> None:
        nonlocal failed
        while True:
            with lock:
                if next(left, None) is None:
                    return
            try:
                word = ask(address)
                with lock:
                    answered[word] += 1
            except (OSError, UnicodeDecodeError):
                with lock:
                    failed += 1
            time.sleep(pause)

    began = time.monotonic()
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for w in workers:
        w.start()
    for w in workers:
        w.join()
    seconds = round(time.monotonic() - began, 2)
    sys.stdout.write(json.dumps({"answered": answered, "failed": failed, "seconds": seconds}) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), *map(float, sys.argv[4:]))
