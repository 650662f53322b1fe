"""Events of one day, of one kind and of one thing are found by an index."""

from django.db import migrations, models

from contactcenter.foundation.index_operations import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("audit", "0001_history")]

    operations = [
        AddIndexBesideWriters(
            model_name="event",
            index=models.Index(fields=["at"], name="event_by_day"),
        ),
        AddIndexBesideWriters(
            model_name="event",
            index=models.Index(fields=["action", "-id"], name="event_by_action"),
        ),
        AddIndexBesideWriters(
            model_name="event",
            index=models.Index(fields=["object_id", "-id"], name="event_by_object"),
        ),
    ]
