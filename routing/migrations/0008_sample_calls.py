"""Calls that are tried before every release."""

import django.db.models.deletion
from django.db import migrations, models

import routing.models.sample_calls


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_privacy"),
        ("queues", "0003_promised_waits"),
        ("routing", "0007_reports"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="decision",
            options={
                "ordering": ["-id"],
                "permissions": [("view_callers", "Can see callers' numbers in clear")],
                "verbose_name": "decision",
                "verbose_name_plural": "decisions",
            },
        ),
        migrations.CreateModel(
            name="SampleCall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(help_text="Such as: a gold caller at night.", max_length=80, verbose_name="name"),
                ),
                (
                    "known",
                    models.TextField(
                        blank=True,
                        help_text=("One a line, as in branches but without “customer.”: lifetime_value = 250000"),
                        verbose_name="what else is known",
                    ),
                ),
                (
                    "weekday",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        choices=routing.models.sample_calls.weekdays,
                        help_text="Empty: Wednesday.",
                        null=True,
                        verbose_name="day",
                    ),
                ),
                (
                    "time",
                    models.TimeField(
                        blank=True,
                        help_text="On the clock of the number called. Empty: 11:00.",
                        null=True,
                        verbose_name="time",
                    ),
                ),
                (
                    "expected",
                    models.ForeignKey(
                        help_text=(
                            "The queue in which this call must end. If it does not, the draft cannot be published."
                        ),
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sample_calls",
                        to="queues.queue",
                        verbose_name="must reach",
                    ),
                ),
                (
                    "flow",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sample_calls",
                        to="routing.flow",
                        verbose_name="flow",
                    ),
                ),
                (
                    "number",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the first number of the flow.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="routing.number",
                        verbose_name="number called",
                    ),
                ),
                (
                    "tier",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty, and nothing else known: a stranger.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="customers.loyaltytier",
                        verbose_name="caller's loyalty tier",
                    ),
                ),
            ],
            options={
                "verbose_name": "sample call",
                "verbose_name_plural": "sample calls",
                "ordering": ["id"],
            },
        ),
    ]
