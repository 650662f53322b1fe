"""What has changed since a decide host last looked: one numbered row for each thing."""

from django.db import models


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
