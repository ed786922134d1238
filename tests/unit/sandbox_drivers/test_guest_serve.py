"""The tier's process itself, started as in a guest, spoken to over loopback."""

import http.client
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
from sandbox_drivers import records

NO_FAULT = dict(records.NO_FAULT)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def until(test, seconds=30.0):
    """Polls for a state; returns the first true value."""
    end = time.monotonic() + seconds
    while not (found := test()):
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.02)
    return found


class Guest:
    def __init__(self, folder, name, listen, database=None, volumes=None, **tier):
        self.folder, self.port = folder, free_port()
        self.record = records.empty() | {"name": name, "volumes": volumes or {}}
        self.record["tier"] = {"listen": [f"{listen}:{self.port}"], "database": database, "volume": None, **tier}
        self.write()
        self.process = None

    def write(self, **changes):
        self.record.update(changes)
        self.folder.mkdir(exist_ok=True)
        new = self.folder / "new"
        new.write_text(json.dumps(self.record))
        new.replace(self.folder / "guest.json")
        return self

    def start(self):
        from sandbox_drivers import inhabitant

        reader, writer = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", inhabitant.SERVE, str(self.folder), str(writer)],
            pass_fds=(writer,), stdout=(self.folder / "log").open("ab"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        os.close(writer)
        assert select.select([reader], [], [], 30)[0] and os.read(reader, 1) == b"1", (self.folder / "log").read_text()
        os.close(reader)
        return self

    def again(self, **changes):
        self.write(**changes)
        self.process.send_signal(signal.SIGHUP)

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def get(self, path="/", method="GET", body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    def say(self, *lines):
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as s:
            s.sendall("".join(f"{line}\n" for line in (*lines, "QUIT")).encode())
            return b"".join(iter(lambda: s.recv(4096), b"")).decode().splitlines()


@pytest.fixture
def guests(tmp_path):
    made = []

    def make(name, listen, **settings):
        guest = Guest(tmp_path / name, name, listen, **settings)
        made.append(guest)
        return guest.start()

    yield make
    for guest in made:
        guest.kill()


@pytest.fixture
def volume(tmp_path):
    path = tmp_path / "volume"
    path.touch()
    os.truncate(path, 1 << 20)
    return str(path)


def test_the_application_names_itself_on_any_path(guests):
    app = guests("app-1", "http")
    assert app.get("/") == (200, "app-1\n")
    assert app.get("/any/path?x=1") == (200, "app-1\n")
    assert app.get("/health") == (200, "app-1 ok\n")
    assert json.loads(app.get("/status")[1]) == {"server": "app-1", "database": "none", "rows": None}


def test_the_application_counts_and_adds_rows_of_the_database(guests, volume):
    db = guests("db-1", "tcp", volumes={"/dev/vdb": volume})
    app = guests("app-1", "http", database=db.address)
    assert app.get("/") == (200, "app-1 rows=0\n")
    assert app.get("/rows", "POST", "a row\nfrom a test") == (201, "app-1 rows=1\n")
    assert app.get("/rows", "POST") == (201, "app-1 rows=2\n")
    assert json.loads(app.get("/", Accept="application/json")[1]) == {"server": "app-1", "database": "ok", "rows": 2}
    assert db.say("LIST") == ["db-1 database, 2 rows", "ROW a row from a test", "ROW row from app-1", "OK 2"]


def test_an_empty_volume_gets_sample_rows_and_a_used_one_keeps_its_own(guests, volume, tmp_path):
    db = guests("db-1", "tcp")
    db.again(tier={**db.record["tier"], "sample": 1000}, volumes={"/dev/vdb": volume})
    assert until(lambda: db.say("COUNT") == ["db-1 database, 1000 rows", "OK 1000"])
    assert db.say("ADD one more")[1] == "OK 1001"
    clone = tmp_path / "clone"
    shutil.copy(volume, clone)
    other = guests("db-2", "tcp", volumes={"/dev/vdb": str(clone)}, sample=50)
    app = guests("app-2", "http", database=other.address)
    assert app.get("/") == (200, "app-2 rows=1001\n")


def test_a_database_without_volume_says_so_and_gets_one_later(guests, volume):
    db = guests("db-1", "tcp")
    assert db.say("COUNT", "ADD x") == ["db-1 database, no data volume", "ERR no data volume", "ERR no data volume"]
    app = guests("app-1", "http", database=db.address)
    assert app.get("/rows", "POST") == (503, "app-1: ERR no data volume\n")
    db.again(volumes={"/dev/vdb": volume})
    until(lambda: db.say("COUNT")[1] == "OK 0")
    assert app.get("/rows", "POST") == (201, "app-1 rows=1\n")
    db.again(volumes={})
    until(lambda: db.say("COUNT")[1] == "ERR no data volume")


def test_an_unreachable_database_never_holds_up_the_application(guests):
    app = guests("app-1", "http", database=f"127.0.0.1:{free_port()}")
    assert app.get("/") == (200, "app-1 database=unreachable\n")
    assert app.get("/health") == (200, "app-1 ok\n")
    assert app.get("/rows", "POST", "x") == (503, "app-1: database unreachable\n")


def test_a_database_that_accepts_and_is_silent_is_given_up(guests):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app = guests("app-1", "http", database=f"127.0.0.1:{silent.getsockname()[1]}")
        waiting = socket.create_connection(("127.0.0.1", app.port), timeout=30)
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert app.get("/health")[1] == "app-1 ok\n"
        assert waiting.recv(4096).endswith(b"app-1 database=unreachable\n")
        waiting.close()


def test_the_application_finds_a_database_that_was_restarted(guests, volume):
    db = guests("db-1", "tcp", volumes={"/dev/vdb": volume})
    app = guests("app-1", "http", database=db.address)
    assert app.get("/rows", "POST", "kept") == (201, "app-1 rows=1\n")
    db.kill()
    assert app.get("/") == (200, "app-1 database=unreachable\n")
    db.start()
    until(lambda: app.get("/") == (200, "app-1 rows=1\n"))


def test_keep_alive_and_requests_sent_at_once_are_answered_in_order(guests, volume):
    db = guests("db-1", "tcp", volumes={"/dev/vdb": volume})
    app = guests("app-1", "http", database=db.address)
    with socket.create_connection(("127.0.0.1", app.port), timeout=30) as s:
        post = b"POST /rows HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx"
        s.sendall(
            post * 2 + b"GET / HTTP/1.1\r\nHost: x\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        text = b"".join(iter(lambda: s.recv(4096), b"")).decode()
    assert text.count("HTTP/1.1 ") == 4
    assert [text.index(f"app-1 rows={n}\n") for n in (1, 2)] == sorted(text.index(f"app-1 rows={n}\n") for n in (1, 2))
    assert text.endswith("Connection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 20000, b"400"),
        (b"POST /rows HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", b"413"),
    ],
)
def test_what_is_no_request_is_refused_and_the_connection_closed(guests, sent, status):
    app = guests("app-1", "http")
    with socket.create_connection(("127.0.0.1", app.port), timeout=30) as s:
        s.sendall(sent)
        answer = b"".join(iter(lambda: s.recv(4096), b""))
    assert answer.split()[1] == status
    assert app.get("/")[0] == 200


def test_told_to_fail_and_to_heal(guests):
    app = guests("app-1", "http")
    app.again(fault=NO_FAULT | {"fail": True})
    until(lambda: app.get("/health")[0] == 503)
    assert app.get("/")[0] == 503
    app.again(fault=NO_FAULT)
    until(lambda: app.get("/health")[0] == 200)


def test_told_to_be_slow_it_answers_late_but_answers_all_at_once(guests):
    app = guests("app-1", "http")
    app.again(fault=NO_FAULT | {"slow": 1.0})

    def slow():
        began = time.monotonic()
        app.get("/health")
        return time.monotonic() - began >= 1.0

    until(slow)
    waiting = [socket.create_connection(("127.0.0.1", app.port), timeout=60) for _ in range(20)]
    for s in waiting:
        s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    moments = []
    for s in waiting:
        assert b"".join(iter(lambda s=s: s.recv(4096), b"")).endswith(b"app-1\n")
        moments.append(time.monotonic())
        s.close()
    # one after the other they would be 19 seconds apart
    assert moments[-1] - moments[0] < 10.0


def test_a_slow_database_answers_in_order(guests, volume):
    db = guests("db-1", "tcp", volumes={"/dev/vdb": volume})
    db.again(fault=NO_FAULT | {"slow": 0.2})
    until(
        lambda: "slow" in json.dumps(db.record["fault"]) and db.say("ADD one", "ADD two", "COUNT")[-1].startswith("OK")
    )
    assert db.say("LIST")[1:3] == ["ROW one", "ROW two"]


def test_the_jump_host_greets(guests):
    jump = guests("jump", "ssh")
    with socket.create_connection(("127.0.0.1", jump.port), timeout=30) as s:
        assert s.recv(100).startswith(b"SSH-2.0-")


def test_unknown_commands_of_the_database_are_explained(guests, volume):
    db = guests("db-1", "tcp", volumes={"/dev/vdb": volume})
    assert db.say("DROP TABLE", "ADD ")[1:] == [
        "ERR the commands are COUNT, ADD text, LIST and QUIT",
        "ERR a row has 1 to 65536 bytes",
    ]


def test_it_says_why_when_its_port_is_taken(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        guest = Guest(tmp_path / "g", "web", "http")
        guest.port = taken.getsockname()[1]
        guest.record["tier"]["listen"] = [f"http:{guest.port}"]
        guest.write()
        with pytest.raises(AssertionError, match=r"cannot serve: .*in use"):
            guest.start()
        guest.kill()


def test_it_listens_anew_where_its_record_says_so(guests):
    web = guests("web", "http")
    old, web.port = web.port, free_port()
    web.again(tier={"listen": [f"http:{web.port}"], "database": None, "volume": None})

    def moved():
        with socket.socket() as s:
            return s.connect_ex(("127.0.0.1", web.port)) == 0

    until(moved)
    assert web.get("/")[0] == 200
    with socket.socket() as s:
        assert s.connect_ex(("127.0.0.1", old)) != 0


def test_it_ends_on_request(guests):
    web = guests("web", "http")
    web.process.terminate()
    assert web.process.wait(30) == 0
