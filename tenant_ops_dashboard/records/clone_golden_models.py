"""The table of golden copies: what is kept ready with the owner of an offer, and what is being made of it."""

from __future__ import annotations

# Fields say their types to mypy only through a plugin that needs the settings of a whole Horizon.
# mypy: disable-error-code="var-annotated"
from django.db import models

from tenant_ops_dashboard.records.clone_models import APP, CloneOffer
from tenant_ops_dashboard.records.sentence_field import SentenceTextField


class CloneGolden(models.Model):
    """One golden copy, from the first step to its end; `seconds` is JSON.

    `made_at` is since when others are made of it. `current` is the offer's id until then, NULL afterwards: of one offer
    one is made at a time. `version` rises with every change.
    """

    id = models.CharField(max_length=36, primary_key=True)
    offer = models.ForeignKey(CloneOffer, on_delete=models.PROTECT, related_name="goldens")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=16)
    step = models.CharField(max_length=16, blank=True)
    outcome = models.CharField(max_length=16)
    says = SentenceTextField(blank=True)
    reason = SentenceTextField(blank=True)
    began = models.DateTimeField(null=True)
    data_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    snapshot_id = models.CharField(max_length=36, blank=True)
    nonce = models.CharField(max_length=64, blank=True)
    mask_server_id = models.CharField(max_length=36, blank=True)
    volume_id = models.CharField(max_length=36, blank=True)
    size = models.IntegerField(default=0)
    tries = models.IntegerField(default=0)
    seconds = models.TextField(blank=True)
    version = models.IntegerField(default=0)
    current = models.CharField(max_length=36, null=True)

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["current"], name="tenant_ops_clone_golden")]
        indexes = [models.Index(fields=["step"], name="tenant_ops_golden_step")]
