"""Callers who are not decided like everybody else: pilots, and the list of blocked ones."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queues", "0006_wait_estimates"),
        ("routing", "0010_planned_releases"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Pilot",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("document", models.TextField(verbose_name="document")),
                ("sha256", models.CharField(max_length=64, verbose_name="checksum")),
                (
                    "callers",
                    models.JSONField(
                        default=list, help_text="Phone numbers with country code.", verbose_name="callers"
                    ),
                ),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="started")),
                ("until", models.DateTimeField(verbose_name="ends")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="ended at")),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="ended by",
                    ),
                ),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="started by",
                    ),
                ),
            ],
            options={
                "verbose_name": "pilot",
                "verbose_name_plural": "pilots",
                "ordering": ["-id"],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="BlockedCaller",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "number",
                    models.CharField(
                        db_index=True,
                        help_text="With country code, such as +39 333 123 4567.",
                        max_length=16,
                        verbose_name="number",
                    ),
                ),
                (
                    "is_prefix",
                    models.BooleanField(
                        default=False,
                        help_text="Needs at least 6 digits.",
                        verbose_name="all numbers that begin like this",
                    ),
                ),
                (
                    "treatment",
                    models.CharField(
                        choices=[
                            ("reject", "turn the call away"),
                            ("queue", "send the call to a queue"),
                            ("let_through", "never block: let the call through"),
                        ],
                        default="reject",
                        help_text="“Never block” wins over every other entry: for emergency test callers, for example.",
                        max_length=12,
                        verbose_name="what happens",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        help_text="For the colleagues who will ask.", max_length=200, verbose_name="reason"
                    ),
                ),
                (
                    "until",
                    models.DateTimeField(blank=True, help_text="Empty: for good.", null=True, verbose_name="until"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="listed")),
                (
                    "created_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="by",
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        blank=True,
                        help_text="Only when the call is sent to a queue. The queue must be published.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="queues.queue",
                        verbose_name="to the queue",
                    ),
                ),
            ],
            options={
                "verbose_name": "blocked caller",
                "verbose_name_plural": "blocked callers",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("treatment", "queue"), _negated=True),
                            ("queue__isnull", False),
                            _connector="OR",
                        ),
                        name="blocked_caller_is_sent_to_a_queue",
                        violation_error_message="Say to which queue the call is sent.",
                    )
                ],
            },
        ),
        migrations.AddField(
            model_name="reportinterval",
            name="blocked",
            field=models.PositiveIntegerField(
                db_default=0, default=0, help_text="Calls of blocked callers: turned away, or sent elsewhere."
            ),
        ),
    ]
