"""What was acknowledged and reviewed of posture outlives a login, and how many findings there were day by day."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenant_ops_dashboard", "0004_firewall_draft"),
    ]

    operations = [
        migrations.CreateModel(
            name="PostureAcknowledgement",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("project_id", models.CharField(max_length=64)),
                ("finding_id", models.CharField(max_length=64)),
                ("current", models.CharField(max_length=64, null=True)),
                ("user_id", models.CharField(max_length=64)),
                ("user_name", models.CharField(blank=True, max_length=255)),
                ("reason", models.CharField(max_length=600)),
                ("at", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, max_length=255)),
                ("ending", models.CharField(blank=True, max_length=16)),
            ],
            options={
                "indexes": [models.Index(fields=["project_id", "finding_id"], name="tenant_ops_ack_finding")],
                "constraints": [
                    models.UniqueConstraint(fields=("project_id", "current"), name="tenant_ops_acknowledged")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostureDay",
            fields=[
                ("region", models.CharField(max_length=255)),
                ("scope", models.CharField(max_length=64)),
                ("taken_at", models.DateTimeField()),
                ("ports", models.IntegerField()),
                ("unfiltered", models.IntegerField()),
                ("critical", models.IntegerField()),
                ("high", models.IntegerField()),
                ("medium", models.IntegerField()),
                ("low", models.IntegerField()),
                ("info", models.IntegerField()),
                ("acknowledged", models.IntegerField()),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("scope", "day", "region"), name="tenant_ops_posture_day")
                ],
            },
        ),
        migrations.CreateModel(
            name="PostureReview",
            fields=[
                ("region", models.CharField(max_length=255)),
                ("scope", models.CharField(max_length=64)),
                ("taken_at", models.DateTimeField()),
                ("ports", models.IntegerField()),
                ("unfiltered", models.IntegerField()),
                ("critical", models.IntegerField()),
                ("high", models.IntegerField()),
                ("medium", models.IntegerField()),
                ("low", models.IntegerField()),
                ("info", models.IntegerField()),
                ("acknowledged", models.IntegerField()),
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("user_id", models.CharField(max_length=64)),
                ("user_name", models.CharField(blank=True, max_length=255)),
                ("at", models.DateTimeField()),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "indexes": [models.Index(fields=["scope", "at"], name="tenant_ops_review_at")],
            },
        ),
        migrations.CreateModel(
            name="PostureReviewPart",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("number", models.IntegerField()),
                ("content", models.BinaryField()),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="tenant_ops_dashboard.posturereview",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("review", "number"), name="tenant_ops_review_part")],
            },
        ),
    ]
