"""Octavia's own amphora driver, whose amphora is a server of the sandbox's nova driver: a namespace.

Octavia renders the configuration, and a real haproxy runs it at the amphora's real addresses. Without a data plane
nothing runs, and members keep the status Octavia gives them.
"""

from __future__ import annotations

import contextlib
from typing import Any

from octavia.amphorae.drivers.haproxy import rest_api_driver
from octavia.compute.drivers import nova_driver
from oslo_config import cfg

from sandbox_drivers.agent import API, LocalAgent
from sandbox_drivers.haproxy import Amphora

CONF = cfg.CONF


class AmphoraDriver(rest_api_driver.HaproxyAmphoraLoadBalancerDriver):
    def __init__(self) -> None:
        super().__init__()
        agent = LocalAgent()
        self.clients = {"base": agent, API: agent}


class ComputeDriver(nova_driver.VirtualMachineManager):
    """Octavia's nova driver. What an amphora left on the disk goes with its server: its own driver is never told."""

    def delete(self, compute_id: str) -> Any:
        for amphora in Amphora.all(CONF.haproxy_amphora.base_path):
            if amphora.compute == compute_id:
                with contextlib.suppress(OSError):
                    amphora.forget()
        return super().delete(compute_id)
