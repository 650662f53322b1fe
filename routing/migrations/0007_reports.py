"""Counts of quarter hours for the reports, their settings, and the monthly summary by e-mail."""

import django.db.models.deletion
import routing.models.reports
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0007_privacy"),
        ("routing", "0005_notify_third_parties_and_link_senders"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportMark",
            fields=[
                ("source", models.CharField(max_length=20, primary_key=True, serialize=False)),
                ("cursor", models.BigIntegerField(default=0)),
                ("round_to", models.BigIntegerField(default=0)),
                ("last_to", models.BigIntegerField(default=0)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="MonthlyMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(verbose_name="month")),
                ("address", models.EmailField(max_length=254, verbose_name="address")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="tries")),
                ("due_at", models.DateTimeField(verbose_name="next try")),
                ("error", models.CharField(blank=True, max_length=80, verbose_name="what went wrong")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent")),
            ],
            options={
                "default_permissions": ("view",),
                "verbose_name": "monthly summary",
                "verbose_name_plural": "monthly summaries",
                "ordering": ["-month", "address"],
                "constraints": [
                    models.UniqueConstraint(fields=("month", "address"), name="summary_once_a_month_for_each_address")
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportInterval",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("starts_at", models.DateTimeField()),
                ("channel", models.CharField(max_length=10)),
                ("flow", models.CharField(blank=True, max_length=50)),
                ("queue", models.CharField(blank=True, max_length=50)),
                ("branch", models.CharField(blank=True, max_length=50)),
                ("tier", models.CharField(blank=True, max_length=50)),
                ("contacts", models.PositiveIntegerField(help_text="Decisions.")),
                ("last_path", models.PositiveIntegerField(default=0, help_text="That no branch took.")),
                (
                    "overflowed",
                    models.PositiveIntegerField(default=0, help_text="That went to another queue than the branch's."),
                ),
                (
                    "announced",
                    models.PositiveIntegerField(default=0, help_text="That heard an announcement or left a message."),
                ),
                ("answered", models.PositiveIntegerField(default=0, help_text="By an agent.")),
                ("timed", models.PositiveIntegerField(default=0, help_text="Answered after a wait that was reported.")),
                ("in_time", models.PositiveIntegerField(default=0, help_text="Answered within the queue's target.")),
                (
                    "wait_s",
                    models.PositiveBigIntegerField(default=0, help_text="Sum of the reported waits of the answered."),
                ),
                ("abandoned", models.PositiveIntegerField(default=0, help_text="Hung up while waiting.")),
                (
                    "abandoned_in_time",
                    models.PositiveIntegerField(default=0, help_text="Hung up within the queue's target."),
                ),
                ("abandoned_5", models.PositiveIntegerField(default=0, help_text="Hung up within 5 seconds.")),
                ("abandoned_10", models.PositiveIntegerField(default=0, help_text="Hung up within 10 seconds.")),
                ("abandoned_20", models.PositiveIntegerField(default=0, help_text="Hung up within 20 seconds.")),
                (
                    "ended",
                    models.PositiveIntegerField(
                        default=0, help_text="Left the queue by another way, or nobody answered."
                    ),
                ),
                (
                    "valued",
                    models.PositiveIntegerField(default=0, help_text="Reported ones whose customer's value is known."),
                ),
                (
                    "value_in_time",
                    models.BigIntegerField(default=0, help_text="Lifetime values of those answered in time."),
                ),
                (
                    "value_missed",
                    models.BigIntegerField(default=0, help_text="Lifetime values of the other reported ones."),
                ),
            ],
            options={
                "default_permissions": (),
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("starts_at", "channel", "flow", "branch", "queue", "tier"),
                        name="report_interval_counted_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ReportSettings",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "formula",
                    models.CharField(
                        choices=[
                            ("offered", "answered in time / (answered + abandoned)"),
                            ("answered", "answered in time / answered"),
                            ("kept", "(answered in time + abandoned in time) / (answered + abandoned)"),
                        ],
                        default="offered",
                        help_text="In time is what the queue says. Contacts of which nothing was reported are in no formula.",
                        max_length=10,
                        verbose_name="service level",
                    ),
                ),
                (
                    "short_abandon_s",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (0, "count every one"),
                            (5, "leave out those within 5 seconds"),
                            (10, "leave out those within 10 seconds"),
                            (20, "leave out those within 20 seconds"),
                        ],
                        default=5,
                        help_text="They dialled a wrong number, nobody failed them. Holds for service level and abandonment.",
                        verbose_name="callers who hang up at once",
                    ),
                ),
                (
                    "addresses",
                    models.TextField(
                        blank=True,
                        help_text="One a line. There are no names and no phone numbers in the summary.",
                        validators=[routing.models.reports.address_lines],
                        verbose_name="other addresses that get it",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=routing.models.reports.languages,
                        default="en",
                        help_text="The same for everybody who gets it.",
                        max_length=10,
                        verbose_name="language of the summary",
                    ),
                ),
                (
                    "users",
                    models.ManyToManyField(
                        blank=True,
                        help_text="By e-mail, on the first of the month. Who has no e-mail address, or no access any more, gets none.",
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="people who get the monthly summary",
                    ),
                ),
                (
                    "vip_tier",
                    models.ForeignKey(
                        blank=True,
                        help_text="This tier and those above it. Empty: the highest tier only.",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="customers.loyaltytier",
                        verbose_name="VIPs are customers from this tier on",
                    ),
                ),
            ],
            options={
                "default_permissions": ("add", "change", "view"),
                "verbose_name": "report settings",
                "verbose_name_plural": "report settings",
            },
        ),
    ]
