"""Django's handle on the plugin: policy and audit trail are in force even where no settings snippet was copied."""

from __future__ import annotations

import os
from pathlib import Path
from types import ModuleType
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from tenant_ops_dashboard import releases

DEFAULTS = Path(__file__).parent / "conf" / "default_policies"
NO_DEFAULTS = DEFAULTS / "tenant_ops.yaml"
DENY = DEFAULTS / "deny.yaml"


@checks.register
def newer_than_tested(**_asked: Any) -> list[checks.CheckMessage]:
    """A warning of `manage.py check` where Horizon or Django is newer than what the plugin is tested with."""
    told = releases.untried()
    hint = "Look at its pages before its users do, or ask for a newer Tenant Ops."
    return [checks.Warning(told, hint=hint, id="tenant_ops.W001")] if told else []


class TenantOpsConfig(AppConfig):
    """The application `tenant_ops_dashboard`."""

    name = "tenant_ops_dashboard"
    verbose_name = "Tenant Ops"

    def __init__(self, app_name: str, app_module: ModuleType | None) -> None:
        """Raises ImproperlyConfigured before tables and pages are loaded where something is too old for them.

        `enabled/_9000_tenant_ops.py` asks first; this is for who names the application himself.
        """
        reason = releases.unfit()
        if reason:
            raise ImproperlyConfigured(f"Tenant Ops cannot run here. {reason}")
        super().__init__(app_name, app_module)

    def ready(self) -> None:
        """Begin the audit trail, say who tells sentences, and register the policy file.

        Horizon allows every action of a scope it has no policy for. An operator's own file, named in POLICY_FILES, is
        the one that the capabilities ask, too. Where it is broken at the start, Horizon, whose every page would fail
        with it, is given one that denies.
        """
        # Loaded no sooner than it is known that all of it can be.
        from tenant_ops_dashboard import audit, policy, policy_file, sentences
        from tenant_ops_dashboard.panels import settings as ours
        from tenant_ops_dashboard.panels import words

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
