"""From nothing, or from wherever it stands, to a running cloud."""

from __future__ import annotations

import concurrent.futures
import subprocess
import sys
from collections.abc import Iterable

from sandbox import catalogue, clouds, guests, install, ports, process, progress, ready, saved
from sandbox.errors import SandboxError
from sandbox.install import stamps
from sandbox.process import Process
from sandbox.services import care, horizon, mariadb, memcached, nova, octavia, ovn, rabbitmq
from sandbox.services.base import Service
from sandbox.settings import PROJECT, Settings, url

REPORT = "Nova, Cinder, Octavia and Heat report for work"
FRONT = {"memcached": "memcached", "horizon": "Horizon", "care": "Care", "door": "Door to the floating IPs"}
FOLDERS = ("conf", "data", "data/locks", "log", "stamps")


def up(s: Settings, tests: bool = False) -> None:
    """Installs, configures, migrates, starts, seeds and checks; each step only as far as it is missing.

    Raises SandboxError with the cause and the next step; what was done until then stays done.
    """
    times: dict[str, float] = {}
    for folder in FOLDERS:
        (s.state / folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    s.run.mkdir(mode=0o700, parents=True, exist_ok=True)
    if s.telemetry:
        (s.state / "telemetry").touch()
    (s.state / "real").touch() if s.real else (s.state / "real").unlink(missing_ok=True)
    if not s.data_plane:
        progress.say(f"The control plane runs alone, without real packets: {s.data_plane_missing}.")
    never = not (s.state / "stamps" / "seeded").exists()
    install.everything(s, times, tests)
    process.clear(s)
    ports.check(s)
    with progress.step("Configuration", times):
        configure(s)
    _end_old_drivers(s)
    due = any(stamps.due(s, step, *inputs) for step, inputs in _seeds(s).items())
    with progress.step("MariaDB, RabbitMQ, OVN", times):
        foundation(s, wait=due)
    (first if due else again)(s, times)
    _all_alive(s)
    progress.record(
        s.state / "figures.json",
        {"cold_start" if never else "warm_start": {"seconds": round(progress.total(), 1), "steps": times}},
    )
    _tell(s)


def _end_old_drivers(s: Settings) -> None:
    """Whoever was started with other code of the drivers is started again; the servers stay as they are."""
    files = sorted((PROJECT / "sandbox/drivers").rglob("*.py"))
    with stamps.needed(s, "drivers-served", str(s.real), *(f.read_text() for f in files)) as due:
        if due:
            process.stop_all(s, catalogue.DRIVEN)


def _seeds(s: Settings) -> dict[str, tuple[str, ...]]:
    """The steps that are done once, and what makes them due again."""
    seed = (PROJECT / "sandbox/seed.py").read_text()
    versions = (PROJECT / "sandbox/requirements/cloud.txt").read_text()
    return {
        "schemas": (versions, *(service.name for service in catalogue.services(s) if service.databases)),
        "identity": (seed, str(s.telemetry), url("horizon")),
        "seeded": (seed,),
    }


def first(s: Settings, times: dict[str, float]) -> None:
    """The first start: each step needs what the one before it made."""
    seeds = _seeds(s)
    with stamps.needed(s, "schemas", *seeds["schemas"]) as due:
        if due:
            with progress.step("Database schemas", times):
                schemas(s)
    with progress.step("Keystone", times):
        begin(s, catalogue.CLOUD[:1])
    with stamps.needed(s, "identity", *seeds["identity"]) as due:
        if due:
            with progress.step("Projects, users, catalogue", times):
                _in_cloud(s, "sandbox.seed", "identity")
    rest(s, times)
    with progress.step(REPORT, times):
        ready.wait(s)
    with stamps.needed(s, "seeded", *seeds["seeded"]) as due:
        if due:
            with progress.step("Images, flavors, key pairs", times):
                _in_cloud(s, "sandbox.seed", "rest")
    if not saved.exists(s):  # later there may be people's environments in it
        with progress.step("Copy of the seeded state, for 'make reset'", times):
            saved.save(s)
    front(s, times)


def again(s: Settings, times: dict[str, float]) -> None:
    """Every later start: all at once, since each looks for what it needs until that answers; the care alone waits."""
    launch(s, _above(s))
    with progress.step("Horizon's files", times):
        _prepare_horizon(s)
    launch(s, [service for service in catalogue.FRONT if service is not care.SERVICE])
    with progress.step("Keystone, Neutron, Nova, Glance, Cinder, Octavia, Heat", times):
        begin(s, (rabbitmq.SERVICE, *_above(s)))
    with progress.step(REPORT, times):
        ready.wait(s)
    front(s, times)


def front(s: Settings, times: dict[str, float]) -> None:
    for service in catalogue.FRONT:
        with progress.step(FRONT[service.name], times):
            if service is horizon.SERVICE:
                _prepare_horizon(s)
            begin(s, (service,))


def _prepare_horizon(s: Settings) -> None:
    """Its files; one that runs is ended where it was started with older ones, and the care with it."""
    begin(s, (memcached.SERVICE,))  # the login pages that compile the styles have sessions
    horizon.configure(s)  # once more, now that the plugin's own user has an id
    commands = [" ".join(p.command) for p in care.processes(s)]
    with stamps.needed(s, "horizon-served", *horizon.served(s), *commands) as due:
        if due:
            process.stop_all(s, ["horizon", "care"])
        if not process.pid_of(s, "horizon"):
            horizon.prepare(s)


def _above(s: Settings) -> list[Service]:
    """Everything between the foundation and the front."""
    return [x for x in catalogue.services(s) if x not in catalogue.FOUNDATION + catalogue.FRONT]


def configure(s: Settings) -> None:
    for service in catalogue.services(s):
        service.configure(s)
    clouds.configure(s)
    done = subprocess.run(
        [s.cloud_command("python"), str(PROJECT / "sandbox/authority.py"), str(s.conf / "octavia")],
        input=s.passwords["octavia-ca"], text=True, capture_output=True,
    )  # fmt: skip
    if done.returncode:
        raise SandboxError("Octavia's certificates could not be made.", done.stderr.strip().splitlines()[-1])


def foundation(s: Settings, wait: bool) -> None:
    """Database, OVN and the servers on it; for RabbitMQ, which takes longest, only where `wait` says so.

    Where it is not waited for, the cloud's services read their Python packages meanwhile, those that need OVN after it.
    """
    mariadb.initialise(s)
    for service in catalogue.FOUNDATION:
        if service.name != "ovn":
            for p in service.processes(s):
                process.start(s, p)
    if not wait:
        for p in catalogue.early(s):
            process.start(s, p)
    ovn.start(s)
    if s.data_plane:
        guests.restore(s)
    if not wait:
        launch(s, _above(s))
    if not process.wait(lambda: mariadb.answers(s) or not process.pid_of(s, "mariadb"), 60) or not process.pid_of(
        s, "mariadb"
    ):
        raise SandboxError(f"MariaDB did not start: {process.last_line(s, 'mariadb')}", f"See {s.log}/mariadb.log.")
    if wait:
        begin(s, (rabbitmq.SERVICE,))


def schemas(s: Settings) -> None:
    """Two at a time: Neutron's and Octavia's are as long as all others together."""
    services = [service for service in catalogue.services(s) if service.databases]
    mariadb.grant(s, [name for service in services for name in service.databases])
    services.sort(key=lambda service: service.name not in ("neutron", "octavia"))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(_schema, s, service) for service in services]:
            done.result()
    process.run(s, "schema-nova", nova.first_cell(s))


