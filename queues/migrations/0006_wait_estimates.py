from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("queues", "0005_calendars_and_live_state"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReportedWait",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("queue", models.CharField(max_length=50, verbose_name="queue")),
                ("answered_at", models.DateTimeField(verbose_name="answered at")),
                ("waited_s", models.FloatField(verbose_name="wait (s)")),
                ("estimated_s", models.PositiveIntegerField(null=True, verbose_name="estimated wait (s)")),
                (
                    "origin",
                    models.CharField(
                        blank=True,
                        choices=[("reported", "the phone system's own"), ("estimated", "ours")],
                        max_length=10,
                        verbose_name="whose estimate",
                    ),
                ),
            ],
            options={
                "verbose_name": "reported wait",
                "verbose_name_plural": "reported waits",
                "constraints": [
                    models.UniqueConstraint(fields=("queue", "answered_at", "waited_s"), name="reported_wait_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="WaitEstimate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("queue", models.CharField(max_length=50, verbose_name="queue")),
                ("at", models.DateTimeField(verbose_name="when")),
                ("seconds", models.PositiveIntegerField(verbose_name="estimated wait (s)")),
                (
                    "origin",
                    models.CharField(
                        choices=[("reported", "the phone system's own"), ("estimated", "ours")],
                        max_length=10,
                        verbose_name="whose",
                    ),
                ),
            ],
            options={
                "verbose_name": "estimated wait",
                "verbose_name_plural": "estimated waits",
                "indexes": [models.Index(fields=["queue", "at"], name="wait_estimate_by_time")],
            },
        ),
    ]
