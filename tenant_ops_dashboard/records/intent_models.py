"""The table of intents, and of how they fared."""

from __future__ import annotations

# mypy: disable-error-code="var-annotated"
from django.db import models

from tenant_ops_dashboard.records.sentence_field import SentenceTextField

APP = "tenant_ops_dashboard"


class FirewallIntent(models.Model):
    """What must never, or must always, get through; `content` is it as JSON.

    `environment_id` is a stack's, '' for the whole project. A row whose `origin` is 'blueprint' keeps what a
    blueprint cannot: that somebody switched it off, and how it fared. `holds` is None where nobody can tell or nobody
    looked (`checked` is None then); `found` has witness and rules as JSON.
    """

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    intent_id = models.CharField(max_length=32)
    environment_id = models.CharField(max_length=36, blank=True)
    origin = models.CharField(max_length=16)
    content = models.TextField()
    who = models.CharField(max_length=255, blank=True)
    added = models.DateTimeField(null=True)
    off_by = models.CharField(max_length=255, blank=True)
    off_reason = models.CharField(max_length=600, blank=True)
    off_at = models.DateTimeField(null=True)
    holds = models.BooleanField(null=True)
    because = SentenceTextField(blank=True)
    found = models.TextField(blank=True)
    since = models.DateTimeField(null=True)
    checked = models.DateTimeField(null=True)

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["project_id", "intent_id"], name="tenant_ops_intent")]
