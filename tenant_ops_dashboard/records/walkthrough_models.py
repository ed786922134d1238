"""The tables of the walkthrough: how far each scenario has come in a project, and how long its steps took."""

from __future__ import annotations

# mypy: disable-error-code="var-annotated"
from django.db import models

APP = "tenant_ops_dashboard"


class Walkthrough(models.Model):
    """A scenario in one project of one region; `content` has its steps and facts as JSON, `revision` counts saves."""

    id = models.BigAutoField(primary_key=True)
    region = models.CharField(max_length=255, blank=True)
    project_id = models.CharField(max_length=64)
    scenario = models.CharField(max_length=32)
    revision = models.IntegerField(default=1)
    content = models.TextField()
    changed = models.DateTimeField()

    class Meta:
        app_label = APP
        constraints = [
            models.UniqueConstraint(fields=["project_id", "scenario", "region"], name="tenant_ops_walkthrough")
        ]


class WalkthroughTime(models.Model):
    """How many seconds a step took from its button to its proof, once: what a reset does not forget."""

    id = models.BigAutoField(primary_key=True)
    region = models.CharField(max_length=255, blank=True)
    project_id = models.CharField(max_length=64)
    scenario = models.CharField(max_length=32)
    step = models.CharField(max_length=32)
    seconds = models.FloatField()
    at = models.DateTimeField()

    class Meta:
        app_label = APP
        indexes = [models.Index(fields=["project_id", "scenario", "at"], name="tenant_ops_walk_time")]
