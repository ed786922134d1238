"""Whether what is offered is a system disk."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0011_served")]

    operations = [
        migrations.AddField(model_name="cloneoffer", name="bootable", field=models.BooleanField(default=False)),
    ]
