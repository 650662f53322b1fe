import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    """Words for people; the table stays as it is."""

    dependencies = [("customers", "0011_find_customers_by_name")]

    operations = [
        migrations.AlterField(
            model_name="safeguards",
            name="emptied_points",
            field=models.PositiveSmallIntegerField(
                default=20,
                help_text="Of those who had something in it. Held when a mapped field becomes empty for more of them.",
                validators=[django.core.validators.MaxValueValidator(100)],
                verbose_name="a field suddenly empty, %",
            ),
        ),
    ]
