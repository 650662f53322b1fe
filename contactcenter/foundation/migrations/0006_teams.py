from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("foundation", "0005_guided_set_up"),
    ]

    operations = [
        migrations.CreateModel(
            name="Team",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(help_text="Such as: Milan.", max_length=80, unique=True, verbose_name="name"),
                ),
            ],
            options={"verbose_name": "team", "verbose_name_plural": "teams", "ordering": ["name"]},
        ),
    ]
