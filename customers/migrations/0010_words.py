from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Names for people; the tables stay as they are."""

    dependencies = [
        ("customers", "0009_tier_bounds"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="crmconnection",
            name="synced_until",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Upper bound of the last run that succeeded.",
                null=True,
                verbose_name="synced until",
            ),
        ),
        migrations.AlterField(
            model_name="externalidentity",
            name="connection",
            field=models.ForeignKey(
                on_delete=models.CASCADE,
                related_name="identities",
                to="customers.crmconnection",
                verbose_name="CRM connection",
            ),
        ),
        migrations.AlterField(
            model_name="syncrun",
            name="applied_key",
            field=models.BigIntegerField(
                db_default=0,
                default=0,
                help_text="The staged record up to which changes have been applied.",
                verbose_name="applied up to",
            ),
        ),
        migrations.AlterField(
            model_name="syncrun",
            name="decided_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=models.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="decided by",
            ),
        ),
        migrations.AlterField(
            model_name="syncrun",
            name="is_complete",
            field=models.BooleanField(
                db_default=True,
                default=True,
                help_text="Every page said it was whole: who is missing is gone.",
                verbose_name="is complete",
            ),
        ),
    ]
