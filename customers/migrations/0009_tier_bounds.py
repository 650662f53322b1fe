"""The bounds that shares came to, so that a customer who is pushed between two nights is measured by them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0007_privacy")]

    operations = [
        migrations.CreateModel(
            name="TierBound",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("field", models.CharField(help_text="What the customers were ranked by.", max_length=60)),
                (
                    "value",
                    models.FloatField(
                        help_text="Exact: values of customers are whole numbers up to 10^15, or fractions."
                    ),
                ),
                (
                    "policy",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bounds", to="customers.tierpolicy"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bounds", to="customers.syncrun"
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="customers.loyaltytier"
                    ),
                ),
            ],
            options={
                "verbose_name": "bound of a tier",
                "verbose_name_plural": "bounds of tiers",
                "ordering": ["-tier__rank"],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "tier"), name="tier_has_one_bound_in_each_run")
                ],
            },
        ),
    ]
