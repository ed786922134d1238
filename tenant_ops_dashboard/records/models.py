"""The tables. Every row names its project; nothing is read without it."""

from __future__ import annotations

# Fields say their types to mypy only through a plugin that needs the settings of a whole Horizon.
# mypy: disable-error-code="var-annotated"
from django.db import models

from tenant_ops_dashboard.records.intent_models import FirewallIntent
from tenant_ops_dashboard.records.sentence_field import SentenceCharField

__all__ = [
    "AuditEvent", "FirewallDraft", "FirewallIntent", "Lease", "MemberChange", "MemberState", "Mute", "Note", "Sample",
    "Watch",
]  # fmt: skip
APP = "tenant_ops_dashboard"


class Watch(models.Model):
    """Somebody looked at a load balancer, without a gap, from `begin` to `end`."""

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    balancer_id = models.CharField(max_length=36)
    begin = models.DateTimeField()
    end = models.DateTimeField()

    class Meta:
        app_label = APP
        indexes = [models.Index(fields=["project_id", "balancer_id", "end"], name="tenant_ops_watch")]


class MemberState(models.Model):
    """How a member was last seen; `exact` says that the change itself was seen, at `since`."""

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    balancer_id = models.CharField(max_length=36, db_index=True)
    member_id = models.CharField(max_length=36)
    label = models.CharField(max_length=255)
    state = models.CharField(max_length=16)
    since = models.DateTimeField()
    exact = models.BooleanField(default=False)

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["project_id", "member_id"], name="tenant_ops_member")]


class MemberChange(models.Model):
    """A member came from one state to another: noticed at `at`; `after` is the look before where that was long ago."""

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    balancer_id = models.CharField(max_length=36)
    member_id = models.CharField(max_length=36)
    label = models.CharField(max_length=255)
    was = models.CharField(max_length=16)
    now = models.CharField(max_length=16)
    at = models.DateTimeField()
    after = models.DateTimeField(null=True)

    class Meta:
        app_label = APP
        indexes = [models.Index(fields=["project_id", "balancer_id", "at"], name="tenant_ops_change")]


class Sample(models.Model):
    """Octavia's counters of a load balancer; one row a slot of time, whoever looked first."""

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    balancer_id = models.CharField(max_length=36)
    slot = models.BigIntegerField()
    at = models.DateTimeField()
    active = models.BigIntegerField()
    total = models.BigIntegerField()
    bytes_in = models.BigIntegerField()
    bytes_out = models.BigIntegerField()
    errors = models.BigIntegerField()
    up = models.IntegerField(default=-1)

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["project_id", "balancer_id", "slot"], name="tenant_ops_sample")]


class Note(models.Model):
    """Something on the time line that is no member's change: an edit by a person, a scaling decision.

    An edit that was asked for has in `wanted`, as JSON, how `target_id` is to become; `seen` is when it was seen so.
    """

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    balancer_id = models.CharField(max_length=36)
    at = models.DateTimeField()
    kind = models.CharField(max_length=16)
    state = models.CharField(max_length=16)
    who = models.CharField(max_length=255, blank=True)
    sentence = SentenceCharField(max_length=600)
    target_id = models.CharField(max_length=64, blank=True)
    wanted = models.CharField(max_length=600, blank=True)
    seen = models.DateTimeField(null=True)

    class Meta:
        app_label = APP
        indexes = [models.Index(fields=["project_id", "balancer_id", "at"], name="tenant_ops_note")]


class Mute(models.Model):
    """Nobody wants to be warned of a load balancer or member until a time."""

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    object_id = models.CharField(max_length=36)
    until = models.DateTimeField()
    who = models.CharField(max_length=255, blank=True)

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["project_id", "object_id"], name="tenant_ops_mute")]


class Lease(models.Model):
    """Who decides about one thing, until when: several hosts may try, one does. `memory` is left for the next."""

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    holder = models.CharField(max_length=64, blank=True)
    until = models.DateTimeField()
    memory = models.TextField(blank=True)

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["project_id", "name"], name="tenant_ops_lease")]


class AuditEvent(models.Model):
    """One event of the audit trail, whole in `event` as JSON; beside it what is searched for.

    `project_id` is the project of who asked, which alone sees it: the target's is what a request said. An event that
    is to be told to a message bus has `told` False until it was.
    """

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    event_id = models.CharField(max_length=36)
    at = models.DateTimeField()
    user_id = models.CharField(max_length=64, blank=True)
    user_name = models.CharField(max_length=255, blank=True)
    action = models.CharField(max_length=64)
    verb = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=64, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    target_name = models.CharField(max_length=255, blank=True)
    outcome = models.CharField(max_length=16)
    request_id = models.CharField(max_length=64, blank=True)
    told = models.BooleanField(default=True)
    event = models.TextField()

    class Meta:
        app_label = APP
        constraints = [models.UniqueConstraint(fields=["project_id", "event_id"], name="tenant_ops_audit_once")]
        indexes = [
            models.Index(fields=["project_id", "at"], name="tenant_ops_audit_at"),
            models.Index(fields=["project_id", "target_id", "at"], name="tenant_ops_audit_target"),
            models.Index(fields=["at"], name="tenant_ops_audit_old"),
            models.Index(fields=["told", "id"], name="tenant_ops_audit_told"),
        ]


class FirewallDraft(models.Model):
    """One person's edit of a firewall group, as JSON. `version` rises with every save, `seen` is his last look."""

    id = models.BigAutoField(primary_key=True)
    project_id = models.CharField(max_length=64)
    group_id = models.CharField(max_length=36)
    user_id = models.CharField(max_length=64)
    user_name = models.CharField(max_length=255, blank=True)
    version = models.IntegerField(default=1)
    content = models.TextField()
    changed = models.DateTimeField()
    seen = models.DateTimeField()

    class Meta:
        app_label = APP
        constraints = [
            models.UniqueConstraint(fields=["project_id", "group_id", "user_id"], name="tenant_ops_firewall_draft")
        ]
