"""A clone may get newer data: which copy it has, and the one that is being made to replace that."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0008_clones")]

    operations = [
        migrations.AddField("Clone", "generation", models.IntegerField(default=0)),
        migrations.AddField("Clone", "renewal", models.TextField(blank=True, default="")),
        migrations.AddField("Clone", "refreshed_at", models.DateTimeField(null=True)),
    ]
