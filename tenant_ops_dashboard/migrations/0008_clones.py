"""What is offered to other projects, the clones made of it, and standing authority for them are kept."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0007_firewall_apply")]

    operations = [
        migrations.CreateModel(
            name="CloneOffer",
            fields=[
                ("id", models.CharField(max_length=36, primary_key=True, serialize=False)),
                ("region", models.CharField(max_length=255)),
                ("project_id", models.CharField(max_length=64)),
                ("project_name", models.CharField(blank=True, max_length=255)),
                ("domain_id", models.CharField(blank=True, max_length=64)),
                ("user_id", models.CharField(max_length=64)),
                ("user_name", models.CharField(blank=True, max_length=255)),
                ("source_id", models.CharField(max_length=36)),
                ("source_name", models.CharField(max_length=255)),
                ("size", models.IntegerField()),
                ("terms", models.TextField()),
                ("trust_id", models.CharField(blank=True, max_length=64)),
                ("at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(null=True)),
                ("withdrawn_by", models.CharField(blank=True, max_length=255)),
                ("current", models.CharField(max_length=64, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("region", "project_id", "current"), name="tenant_ops_clone_offer")
                ],
                "indexes": [
                    models.Index(fields=["project_id", "at"], name="tenant_ops_clone_offers"),
                    models.Index(fields=["source_id"], name="tenant_ops_clone_source"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Clone",
            fields=[
                ("id", models.CharField(max_length=36, primary_key=True, serialize=False)),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="clones",
                        to="tenant_ops_dashboard.cloneoffer",
                    ),
                ),
                ("region", models.CharField(max_length=255)),
                ("project_id", models.CharField(max_length=64)),
                ("project_name", models.CharField(blank=True, max_length=255)),
                ("user_id", models.CharField(max_length=64)),
                ("user_name", models.CharField(blank=True, max_length=255)),
                ("name", models.CharField(max_length=255)),
                ("lease", models.BigIntegerField()),
                ("purpose", models.CharField(blank=True, max_length=600)),
                ("trust_id", models.CharField(blank=True, max_length=64)),
                ("own_trust", models.BooleanField(default=False)),
                ("asked_at", models.DateTimeField()),
                ("state", models.CharField(max_length=16)),
                ("step", models.CharField(blank=True, max_length=16)),
                ("outcome", models.CharField(max_length=16)),
                ("says", models.TextField(blank=True)),
                ("decided_at", models.DateTimeField(null=True)),
                ("decided_by", models.CharField(blank=True, max_length=255)),
                ("reason", models.CharField(blank=True, max_length=600)),
                ("began", models.DateTimeField(null=True)),
                ("data_at", models.DateTimeField(null=True)),
                ("handed_at", models.DateTimeField(null=True)),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("pinned_by", models.CharField(blank=True, max_length=255)),
                ("get", models.CharField(max_length=16)),
                ("blueprint", models.CharField(blank=True, max_length=255)),
                ("environment_id", models.CharField(blank=True, max_length=36)),
                ("server_id", models.CharField(blank=True, max_length=36)),
                ("address", models.CharField(blank=True, max_length=255)),
                ("snapshot_id", models.CharField(blank=True, max_length=36)),
                ("nonce", models.CharField(blank=True, max_length=64)),
                ("mask_server_id", models.CharField(blank=True, max_length=36)),
                ("volume_id", models.CharField(blank=True, max_length=36)),
                ("size", models.IntegerField(default=0)),
                ("tries", models.IntegerField(default=0)),
                ("seconds", models.TextField(blank=True)),
                ("version", models.IntegerField(default=0)),
                ("current", models.CharField(max_length=64, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("region", "project_id", "current"), name="tenant_ops_clone")
                ],
                "indexes": [
                    models.Index(fields=["project_id", "asked_at"], name="tenant_ops_clone_asked"),
                    models.Index(fields=["step"], name="tenant_ops_clone_step"),
                    models.Index(fields=["state", "expires_at"], name="tenant_ops_clone_due"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CloneTrust",
            fields=[
                ("id", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("region", models.CharField(max_length=255)),
                ("project_id", models.CharField(max_length=64)),
                ("user_id", models.CharField(max_length=64)),
                ("user_name", models.CharField(blank=True, max_length=255)),
                ("roles", models.TextField(blank=True)),
                ("until", models.DateTimeField()),
                ("given_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["project_id", "ended_at"], name="tenant_ops_clone_trust")],
            },
        ),
    ]
