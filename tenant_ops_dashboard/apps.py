"""Django's handle on the plugin: policy and audit trail are in force even where no settings snippet was copied."""

from __future__ import annotations

import os
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings

from tenant_ops_dashboard import audit, policy, policy_file, sentences
from tenant_ops_dashboard.panels import settings as ours
from tenant_ops_dashboard.panels import words

NO_DEFAULTS = policy.FILE.parent / "default_policies" / "tenant_ops.yaml"
DENY = policy.FILE.parent / "default_policies" / "deny.yaml"


class TenantOpsConfig(AppConfig):
    """The application `tenant_ops_dashboard`."""

    name = "tenant_ops_dashboard"
    verbose_name = "Tenant Ops"

    def ready(self) -> None:
        """Begin the audit trail, say who tells sentences, and register the policy file.

        Horizon allows every action of a scope it has no policy for. An operator's own file, named in POLICY_FILES, is
        the one that the capabilities ask, too. Where it is broken at the start, Horizon, whose every page would fail
        with it, is given one that denies.
        """
        audit.begin(ours.read().audit_log)
        sentences.told_by(words.told)
        if settings.DATABASES.get("default", {}).get("ENGINE", "").rpartition(".")[2] not in ("", "dummy"):
            # Tables are known from here on; the module that writes them is loaded no sooner.
            from tenant_ops_dashboard.records import audit as kept

            audit.also(kept.sink)
        file = settings.POLICY_FILES.setdefault(policy.SCOPE, str(policy.FILE))
        settings.DEFAULT_POLICY_FILES.setdefault(policy.SCOPE, str(NO_DEFAULTS))
        place = str(Path(settings.POLICY_FILES_PATH) / file)
        os.environ.setdefault(policy.VARIABLE, place)
        if not policy_file.in_force(place).enforcer:
            settings.POLICY_FILES[policy.SCOPE] = str(DENY)
