"""The tables of clones: what is offered, what was asked for, and who lets the service user receive for a project."""

from __future__ import annotations

# Fields say their types to mypy only through a plugin that needs the settings of a whole Horizon.
# mypy: disable-error-code="var-annotated"
from django.db import models

from tenant_ops_dashboard.records.sentence_field import SentenceCharField, SentenceTextField

APP = "tenant_ops_dashboard"


class CloneOffer(models.Model):
    """A volume that other projects may have copies of; `terms` is JSON.

    `current` is a digest of source and terms while the offer is open, NULL afterwards: NULLs are never twice the same,
    so that every database holds one open offer of the same. `trust_id` is '' once the owner's authority was taken back.
    """

    id = models.CharField(max_length=36, primary_key=True)
    region = models.CharField(max_length=255)
    project_id = models.CharField(max_length=64)
    project_name = models.CharField(max_length=255, blank=True)
    domain_id = models.CharField(max_length=64, blank=True)
    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255, blank=True)
    source_id = models.CharField(max_length=36)
    source_name = models.CharField(max_length=255)
    size = models.IntegerField()
    bootable = models.BooleanField(default=False)
    terms = models.TextField()
    trust_id = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=255, blank=True)
    current = models.CharField(max_length=64, null=True)

    class Meta:
        app_label = APP
        constraints = [
            models.UniqueConstraint(fields=["region", "project_id", "current"], name="tenant_ops_clone_offer")
        ]
        indexes = [
            models.Index(fields=["project_id", "at"], name="tenant_ops_clone_offers"),
            models.Index(fields=["source_id"], name="tenant_ops_clone_source"),
        ]


class Clone(models.Model):
    """One copy, from the request to its end; `seconds`, `answers`, `renewal` and `reverting` are JSON.

    `current` is a digest of the name while it has not ended, NULL afterwards: a digest, because some databases take
    names for the same that people do not. `version` rises with every change.
    """

    id = models.CharField(max_length=36, primary_key=True)
    offer = models.ForeignKey(CloneOffer, on_delete=models.PROTECT, related_name="clones")
    region = models.CharField(max_length=255)
    project_id = models.CharField(max_length=64)
    project_name = models.CharField(max_length=255, blank=True)
    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255, blank=True)
    name = models.CharField(max_length=255)
    lease = models.BigIntegerField()
    purpose = models.CharField(max_length=600, blank=True)
    trust_id = models.CharField(max_length=64, blank=True)
    own_trust = models.BooleanField(default=False)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=16)
    step = models.CharField(max_length=16, blank=True)
    outcome = models.CharField(max_length=16)
    says = SentenceTextField(blank=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=255, blank=True)
    reason = SentenceCharField(max_length=600, blank=True)
    began = models.DateTimeField(null=True)
    data_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    pinned_by = models.CharField(max_length=255, blank=True)
    get = models.CharField(max_length=16)
    blueprint = models.CharField(max_length=255, blank=True)
    answers = models.TextField(blank=True, default="")
    environment_id = models.CharField(max_length=36, blank=True)
    server_id = models.CharField(max_length=36, blank=True)
    address = models.CharField(max_length=255, blank=True)
    network_id = models.CharField(max_length=36, blank=True, default="")
    golden_id = models.CharField(max_length=36, blank=True)
    reminded_at = models.DateTimeField(null=True)
    snapshot_id = models.CharField(max_length=36, blank=True)
    nonce = models.CharField(max_length=64, blank=True)
    mask_server_id = models.CharField(max_length=36, blank=True)
    volume_id = models.CharField(max_length=36, blank=True)
    size = models.IntegerField(default=0)
    tries = models.IntegerField(default=0)
    seconds = models.TextField(blank=True)
    generation = models.IntegerField(default=0)
    renewal = models.TextField(blank=True, default="")
    refreshed_at = models.DateTimeField(null=True)
    revertible = models.BooleanField(default=False)
    baseline_id = models.CharField(max_length=36, blank=True, default="")
    reverting = models.TextField(blank=True, default="")
    version = models.IntegerField(default=0)
    current = models.CharField(max_length=64, null=True)

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["region", "project_id", "current"], name="tenant_ops_clone")]
        indexes = [
            models.Index(fields=["project_id", "asked_at"], name="tenant_ops_clone_asked"),
            models.Index(fields=["step"], name="tenant_ops_clone_step"),
            models.Index(fields=["state", "expires_at"], name="tenant_ops_clone_due"),
        ]


class CloneTrust(models.Model):
    """A trust that somebody gave for all clones of his project; `roles` is JSON. The id is Keystone's."""

    id = models.CharField(max_length=64, primary_key=True)
    region = models.CharField(max_length=255)
    project_id = models.CharField(max_length=64)
    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255, blank=True)
    roles = models.TextField(blank=True)
    until = models.DateTimeField()
    given_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = APP
        indexes = [models.Index(fields=["project_id", "ended_at"], name="tenant_ops_clone_trust")]
