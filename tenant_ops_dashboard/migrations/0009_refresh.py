"""A clone may get newer data: which copy it has, which one is made to replace that, what it can go back to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0008_clones")]

    operations = [
        migrations.AddField("Clone", "generation", models.IntegerField(default=0)),
        migrations.AddField("Clone", "renewal", models.TextField(blank=True, default="")),
        migrations.AddField("Clone", "refreshed_at", models.DateTimeField(null=True)),
        migrations.AddField("Clone", "revertible", models.BooleanField(default=False)),
        migrations.AddField("Clone", "baseline_id", models.CharField(blank=True, default="", max_length=36)),
        migrations.AddField("Clone", "reverting", models.TextField(blank=True, default="")),
    ]
