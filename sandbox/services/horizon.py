"""Horizon with the plugin from this checkout, served by gunicorn and whitenoise."""

from __future__ import annotations

import shutil

from sandbox import process
from sandbox.install import stamps
from sandbox.process import Process
from sandbox.services.base import Service, write
from sandbox.settings import HOST, PORTS, PROJECT, REGION, WEBROOT, Settings, url

# Horizon 27 compresses the styles of one theme and gives them to every theme: with the theme in the cache's key and
# without the offline manifest, which has no place for it, each gets its own.
THEMES = '''"""Keys of compressed styles, apart for each theme."""
from horizon import themes


def key(name):
    return f"compressed.{getattr(themes._local, 'theme', themes.get_default_theme())}.{name}"
'''
WARM = """
import django
django.setup()
from django.conf import settings
from django.test import Client
for theme, _, _ in settings.AVAILABLE_THEMES:
    client = Client(HTTP_HOST="localhost")
    client.cookies["theme"] = theme
    assert client.get("/" + settings.LOGIN_URL.removeprefix(settings.WEBROOT)).status_code == 200
"""


def configure(s: Settings) -> None:
    folder = s.conf / "horizon"
    write(folder / "local/__init__.py", "")
    write(folder / "local/local_settings.py", _settings(s))
    write(folder / "local/themes.py", THEMES)
    write(folder / "serve.py", _serve(s))


def _settings(s: Settings) -> str:
    data = s.data / "horizon"
    data.mkdir(parents=True, exist_ok=True)
    user = s.data / "service-user"
    return f'''"""Horizon's settings in the sandbox; made anew at each start."""
from pathlib import Path

from openstack_dashboard.local import enabled as _enabled

import tenant_ops_dashboard

PLUGIN = Path(tenant_ops_dashboard.__file__).parent
_enabled.__path__.append(str(PLUGIN / "enabled"))

DEBUG = False
WEBROOT = "{WEBROOT}/"
SECRET_KEY = "{s.passwords["horizon"]}"
ALLOWED_HOSTS = ["{HOST}", "localhost"]
LOCAL_PATH = "{data}"
STATIC_ROOT = "{data}/static"
COMPRESS_CACHE_KEY_FUNCTION = "local.themes.key"
# As in Horizon's own defaults, sessions too; the compiled styles alone outlive memcached.
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
CACHES = {{
    "default": {{
        "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
        "LOCATION": "{HOST}:{PORTS["memcached"]}",
        # Without these a memcached that hangs holds every page for ever.
        "OPTIONS": {{"connect_timeout": 1, "timeout": 1, "dead_timeout": 5}},
    }},
    "styles": {{
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache", "LOCATION": "{data}/cache",
        "TIMEOUT": None, "OPTIONS": {{"MAX_ENTRIES": 20000}},
    }},
}}
COMPRESS_CACHE_BACKEND = "styles"
OPENSTACK_KEYSTONE_URL = "{url("keystone", "/v3")}"
OPENSTACK_KEYSTONE_DEFAULT_ROLE = "member"
DEFAULT_SERVICE_REGIONS = {{"*": "{REGION}"}}
TIME_ZONE = "UTC"
SESSION_TIMEOUT = 86400
LOGGING = {{
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {{"console": {{"class": "logging.StreamHandler"}}}},
    "loggers": {{
        "tenant_ops": {{"handlers": ["console"], "level": "INFO"}},
        "django": {{"handlers": ["console"], "level": "WARNING"}},
    }},
}}

SNIPPET = PLUGIN / "conf/local_settings.d/_9000_tenant_ops.py"
exec(compile(SNIPPET.read_text(), str(SNIPPET), "exec"))
TENANT_OPS_PROOF_PROXY = "{url("door") if s.data_plane else ""}"
TENANT_OPS_ADDRESS_VIA = "{url("door") + "/{address}/" if s.data_plane else ""}"
TENANT_OPS_SERVICE_USER = "{user.read_text() if user.exists() else ""}"
TENANT_OPS_SERVICE_CLOUD = "tenant-ops"
TENANT_OPS_TRUST_ROLES = ("member", "load-balancer_member", "heat_stack_owner")
TENANT_OPS_MASK_IMAGE, TENANT_OPS_MASK_FLAVOR = "debian-12", "small"
TENANT_OPS_SERVE_IMAGE, TENANT_OPS_SERVE_FLAVOR = "debian-12", "small"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": "{data}/tenant_ops.sqlite3"}}}}
'''


