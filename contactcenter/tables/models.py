"""A file that was handed in, what it would do line by line, and files that were asked for."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """Work on a file, by a worker or within a request. The row is the truth; a message only wakes somebody up."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    table = models.CharField(max_length=20)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    language = models.CharField(max_length=10)
    created_at = models.DateTimeField(auto_now_add=True)
    began_at = models.DateTimeField(null=True, blank=True, help_text="When the phase in hand began.")
    finished_at = models.DateTimeField(null=True, blank=True)
    lease = models.CharField(max_length=36, blank=True, default="", db_default="")
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    restarts = models.PositiveSmallIntegerField(default=0, db_default=0, help_text="Times that work broke down.")
    done = models.PositiveIntegerField(default=0, db_default=0, help_text="Rows worked in this phase.")
    expected = models.PositiveIntegerField(default=0, db_default=0, help_text="Rows there are, about; 0: unknown.")
    error = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.table} {self.created_at:%Y-%m-%d %H:%M}"


class TableImport(Job):
    """A file on its way into a table: looked at first, applied when a person has confirmed what it would do."""

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("its columns are to be chosen")
        READING = "reading", _("being looked at")
        READY = "ready", _("to be confirmed")
        APPLYING = "applying", _("being imported")
        DONE = "done", _("imported")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    WORKING = ("reading", "applying")

    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    file_name = models.CharField(max_length=120)
    kind = models.CharField(max_length=5)
    encoding = models.CharField(max_length=10, blank=True)
    delimiter = models.CharField(max_length=1, blank=True)
    sheets = models.JSONField(default=list)
    sheet = models.CharField(max_length=100, blank=True)
    columns = models.JSONField(default=list, help_text="What each column of the file means; empty for nothing.")
    region = models.CharField(max_length=2, blank=True)
    empties = models.BooleanField(default=False, help_text="Whether an empty cell empties the field.")
    is_small = models.BooleanField(default=True, help_text="Worked within the request, all or nothing.")
    position = models.PositiveIntegerField(default=0, help_text="The line that has been looked at.")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When the look began.")
    applied_key = models.BigIntegerField(default=0)
    new = models.PositiveIntegerField(_("new"), default=0)
    changed = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    refused = models.PositiveIntegerField(_("refused"), default=0)
    removed = models.PositiveIntegerField(_("deleted"), default=0, db_default=0)
    gone = models.PositiveIntegerField(default=0, help_text="Left out when it was imported: gone meanwhile.")
    undoes = models.ForeignKey(
        "self", models.CASCADE, null=True, blank=True, related_name="undos", help_text="The import that it takes back."
    )

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("import of a file")
        verbose_name_plural = _("imports of files")
        constraints = [
            models.UniqueConstraint(
                fields=["table"], condition=Q(state="applying"), name="one_import_at_a_time_for_each_table"
            ),
            models.UniqueConstraint(
                fields=["undoes"], condition=Q(state__in=["applying", "done"]), name="an_import_is_undone_once"
            ),
        ]


class ImportRow(models.Model):
    """What one line would do, and when it is done how it was before. What did nothing goes when the import has ended,
    but for the lines that were refused; the rest when the file does, or once the import is undone."""

    class Kind(models.TextChoices):
        NEW = "new", _("new")
        CHANGED = "changed", _("changed")
        UNCHANGED = "unchanged", _("unchanged")
        REFUSED = "refused", _("refused")
        REMOVED = "removed", _("deleted")

    TO_APPLY = ("new", "changed", "removed")

    job = models.ForeignKey(TableImport, models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=160, blank=True, help_text="What it is about: once in each file.")
    label = models.CharField(max_length=200, blank=True)
    target = models.BigIntegerField(null=True, blank=True, help_text="The row that it would change.")
    wanted = models.JSONField(default=dict)
    before = models.JSONField(null=True, help_text="What stood there before this was done; null: it was not done.")
    changes = models.JSONField(default=list, help_text="Column, before and after, as they are shown.")
    column = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["job", "kind", "id"], name="import_rows_by_kind"),
            models.Index(fields=["job", "key"], name="import_rows_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.kind}"


class TableExport(Job):
    """A file that somebody asked for; its own, for a day."""

    class State(models.TextChoices):
        WRITING = "writing", _("being written")
        READY = "ready", _("ready")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    state = models.CharField(max_length=10, choices=State, default=State.WRITING)
    format = models.CharField(max_length=5)
    query = models.TextField(blank=True, help_text="How the list was filtered.")

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("export to a file")
        verbose_name_plural = _("exports to files")
