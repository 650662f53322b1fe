from django.db import migrations, models

import contactcenter.accounts.models


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0003_teams"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True,
                choices=contactcenter.accounts.models.languages,
                db_default="",
                default="",
                help_text="Of the portal's pages and of the mails it sends to this person. Empty: as the browser asks.",
                max_length=10,
                verbose_name="language",
            ),
        ),
    ]
