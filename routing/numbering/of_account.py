"""The numbers of one provider account beside ours: which are new, which are known, which ask us."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from routing.models import Number, ProviderAccount
from routing.numbering import NUMBERINGS
from routing.numbering.asking import Api, NumberingRejected
from routing.numbering.base import Aim, Numbering, Rented
from routing.providers.base import VOICE

CHANNEL = "voice"


class PointsElsewhere(NumberingRejected):
    """Meanwhile the number leads elsewhere than the person was told."""


@dataclass(frozen=True)
class Found:
    """A number at the provider: whether it asks us, and which of our numbers it is, if it is one."""

    rented: Rented
    known: Number | None
    is_ours: bool


def can_fetch(account: ProviderAccount) -> bool:
    """Whether this account's provider lets us see its numbers, and we have what it asks for."""
    numbering = NUMBERINGS.get(account.dialect)
    return bool(numbering and account.api_secret and (account.api_user or not numbering.needs_user))


def fetch(account: ProviderAccount) -> list[Found]:
    """Every number of the account at its provider, by number. Raises NumberingError."""
    numbering, api = _reach(account)
    rented = sorted(numbering.fetch(api), key=lambda each: each.address)
    known = {
        number.address: number
        for number in Number.objects.filter(
            channel=CHANNEL, address__in=[each.address for each in rented]
        ).select_related("account")
    }
    url = webhook(account)
    return [Found(each, known.get(each.address), bool(url) and each.points_at == url) for each in rented]


def point(account: ProviderAccount, rented: Rented, before: str) -> None:
    """Let `rented` ask us, unless it leads elsewhere by now than to `before`. Raises NumberingError."""
    if rented.points_at != before:
        raise PointsElsewhere(_("Somebody changed this number at the provider meanwhile. Look again."))
    if not account.public_url:
        raise NumberingRejected(_("This account has no public address that a number could be pointed at."))
    numbering, api = _reach(account)
    numbering.point(api, rented, Aim(webhook(account), account.fallback_url, f"contactcenter-{account.slug}"))


def add(account: ProviderAccount, chosen: Iterable[Found], template: Number) -> list[Number]:
    """Those of `chosen` that are new, as numbers of the draft; `template` says their flow, queue and time zone."""
    new = [
        Number(
            account=account,
            channel=CHANNEL,
            address=found.rented.address,
            label=(found.rented.label or found.rented.address)[:80],
            flow=template.flow,
            default_queue=template.default_queue,
            time_zone=template.time_zone,
        )
        for found in chosen
        if found.known is None
    ]
    for number in new:
        number.full_clean()
        number.save()
    return new


def webhook(account: ProviderAccount) -> str:
    """Where this account's calls ask us; empty while nobody has said under which address we are reached."""
    ours = account.public_url.rstrip("/")
    return f"{ours}/api/v1/p/{account.uuid}/{VOICE}" if ours else ""


def _reach(account: ProviderAccount) -> tuple[Numbering, Api]:
    if not can_fetch(account):
        raise NumberingRejected(_("Type API user and API secret of this account first, and save."))
    numbering = NUMBERINGS[account.dialect]
    return numbering, numbering.api(account.api_user, account.api_secret)
