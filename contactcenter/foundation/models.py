"""What every app stands on: what has changed since a decide host last looked, and the teams that share the portal."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Change(models.Model):
    """One thing the decide plane must hear of, numbered once its writer has committed.

    Writers leave `seq` empty in their own transaction (changes.mark); the stamper numbers what it can
    see, so a late commit is never skipped. One row a thing: the newest change replaces the earlier.
    """

    topic = models.CharField(max_length=16)
    key = models.CharField(max_length=160)
    seq = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "key"], name="one_change_row_for_each_thing")]
        # What waits is found at once, however much has been numbered before.
        indexes = [
            models.Index(fields=["id"], condition=models.Q(seq__isnull=True), name="change_that_waits"),
            models.Index(
                fields=["id"],
                condition=models.Q(seq__isnull=True) & ~models.Q(topic="facts"),
                name="urgent_change_that_waits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic} #{self.seq}"


class ChangeCounter(models.Model):
    """The last number given out: a single row, locked while numbers are given."""

    last_seq = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last_seq)


class RequestCount(models.Model):
    """How often somebody has asked within one minute of the clock: one row each, counted up in place."""

    who = models.CharField(max_length=80, primary_key=True)
    minute = models.BigIntegerField()
    requests = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.who}: {self.requests}"


class Team(models.Model):
    """People who look after the same numbers, flows and queues, and after no others."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("Such as: Milan."))

    class Meta:
        ordering = ["name"]
        verbose_name = _("team")
        verbose_name_plural = _("teams")

    def __str__(self) -> str:
        return self.name


class GuidedSetUp(models.Model):
    """A guided set-up that somebody has begun: what was typed so far, step by step. It goes when it is live.

    `answers` holds for each step its `fields` as they were typed, `by` whom, and whether they are `whole`;
    `made` the primary keys of what the draft has of it.
    """

    uuid = models.UUIDField(primary_key=True, default=uuid.uuid4)
    begun_by = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    answers = models.JSONField(default=dict)
    made = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.uuid)
