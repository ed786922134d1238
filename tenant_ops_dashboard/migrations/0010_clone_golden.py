"""Golden copies are kept, which one a clone was made of, and when it was told that a clone ends soon."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0009_refresh")]

    operations = [
        migrations.AddField("Clone", "golden_id", models.CharField(blank=True, default="", max_length=36), False),
        migrations.AddField("Clone", "reminded_at", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="CloneGolden",
            fields=[
                ("id", models.CharField(max_length=36, primary_key=True, serialize=False)),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="goldens",
                        to="tenant_ops_dashboard.cloneoffer",
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("state", models.CharField(max_length=16)),
                ("step", models.CharField(blank=True, max_length=16)),
                ("outcome", models.CharField(max_length=16)),
                ("says", models.TextField(blank=True)),
                ("reason", models.TextField(blank=True)),
                ("began", models.DateTimeField(null=True)),
                ("data_at", models.DateTimeField(null=True)),
                ("made_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("snapshot_id", models.CharField(blank=True, max_length=36)),
                ("nonce", models.CharField(blank=True, max_length=64)),
                ("mask_server_id", models.CharField(blank=True, max_length=36)),
                ("volume_id", models.CharField(blank=True, max_length=36)),
                ("size", models.IntegerField(default=0)),
                ("tries", models.IntegerField(default=0)),
                ("seconds", models.TextField(blank=True)),
                ("version", models.IntegerField(default=0)),
                ("current", models.CharField(max_length=36, null=True)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("current",), name="tenant_ops_clone_golden")],
                "indexes": [models.Index(fields=["step"], name="tenant_ops_golden_step")],
            },
        ),
    ]
