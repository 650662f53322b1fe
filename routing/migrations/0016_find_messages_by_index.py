"""Messages and conversations are found by an index: by day, by id, by queue."""

from django.db import migrations, models

from contactcenter.foundation.index_operations import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("routing", "0015_plainer_words")]

    operations = [
        AddIndexBesideWriters(
            model_name="conversation",
            index=models.Index(fields=["last_message_at"], name="conversation_by_day"),
        ),
        AddIndexBesideWriters(
            model_name="conversation",
            index=models.Index(fields=["queue", "-id"], name="conversation_by_queue"),
        ),
        AddIndexBesideWriters(
            model_name="conversation",
            index=models.Index(fields=["external_id"], name="conversation_by_desk_number"),
        ),
        AddIndexBesideWriters(
            model_name="inboundmessage",
            index=models.Index(fields=["received_at"], name="message_by_day"),
        ),
        AddIndexBesideWriters(
            model_name="inboundmessage",
            index=models.Index(fields=["message_id"], name="message_by_its_id"),
        ),
        AddIndexBesideWriters(
            model_name="inboundmessage",
            index=models.Index(fields=["external_id"], name="message_by_desk_number"),
        ),
        AddIndexBesideWriters(
            model_name="delivery",
            index=models.Index(fields=["created_at"], name="delivery_by_day"),
        ),
        AddIndexBesideWriters(
            model_name="notification",
            index=models.Index(fields=["created_at"], name="notification_by_day"),
        ),
    ]
