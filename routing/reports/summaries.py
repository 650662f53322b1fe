"""Sends the monthly summary by e-mail: once to each address, again and again while the mail server is away."""

import smtplib
from datetime import date, datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings as site
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone

from contactcenter.foundation.logs import logger
from routing.models import MonthlyMail, ReportSettings
from routing.reports.periods import DAY
from routing.reports.summary import Mail, summary

FROM_HOUR, LAST_DAY = 6, 3
"""Summaries go out from six o'clock on the first, and are tried again until the third."""

LEASE = timedelta(minutes=5)
MOST_TRIES = 30
SEND_S = 60.0

log = logger(__name__)


def send_due(now: datetime) -> int:
    """Send last month's summary to whoever is to have it and has not; how many went out. Safe to repeat."""
    month = due_month(now)
    if month is None:
        return 0
    _forget(now)
    settings = ReportSettings.current()
    known = [MonthlyMail(month=month, address=address, due_at=now) for address in recipients(settings)]
    MonthlyMail.objects.bulk_create(known, ignore_conflicts=True)
    wanted = {mail.address for mail in known}
    due = MonthlyMail.objects.filter(month=month, sent_at=None, due_at__lte=now, attempts__lt=MOST_TRIES)
    waiting = [mail for mail in due if mail.address in wanted]
    return _send_all(waiting, summary(month, settings), now) if waiting else 0


def _send_all(waiting: list[MonthlyMail], what: Mail, now: datetime) -> int:
    """As many as there is time for: a mail server that is away must not hold the worker up. The rest waits an hour."""
    until, sent = monotonic() + SEND_S, 0
    for mail in waiting:
        if monotonic() < until and _take(mail, now):
            sent += _send(mail, what)
    return sent


def due_month(now: datetime) -> date | None:
    """The first day of the month that is to be told of; None outside the first mornings of a month."""
    local = now.astimezone(ZoneInfo(site.TIME_ZONE))
    if local.day > LAST_DAY or (local.day == 1 and local.hour < FROM_HOUR):
        return None
    return (local.date().replace(day=1) - DAY).replace(day=1)


def recipients(settings: ReportSettings) -> list[str]:
    """Every address once. People count while they may log in."""
    if settings._state.adding:
        return []
    people = settings.users.filter(is_active=True, is_staff=True).exclude(email="")
    found = [*people.values_list("email", flat=True), *settings.addresses.split()]
    return sorted({address.strip().lower() for address in found})


def _forget(now: datetime) -> None:
    """Who got what long ago is nobody's business any more."""
    if site.HISTORY_KEPT_DAYS:
        old = now.date() - timedelta(days=site.HISTORY_KEPT_DAYS)
        MonthlyMail.objects.filter(month__lt=old).delete()


def _take(mail: MonthlyMail, now: datetime) -> bool:
    """Make it ours for a while; False when another worker was first."""
    same = MonthlyMail.objects.filter(pk=mail.pk, sent_at=None, due_at=mail.due_at)
    return bool(same.update(due_at=now + LEASE, attempts=mail.attempts + 1))


def _send(mail: MonthlyMail, what: Mail) -> bool:
    subject, text, html = what
    message = EmailMultiAlternatives(subject, text, None, [mail.address])
    message.attach_alternative(html, "text/html")
    try:
        message.send()
    except (smtplib.SMTPException, OSError, ValueError) as error:
        reason = type(error).__name__  # its text may hold the address
        log.warning("summary_not_sent", month=str(mail.month), reason=reason)
        MonthlyMail.objects.filter(pk=mail.pk).update(error=reason)
        return False
    MonthlyMail.objects.filter(pk=mail.pk).update(sent_at=timezone.now(), error="")
    return True
