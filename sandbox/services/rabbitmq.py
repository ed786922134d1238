"""RabbitMQ: one Erlang node on loopback, with its own port mapper."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services.base import Service, write
from sandbox.settings import HOST, PORTS, Settings


def configure(s: Settings) -> None:
    write(s.conf / "rabbitmq.conf", "\n".join([
        f"listeners.tcp.1 = {HOST}:{PORTS['rabbitmq']}",
        "default_user = sandbox",
        f"default_pass = {s.passwords['rabbitmq']}",
        "vm_memory_high_watermark.absolute = 1GB",
        "disk_free_limit.absolute = 50MB",
        "log.file.level = warning",
        "log.console = true",
        "log.console.level = warning",
    ]) + "\n")  # fmt: skip
    write(s.conf / "rabbitmq-plugins", "[].\n")
    (s.data / "rabbitmq").mkdir(parents=True, exist_ok=True)  # HOME must exist: the Erlang cookie goes there


def processes(s: Settings) -> list[Process]:
    data = s.data / "rabbitmq"
    port_mapper = {"ERL_EPMD_ADDRESS": HOST, "ERL_EPMD_PORT": str(PORTS["epmd"]), "HOME": str(data)}
    environment = {
        **port_mapper,
        "RABBITMQ_NODENAME": "sandbox@localhost",
        "RABBITMQ_CONFIG_FILE": str(s.conf / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(s.conf / "rabbitmq-plugins"),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_MNESIA_BASE": str(data),
        "RABBITMQ_LOG_BASE": str(s.log / "rabbitmq"),
        "RABBITMQ_PID_FILE": str(s.run / "rabbitmq.pid"),
        "RABBITMQ_DIST_PORT": str(PORTS["rabbitmq-distribution"]),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
            "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +sbwt none +sbwtdcpu none +sbwtdio none"
        ),
    }
    server = s.unpacked / "usr/lib/rabbitmq/bin/rabbitmq-server"
    return [
        Process("epmd", ["/usr/bin/epmd"], PORTS["epmd"], port_mapper, http=False),
        Process("rabbitmq", [str(server)], PORTS["rabbitmq"], environment, http=False),
    ]


SERVICE = Service("rabbitmq", configure, processes)
