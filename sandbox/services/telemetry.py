"""Gnocchi and Aodh: metrics and the alarms that scale; only with TELEMETRY=1."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services.base import Service, api, auth_token, connection, credentials, database, ini, transport
from sandbox.settings import Settings


def _home(s: Settings, name: str) -> str:
    """Their APIs read their configuration from HOME or from the system's folders only."""
    return str(s.conf / name)


def _config(s: Settings, name: str) -> str:
    return f"{_home(s, name)}/.{name}/{name}.conf"


def configure(s: Settings) -> None:
    for folder in ("gnocchi", "aodh-coordination"):
        (s.data / folder).mkdir(parents=True, exist_ok=True)
    ini(s.conf / "aodh/.aodh/aodh.conf", {
        "DEFAULT": {"transport_url": transport(s)},
        "evaluator": {"evaluation_interval": 5},
        "coordination": {"backend_url": f"file://{s.data}/aodh-coordination"},
        "database": database(s, "aodh"),
        "service_credentials": {**credentials(s, "aodh"), "interface": "public"},
        "keystone_authtoken": auth_token(s, "aodh"),
    })  # fmt: skip
    ini(s.conf / "gnocchi/.gnocchi/gnocchi.conf", {
        "DEFAULT": {"parallel_operations": 1, "coordination_url": f"file://{s.data}/gnocchi/coordination"},
        "api": {"auth_mode": "keystone"},
        "indexer": {"url": connection(s, "gnocchi")},
        "storage": {"driver": "file", "file_basepath": s.data / "gnocchi"},
        "metricd": {
            "workers": 1,
            "metric_reporting_delay": -1,
            "metric_processing_delay": 2,
            "metric_cleanup_delay": 300,
        },
        "keystone_authtoken": auth_token(s, "gnocchi"),
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    return [
        ([s.cloud_command("aodh-dbsync"), "--config-file", _config(s, "aodh")], {}),
        ([s.cloud_command("gnocchi-upgrade"), "--config-file", _config(s, "gnocchi")], {}),
    ]


def processes(s: Settings) -> list[Process]:
    aodh = [
        Process(name, [s.cloud_command(name), "--config-file", _config(s, "aodh")])
        for name in ("aodh-evaluator", "aodh-notifier", "aodh-listener")
    ]
    return [
        api(s, "gnocchi", "gnocchi.rest.wsgi", 3, HOME=_home(s, "gnocchi")),
        api(s, "aodh", "aodh.wsgi.api", 3, HOME=_home(s, "aodh")),
        Process("gnocchi-metricd", [s.cloud_command("gnocchi-metricd"), "--config-file", _config(s, "gnocchi")]),
        *aodh,
    ]


SERVICE = Service("telemetry", configure, processes, schema, ("aodh", "gnocchi"))
