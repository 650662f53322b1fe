from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("foundation", "0003_count_requests")]

    operations = [
        # safe: only writers of changes wait, for the second that a million rows take; decide servers never do.
        migrations.AddIndex(
            model_name="change",
            index=models.Index(
                condition=models.Q(("seq__isnull", True), models.Q(("topic", "facts"), _negated=True)),
                fields=["id"],
                name="urgent_change_that_waits",
            ),
        ),
    ]
