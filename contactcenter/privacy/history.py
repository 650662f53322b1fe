"""What the history of things tells of one person: his customers, all that was theirs, and blocks of his number."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

from contactcenter.audit.followed import records_of
from customers.models import Customer, ExternalIdentity, Handle, TierOverride
from customers.privacy.person import Person
from customers.privacy.records import as_row
from routing.models import BlockedCaller


def export(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Every record about him, by table."""
    return {rows.model._meta.db_table: [as_row(row) for row in rows.order_by("pk")] for rows in _records(person)}


def erase(person: Person) -> Counter[str]:
    """Take the records away, in the caller's transaction; after the rows, whose deletion is recorded, too."""
    counts: Counter[str] = Counter()
    for rows in _records(person):
        counts[rows.model._meta.db_table] += rows.order_by().delete()[0]
    return +counts


def _records(person: Person) -> Iterator["QuerySet[Any]"]:
    own, known = _addresses(person), Q(pk__in=())
    for connection_id, external_id in person.external_ids:
        known |= Q(connection_id=connection_id, external_id=external_id)
    ids = {*person.customer_ids, *deleted_before(person)}
    of_him = Q(customer_id__in=ids)
    histories: Any = (
        (Customer, Q(id__in=ids)),
        (Handle, of_him | own),
        (ExternalIdentity, of_him | known),
        (TierOverride, of_him),
        (BlockedCaller, Q(number__in=[value for _kind, value in person.handles])),
    )
    for model, condition in histories:
        yield records_of(model).filter(condition)


def deleted_before(person: Person) -> set[int]:
    """Customers with one of his own addresses whom somebody has deleted without erasing him."""
    ids = set(records_of(Handle).filter(_addresses(person)).values_list("customer_id", flat=True))
    return ids - set(Customer.objects.filter(pk__in=ids).values_list("pk", flat=True))


def _addresses(person: Person) -> Q:
    own = Q(pk__in=())
    for kind, value in person.handles:
        own |= Q(kind=kind, value=value)
    return own
