import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Names for people; the tables stay as they are."""

    dependencies = [
        ("routing", "0014_porting_dates"),
    ]

    operations = [
        migrations.AlterField(
            model_name="branch",
            name="head_start_s",
            field=models.PositiveIntegerField(
                blank=True,
                help_text="Empty: the queue's own.",
                null=True,
                validators=[django.core.validators.MaxValueValidator(86400)],
                verbose_name="head start, in seconds",
            ),
        ),
        migrations.AlterField(
            model_name="fetchstep",
            name="precedence",
            field=models.CharField(
                choices=[
                    ("fill", "only where the synced facts say nothing"),
                    ("replace", "instead of the synced facts"),
                ],
                default="replace",
                help_text="When the nightly sync and this answer give the same fact.",
                max_length=8,
                verbose_name="its answers are used",
            ),
        ),
    ]
