"""Where events of the audit trail go."""

from __future__ import annotations

import logging
import os

from tenant_ops_dashboard import audit
from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.doctor.model import Finding, Found
from tenant_ops_dashboard.panels import settings
from tenant_ops_dashboard.panels.doctor import database
from tenant_ops_dashboard.sentences import join, say


def look(cloud: Cloud) -> Found:
    """Whether they are written, into the file that is named, too."""
    name, file = say("Audit trail"), settings.read().audit_log
    kept = say("They are kept in the database, too.") if database.there() else ""
    if not audit.LOGGER.isEnabledFor(logging.INFO):
        found = say("The logger tenant_ops.audit leaves events out: its level is above INFO.")
        yield Finding(name, "failed", found, say("Set its level to INFO in LOGGING of Horizon's settings."))
    elif file and not os.access(file, os.W_OK):
        found = say("The file {file} cannot be written: events go to the web server's error log.", file=file)
        fix = say("Let the web server's user write it, or name another one in TENANT_OPS_AUDIT_LOG; then restart.")
        yield Finding(name, "failed", found, fix)
    elif file:
        yield Finding(name, "good", join(" ", (say("Events go to the file {file}.", file=file), kept)))
    else:
        yield Finding(name, "good", join(" ", (say("Events go where Python logging sends tenant_ops.audit."), kept)))
