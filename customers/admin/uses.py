"""What hangs on tiers, connections, sources and customers, as far as it is theirs."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from contactcenter.foundation.consequences import MOST_COUNTED, Consequence, Use, consequence, further, say
from customers.crm.targets import ATTRIBUTE
from customers.models import (
    AlertDestination,
    AttributeDefinition,
    CrmConnection,
    ExternalIdentity,
    FieldMapping,
    SyncRun,
)

say(
    {
        "customers.Customer.tier": Use(
            ngettext_lazy("%(count)s customer has it", "%(count)s customers have it", "count")
        ),
        "customers.TierOverride.tier": Use(
            ngettext_lazy("%(count)s override gives it", "%(count)s overrides give it", "count"), "customer"
        ),
        "customers.TierMapping.tier": Use(
            ngettext_lazy("%(count)s word of a CRM stands for it", "%(count)s words of a CRM stand for it", "count"),
            "connection",
            in_lists=True,
        ),
        "customers.TierRule.tier": Use(
            ngettext_lazy("%(count)s rule gives it", "%(count)s rules give it", "count"), "policy", in_lists=True
        ),
        "customers.TierShare.tier": Use(
            ngettext_lazy("%(count)s share of customers gets it", "%(count)s shares of customers get it", "count"),
            "policy",
            in_lists=True,
        ),
        "customers.TierPolicy.otherwise": Use(
            ngettext_lazy(
                "%(count)s tier policy gives it to everybody else",
                "%(count)s tier policies give it to everybody else",
                "count",
            )
        ),
        "customers.ExternalIdentity.connection": Use(
            ngettext_lazy(
                "%(count)s customer is no longer recognised as a record of it",
                "%(count)s customers are no longer recognised as records of it",
                "count",
            ),
            "customer",
        ),
        "customers.SyncRun.connection": Use(
            ngettext_lazy("%(count)s sync run goes with it", "%(count)s sync runs go with it", "count")
        ),
        "customers.TierPolicy.connection": Use(
            ngettext_lazy("%(count)s tier policy goes with it", "%(count)s tier policies go with it", "count")
        ),
        "customers.CrmPush.connection": Use(
            ngettext_lazy("%(count)s push of its CRM is refused", "%(count)s pushes of its CRM are refused", "count")
        ),
        "customers.Handle.customer": Use(
            ngettext_lazy("%(count)s address goes with him", "%(count)s addresses go with him", "count")
        ),
        "customers.TierOverride.customer": Use(
            ngettext_lazy("%(count)s tier override goes with him", "%(count)s tier overrides go with him", "count")
        ),
    }
)

_FILLED = Use(
    ngettext_lazy("%(count)s field of a CRM fills it", "%(count)s fields of CRMs fill it", "count"), "connection"
)


@further(CrmConnection)
def running(connections: Sequence[CrmConnection], _user: Any) -> Iterator[Consequence]:
    """A sync that is being worked on must come to its end."""
    for run in SyncRun.objects.filter(connection__in=connections, state__in=SyncRun.UNFINISHED):
        yield Consequence(_("the sync that is running: %(run)s") % {"run": run}, is_in_the_way=True)


_KEEP = Use(
    ngettext_lazy(
        "%(count)s customer keeps the tier that was read last, however old it grows",
        "%(count)s customers keep the tier that was read last, however old it grows",
        "count",
    ),
    "customer",
)


@further(CrmConnection)
def kept_as_read(connections: Sequence[CrmConnection], user: Any) -> Iterator[Consequence]:
    """Callers are still recognised, by what is true less and less."""
    rows = ExternalIdentity.objects.filter(connection__in=connections).order_by()
    if count := rows[: MOST_COUNTED + 1].count():
        yield consequence(_KEEP, rows, count, user, is_of_switching_off=True)


@further(AlertDestination)
def last_to_hear(destinations: Sequence[AlertDestination], _user: Any) -> Iterator[Consequence]:
    """An alert that nobody is told of is seen by chance."""
    others = AlertDestination.objects.filter(is_enabled=True).exclude(pk__in=[each.pk for each in destinations])
    if not others.exists():
        yield Consequence(_("Nobody else is told: alerts are seen on Home only."))


@further(AttributeDefinition)
def filled(attributes: Sequence[AttributeDefinition], user: Any) -> Iterator[Consequence]:
    """Fields of a CRM know an attribute by its key only."""
    rows = FieldMapping.objects.filter(target__in=[f"{ATTRIBUTE}{attribute.key}" for attribute in attributes])
    if count := rows.count():
        yield consequence(_FILLED, rows, count, user, is_in_the_way=True)
