"""Intents stand, and how they fared is kept."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0005_posture")]

    operations = [
        migrations.CreateModel(
            name="FirewallIntent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("project_id", models.CharField(max_length=64)),
                ("intent_id", models.CharField(max_length=32)),
                ("environment_id", models.CharField(blank=True, max_length=36)),
                ("origin", models.CharField(max_length=16)),
                ("content", models.TextField()),
                ("who", models.CharField(blank=True, max_length=255)),
                ("added", models.DateTimeField(null=True)),
                ("off_by", models.CharField(blank=True, max_length=255)),
                ("off_reason", models.CharField(blank=True, max_length=600)),
                ("off_at", models.DateTimeField(null=True)),
                ("holds", models.BooleanField(null=True)),
                ("because", models.TextField(blank=True)),
                ("found", models.TextField(blank=True)),
                ("since", models.DateTimeField(null=True)),
                ("checked", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("project_id", "intent_id"), name="tenant_ops_intent")],
            },
        ),
    ]
