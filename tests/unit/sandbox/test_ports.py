"""A taken port is told before anything starts, with the one who holds it."""

import os
import socket

import pytest

from sandbox import catalogue, ports
from sandbox.errors import SandboxError
from sandbox.process import Process
from sandbox.services.base import Service


@pytest.fixture
def taken():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_holder_is_named(s, monkeypatch, taken):
    service = Service("glance", lambda s: None, lambda s: [Process("glance", ["true"], taken)])
    monkeypatch.setattr(catalogue, "services", lambda s: (service,))
    with pytest.raises(SandboxError) as told:
        ports.check(s)
    assert str(taken) in str(told.value)
    assert "glance" in str(told.value)
    assert f"process {os.getpid()}" in str(told.value)


def test_a_free_port_is_fine(s, monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    service = Service("glance", lambda s: None, lambda s: [Process("glance", ["true"], port)])
    monkeypatch.setattr(catalogue, "services", lambda s: (service,))
    ports.check(s)
