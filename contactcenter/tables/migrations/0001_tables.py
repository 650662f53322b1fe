import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Files that are imported and exported."""

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='TableExport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('table', models.CharField(max_length=20)),
                ('language', models.CharField(max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('began_at', models.DateTimeField(blank=True, help_text='When the phase in hand began.', null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('lease', models.CharField(blank=True, db_default='', default='', max_length=36)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('restarts', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Times that work broke down.')),
                ('done', models.PositiveIntegerField(db_default=0, default=0, help_text='Rows worked in this phase.')),
                ('expected', models.PositiveIntegerField(db_default=0, default=0, help_text='Rows there are, about; 0: unknown.')),
                ('error', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('state', models.CharField(choices=[('writing', 'being written'), ('ready', 'ready'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='writing', max_length=10)),
                ('format', models.CharField(max_length=5)),
                ('query', models.TextField(blank=True, help_text='How the list was filtered.')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'export to a file',
                'verbose_name_plural': 'exports to files',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='TableImport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('table', models.CharField(max_length=20)),
                ('language', models.CharField(max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('began_at', models.DateTimeField(blank=True, help_text='When the phase in hand began.', null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('lease', models.CharField(blank=True, db_default='', default='', max_length=36)),
                ('heartbeat_at', models.DateTimeField(blank=True, null=True)),
                ('restarts', models.PositiveSmallIntegerField(db_default=0, default=0, help_text='Times that work broke down.')),
                ('done', models.PositiveIntegerField(db_default=0, default=0, help_text='Rows worked in this phase.')),
                ('expected', models.PositiveIntegerField(db_default=0, default=0, help_text='Rows there are, about; 0: unknown.')),
                ('error', models.CharField(blank=True, db_default='', default='', max_length=300)),
                ('state', models.CharField(choices=[('uploaded', 'its columns are to be chosen'), ('reading', 'being looked at'), ('ready', 'to be confirmed'), ('applying', 'being imported'), ('done', 'imported'), ('cancelled', 'cancelled'), ('failed', 'failed')], default='uploaded', max_length=10)),
                ('file_name', models.CharField(max_length=120)),
                ('kind', models.CharField(max_length=5)),
                ('encoding', models.CharField(blank=True, max_length=10)),
                ('delimiter', models.CharField(blank=True, max_length=1)),
                ('sheets', models.JSONField(default=list)),
                ('sheet', models.CharField(blank=True, max_length=100)),
                ('columns', models.JSONField(default=list, help_text='What each column of the file means; empty for nothing.')),
                ('region', models.CharField(blank=True, max_length=2)),
                ('empties', models.BooleanField(default=False, help_text='Whether an empty cell empties the field.')),
                ('is_small', models.BooleanField(default=True, help_text='Worked within the request, all or nothing.')),
                ('position', models.PositiveIntegerField(default=0, help_text='The line that has been looked at.')),
                ('read_at', models.DateTimeField(blank=True, help_text='When the look began.', null=True)),
                ('applied_key', models.BigIntegerField(default=0)),
                ('new', models.PositiveIntegerField(default=0, verbose_name='new')),
                ('changed', models.PositiveIntegerField(default=0, verbose_name='changed')),
                ('unchanged', models.PositiveIntegerField(default=0, verbose_name='unchanged')),
                ('refused', models.PositiveIntegerField(default=0, verbose_name='refused')),
                ('gone', models.PositiveIntegerField(default=0, help_text='Left out when it was imported: gone meanwhile.')),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'import of a file',
                'verbose_name_plural': 'imports of files',
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='ImportRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('new', 'new'), ('changed', 'changed'), ('unchanged', 'unchanged'), ('refused', 'refused')], max_length=10)),
                ('key', models.CharField(blank=True, help_text='What it is about: once in each file.', max_length=160)),
                ('label', models.CharField(blank=True, max_length=200)),
                ('target', models.BigIntegerField(blank=True, help_text='The row that it would change.', null=True)),
                ('wanted', models.JSONField(default=dict)),
                ('changes', models.JSONField(default=list, help_text='Column, before and after, as they are shown.')),
                ('column', models.CharField(blank=True, max_length=80)),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('job', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='tables.tableimport')),
            ],
            options={
                'ordering': ['id'],
            },
        ),
        migrations.AddConstraint(
            model_name='tableimport',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'applying')), fields=('table',), name='one_import_at_a_time_for_each_table'),
        ),
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(fields=['job', 'kind', 'id'], name='import_rows_by_kind'),
        ),
        migrations.AddIndex(
            model_name='importrow',
            index=models.Index(fields=['job', 'key'], name='import_rows_by_key'),
        ),
    ]
