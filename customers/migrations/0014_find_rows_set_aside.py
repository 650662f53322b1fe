"""Rows that were set aside are found by the customer's id in the CRM, without reading all of them."""

from django.db import migrations, models

from contactcenter.foundation.index_operations import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("customers", "0013_filter_lists_by_index")]

    operations = [
        AddIndexBesideWriters(
            model_name="rejectedrow",
            index=models.Index(fields=["external_id"], name="row_set_aside_by_its_id"),
        ),
    ]
