# Push, alerts, and who is who.

import contactcenter.foundation.fields
import customers.models.alerts
import customers.models.push
import django.core.validators
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0004_tier_policies'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('condition', models.CharField(choices=customers.models.alerts.condition_kinds, max_length=30, verbose_name='what')),
                ('subject', models.CharField(blank=True, help_text='Short name of the CRM connection.', max_length=80, verbose_name='where')),
                ('figures', models.JSONField(default=dict, help_text='The numbers behind it, when it was raised.')),
                ('raised_at', models.DateTimeField(verbose_name='since')),
                ('cleared_at', models.DateTimeField(blank=True, null=True, verbose_name='over')),
            ],
            options={
                'verbose_name': 'alert',
                'verbose_name_plural': 'alerts',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='AlertDestination',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='Who that is: the data team.', max_length=80, unique=True, verbose_name='name')),
                ('kind', models.CharField(choices=[('email', 'e-mail'), ('webhook', 'signed webhook')], default='email', help_text='How they are told.', max_length=10, verbose_name='by')),
                ('address', models.CharField(help_text='data@example.com, or https://chat.example.com/hooks/alerts', max_length=300, verbose_name='address')),
                ('secret', contactcenter.foundation.fields.EncryptedTextField(blank=True, default='', help_text='For a webhook: whsec_ and base64, by Standard Webhooks. Never shown again.', verbose_name='secret')),
                ('is_enabled', models.BooleanField(default=True, help_text='Off: is told nothing.', verbose_name='enabled')),
            ],
            options={
                'verbose_name': 'alert destination',
                'verbose_name_plural': 'alert destinations',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='AlertNotice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('raised', 'raised'), ('cleared', 'over')], max_length=10, verbose_name='kind')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('sent', 'sent'), ('dead', 'given up')], default='waiting', max_length=10, verbose_name='state')),
                ('due_at', models.DateTimeField(verbose_name='next try')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('error', models.CharField(blank=True, max_length=80, verbose_name='what went wrong')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ['-due_at'],
            },
        ),
        migrations.CreateModel(
            name='CrmEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('event_id', models.CharField(max_length=200, verbose_name='event')),
                ('external_id', models.CharField(max_length=120, verbose_name='id in the CRM')),
                ('kind', models.CharField(choices=[('changed', 'changed'), ('deleted', 'deleted'), ('merged', 'merged into another')], default='changed', max_length=10, verbose_name='kind')),
                ('into', models.CharField(blank=True, help_text='Id of the one that is left.', max_length=120, verbose_name='merged into')),
                ('occurred_at', models.DateTimeField(verbose_name='happened')),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('applied', 'applied'), ('ignored', 'nothing to do'), ('failed', 'failed')], default='waiting', max_length=10, verbose_name='state')),
                ('due_at', models.DateTimeField(verbose_name='next try')),
                ('attempts', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='what went wrong')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='finished')),
            ],
            options={
                'verbose_name': 'event of a CRM',
                'verbose_name_plural': 'events of CRMs',
                'ordering': ['-id'],
            },
        ),
        migrations.CreateModel(
            name='CrmPush',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name='address')),
                ('is_enabled', models.BooleanField(default=True, help_text='Off: everything is refused.', verbose_name='enabled')),
                ('scheme', models.CharField(choices=customers.models.push.scheme_kinds, default='standard_webhooks', help_text='How the CRM signs what it sends. Its manual on webhooks says which.', max_length=30, verbose_name='signed by')),
                ('secret', contactcenter.foundation.fields.EncryptedTextField(blank=True, default='', help_text='Stored encrypted and never shown again.', verbose_name='secret')),
                ('secret_before', contactcenter.foundation.fields.EncryptedTextField(blank=True, default='', help_text='Still accepted while the CRM changes over to the new one; then remove it.', verbose_name='secret before')),
                ('signature_header', models.CharField(blank=True, help_text='Only for signatures of the form t=…,v1=…, if the CRM uses another name than usual.', max_length=60, verbose_name='header of the signature')),
                ('id_path', models.CharField(blank=True, help_text="JMESPath to the customer's id in an event, if it stands elsewhere than usual.", max_length=200, verbose_name="customer's id")),
                ('held_since', models.DateTimeField(blank=True, editable=False, help_text='Too many customers would have changed tier within a minute: a person has to decide.', null=True, verbose_name='held since')),
                ('free_until', models.DateTimeField(blank=True, editable=False, help_text='Until then as many may change tier as the CRM says.', null=True)),
                ('busy_until', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'verbose_name': 'CRM push',
                'verbose_name_plural': 'CRM push',
                'ordering': ['connection__name'],
            },
        ),
        migrations.CreateModel(
            name='CustomerMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('cause', models.CharField(choices=[('admin', 'by a person'), ('crm', 'by the CRM')], max_length=10, verbose_name='cause')),
                ('reason', models.CharField(blank=True, help_text='Why, for whoever asks later.', max_length=200, verbose_name='reason')),
                ('merged_at', models.DateTimeField(auto_now_add=True, verbose_name='when')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone')),
            ],
            options={
                'verbose_name': 'merge of customers',
                'verbose_name_plural': 'merges of customers',
                'ordering': ['-id'],
                'permissions': [('merge_customers', 'Can merge customers and part them again')],
            },
        ),
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('name', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='IdentityPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shared', models.CharField(choices=[('highest_tier', 'the customer with the highest tier'), ('most_recent', 'the customer who was changed last'), ('primary', 'only the customer whose main address it is'), ('ambiguous', 'nobody in particular: known, but without tier and values')], default='highest_tier', help_text='A family, an office. In branches customer.shared says how many they are.', max_length=20, verbose_name='an address of several customers is')),
                ('switchboard_above', models.PositiveSmallIntegerField(default=5, help_text='An address of more customers than this tells nothing of who is calling: nobody is recognised.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='a switchboard has more customers than')),
            ],
            options={
                'verbose_name': 'shared addresses',
                'verbose_name_plural': 'shared addresses',
            },
        ),
        migrations.AddField(
            model_name='customer',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, help_text='The customer that counts: who calls from an address of this one is that one.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='absorbed', to='customers.customer', verbose_name='merged into'),
        ),
        migrations.AddField(
            model_name='handle',
            name='is_primary',
            field=models.BooleanField(db_default=False, default=False, help_text="If several customers share this address, it is this one's before all.", verbose_name='main'),
        ),
        migrations.AlterField(
            model_name='syncrun',
            name='state',
            field=models.CharField(choices=[('queued', 'waiting to start'), ('running', 'running'), ('waiting', 'waiting for the CRM'), ('held', 'held: a person has to decide'), ('succeeded', 'succeeded'), ('partial', 'succeeded, some rows set aside'), ('failed', 'failed'), ('cancelled', 'cancelled'), ('previewed', 'previewed, nothing altered'), ('declined', 'declined by a person'), ('expired', 'not decided before the next sync'), ('pushed', 'single customers, as the CRM told us of them')], default='queued', max_length=10, verbose_name='state'),
        ),
        # safe: no customer has been merged yet; writers wait for the second that a million rows take
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='customer_merged_away'),
        ),
        # safe: no handle is a main one yet; writers wait for the second that a million rows take
        migrations.AddConstraint(
            model_name='handle',
            constraint=models.UniqueConstraint(condition=models.Q(('is_primary', True)), fields=('kind', 'value'), name='handle_is_the_main_one_of_one_customer', violation_error_message='This address is the main one of another customer already.'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('cleared_at__isnull', True)), fields=('condition', 'subject'), name='one_open_alert_for_each_condition'),
        ),
        migrations.AddField(
            model_name='alertnotice',
            name='alert',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='customers.alert'),
        ),
        migrations.AddField(
            model_name='alertnotice',
            name='destination',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='customers.alertdestination'),
        ),
        migrations.AddField(
            model_name='crmpush',
            name='connection',
            field=models.OneToOneField(help_text='Which CRM may tell us.', on_delete=django.db.models.deletion.CASCADE, related_name='push', to='customers.crmconnection', verbose_name='CRM connection'),
        ),
        migrations.AddField(
            model_name='crmevent',
            name='push',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='customers.crmpush', verbose_name='CRM push'),
        ),
        migrations.AddField(
            model_name='customermerge',
            name='absorbed',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges_absorbed', to='customers.customer', verbose_name='merged into him'),
        ),
        migrations.AddField(
            model_name='customermerge',
            name='kept',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='merges_kept', to='customers.customer', verbose_name='customer'),
        ),
        migrations.AddField(
            model_name='customermerge',
            name='merged_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='merged by'),
        ),
        migrations.AddField(
            model_name='customermerge',
            name='undone_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='undone by'),
        ),
        migrations.AddIndex(
            model_name='alertnotice',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['due_at'], name='notice_that_waits'),
        ),
        migrations.AddIndex(
            model_name='crmevent',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['push', 'due_at'], name='crm_event_that_waits'),
        ),
        migrations.AddIndex(
            model_name='crmevent',
            index=models.Index(fields=['push', 'external_id', 'occurred_at'], name='crm_event_by_customer'),
        ),
        migrations.AddIndex(
            model_name='crmevent',
            index=models.Index(fields=['finished_at'], name='crm_event_by_end'),
        ),
        migrations.AddConstraint(
            model_name='crmevent',
            constraint=models.UniqueConstraint(fields=('push', 'event_id'), name='event_of_a_crm_counts_once'),
        ),
    ]
