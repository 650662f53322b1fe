"""Decisions are found by their caller."""

from django.db import migrations, models

from contactcenter.foundation.index_operations import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("routing", "0011_pilots_and_blocked_callers")]

    operations = [
        AddIndexBesideWriters(
            model_name="decision",
            index=models.Index(fields=["caller", "-id"], name="decision_by_caller"),
        )
    ]
