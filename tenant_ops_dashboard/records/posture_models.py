"""The tables of posture: what was acknowledged, what was reviewed, and how many findings there were day by day."""

from __future__ import annotations

# Fields say their types to mypy only through a plugin that needs the settings of a whole Horizon.
# mypy: disable-error-code="var-annotated"
from django.db import models

APP = "tenant_ops_dashboard"


class PostureAcknowledgement(models.Model):
    """Somebody's word that a finding of a project may stand. None is ever changed: a newer one ends an older one.

    `current` is the finding's id while this is its newest word, NULL after that: NULLs are never twice the same, so
    that every database holds one current row a finding. `ending` is why it ended: 'superseded' or 'withdrawn'.
    """

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    finding_id = models.CharField(max_length=64)
    current = models.CharField(max_length=64, null=True)
    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255, blank=True)
    reason = models.CharField(max_length=600)
    at = models.DateTimeField()
    until = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=255, blank=True)
    ending = models.CharField(max_length=16, blank=True)

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["project_id", "current"], name="tenant_ops_acknowledged")]
        indexes = [models.Index(fields=["project_id", "finding_id"], name="tenant_ops_ack_finding")]


class _Counted(models.Model):
    """How many findings of each severity nobody had acknowledged. `scope` is a project's id, or '*' for all of them."""

    region = models.CharField(max_length=255)
    scope = models.CharField(max_length=64)
    taken_at = models.DateTimeField()
    ports = models.IntegerField()
    unfiltered = models.IntegerField()
    critical = models.IntegerField()
    high = models.IntegerField()
    medium = models.IntegerField()
    low = models.IntegerField()
    info = models.IntegerField()
    acknowledged = models.IntegerField()

    class Meta:
        abstract = True


class PostureReview(_Counted):
    """Somebody looked at a reading and kept it; `digest` tells two of the same findings. Its snapshot is its parts."""

    id = models.BigAutoField(primary_key=True)
    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255, blank=True)
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        app_label = APP
        indexes = [models.Index(fields=["scope", "at"], name="tenant_ops_review_at")]


class PostureReviewPart(models.Model):
    """A piece of a packed snapshot: below what MariaDB takes in one statement, however large the whole is."""

    id = models.BigAutoField(primary_key=True)
    review = models.ForeignKey(PostureReview, on_delete=models.CASCADE, related_name="parts")
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="tenant_ops_review_part")]


class PostureDay(_Counted):
    """The counts of the last reading of a day (UTC)."""

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["scope", "day", "region"], name="tenant_ops_posture_day")]
