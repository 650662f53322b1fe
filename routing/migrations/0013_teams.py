import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("routing", "0012_decisions_by_caller"),
        ("foundation", "0006_teams"),
    ]

    operations = [
        migrations.AddField(
            model_name="flow",
            name="belongs_to",
            field=models.ForeignKey(
                blank=True,
                help_text="Members of other teams neither see nor change it. Empty: everybody sees it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="flows",
                to="foundation.team",
                verbose_name="belongs to team",
            ),
        ),
        migrations.AddField(
            model_name="number",
            name="belongs_to",
            field=models.ForeignKey(
                blank=True,
                help_text="Members of other teams neither see nor change it. Empty: everybody sees it.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="numbers",
                to="foundation.team",
                verbose_name="belongs to team",
            ),
        ),
    ]