def _schema(s: Settings, service: Service) -> None:
    for command, environment in service.schema(s):
        process.run(s, f"schema-{service.name}", command, environment)


def rest(s: Settings, times: dict[str, float]) -> None:
    """Everything above Keystone; Octavia's configuration names a network that Neutron must have made first."""
    seeded = (s.data / "management-network").exists()
    later = () if seeded else (octavia.SERVICE,)
    with progress.step("Neutron, Nova, Glance, Cinder, Octavia, Heat", times):
        begin(s, [service for service in _above(s) if service not in later])
    if not seeded:
        with progress.step("Networks, Octavia", times):
            _in_cloud(s, "sandbox.seed", "network")
            octavia.configure(s)
            begin(s, later)


def launch(s: Settings, services: Iterable[Service]) -> list[Process]:
    """Starts what is not alive; returns all of their processes."""
    found = [p for service in services for p in service.processes(s)]
    for p in found:
        process.start(s, p)
    return found


def begin(s: Settings, services: Iterable[Service]) -> None:
    """Starts what is not alive, then waits until all of it answers."""
    for p in launch(s, services):
        process.wait_up(s, p)


def _in_cloud(s: Settings, module: str, *arguments: str) -> None:
    """Runs one of our own modules with the cloud's Python environment."""
    process.run(
        s,
        module.rpartition(".")[2],
        [s.cloud_command("python"), "-m", module, *arguments],
        {"PYTHONPATH": str(PROJECT)},
    )


def _all_alive(s: Settings) -> None:
    dead = [p.name for _, p in catalogue.processes(s) if not process.pid_of(s, p.name)]
    if dead:
        raise SandboxError(
            f"{dead[0]} ended after its start: {process.last_line(s, dead[0])}",
            f"See {s.log}/{dead[0]}.log, then run 'make demo' again.",
        )


def _tell(s: Settings) -> None:
    progress.say(f"\nReady after {progress.total():.0f} seconds. Open {url('horizon')}/ and log in (domain Default):")
    for name, project in clouds.PEOPLE.items():
        progress.say(
            f"  {name:10} {s.passwords[name]}   {'cloud admin' if name == 'operator' else 'project ' + project}"
        )
    progress.say("Command line:")
    progress.say(f"  export OS_CLIENT_CONFIG_FILE={s.clouds_yaml}")
    if s.data_plane:
        progress.say(f"  export TENANT_OPS_PROOF_PROXY={url('door')}")
    progress.say(f"  {s.horizon_venv}/bin/tenant-ops --os-cloud owner environment launch shop --wait")
    if s.data_plane:
        progress.say(f"Floating IPs in the browser: {url('door')}/ADDRESS/")
    sys.stdout.flush()
