"""Blocked callers: whose calls are turned away or sent to a queue, true at once on every decide host."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contactcenter.foundation import changes
from contactcenter.foundation.logs import logger
from customers.addresses import NO_COUNTRY, PHONE, caller_address
from customers.models import Customer, LoyaltyTier
from queues.models import AccountManager
from routing.callers import SHORTEST_PREFIX
from routing.models import BlockedCaller, Number

log = logger(__name__)

REMEMBERED = timedelta(days=7)
MOST_NAMED = 3
_BETWEEN_DIGITS = str.maketrans("", "", " ().-/")


def in_force(now: datetime | None = None) -> QuerySet[BlockedCaller]:
    """The entries that hold at this moment, the newest first."""
    ahead = Q(until__isnull=True) | Q(until__gt=now or timezone.now())
    return BlockedCaller.objects.filter(ahead).select_related("queue")


def unblock(entry: BlockedCaller) -> None:
    """End `entry` now; one that is over stays as it is."""
    now = timezone.now()
    if entry.in_force(now):
        entry.until = now
        entry.save(update_fields=["until"])
        log.info("caller_unblocked", block=entry.pk)


def read_number(text: str, *, is_prefix: bool) -> str:
    """`text` as it is stored: E.164, or its beginning. Raises ValidationError."""
    if not is_prefix:
        number = caller_address(text.strip(), NO_COUNTRY)
        if number is None:
            raise ValidationError(_("Write the whole number with its country code, such as +39 333 123 4567."))
        return number
    beginning = text.strip().translate(_BETWEEN_DIGITS)
    beginning = f"+{beginning[2:]}" if beginning.startswith("00") else beginning
    digits = beginning.removeprefix("+")
    is_one = beginning.startswith("+") and digits.isascii() and digits.isdecimal() and not digits.startswith("0")
    if not is_one or not SHORTEST_PREFIX <= len(digits) <= 15:
        raise ValidationError(
            _("Write how the numbers begin, with country code and at least %(digits)s digits, such as +39 333 12.")
            % {"digits": SHORTEST_PREFIX}
        )
    return beginning


def refuse_ours(number: str, *, is_prefix: bool) -> None:
    """Our own numbers and our account managers are never blocked. Raises ValidationError."""
    named = {"startswith": number} if is_prefix else {"exact": number}
    (lookup, value), *_none = named.items()
    if Number.objects.filter(channel="voice", **{f"address__{lookup}": value}).exists():
        raise ValidationError(_("This is one of your own numbers: it cannot be blocked."))
    if manager := AccountManager.objects.filter(**{f"address__{lookup}": value}).first():
        raise ValidationError(_("This is the number of %(who)s: it cannot be blocked.") % {"who": manager})


def refuse_protected(number: str, *, is_prefix: bool) -> None:
    """A number that somebody has listed as never to be blocked stays so. Raises ValidationError."""
    protected = in_force().filter(treatment=BlockedCaller.Treatment.NEVER)
    for entry in covering(number, protected):
        if entry.is_prefix or not is_prefix:
            raise ValidationError(_("This number must never be blocked: %(reason)s") % {"reason": entry.reason})


def covering(number: str, entries: QuerySet[BlockedCaller]) -> QuerySet[BlockedCaller]:
    """Those of `entries` that `number` falls under: it is listed, or begins like one that is. By the index."""
    beginnings = [number[:length] for length in range(SHORTEST_PREFIX + 1, len(number) + 1)]
    return entries.filter(Q(number=number) | Q(number__in=beginnings, is_prefix=True))


def valued(number: str, *, is_prefix: bool) -> list[Customer]:
    """Customers of the highest tier who would be blocked: a few of them, to be named."""
    top = LoyaltyTier.objects.order_by("-rank").first()
    if top is None:
        return []
    now = timezone.now()
    by_hand = Q(tier_overrides__tier=top, tier_overrides__starts_at__lte=now) & (
        Q(tier_overrides__ends_at__isnull=True) | Q(tier_overrides__ends_at__gt=now)
    )
    named = {"handles__value__startswith": number} if is_prefix else {"handles__value": number}
    people = Customer.objects.filter(Q(tier=top) | by_hand, handles__kind=PHONE, merged_into=None, **named)
    return list(people.distinct()[: MOST_NAMED + 1])


def warning(people: list[Customer]) -> str:
    """What is said before `people` are blocked."""
    named = ", ".join(str(each) for each in people[:MOST_NAMED])
    if len(people) > MOST_NAMED:
        return _("Among them are customers of your highest tier: %(names)s and more.") % {"names": named}
    return ngettext(
        "%(names)s is a customer of your highest tier.", "%(names)s are customers of your highest tier.", len(people)
    ) % {"names": named}


def of_person(numbers: Collection[str]) -> QuerySet[BlockedCaller]:
    """The entries for exactly these numbers; the beginnings of numbers are nobody's."""
    return BlockedCaller.objects.filter(number__in=numbers, is_prefix=False)


def forget(numbers: Collection[str]) -> int:
    """Delete what is listed of a person, on every decide host too; how many entries."""
    entries = of_person(numbers)
    return entries.delete()[0]


def clear_hosts(now: datetime) -> None:
    """What is over leaves the decide hosts: they need it no more, and there are numbers in it."""
    over = BlockedCaller.objects.filter(until__lte=now, until__gt=now - REMEMBERED)
    changes.mark(changes.CALLERS, _keys(over.values_list("pk", flat=True)))


def _keys(ids: Iterable[int]) -> list[str]:
    return [f"block:{each}" for each in ids]
