from django.db import migrations, models


class Migration(migrations.Migration):
    """When a number is ported to the provider, and away from it."""

    dependencies = [("routing", "0013_teams")]

    operations = [
        migrations.AddField(
            model_name="number",
            name="in_service_from",
            field=models.DateField(
                blank=True,
                help_text="The day on which it is ported to the provider. Before it nobody is expected to call.",
                null=True,
                verbose_name="in service from",
            ),
        ),
        migrations.AddField(
            model_name="number",
            name="in_service_until",
            field=models.DateField(
                blank=True,
                help_text="Its last day with the provider. After it nobody is expected to call; who calls is answered.",
                null=True,
                verbose_name="in service until",
            ),
        ),
        # safe: both columns are new and empty, and there are thousands of numbers at most
        migrations.AddConstraint(
            model_name="number",
            constraint=models.CheckConstraint(
                condition=models.Q(("in_service_from__isnull", True))
                | models.Q(("in_service_until__isnull", True))
                | models.Q(("in_service_until__gte", models.F("in_service_from"))),
                name="number_ends_after_it_begins",
                violation_error_message="Its last day comes before its first one.",
            ),
        ),
    ]
