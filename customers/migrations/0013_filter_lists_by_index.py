"""Customers of one tier, and tier changes of one kind, are listed without walking the whole table."""

from django.db import migrations, models

from contactcenter.foundation.index_operations import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("customers", "0012_emptied_words")]

    operations = [
        AddIndexBesideWriters(
            model_name="customer",
            index=models.Index(fields=["tier", "-id"], name="customer_by_tier"),
        ),
        AddIndexBesideWriters(
            model_name="tierchange",
            index=models.Index(fields=["cause", "-id"], name="tier_change_by_cause"),
        ),
        AddIndexBesideWriters(
            model_name="tierchange",
            index=models.Index(fields=["new_tier", "-id"], name="tier_change_by_new_tier"),
        ),
    ]