def _serve(s: Settings) -> str:
    return f'''"""The WSGI application: Horizon, its static files beside it."""
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

# Looked for anew at each request: a theme's styles may be compiled after the start.
files = WhiteNoise(get_wsgi_application(), root="{s.data}/horizon/static", prefix="static/", autorefresh=True)


def application(environ, start_response):
    # The fonts of Horizon's material theme are asked for with two slashes, which Apache takes for one.
    path = environ["PATH_INFO"].replace("//", "/")
    if not path.startswith("{WEBROOT}/"):
        start_response("302 Found", [("Location", "{WEBROOT}/"), ("Content-Length", "0")])
        return []
    # As Apache does for WSGIScriptAlias.
    environ["SCRIPT_NAME"], environ["PATH_INFO"] = "{WEBROOT}", path.removeprefix("{WEBROOT}")
    return files(environ, start_response)
'''


def environment(s: Settings) -> dict[str, str]:
    """What its processes need besides `Settings.environment`, and the plugin's commands with them."""
    return {
        "DJANGO_SETTINGS_MODULE": "openstack_dashboard.settings",
        "PYTHONPATH": str(s.conf / "horizon"),
        "PATH": f"{s.horizon_venv}/bin:/usr/local/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": str(s.horizon_venv),
    }


def django(s: Settings, *arguments: str) -> list[str]:
    return [str(s.horizon_venv / "bin/python"), "-W", "ignore", "-m", "django", *arguments]


def prepare(s: Settings) -> None:
    """Database, static files and their compressed form; again whenever the plugin's files or Horizon changed."""
    if not (s.data / "horizon/static").exists():
        (s.state / "stamps/horizon-files").unlink(missing_ok=True)
    with stamps.needed(s, "horizon-files", *_sources()) as due:
        if not due:
            return
        shutil.rmtree(s.data / "horizon/cache", ignore_errors=True)
        variables = environment(s)
        for arguments in (["migrate", "--noinput"], ["collectstatic", "--noinput"]):
            process.run(s, "horizon-prepare", django(s, *arguments), variables)
        warm = [str(s.horizon_venv / "bin/python"), "-W", "ignore", "-c", WARM]
        process.run(s, "horizon-prepare", warm, variables)


def served(s: Settings) -> list[str]:
    """What its processes read when they start: where any of it changed, they have to start again."""
    command = " ".join(processes(s)[0].command)
    return [_settings(s), _serve(s), THEMES, command, *_sources(), *_dated("tenant_ops_dashboard")]


def _sources() -> list[str]:
    """What the prepared files are made from, each with its time of change."""
    return _dated("static", "templates", "enabled", "tenant_ops_dashboard/migrations", "sandbox/requirements")


def _dated(*folders: str) -> list[str]:
    files = [f for folder in folders for f in sorted((PROJECT / folder).rglob("*")) if f.is_file()]
    return [f"{f} {f.stat().st_mtime_ns}" for f in files if "__pycache__" not in f.parts]


def processes(s: Settings) -> list[Process]:
    command = [
        str(s.horizon_venv / "bin/gunicorn"), "--bind", f"{HOST}:{PORTS['horizon']}",
        "--workers", "2", "--threads", "4",
        "--timeout", "120", "--no-control-socket", "--worker-tmp-dir", str(s.run), "serve:application",
    ]  # fmt: skip
    return [Process("horizon", command, PORTS["horizon"], environment(s))]


SERVICE = Service("horizon", configure, processes)
