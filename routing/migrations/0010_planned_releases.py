"""Releases that go live at a time."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("routing", "0009_presence_scope"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PlannedRelease",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("document", models.TextField(verbose_name="document")),
                ("note", models.CharField(max_length=200, verbose_name="note")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "waiting"),
                            ("live", "live until its end"),
                            ("done", "done"),
                            ("cancelled", "cancelled"),
                            ("failed", "not done"),
                        ],
                        default="waiting",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="goes live")),
                ("ends_at", models.DateTimeField(blank=True, null=True, verbose_name="goes back")),
                (
                    "based_on",
                    models.PositiveIntegerField(null=True, verbose_name="planned while this release was live"),
                ),
                ("release", models.PositiveIntegerField(null=True, verbose_name="became release")),
                ("problem", models.CharField(blank=True, max_length=300, verbose_name="why not")),
                ("planned_at", models.DateTimeField(auto_now_add=True, verbose_name="planned")),
                (
                    "planned_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="planned by",
                    ),
                ),
            ],
            options={
                "verbose_name": "planned release",
                "verbose_name_plural": "planned releases",
                "ordering": ["-starts_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "live"])),
                        fields=["starts_at"],
                        name="plan_with_something_ahead",
                    )
                ],
            },
        ),
    ]
