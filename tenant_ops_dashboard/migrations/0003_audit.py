"""The audit trail: one row an event, found by project and time, or by target."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tenant_ops_dashboard", "0002_by_project"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("project_id", models.CharField(max_length=64)),
                ("event_id", models.CharField(max_length=36)),
                ("at", models.DateTimeField()),
                ("user_id", models.CharField(blank=True, max_length=64)),
                ("user_name", models.CharField(blank=True, max_length=255)),
                ("action", models.CharField(max_length=64)),
                ("verb", models.CharField(blank=True, max_length=64)),
                ("kind", models.CharField(blank=True, max_length=64)),
                ("target_id", models.CharField(blank=True, max_length=64)),
                ("target_name", models.CharField(blank=True, max_length=255)),
                ("outcome", models.CharField(max_length=16)),
                ("request_id", models.CharField(blank=True, max_length=64)),
                ("told", models.BooleanField(default=True)),
                ("event", models.TextField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["project_id", "at"], name="tenant_ops_audit_at"),
                    models.Index(fields=["project_id", "target_id", "at"], name="tenant_ops_audit_target"),
                    models.Index(fields=["at"], name="tenant_ops_audit_old"),
                    models.Index(fields=["told", "id"], name="tenant_ops_audit_told"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("project_id", "event_id"), name="tenant_ops_audit_once")
                ],
            },
        ),
    ]
