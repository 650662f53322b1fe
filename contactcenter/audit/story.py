"""The history of one thing and of the rows on its page, told in steps: who, when, what, before and after."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.forms.models import _get_foreign_key
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contactcenter.audit.records import FOUND, secrets_of
from contactcenter.audit.wording import Words

TOGETHER = timedelta(seconds=2)
"""What one person changes within so long of each other he did by one click."""


@dataclass(frozen=True)
class Part:
    """One field that differs. `is_hidden`: that it changed is all there is to know."""

    label: str
    before: str = ""
    after: str = ""
    is_hidden: bool = False


@dataclass(frozen=True)
class Item:
    """What became of the thing itself (no title) or of one row on its page."""

    action: str
    title: str
    parts: tuple[Part, ...]


@dataclass
class Step:
    """What one person did at one moment; `notes` are sentences that pages wrote to the log."""

    at: datetime
    user_id: int | None
    who: str = ""
    items: list[Item] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    is_found: bool = False


def history_of(thing: Model, rows: Iterable[tuple[type[Model], str]], words: Words) -> list[Step]:
    """Newest first. `rows`: the models of the rows on its page, each with the field that leads to the thing."""
    own = thing._meta.pk.attname
    told = [(record, before, "", "") for record, before in _changes(type(thing), own, thing.pk)]
    for model, leads_to in rows:
        title = str(capfirst(model._meta.verbose_name))
        told += [(record, before, title, leads_to) for record, before in _changes(model, leads_to, thing.pk)]
    _prepare(words, told)
    told.sort(key=lambda each: (each[0].history_date, each[0].history_id), reverse=True)
    steps: list[Step] = []
    names: dict[Any, str] = {}
    for record, before, kind, leads_to in told:
        if item := _item(record, before, _title(record, kind, names), leads_to, words):
            _step(steps, record).items.append(item)
    return _with_notes(steps, thing, words)


def rows_of(page: Any, request: HttpRequest, thing: Model) -> list[tuple[type[Model], str]]:
    """The models of the rows that this person sees on the admin page of `thing`, and what leads from them to it."""
    found = [
        (each.model, _get_foreign_key(page.model, each.model, fk_name=each.fk_name).attname)
        for each in page.get_inline_instances(request, thing)
    ]
    return list(dict.fromkeys(found))


def savers(thing: Model, rows: Iterable[tuple[type[Model], str]], since: datetime) -> list[tuple[str, datetime]]:
    """Who has saved the thing or one of its rows since then, each with the last time, the latest first."""
    found: dict[str, datetime] = {}
    for model, leads_to in ((type(thing), thing._meta.pk.attname), *rows):
        if manager := getattr(model, "history", None):
            records = manager.filter(**{leads_to: thing.pk}, history_date__gte=since).select_related("history_user")
            for record in records.exclude(history_user=None).order_by("history_date"):
                found[str(record.history_user)] = record.history_date
    return sorted(found.items(), key=lambda each: each[1], reverse=True)


def _changes(model: type[Model], leads_to: str, key_of_thing: Any) -> Iterator[tuple[Any, Any]]:
    """Each record with the one before it, oldest first; how a thing was found at first is only a "before"."""
    manager = getattr(model, "history", None)
    if manager is None:
        return
    key = model._meta.pk.attname
    ids = manager.filter(**{leads_to: key_of_thing}).values_list(key, flat=True)
    last: dict[Any, Any] = {}
    rows = manager.filter(**{f"{key}__in": ids}).select_related("history_user")
    for record in rows.order_by("history_date", "history_id"):
        before = last.get(getattr(record, key))
        last[getattr(record, key)] = record
        if before is not None or record.history_type != "~":  # of the first, nobody knows what it changed
            yield record, before


def _item(record: Any, before: Any, title: str, leads_to: str, words: Words) -> Item | None:
    """What a record says; nothing when nothing differs. That a row belongs to this page goes without saying."""
    action = {"+": "added", "-": "deleted"}.get(record.history_type, "changed")
    columns = [each for each in _columns(record) if each.attname != leads_to]
    parts = tuple(_parts(record, before, columns, words))
    if not parts and action == "changed":
        return None
    return Item(action, words.text(title), parts)


def _title(record: Any, kind: str, names: dict[Any, str]) -> str:
    """What a row is called, as its newest record says: asking each record would ask the database each time."""
    if not kind:
        return ""
    row = (type(record), getattr(record, record.instance_type._meta.pk.attname))
    if row not in names:
        names[row] = _("%(kind)s “%(name)s”") % {"kind": kind, "name": record.instance}
    return names[row]


def _parts(record: Any, before: Any, columns: Sequence[Any], words: Words) -> Iterator[Part]:
    before, after = {"+": (None, record), "-": (record, None)}.get(record.history_type, (before, record))
    is_whole = before is None or after is None
    for column in columns:
        old, new = _value(before, column), _value(after, column)
        if old == new or (is_whole and (old or new) in (None, "", (), [], {}, False)):
            continue
        yield from (Part(*each) for each in words.parts(column, old, new))
    for name in secrets_of(record):
        label = record.instance_type._meta.get_field(name).verbose_name
        yield Part(str(capfirst(label)), is_hidden=True)


def _columns(record: Any) -> Sequence[Any]:
    """The fields that a person knows, in the order of the model."""
    model = record.instance_type
    several = [model._meta.get_field(each.name) for each in record._history_m2m_fields]
    return [each for each in record.tracked_fields if not each.primary_key] + several


def _value(record: Any, column: Any) -> Any:
    """The value in a record; of many related things the keys, in order."""
    if record is None:
        return None
    if column.many_to_many:
        if not hasattr(record, "_many"):
            record._many = {}
        if column.name not in record._many:
            to = column.m2m_reverse_field_name()
            keys = getattr(record, column.name).values_list(f"{to}_id", flat=True)
            record._many[column.name] = tuple(sorted(keys))
        return record._many[column.name]
    return getattr(record, column.attname)


def _prepare(words: Words, told: Iterable[tuple[Any, Any, str, str]]) -> None:
    for record, before, *_how in told:
        for column in _columns(record):
            if column.related_model:
                words.will_need(column, (_value(record, column), _value(before, column)))


def _step(steps: list[Step], record: Any) -> Step:
    """The step that this record belongs to; records come newest first."""
    is_found = record.history_change_reason == FOUND
    last = steps[-1] if steps else None
    if (
        last
        and (last.user_id, last.is_found) == (record.history_user_id, is_found)
        and last.at - record.history_date <= TOGETHER
    ):
        return last
    steps.append(
        Step(
            at=record.history_date,
            user_id=record.history_user_id,
            who=str(record.history_user or ""),
            is_found=is_found,
        )
    )
    return steps[-1]


def _with_notes(steps: list[Step], thing: Model, words: Words) -> list[Step]:
    """The admin's log beside the records: sentences that pages wrote there, and what is older than the records."""
    kind = ContentType.objects.get_for_model(thing)
    entries = LogEntry.objects.filter(content_type=kind, object_id=str(thing.pk)).select_related("user")
    by_user = defaultdict(list)
    for step in steps:
        by_user[step.user_id].append(step)
    for entry in entries:
        said = words.text(entry.get_change_message())
        near = [
            step
            for step in by_user[entry.user_id]
            if -TOGETHER <= entry.action_time - step.at <= TOGETHER and not step.is_found
        ]
        if not near:
            steps.append(Step(entry.action_time, entry.user_id, str(entry.user), notes=[said]))
        elif not entry.change_message.startswith("["):  # a list says what the records say better
            near[0].notes.append(said)
    return sorted(steps, key=lambda step: step.at, reverse=True)
