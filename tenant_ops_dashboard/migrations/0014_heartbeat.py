"""When each job that goes on while nobody looks last did (that of clones was kept as a lease before); late notice."""

from typing import Any

from django.db import migrations, models


def forget_old_beats(apps: Any, _editor: Any) -> None:
    """The job's next round writes the new row."""
    apps.get_model("tenant_ops_dashboard", "Lease").objects.filter(name__startswith="clones.care").delete()


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0013_clone_answers")]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("host", models.CharField(max_length=64)),
                ("job", models.CharField(max_length=32)),
                ("region", models.CharField(blank=True, max_length=255)),
                ("started", models.DateTimeField()),
                ("at", models.DateTimeField(null=True)),
                ("seen", models.DateTimeField()),
                ("seconds", models.FloatField(default=0.0)),
                ("failures", models.IntegerField(default=0)),
                ("said", models.TextField(blank=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["host", "job", "region"], name="tenant_ops_heartbeat")
                ],
            },
        ),
        migrations.AddField(model_name="memberchange", name="after", field=models.DateTimeField(null=True)),
        migrations.RunPython(forget_old_beats, migrations.RunPython.noop),
    ]
