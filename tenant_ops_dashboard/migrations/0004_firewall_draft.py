"""Drafts of firewall groups outlive a login."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0003_audit")]

    operations = [
        migrations.CreateModel(
            name="FirewallDraft",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("project_id", models.CharField(max_length=64)),
                ("group_id", models.CharField(max_length=36)),
                ("user_id", models.CharField(max_length=64)),
                ("user_name", models.CharField(blank=True, max_length=255)),
                ("version", models.IntegerField(default=1)),
                ("content", models.TextField()),
                ("changed", models.DateTimeField()),
                ("seen", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("project_id", "group_id", "user_id"), name="tenant_ops_firewall_draft"
                    )
                ],
            },
        ),
    ]
