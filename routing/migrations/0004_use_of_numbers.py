"""Which numbers are in use since when, how long one may be silent, and how to reach a provider's numbers."""

import json

import contactcenter.foundation.fields
import django.core.validators
from django.db import migrations, models


def wait_for_live_numbers(apps, schema_editor):
    """The numbers of the live release wait for their first contact since it was published."""
    release = apps.get_model("routing", "Release").objects.order_by("-number").first()
    if release is None:
        return
    use = apps.get_model("routing", "NumberUse")
    keys = sorted(json.loads(release.document)["numbers"])
    use.objects.bulk_create([use(key=key, live_since=release.published_at) for key in keys], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('routing', '0003_messages'),
    ]

    operations = [
        migrations.CreateModel(
            name='NumberUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='As in the release: channel:address.', max_length=80, unique=True, verbose_name='number')),
                ('live_since', models.DateTimeField(null=True, verbose_name='live since')),
                ('first_at', models.DateTimeField(null=True, verbose_name='first contact')),
                ('first_queue', models.CharField(blank=True, max_length=50, verbose_name='went to')),
                ('last_at', models.DateTimeField(null=True, verbose_name='last contact')),
                ('last_queue', models.CharField(blank=True, max_length=50, verbose_name='went to')),
            ],
            options={
                'verbose_name': 'use of a number',
                'verbose_name_plural': 'use of numbers',
                'ordering': ['key'],
            },
        ),
        migrations.AddField(
            model_name='number',
            name='silent_after_days',
            field=models.PositiveSmallIntegerField(blank=True, db_default=7, default=7, help_text='When nobody has called or written for so long, Home says so. Empty: never. Holds at once.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='expect a contact every … days'),
        ),
        migrations.AddField(
            model_name='provideraccount',
            name='fallback_url',
            field=models.URLField(blank=True, db_default='', default='', help_text='An address at the provider that dials your switchboard, such as a TwiML Bin. Given to numbers.', verbose_name='when we do not answer'),
        ),
        migrations.AddField(
            model_name='provideraccount',
            name='api_user',
            field=contactcenter.foundation.fields.EncryptedTextField(blank=True, db_default='', default='', help_text='To fetch and point numbers: Twilio Account SID, Vonage API key, Plivo Auth ID. Not shown again.', verbose_name='API user'),
        ),
        migrations.AddField(
            model_name='provideraccount',
            name='api_secret',
            field=contactcenter.foundation.fields.EncryptedTextField(blank=True, db_default='', default='', help_text='Twilio Auth Token, Telnyx API key, Vonage API secret, Plivo Auth Token. Not shown again.', verbose_name='API secret'),
        ),
        migrations.RunPython(wait_for_live_numbers, migrations.RunPython.noop),
    ]
