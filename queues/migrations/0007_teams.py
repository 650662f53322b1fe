import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("queues", "0006_wait_estimates"),
        ("foundation", "0006_teams"),
    ]

    operations = [
        migrations.AddField(
            model_name="queue",
            name="belongs_to",
            field=models.ForeignKey(
                blank=True,
                help_text="Members of other teams neither see nor change it. Empty: everybody sees it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="queues",
                to="foundation.team",
                verbose_name="belongs to team",
            ),
        ),
    ]
