"""Heat: the engine of everything long."""

from __future__ import annotations

from sandbox.process import Process
from sandbox.services.base import GRACE, Service, api, auth_token, common, credentials, database, ini, transport
from sandbox.settings import REGION, Settings, url


def configure(s: Settings) -> None:
    etc = s.cloud_venv / "etc/heat"
    trustee = credentials(s, "heat")
    for key in ("project_name", "project_domain_name", "region_name"):
        del trustee[key]
    ini(s.conf / "heat/heat.conf", {
        "DEFAULT": {
            "transport_url": transport(s),
            **GRACE,
            "num_engine_workers": 1,
            "heat_metadata_server_url": url("heat-cfn"),
            "heat_waitcondition_server_url": url("heat-cfn", "/v1/waitcondition"),
            "stack_user_domain_name": "heat",
            "stack_domain_admin": "heat_domain_admin",
            "stack_domain_admin_password": s.passwords["heat_domain_admin"],
            "auth_encryption_key": (s.passwords["heat-encryption"] * 2)[:32],
            "deferred_auth_method": "trusts",
            "reauthentication_auth_method": "trusts",
            "region_name_for_services": REGION,
            "server_keystone_endpoint_type": "public",
            "environment_dir": etc / "environment.d",
            "template_dir": etc / "templates",
            "convergence_engine": True,
            "periodic_interval": 5,  # who misses his first report for work tells it again after so long
            "max_stacks_per_tenant": 512,
        },
        "database": database(s, "heat"),
        "paste_deploy": {"api_paste_config": etc / "api-paste.ini"},
        "clients": {"endpoint_type": "publicURL"},
        "clients_keystone": {"auth_uri": url("keystone")},
        "ec2authtoken": {**credentials(s, "heat"), "endpoint_override": url("keystone")},
        "trustee": trustee,
        "keystone_authtoken": auth_token(s, "heat"),
        **common(s),
    })  # fmt: skip


def schema(s: Settings) -> list[tuple[list[str], dict[str, str]]]:
    return [([s.cloud_command("heat-manage"), "--config-file", str(s.conf / "heat/heat.conf"), "db_sync"], {})]


def processes(s: Settings) -> list[Process]:
    config = ["--config-file", str(s.conf / "heat/heat.conf")]
    return [
        api(s, "heat", "heat.wsgi.api", 4, " ".join(config)),
        api(s, "heat-cfn", "heat.wsgi.cfn", 2, " ".join(config)),
        Process("heat-engine", [s.cloud_command("heat-engine"), *config]),
    ]


SERVICE = Service("heat", configure, processes, schema, ("heat",))
