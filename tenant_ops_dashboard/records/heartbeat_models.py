"""The table of heartbeats: when each job of the care last looked, where, and what it met."""

from __future__ import annotations

# Fields say their types to mypy only through a plugin that needs the settings of a whole Horizon.
# mypy: disable-error-code="var-annotated"
from django.db import models

from tenant_ops_dashboard.records.sentence_field import SentenceTextField


class Heartbeat(models.Model):
    """One job on one host, for one region; the last look at `at`, NULL where none came about yet.

    `failures` counts the rounds that met a problem, one after another, and `said` is the first one's sentence.
    """

    id = models.BigAutoField(primary_key=True)
    host = models.CharField(max_length=64)
    job = models.CharField(max_length=32)
    region = models.CharField(max_length=255, blank=True)
    started = models.DateTimeField()
    at = models.DateTimeField(null=True)
    seen = models.DateTimeField()
    seconds = models.FloatField(default=0.0)
    failures = models.IntegerField(default=0)
    said = SentenceTextField(blank=True)

    class Meta:
        app_label = "tenant_ops_dashboard"
        constraints = [models.UniqueConstraint(fields=["host", "job", "region"], name="tenant_ops_heartbeat")]
