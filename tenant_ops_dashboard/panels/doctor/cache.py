"""Whether Django's cache keeps what pages share, also what is larger than one of its values, and for all processes."""

from __future__ import annotations

import os
import uuid
from typing import Any

from django.conf import settings

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.doctor.model import Finding, Found
from tenant_ops_dashboard.panels.store import PART, shared
from tenant_ops_dashboard.sentences import say

#: Django's own default for a file-based cache: https://docs.djangoproject.com/en/4.2/ref/settings/#caches
_FEW, _ENOUGH = 300, 10_000
_SECONDS = 10.0


def look(cloud: Cloud) -> Found:
    """The back end and its limits, and two values that are kept for ten seconds and read back."""
    told: dict[str, Any] = settings.CACHES["default"]
    backend, options = str(told["BACKEND"]).rpartition(".")[2], told.get("OPTIONS") or {}
    name = say("Cache")
    for size, what in ((1000, say("nothing")), (PART + 1000, say("no value of more than 1 MB"))):
        if not _keeps(size):
            found = say("The cache {backend} keeps {what}: pages ask OpenStack anew.", backend=backend, what=what)
            fix = say("Look at CACHES in Horizon's settings, and whether the cache runs and has room.")
            yield Finding(name, "failed", found, fix)
            return
    if backend == "LocMemCache":
        found = say("The cache {backend} is each process's own: each counts limits for itself.", backend=backend)
        yield Finding(name, "warning", found, say("Name a memcached in CACHES that all of Horizon's processes share."))
    elif backend == "FileBasedCache" and int(options.get("MAX_ENTRIES", _FEW)) < _ENOUGH:
        found = say("The cache {backend} has little room: it throws out sessions with the rest.", backend=backend)
        yield Finding(name, "warning", found, say('Give it room in CACHES: "OPTIONS": {"MAX_ENTRIES": 10000}.'))
    elif backend == "PyMemcacheCache" and not {"timeout", "connect_timeout"} <= set(options):
        found = say("The cache {backend} waits for ever: one memcached that hangs holds every page.", backend=backend)
        fix = say('Give it times in CACHES: "OPTIONS": {"connect_timeout": 1, "timeout": 1}.')
        yield Finding(name, "warning", found, fix)
    else:
        found = say("The cache {backend} keeps small and large values.", backend=backend)
        yield Finding(name, "good", found)


def _keeps(size: int) -> bool:
    """What cannot be compressed comes back as it was."""
    key, value = f"tenant_ops.doctor.{uuid.uuid4().hex}", os.urandom(size)
    shared.set(key, value, _SECONDS)
    back = shared.get(key, bytes)
    shared.delete(key)
    return bool(back == value)
