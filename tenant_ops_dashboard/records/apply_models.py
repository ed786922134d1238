"""The table of applies. Every row names its project; nothing is read without it."""

from __future__ import annotations

# mypy: disable-error-code="var-annotated"
from django.db import models

APP = "tenant_ops_dashboard"


class FirewallApply(models.Model):
    """An apply of a firewall group, written before anything is in force; `before` and `after` are drafts as JSON.

    `state` is 'begun', 'done', 'failed' (nothing is in force) or 'undone'.
    """

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    group_id = models.CharField(max_length=36)
    apply_id = models.CharField(max_length=12)
    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()
    state = models.CharField(max_length=8, default="begun")
    before = models.TextField()
    after = models.TextField()

    class Meta:
        app_label = APP
        indexes = [models.Index(fields=["project_id", "group_id", "at"], name="tenant_ops_firewall_apply")]
