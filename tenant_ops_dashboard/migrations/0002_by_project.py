"""Every row belongs to one project: what is unique is so within it. A note may say what it waits to see."""

from django.db import migrations, models


def forget_leases(apps, schema_editor):
    """They last seconds and name no project; whoever decides next looks anew."""
    apps.get_model("tenant_ops_dashboard", "Lease").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("tenant_ops_dashboard", "0001_history")]

    operations = [
        migrations.RunPython(forget_leases, forget_leases),
        migrations.RemoveConstraint("sample", "tenant_ops_sample"),
        migrations.RemoveIndex("memberchange", "tenant_ops_change"),
        migrations.RemoveIndex("note", "tenant_ops_note"),
        migrations.RemoveIndex("watch", "tenant_ops_watch"),
        migrations.AddField("lease", "project_id", models.CharField(max_length=64, default=""), preserve_default=False),
        migrations.AddField("note", "target_id", models.CharField(blank=True, max_length=64)),
        migrations.AddField("note", "wanted", models.CharField(blank=True, max_length=600)),
        migrations.AddField("note", "seen", models.DateTimeField(null=True)),
        migrations.AlterField("lease", "name", models.CharField(max_length=120)),
        migrations.AlterField("memberstate", "member_id", models.CharField(max_length=36)),
        migrations.AlterField("mute", "object_id", models.CharField(max_length=36)),
        migrations.AddIndex(
            "memberchange", models.Index(fields=["project_id", "balancer_id", "at"], name="tenant_ops_change")
        ),
        migrations.AddIndex("note", models.Index(fields=["project_id", "balancer_id", "at"], name="tenant_ops_note")),
        migrations.AddIndex(
            "watch", models.Index(fields=["project_id", "balancer_id", "end"], name="tenant_ops_watch")
        ),
        migrations.AddConstraint(
            "lease", models.UniqueConstraint(fields=("project_id", "name"), name="tenant_ops_lease")
        ),
        migrations.AddConstraint(
            "memberstate", models.UniqueConstraint(fields=("project_id", "member_id"), name="tenant_ops_member")
        ),
        migrations.AddConstraint(
            "mute", models.UniqueConstraint(fields=("project_id", "object_id"), name="tenant_ops_mute")
        ),
        migrations.AddConstraint(
            "sample",
            models.UniqueConstraint(fields=("project_id", "balancer_id", "slot"), name="tenant_ops_sample"),
        ),
    ]
