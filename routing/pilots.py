"""Pilots: the draft of a moment decides the calls of a few listed numbers, everybody else's the live release.

Of the draft, somebody whom teams limit tries what he may publish.

A pilot ends by itself, on every decide host at its exact moment; what it decided is explained by its document
for as long as it is kept. Each function is one transaction, which also marks it for the decide plane (marking.py).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from contactcenter.foundation import changes
from contactcenter.foundation.logs import logger
from customers.addresses import NO_COUNTRY, caller_address
from routing import publishing
from routing.document import Document, canonical, checksum, render
from routing.models import Pilot
from routing.release import compile_release
from routing.whose import may_publish

log = logger(__name__)

LONGEST = timedelta(days=1)
MOST_CALLERS = 20
REMEMBERED = timedelta(days=7)


class NothingLive(Exception):
    """Nothing is published: everybody else would have nothing to be decided by."""


def running(now: datetime | None = None) -> QuerySet[Pilot]:
    """The pilots that decide calls at this moment, the newest first. Their documents are read when asked for."""
    held = Pilot.objects.filter(ended_at__isnull=True, until__gt=now or timezone.now())
    return held.defer("document").select_related("started_by")


def to_try(by: AbstractBaseUser | None, live: Document | None, draft: Document) -> Document:
    """What a pilot of this person decides by: the draft, but what is not his to publish stays as it is live.

    Raises publishing.NotWhole where his part of the draft needs another's.
    """
    return publishing.picked(live, draft, may_publish(by, live, draft))


def start(callers: Iterable[str], until: datetime, by: AbstractBaseUser | None) -> Pilot:
    """Let what this person may try of the draft, as it is now, decide the calls of `callers` (E.164) until then.

    Raises ValidationError, NothingLive, and NotWhole, NotPublishable or ReleaseError as publishing it would.
    """
    numbers, now = sorted(set(callers)), timezone.now()
    if not numbers or len(numbers) > MOST_CALLERS:
        raise ValidationError({"callers": _("Between one and %(most)s numbers.") % {"most": MOST_CALLERS}})
    if not now < until <= now + LONGEST:
        raise ValidationError({"lasts": _("A pilot ends within a day.")})
    with publishing.one_at_a_time():
        _refuse_those_of_others(numbers)
        pilot = _begin(numbers, until, by)
    log.info("pilot_started", pilot=pilot.pk, callers=len(numbers), until=until.isoformat())
    return pilot


def renew(pilot: Pilot, by: AbstractBaseUser | None) -> Pilot:
    """Go on with today's draft: another pilot, for the same callers, with the same end. Raises as `start` does."""
    with publishing.one_at_a_time():
        if not running().filter(pk=pilot.pk).exists():
            raise ValidationError(_("This pilot has ended."))
        fresh = _begin(pilot.callers, pilot.until, by)
    end(pilot, by)  # of two pilots the newer counts: nobody is without one in between
    log.info("pilot_renewed", pilot=fresh.pk, before=pilot.pk)
    return fresh


def end(pilot: Pilot, by: AbstractBaseUser | None) -> None:
    """End `pilot` now. One that has ended already stays as it is."""
    with transaction.atomic():
        found = running().select_related(None).select_for_update().filter(pk=pilot.pk).first()
        if found is None:
            return
        found.ended_at, found.ended_by_id = timezone.now(), None if by is None else by.pk
        found.save(update_fields=["ended_at", "ended_by"])
    log.info("pilot_ended", pilot=pilot.pk)


def read_callers(text: str) -> list[str]:
    """Numbers as they were typed, one a line or with commas between. Raises ValidationError, naming the line."""
    found = []
    for place, line in enumerate(filter(None, map(str.strip, text.replace(",", "\n").splitlines())), 1):
        number = caller_address(line, NO_COUNTRY)
        if number is None:
            message = _("Number %(place)s cannot be read. Write it with its country code, such as +39 333 123 4567.")
            raise ValidationError(message % {"place": place})
        found.append(number)
    return list(dict.fromkeys(found))


def forget(number: str) -> int:
    """Take a person's number out of every pilot; a pilot that is left without callers ends. How many pilots."""
    count = 0
    with transaction.atomic():
        for pilot in Pilot.objects.select_for_update().exclude(callers=[]):
            if number in pilot.callers:
                pilot.callers = [each for each in pilot.callers if each != number]
                if not pilot.callers and pilot.ended_at is None:
                    pilot.ended_at = min(timezone.now(), pilot.until)
                pilot.save(update_fields=["callers", "ended_at"])
                count += 1
    return count


def with_caller(numbers: Iterable[str]) -> list[Pilot]:
    """Every pilot in which one of these numbers is listed."""
    wanted = set(numbers)
    return [pilot for pilot in Pilot.objects.defer("document").order_by("pk") if wanted & set(pilot.callers)]


def clear_hosts(now: datetime) -> None:
    """What has ended leaves the decide hosts: they need it no more, and there are numbers in it."""
    over = Pilot.objects.filter(until__lte=now, until__gt=now - REMEMBERED)
    changes.mark(changes.CALLERS, [f"pilot:{pk}" for pk in over.values_list("pk", flat=True)])


def _begin(callers: list[str], until: datetime, by: AbstractBaseUser | None) -> Pilot:
    live, draft = publishing.contents(publishing.live()), render()
    if live is None:
        raise NothingLive("Nothing is live yet.")
    document = to_try(by, live, draft)
    publishing.refuse_problems(document, None if document == draft else live)
    text = canonical(document)
    compile_release(document, 0)
    return Pilot.objects.create(
        document=text, sha256=checksum(text), callers=callers, until=until, started_by_id=None if by is None else by.pk
    )


def _refuse_those_of_others(numbers: list[str]) -> None:
    """A number is decided by one pilot: what somebody else tries must not be taken from him unseen."""
    for pilot in running():
        if taken := sorted(set(numbers) & set(pilot.callers)):
            message = _("%(number)s is in a pilot of %(who)s already. End that one first.")
            raise ValidationError({"callers": message % {"number": taken[0], "who": pilot.started_by or "-"}})
