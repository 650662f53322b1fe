import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Imports that can be undone."""

    dependencies = [
        ('tables', '0001_tables'),
    ]

    operations = [
        migrations.AddField(
            model_name='importrow',
            name='before',
            field=models.JSONField(help_text='What stood there before this was done; null: it was not done.', null=True),
        ),
        migrations.AlterField(
            model_name='importrow',
            name='kind',
            field=models.CharField(choices=[('new', 'new'), ('changed', 'changed'), ('unchanged', 'unchanged'), ('refused', 'refused'), ('removed', 'deleted')], max_length=10),
        ),
        migrations.AddField(
            model_name='tableimport',
            name='removed',
            field=models.PositiveIntegerField(db_default=0, default=0, verbose_name='deleted'),
        ),
        migrations.AddField(
            model_name='tableimport',
            name='undoes',
            field=models.ForeignKey(blank=True, help_text='The import that it takes back.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='undos', to='tables.tableimport'),
        ),
        migrations.AddConstraint(
            model_name='tableimport',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['applying', 'done'])), fields=('undoes',), name='an_import_is_undone_once'),
        ),
    ]
