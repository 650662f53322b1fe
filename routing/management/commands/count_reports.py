"""Counts the reports anew from the decisions and events that are held."""

from argparse import ArgumentParser
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Min
from django.utils import timezone

from routing.models import Decision
from routing.reports import counting
from routing.reports.contacts import Promises

HOUR = timedelta(hours=1)


class Command(BaseCommand):
    help = "Counts the reports anew, hour by hour. May run while everything does, and be repeated."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since",
            type=date.fromisoformat,
            help="first day, UTC; without it as far back as customers' values are held",
        )

    def handle(self, *args: Any, since: date | None, **options: Any) -> None:
        end = timezone.now()
        start = _midnight(since) if since else end - timedelta(days=settings.CALLERS_KEPT_DAYS or 36_500)
        if start > end:
            raise CommandError("--since is in the future.")
        oldest = Decision.objects.aggregate(oldest=Min("decided_at"))["oldest"]
        if oldest is None:
            self.stdout.write("There are no decisions.")
            return
        # The oldest hour may be half deleted already: what was counted of it is better than what is left.
        hour = max(start, oldest + HOUR if _may_be_cut(oldest, end) else oldest).replace(
            minute=0, second=0, microsecond=0
        )
        self.stdout.write(f"Counting from {hour:%Y-%m-%d %H:%M} UTC on.")
        promises, total = Promises(), 0
        while hour < end:
            total += counting.count(hour, hour + HOUR, promises)
            hour += HOUR
        self.stdout.write(self.style.SUCCESS(f"{total} contacts counted."))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _may_be_cut(oldest: datetime, now: datetime) -> bool:
    """Whether decisions as old as the oldest are being deleted by age."""
    kept = settings.DECISIONS_KEPT_DAYS
    return bool(kept) and now - oldest > timedelta(days=kept - 1)
