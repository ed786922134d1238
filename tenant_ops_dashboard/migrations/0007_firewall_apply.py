"""Applies of firewalls are kept, so that an undo knows ports, name and state of the group too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0006_intent")]

    operations = [
        migrations.CreateModel(
            name="FirewallApply",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("project_id", models.CharField(max_length=64)),
                ("group_id", models.CharField(max_length=36)),
                ("apply_id", models.CharField(max_length=12)),
                ("user_id", models.CharField(max_length=64)),
                ("user_name", models.CharField(blank=True, max_length=255)),
                ("at", models.DateTimeField()),
                ("state", models.CharField(default="begun", max_length=8)),
                ("before", models.TextField()),
                ("after", models.TextField()),
            ],
            options={
                "indexes": [models.Index(fields=["project_id", "group_id", "at"], name="tenant_ops_firewall_apply")],
            },
        ),
    ]
