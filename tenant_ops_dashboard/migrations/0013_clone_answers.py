"""What somebody answered to the questions of the blueprint that is launched on his clone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0012_bootable")]

    operations = [
        migrations.AddField(model_name="clone", name="answers", field=models.TextField(blank=True, default="")),
    ]
