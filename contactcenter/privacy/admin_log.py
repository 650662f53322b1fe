"""What the admin's log says of one person: who altered him, or something of his, and his name with it."""

from collections.abc import Iterable

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from contactcenter.audit.followed import records_of
from contactcenter.privacy.history import deleted_before
from customers.models import Customer
from customers.privacy.person import Person


def entries_about(person: Person) -> "QuerySet[LogEntry]":
    """Entries on his customers and on all that belongs to them; of what is deleted only his name tells that it did."""
    gone = deleted_before(person)
    names = {
        *Customer.objects.filter(pk__in=person.customer_ids).values_list("name", flat=True),
        *records_of(Customer).filter(id__in=gone).values_list("name", flat=True),
    }
    kinds = ContentType.objects.get_for_models(
        Customer, *(each.related_model for each in Customer._meta.related_objects)
    )
    about = _with_ids(kinds[Customer], [*person.customer_ids, *gone])
    for relation in Customer._meta.related_objects:
        rows = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": person.customer_ids})
        about |= _with_ids(kinds[relation.related_model], rows.values_list("pk", flat=True))
    for name in names - {""}:
        about |= Q(content_type__in=kinds.values()) & Q(object_repr__contains=name)
    return LogEntry.objects.filter(about)


def _with_ids(kind: ContentType, ids: Iterable[object]) -> Q:
    return Q(content_type=kind, object_id__in=[str(pk) for pk in ids])
