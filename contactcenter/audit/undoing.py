"""A deletion undone from history: the thing, what hung on it, and what led to it, under the same keys and names."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import CASCADE, SET_NULL, ForeignKey, Model
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contactcenter.audit.followed import secret_fields
from contactcenter.audit.records import RESTORED
from contactcenter.foundation.translating import listed
from routing.models import ApiKey

UNDO_FOR = timedelta(hours=4)
"""So long a person can undo what he has deleted."""

AT_ONCE = timedelta(minutes=2)
"""What is deleted with a thing is recorded within so long of it."""


class CannotUndo(Exception):
    """Nothing is restored; `reasons` say why, in words."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def deletions(model: type[Model], first: int, last: int, user_id: int | None) -> list[Any]:
    """What this person has deleted lately, by its records from `first` to `last`, as far as it is still gone."""
    if not hasattr(model, "history") or model is ApiKey:  # of a key only the hash was known, and history has none
        return []
    records = model.history.filter(
        history_id__range=(first, last),
        history_type="-",
        history_user_id=user_id,
        history_date__gte=timezone.now() - UNDO_FOR,
    )
    key = model._meta.pk.attname
    there = set(model._base_manager.filter(pk__in=records.values(key)).values_list("pk", flat=True))
    return [record for record in records.order_by("history_id") if getattr(record, key) not in there]


def with_what_hung_on(record: Any) -> list[Any]:
    """The record and those of what was deleted with it, each behind what it hangs on."""
    found = [record]
    for above in found:
        model = above.instance_type
        for relation in model._meta.related_objects:
            if relation.on_delete is CASCADE and _can_come_back(relation.related_model):
                key = getattr(above, model._meta.pk.attname)
                near = (record.history_date - AT_ONCE, record.history_date + AT_ONCE)
                found += relation.related_model.history.filter(
                    **{relation.field.attname: key},
                    history_type="-",
                    history_user_id=record.history_user_id,
                    history_date__range=near,
                ).order_by("history_id")
    return list({(type(each), each.history_id): each for each in found}.values())


def lost(records: Iterable[Any]) -> list[str]:
    """What does not come back, in words."""
    models = {record.instance_type for record in records}
    secrets = {
        str(capfirst(model._meta.get_field(name).verbose_name)) for model in models for name in secret_fields(model)
    }
    told = []
    if secrets:
        told.append(_("Secrets are kept nowhere, type them again: %(fields)s.") % {"fields": listed(sorted(secrets))})
    gone = {
        str(relation.related_model._meta.verbose_name_plural)
        for model in models
        for relation in model._meta.related_objects
        if relation.on_delete is CASCADE
        and not _can_come_back(relation.related_model)
        and not relation.related_model._meta.auto_created  # between two things of which there are many
        and not hasattr(relation.related_model, "instance_type")  # a history
    }
    if gone:
        told.append(_("If there were any, these do not come back: %(things)s.") % {"things": listed(sorted(gone))})
    return told


def restore(records: Iterable[Any]) -> list[Model]:
    """Each as it was, in one transaction. Raises CannotUndo."""
    with transaction.atomic():
        things: list[Model] = []
        reasons: list[str] = []
        failed: set[tuple[type[Model], Any]] = set()
        for record in records:
            thing = record.instance
            if in_the_way := list(_in_the_way(thing, failed)):
                reasons += in_the_way
                failed.add((type(thing), thing.pk))
                continue
            thing._change_reason = RESTORED
            thing.save(force_insert=True)
            _bring_back(thing, record)
            things.append(thing)
        if reasons:
            raise CannotUndo([reason for reason in dict.fromkeys(reasons) if reason])
    return things


def _can_come_back(model: type[Model]) -> bool:
    return hasattr(model, "history") and model is not ApiKey


def _in_the_way(thing: Model, failed: set[tuple[type[Model], Any]]) -> Iterator[str]:
    """Why this cannot be as it was: what it stands on is gone too, or something new has taken its name.

    An empty reason for what hangs on something that has `failed` itself.
    """
    words = {"kind": str(capfirst(thing._meta.verbose_name)), "name": _name(thing)}
    for link in thing._meta.concrete_fields:
        if isinstance(link, ForeignKey) and (key := getattr(thing, link.attname)) is not None:
            target = link.remote_field.model._base_manager.filter(**{link.target_field.attname: key})
            if (link.remote_field.model, key) in failed:
                yield ""
                return
            if not target.exists():
                yield _("%(kind)s “%(name)s”: its %(field)s is gone.") % {**words, "field": link.verbose_name}
                return
    try:
        thing.validate_unique()
        thing.validate_constraints()
    except ValidationError as error:
        for message in error.messages:
            yield _("%(kind)s “%(name)s”: %(reason)s") % {**words, "reason": message}


def _name(thing: Model) -> str:
    """How it is called; not by way of what may be gone."""
    return str(getattr(thing, "name", "") or getattr(thing, "label", "") or thing.pk)


def _bring_back(thing: Model, record: Any) -> None:
    """What saving does not: moments that it stamps anew, things of which there are many, and who led here."""
    own = type(thing)._base_manager.filter(pk=thing.pk)
    stamped = [each.attname for each in thing._meta.concrete_fields if getattr(each, "auto_now_add", False)]
    kept = {name: getattr(record, name) for name in stamped if hasattr(record, name)}
    if kept:
        own.update(**kept)
    for several in record._history_m2m_fields:
        to = several.m2m_reverse_field_name()
        keys = list(getattr(record, several.name).values_list(f"{to}_id", flat=True))
        there = several.related_model._base_manager.filter(pk__in=keys)
        getattr(thing, several.name).set(there)
    for relation in type(thing)._meta.related_objects:
        if relation.on_delete is SET_NULL and hasattr(relation.related_model, "history"):
            _lead_here_again(relation, thing)


def _lead_here_again(relation: Any, thing: Model) -> None:
    """Rows that led here when it was deleted, and lead nowhere now."""
    model, link = relation.related_model, relation.field
    history = model.history
    key = model._meta.pk.attname
    candidates = history.filter(**{link.attname: thing.pk}).values(key)
    for row in model._base_manager.filter(**{f"{link.name}__isnull": True, "pk__in": candidates}):
        last = history.filter(**{key: row.pk}).first()
        if last and getattr(last, link.attname) == thing.pk:
            setattr(row, link.attname, thing.pk)
            row.save(update_fields=[link.name])
