"""Settings of the tests: Horizon's own test settings plus the plugin, with the policy check switched on."""

# ruff: noqa: F403, F405
from pathlib import Path

import openstack_dashboard.enabled
from horizon.test.settings import *
from openstack_dashboard.test.settings import *
from openstack_dashboard.utils import settings as settings_utils

import tenant_ops_dashboard.enabled

# Each call of update_dashboards starts from nothing, so Horizon's own files are read once more beside ours.
for key in ("dashboards", "default_dashboard"):
    HORIZON_CONFIG.pop(key, None)
settings_utils.update_dashboards(
    [openstack_dashboard.enabled, tenant_ops_dashboard.enabled], HORIZON_CONFIG, INSTALLED_APPS
)
INSTALLED_APPS = list(dict.fromkeys(INSTALLED_APPS))

POLICY_CHECK_FUNCTION = "openstack_auth.policy.check"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
COMPRESS_ENABLED = False
# Horizon's own scripts and styles, listed anew for every page, take a third of a test's time and are no part of it.
TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "unit" / "templates", *TEMPLATES[0]["DIRS"]]
TEMPLATES[0]["OPTIONS"]["loaders"] = [("django.template.loaders.cached.Loader", TEMPLATES[0]["OPTIONS"]["loaders"])]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
