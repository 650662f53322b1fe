"""Contacts of a branch are counted apart, so that report intervals are few however many branches there are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("routing", "0016_find_messages_by_index")]

    operations = [
        migrations.CreateModel(
            name="BranchInterval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("flow", models.CharField(blank=True, max_length=50)),
                ("branch", models.CharField(max_length=50)),
                ("contacts", models.PositiveIntegerField()),
            ],
            options={
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("starts_at", "flow", "branch"), name="branch_interval_counted_once")
                ],
            },
        ),
    ]
