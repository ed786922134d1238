"""Whether Horizon has a database, and all of the plugin's tables."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tenant_ops_dashboard.cloud import Cloud
from tenant_ops_dashboard.doctor.model import Finding, Found
from tenant_ops_dashboard.records import audit as trail
from tenant_ops_dashboard.sentences import say, say_many

_APP = "tenant_ops_dashboard"


def there() -> bool:
    """Whether Horizon's settings name a database."""
    engine = str(settings.DATABASES.get("default", {}).get("ENGINE", ""))
    return engine.rpartition(".")[2] not in ("", "dummy")


def look(cloud: Cloud) -> Found:
    """Raises NotRead where it does not answer."""
    name = say("Database")
    if not there():
        found = say("Horizon has no database: there are no clones, and no history, intents or audit trail to look at.")
        fix = say("Name one in DATABASES of Horizon's settings, then run 'manage.py migrate'.")
        yield Finding(name, "warning", found, fix)
        return
    with trail.reading(say("Which tables there are")):
        executor = MigrationExecutor(connection)
        wanted = [node for node in executor.loader.graph.leaf_nodes() if node[0] == _APP]
        missing = len(executor.migration_plan(wanted))
    if missing:
        found = say_many("{n} migration was not made.", "{n} migrations were not made.", missing)
        yield Finding(name, "failed", found, say("Run 'manage.py migrate' with Horizon's settings."))
    else:
        found = say("The database ({kind}) answers and has all tables.", kind=connection.display_name)
        yield Finding(name, "good", found)
