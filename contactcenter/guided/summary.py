"""What the answers will make, in words: a line for each, as far as they can be used."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from contactcenter.foundation.models import GuidedSetUp
from contactcenter.foundation.translating import listed
from contactcenter.guided import kept
from contactcenter.guided.customers_step import tiers
from contactcenter.guided.steps import CUSTOMERS, NUMBER, QUEUES
from queues.models import PhoneSystem
from routing.models import ProviderAccount


def summary(set_up: GuidedSetUp) -> list[str]:
    """What callers of the number will meet."""
    return [*_number(set_up), *_queues(set_up)]


def _number(set_up: GuidedSetUp) -> Iterator[str]:
    given = kept.typed(set_up, NUMBER)
    account = given.get("account", "")
    if kept.is_whole(set_up, NUMBER) and account.isdigit():
        name = ProviderAccount.objects.filter(pk=account).values_list("name", flat=True).first()
        words = _("%(label)s, %(number)s, comes in by %(account)s.")
        yield words % {"label": given["label"], "number": given["address"], "account": name}


def _queues(set_up: GuidedSetUp) -> Iterator[str]:
    if not (kept.is_whole(set_up, QUEUES) and kept.is_whole(set_up, CUSTOMERS)):
        return
    given, wanted, names = kept.typed(set_up, QUEUES), kept.typed(set_up, CUSTOMERS), dict(tiers())
    chosen = given.get("system", "")
    found = PhoneSystem.objects.filter(pk=chosen).values_list("name", flat=True).first() if chosen.isdigit() else None
    system = found or given.get("name", "")
    for queue in ("vip", "priority"):
        if slugs := wanted.getlist(queue):
            words = _("%(tiers)s customers wait at %(extension)s on %(system)s.")
            who = listed(names.get(slug, slug) for slug in slugs)
            yield words % {"tiers": who, "extension": given[queue], "system": system}
    words = _("Everyone else waits at %(extension)s on %(system)s.")
    yield words % {"extension": given["standard"], "system": system}
