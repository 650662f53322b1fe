"""What the customers' tables hold of one person: exported as it stands, erased for good."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Model, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.forms.models import model_to_dict

from contactcenter.foundation import changes
from contactcenter.foundation.models import Change
from customers.facts import mark_customers
from customers.models import (
    CrmEvent,
    Customer,
    CustomerMerge,
    DemotionCandidate,
    ExternalIdentity,
    Handle,
    RejectedRow,
    StagedRecord,
    SyncRun,
    TierChange,
    TierOverride,
    UploadedList,
)
from customers.privacy.person import Person
from customers.privacy.searching import containing
from customers.privacy.traces import Traces

Counts = Counter[str]
"""Rows by table."""


def export(person: Person) -> dict[str, list[dict[str, Any]]]:
    """Every row about `person`, by table."""
    of_him = Q(customer_id__in=person.customer_ids)
    found: dict[str, list[dict[str, Any]]] = {}
    rows: list[QuerySet[Any]] = [
        Customer.objects.filter(pk__in=person.customer_ids),
        Handle.objects.filter(of_him),
        ExternalIdentity.objects.filter(of_him),
        TierOverride.objects.filter(of_him),
        TierChange.objects.filter(of_him),
        DemotionCandidate.objects.filter(of_him),
        CustomerMerge.objects.filter(Q(kept__in=person.customer_ids) | Q(absorbed__in=person.customer_ids)),
        *_named_by_id(person),
    ]
    for each in rows:
        found[each.model._meta.db_table] = [as_row(row) for row in each.order_by("pk")]
    traces = Traces(person.addresses)
    found[_table(StagedRecord)] += [as_row(row) for row in _staged_with(traces)]
    found[_table(UploadedList)] = [
        {"id": str(listed.pk), "lines": [line for line in _lines(listed) if traces.in_text(line)]}
        for listed in UploadedList.objects.all()
        if traces.in_text(listed.content)
    ]
    return found


def as_row(row: Model) -> dict[str, Any]:
    """All columns of a row, those that a form may not edit among them."""
    hidden = {field.name: field.value_from_object(row) for field in row._meta.concrete_fields if not field.editable}
    return {**model_to_dict(row), **hidden, row._meta.pk.name: row.pk}


def erase(person: Person) -> Counts:
    """Take the customers and all that hangs on them away, in the caller's transaction.

    The decide plane hears of his own addresses by the erasure itself, so that no mark is left that names them.
    """
    mark_customers(person.customer_ids)
    _, deleted = Customer.objects.filter(pk__in=person.customer_ids).delete()
    counts = Counter({_table_of(label): count for label, count in deleted.items() if count})
    own = [f"{kind}:{value}" for kind, value in person.handles]
    counts[_table(Change)] += Change.objects.filter(topic=changes.FACTS, key__in=own).delete()[0]
    for rows in _named_by_id(person):
        counts[_table(rows.model)] += rows.order_by().delete()[0]
    for connection_id, external_id in person.external_ids:
        # A position in the CRM may be the id of the record that a page ended with; one that goes on still moves.
        past = Q(cursor__contains=external_id) | Q(anchor_cursor__contains=external_id)
        ended = SyncRun.objects.filter(past, connection=connection_id).exclude(state__in=SyncRun.UNFINISHED)
        counts[_table(SyncRun)] += ended.update(cursor="", anchor_cursor="")
    return +counts


def erase_traces(person: Person) -> Counts:
    """Take away what names `person` without belonging to a customer. Safe to repeat."""
    traces, counts = Traces(person.addresses), Counts()
    staged = [row.pk for row in _staged_with(traces)]
    counts[_table(StagedRecord)] += StagedRecord.objects.filter(pk__in=staged).delete()[0]
    for listed in UploadedList.objects.all():
        kept = [line for line in _lines(listed) if not traces.in_text(line)]
        if len(kept) < len(_lines(listed)):
            listed.content = "".join(kept)
            listed.save(update_fields=["content"])
            counts[_table(UploadedList)] += 1
    return +counts


def _named_by_id(person: Person) -> Iterator["QuerySet[Any]"]:
    """Rows that know him only by his id in a CRM."""
    staged, rejected, pushed = Q(customer_id__in=person.customer_ids), Q(pk__in=()), Q(pk__in=())
    for connection_id, external_id in person.external_ids:
        staged |= Q(run__connection=connection_id, external_id=external_id)
        rejected |= Q(run__connection=connection_id, external_id=external_id)
        pushed |= Q(push__connection=connection_id) & (Q(external_id=external_id) | Q(into=external_id))
    yield StagedRecord.objects.filter(staged)
    yield RejectedRow.objects.filter(rejected)
    yield CrmEvent.objects.filter(pushed)


def _staged_with(traces: Traces) -> Iterable[StagedRecord]:
    """Staged rows in which one of the addresses stands."""
    rows = StagedRecord.objects.annotate(text=Cast("mapped", TextField()))
    rows = rows.filter(containing(traces.needles, "text"))
    return [row for row in rows.order_by("pk") if traces.in_document(row.mapped)]


def _lines(listed: UploadedList) -> list[str]:
    return listed.content.splitlines(keepends=True)


def _table(model: type[Model]) -> str:
    return model._meta.db_table


def _table_of(label: str) -> str:
    return label.lower().replace(".", "_")
