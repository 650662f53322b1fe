"""Customers had two indexes that begin with their tier: `customer_by_tier` serves what the plain one did."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models

INDEX = "customers_customer_tier_id_0a8659db"


def drop(_apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(f"DROP INDEX {_beside_writers(schema_editor)} IF EXISTS {INDEX}")


def make(_apps: Any, schema_editor: Any) -> None:
    schema_editor.execute(
        f"CREATE INDEX {_beside_writers(schema_editor)} IF NOT EXISTS {INDEX} ON customers_customer (tier_id)"
    )


def _beside_writers(schema_editor: Any) -> str:
    return "CONCURRENTLY" if schema_editor.connection.vendor == "postgresql" else ""


class Migration(migrations.Migration):
    atomic = False  # an index that is dropped beside writers cannot be dropped in a transaction

    dependencies = [("customers", "0014_find_rows_set_aside")]

    operations = [
        # safe: both parts say that the foreign key has no index of its own; Django's own way would hold writers up
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, make)],
            state_operations=[
                migrations.AlterField(
                    model_name="customer",
                    name="tier",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="From the CRM. To change it for a while, add a tier override below.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="customers.loyaltytier",
                        verbose_name="loyalty tier",
                    ),
                )
            ],
        )
    ]
