"""The numbers of one provider account beside ours: which are new, which are known, which ask us."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from time import monotonic

from django.utils.translation import gettext as _

from routing.models import Number, ProviderAccount
from routing.numbering import NUMBERINGS
from routing.numbering.asking import Api, NumberingError, NumberingRejected
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


def fetch(account: ProviderAccount, ends_at: float | None = None) -> list[Found]:
    """Every number of the account at its provider, by number. Raises NumberingError. `ends_at` in monotonic seconds."""
    numbering, api = _reach(account, ends_at)
    rented = sorted(numbering.fetch(api), key=lambda each: each.address)
    known = {
        number.address: number
        for number in Number.objects.filter(
            channel=CHANNEL, address__in=[each.address for each in rented]
        ).select_related("account")
    }
    url = webhook(account)
    return [Found(each, known.get(each.address), bool(url) and each.points_at == url) for each in rented]


def point(account: ProviderAccount, rented: Rented, before: str, ends_at: float | None = None) -> None:
    """Let `rented` ask us, unless it leads elsewhere by now than to `before`. Raises NumberingError."""
    if rented.points_at != before:
        raise PointsElsewhere(_("Somebody changed this number at the provider meanwhile. Look again."))
    if not account.public_url:
        raise NumberingRejected(_("This account has no public address that a number could be pointed at."))
    numbering, api = _reach(account, ends_at)
    numbering.point(api, rented, Aim(webhook(account), account.fallback_url, f"contactcenter-{account.slug}"))


@dataclass(frozen=True)
class Plan:
    """One chosen number: what it leads to now, or why it cannot be pointed at us."""

    number: Number
    found: Found | None = None
    problem: str = ""

    @property
    def can_point(self) -> bool:
        return self.found is not None and not self.found.is_ours


def plan(numbers: Iterable[Number], ends_at: float) -> list[Plan]:
    """What their providers say of `numbers`, each account asked once; by `ends_at` in monotonic seconds."""
    by_account: dict[ProviderAccount, list[Number]] = {}
    for number in numbers:
        by_account.setdefault(number.account, []).append(number)
    return [each for account, group in by_account.items() for each in _plans(account, group, ends_at)]


def _plans(account: ProviderAccount, numbers: list[Number], ends_at: float) -> list[Plan]:
    found: dict[str, Found] = {}
    problem = _("The provider does not know this number under this account.")
    if account.dialect not in NUMBERINGS:
        problem = _("We cannot do it at this provider. The account’s page says what to enter there.")
    else:
        try:
            found = {each.rented.address: each for each in fetch(account, ends_at)}
        except NumberingError as error:
            problem = error.words
    return [_plan(number, found, problem) for number in numbers]


def _plan(number: Number, found: Mapping[str, Found], problem: str) -> Plan:
    if number.channel != CHANNEL:
        return Plan(number, problem=_("Only numbers for calls can be pointed from here."))
    there = found.get(number.address)
    return Plan(number, there, "" if there else problem)


def point_all(plans: Iterable[Plan], before: Mapping[str, str], ends_at: float) -> list[Plan]:
    """Point each of `plans` at us that can be; what came of it. `before`: where a person was told each leads, by key.

    One that fails does not keep the others; when the time is over, the rest stays as it is.
    """
    return [_pointed(each, before.get(str(each.number.pk), ""), ends_at) for each in plans]


def _pointed(each: Plan, before: str, ends_at: float) -> Plan:
    if each.found is None or each.found.is_ours:
        return each
    if monotonic() >= ends_at:
        return replace(each, problem=_("Not done, the time of one page was over: choose it again."))
    try:
        point(each.number.account, each.found.rented, before, ends_at)
    except NumberingError as error:
        return replace(each, problem=error.words)
    return replace(each, found=replace(each.found, is_ours=True))


def add(account: ProviderAccount, chosen: Iterable[Found], template: Number) -> list[Number]:
    """Those of `chosen` that are new, as numbers of the draft; `template` says what else they have."""
    new = [
        Number(
            account=account,
            channel=CHANNEL,
            address=found.rented.address,
            label=(found.rented.label or found.rented.address)[:80],
            flow=template.flow,
            default_queue=template.default_queue,
            time_zone=template.time_zone,
            belongs_to=template.belongs_to,
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


def _reach(account: ProviderAccount, ends_at: float | None = None) -> tuple[Numbering, Api]:
    if not can_fetch(account):
        raise NumberingRejected(_("Type API user and API secret of this account first, and save."))
    numbering = NUMBERINGS[account.dialect]
    api = numbering.api(account.api_user, account.api_secret)
    return numbering, api if ends_at is None else replace(api, ends_at=ends_at)
