"""Which network a clone is served in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0010_clone_golden")]

    operations = [
        migrations.AddField(
            model_name="clone", name="network_id", field=models.CharField(blank=True, default="", max_length=36)
        ),
    ]
