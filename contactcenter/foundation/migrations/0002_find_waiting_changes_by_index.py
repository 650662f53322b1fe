from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]

    operations = [
        # safe: only writers of changes wait, for the second that a million rows take; decide servers never do.
        migrations.AddIndex(
            model_name="change",
            index=models.Index(condition=models.Q(("seq__isnull", True)), fields=["id"], name="change_that_waits"),
        ),
    ]
