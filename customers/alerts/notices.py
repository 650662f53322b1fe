"""Tells the destinations of alerts, again and again until it has worked."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation.logs import logger
from contactcenter.foundation.translating import named
from customers.alerts.conditions import CONDITIONS
from customers.alerts.handing import Message, NotTold, hand_over
from customers.models import Alert, AlertNotice

DELAYS = (60.0, 300.0, 1800.0, 7200.0, 21600.0)
"""Seconds after each try that failed; after the last one it is given up."""

LEASE = timedelta(seconds=60)
AT_ONCE = 20

State = AlertNotice.State

log = logger(__name__)


def send_waiting() -> int:
    """Try what is due; how many. Any number of workers may do so at once."""
    due = AlertNotice.objects.filter(state=State.WAITING, due_at__lte=timezone.now())
    tried = 0
    for notice in due.select_related("alert", "destination").order_by("due_at")[:AT_ONCE]:
        until = timezone.now() + LEASE
        same = AlertNotice.objects.filter(pk=notice.pk, state=State.WAITING, due_at=notice.due_at)
        if same.update(due_at=until):
            notice.due_at = until
            _try(notice)
            tried += 1
    return tried


def _try(notice: AlertNotice) -> None:
    now = timezone.now()
    ours = AlertNotice.objects.filter(pk=notice.pk, due_at=notice.due_at)
    attempts = notice.attempts + 1
    try:
        hand_over(notice.destination, message_of(notice), now)
    except NotTold as error:
        log.warning("alert_not_told", notice=str(notice.pk), kind=notice.destination.kind, reason=str(error))
        if attempts > len(DELAYS):
            ours.update(state=State.DEAD, attempts=attempts, error=str(error), finished_at=now)
        else:
            wait = timedelta(seconds=DELAYS[attempts - 1])
            ours.update(due_at=now + wait, attempts=attempts, error=str(error))
    else:
        ours.update(state=State.SENT, attempts=attempts, error="", finished_at=now)


def message_of(notice: AlertNotice) -> Message:
    """What the destination is told."""
    alert = notice.alert
    subject = named(_("Over"), alert) if notice.kind == AlertNotice.Kind.CLEARED else str(alert)
    return Message(str(notice.pk), subject, text_of(alert), document_of(notice))


def text_of(alert: Alert) -> str:
    """What is wrong and what to do, in sentences."""
    condition = CONDITIONS[alert.condition]
    return f"{str(condition.text) % alert.figures}\n{condition.advice}\n"


def document_of(notice: AlertNotice) -> dict[str, object]:
    """What a webhook is told; `type` is alert.raised or alert.cleared."""
    alert = notice.alert
    data = {
        "id": alert.pk,
        "condition": alert.condition,
        "subject": alert.subject,
        "title": str(alert),
        "text": text_of(alert),
        "figures": alert.figures,
        "raised_at": alert.raised_at.isoformat(),
    }
    moment = alert.cleared_at if notice.kind == AlertNotice.Kind.CLEARED and alert.cleared_at else alert.raised_at
    return {"type": f"alert.{notice.kind}", "timestamp": moment.isoformat(), "data": data}
