from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("foundation", "0002_find_waiting_changes_by_index")]

    operations = [
        migrations.CreateModel(
            name="RequestCount",
            fields=[
                ("who", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("minute", models.BigIntegerField()),
                ("requests", models.IntegerField()),
            ],
        ),
    ]
