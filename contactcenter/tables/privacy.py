"""What is kept of imports of customers, and whom it names: for him to be given, and to be erased with him."""

from collections import Counter
from typing import Any

from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from contactcenter.privacy.history import deleted_before
from contactcenter.tables.models import ImportRow
from customers.privacy.person import Person
from customers.privacy.records import as_row
from customers.privacy.searching import containing
from customers.privacy.traces import Traces

TABLE = ImportRow._meta.db_table
IN_TEXT, IN_JSON = ("key", "label", "reason"), ("wanted", "before", "changes")


def export(person: Person) -> dict[str, list[dict[str, Any]]]:
    """What lines of files do, or have done, to him."""
    return {TABLE: [as_row(row) for row in ImportRow.objects.filter(pk__in=_about(person)).order_by("pk")]}


def erase(person: Person) -> Counter[str]:
    """Take away the lines about his customers."""
    return Counter({TABLE: _of_his_customers(person).delete()[0]})


def erase_traces(person: Person) -> Counter[str]:
    """Take away the lines in which one of his own addresses stands. Safe to repeat."""
    return Counter({TABLE: ImportRow.objects.filter(pk__in=_about(person)).delete()[0]})


def _about(person: Person) -> list[int]:
    return sorted({*_of_his_customers(person).values_list("pk", flat=True), *_with_addresses(person)})


def _of_his_customers(person: Person) -> "QuerySet[ImportRow]":
    """Also of those whom somebody has deleted without erasing him."""
    ids = {*person.customer_ids, *deleted_before(person)}
    return ImportRow.objects.filter(job__table="customers", target__in=ids)


def _with_addresses(person: Person) -> list[int]:
    """Lines with an address of his; one that others have too may be theirs."""
    traces = Traces(person.handles)
    texts = {f"{name}_text": Cast(name, TextField()) for name in IN_JSON}
    rows = ImportRow.objects.filter(job__table="customers").annotate(**texts)
    rows = rows.filter(containing(traces.needles, *IN_TEXT, *texts))
    return [row.pk for row in rows.iterator() if _names(row, traces)]


def _names(row: ImportRow, traces: Traces) -> bool:
    said = [row.key, row.label, row.reason]
    return any(map(traces.in_text, said)) or traces.in_document([row.wanted, row.before, row.changes])
