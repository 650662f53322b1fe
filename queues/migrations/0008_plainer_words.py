import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Names for people; the tables stay as they are."""

    dependencies = [
        ("queues", "0007_teams"),
    ]

    operations = [
        migrations.AlterField(
            model_name="queue",
            name="head_start_s",
            field=models.PositiveIntegerField(
                default=0,
                help_text="Callers are served as if they had waited so long already when they arrive: 300 puts them before whoever has waited for less than five minutes.",
                validators=[django.core.validators.MaxValueValidator(86400)],
                verbose_name="head start, in seconds",
            ),
        ),
    ]
