"""How far people have come with the scenarios of the walkthrough, and how long its steps took."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0014_heartbeat")]

    operations = [
        migrations.CreateModel(
            name="Walkthrough",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region", models.CharField(blank=True, max_length=255)),
                ("project_id", models.CharField(max_length=64)),
                ("scenario", models.CharField(max_length=32)),
                ("revision", models.IntegerField(default=1)),
                ("content", models.TextField()),
                ("changed", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["project_id", "scenario", "region"], name="tenant_ops_walkthrough"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WalkthroughTime",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("region", models.CharField(blank=True, max_length=255)),
                ("project_id", models.CharField(max_length=64)),
                ("scenario", models.CharField(max_length=32)),
                ("step", models.CharField(max_length=32)),
                ("seconds", models.FloatField()),
                ("at", models.DateTimeField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["project_id", "scenario", "at"], name="tenant_ops_walk_time")
                ],
            },
        ),
    ]
