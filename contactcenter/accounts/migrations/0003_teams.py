from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_invitations"),
        ("foundation", "0006_teams"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="teams",
            field=models.ManyToManyField(
                blank=True,
                help_text=(
                    "Limits this person to the numbers, flows and queues of these teams; what belongs to no team is "
                    "only seen. Empty: everything that the role allows."
                ),
                related_name="people",
                to="foundation.team",
                verbose_name="teams",
            ),
        ),
    ]
