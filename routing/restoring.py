"""The draft made equal to a document again. Secrets, people and what is true at once are left alone."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.db import OperationalError
from django.db.models import PROTECT, F, ManyToOneRel, Model, Value
from django.db.models.functions import Concat
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from contactcenter.foundation.noting import as_one_change
from contactcenter.foundation.translating import listed, named
from customers.models import AttributeDefinition, DataSource, DataSourceVariable, LoyaltyTier
from queues.models import Calendar, CalendarException, HelpDesk, OpeningHours, PhoneSystem, Queue
from routing.document import (
    BRANCH_FIELDS,
    CALENDAR_FIELDS,
    QUEUE_FIELDS,
    SOURCE_FIELDS,
    USUAL_OF_QUEUES,
    USUAL_OF_SYSTEMS,
    VARIABLE_FIELDS,
    Document,
    render,
)
from routing.models import Branch, FetchStep, Flow, NotificationTarget, Number, ProviderAccount
from routing.publishing import one_at_a_time
from routing.release import READABLE

Row = Mapping[str, Any]
Things = Mapping[str, Model]

HIGHEST_RANK = 32767
"""What a small integer holds in every database."""

SYSTEM_FIELDS = ("name", "kind", "hosts", "answers_at_once", "answer_timeout_s")

TARGETS = "notification_targets"
"""The one part that a document may lack."""

REMOVED_IN_ORDER: tuple[tuple[type[Model], str], ...] = (
    (Flow, "flows"),
    (DataSource, "sources"),
    (Queue, "queues"),
    (Calendar, "calendars"),
    (PhoneSystem, "phone_systems"),
    (HelpDesk, "help_desks"),
    (NotificationTarget, TARGETS),
    (LoyaltyTier, "tiers"),
)
"""What has a name and a short name; what uses comes before what it uses."""


class CannotReset(Exception):
    """The draft stays as it is; `reasons` say why, in words."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def reset_draft(document: Document) -> None:
    """Make the draft equal to `document`, in one transaction: by short names, what it lacks is deleted.

    Raises CannotReset when something it lacks is in use elsewhere, or when it needs what is gone for good.
    """
    try:
        with one_at_a_time(), as_one_change():
            _refuse_unknown(document)
            before = render()
            _set_names_aside(document)
            _restore(document)
            _remove_the_rest(document, before)
            if render() != document:
                raise CannotReset([_("This release cannot be restored by this version of the portal.")])
    except OperationalError as error:  # two people wrote the same rows at once
        raise CannotReset([_("Somebody is saving changes at this moment. Please try again.")]) from error


def _refuse_unknown(document: Document) -> None:
    if document["format"] not in READABLE:
        raise CannotReset([_("This release cannot be restored by this version of the portal.")])
    known = set(ProviderAccount.objects.values_list("slug", flat=True))
    gone = sorted({number["account"] for number in document["numbers"].values()} - known)
    message = _("The provider account “%(account)s” is missing: add it first.")
    if gone:
        raise CannotReset([message % {"account": account} for account in gone])


def _set_names_aside(document: Document) -> None:
    """Names and ranks are unique: two queues that swapped their names could not be saved one by one."""
    for model, _part in REMOVED_IN_ORDER:
        model._default_manager.update(name=Concat(Value("~"), F("slug")))
    ranks = dict(LoyaltyTier.objects.values_list("slug", "rank"))
    if ranks != {slug: tier["rank"] for slug, tier in document["tiers"].items()}:
        free = (rank for rank in range(HIGHEST_RANK, 0, -1) if rank not in ranks.values())
        # The highest first, so that their order stays: whom a tier passes when it is saved tells whose facts change.
        for slug, rank in zip(ranks, free, strict=False):
            LoyaltyTier.objects.filter(slug=slug).update(rank=rank)
    Queue.objects.update(overflow_to=None, is_emergency=False)


def _restore(document: Document) -> None:
    _save_all(LoyaltyTier, document["tiers"], ("name", "rank"))
    _save_all(AttributeDefinition, document["attributes"], ("label", "type"), key="key")
    systems = {
        slug: USUAL_OF_SYSTEMS | row | {"hosts": "\n".join(row["hosts"])}
        for slug, row in document["phone_systems"].items()
    }
    queues = _save_queues(
        document,
        phone_system=_save_all(PhoneSystem, systems, (*SYSTEM_FIELDS, *USUAL_OF_SYSTEMS)),
        help_desk=_save_all(HelpDesk, document["help_desks"], ("name",)),
        calendar=_save_calendars(document["calendars"]),
    )
    sources = _save_all(DataSource, document["sources"], SOURCE_FIELDS)
    for slug, row in document["sources"].items():
        variables = {variable["name"]: variable for variable in row["variables"]}
        _save_children(DataSourceVariable, {"source": sources[slug]}, variables, VARIABLE_FIELDS, key="name")
    targets = _save_all(NotificationTarget, document.get(TARGETS, {}), ("name",))
    flows = _save_flows(document["flows"], queues, sources, targets)
    _save_numbers(document["numbers"], queues, flows)


def _save_all(
    model: type[Model], rows: Mapping[str, Row], fields: Iterable[str], key: str = "slug", **links: Things
) -> Things:
    """Every row stored under its key, those that are there in place. `links` finds what a field points to."""
    return _save_children(model, {}, rows, fields, key, **links)


def _save_children(
    model: type[Model],
    parent: Mapping[str, Model],
    rows: Mapping[str, Row],
    fields: Iterable[str],
    key: str = "slug",
    **links: Things,
) -> Things:
    """The rows of one parent, in the order given; those of the parent that are not among them are deleted."""
    present = {getattr(thing, key): thing for thing in model._default_manager.filter(**parent)}
    things = {}
    for name, row in rows.items():
        things[name] = thing = present.get(name) or model(**parent, **{key: name})
        values = {field: _value(model, field, row) for field in fields}
        points = {f"{field}_id": _key(targets, row.get(field)) for field, targets in links.items()}
        _save(thing, values | points)
    if parent:
        model._default_manager.filter(**parent).exclude(**{f"{key}__in": list(rows)}).delete()
    return things


def _save(thing: Model, values: Row) -> None:
    """What is so already is not written again: there may be ten thousand numbers, and few of them differ."""
    if thing._state.adding or any(getattr(thing, field) != value for field, value in values.items()):
        for field, value in values.items():
            setattr(thing, field, value)
        thing.save()


def _key(things: Things, name: str | None) -> Any:
    return things[name].pk if name and name in things else None


def _value(model: type[Model], field: str, row: Row) -> Any:
    """The field's value; one that the document leaves out is empty in the way of this field."""
    empty = None if model._meta.get_field(field).null else ""
    return row.get(field, empty)


def _save_calendars(rows: Mapping[str, Row]) -> Things:
    calendars = _save_all(Calendar, rows, CALENDAR_FIELDS)
    for model, part in ((OpeningHours, "hours"), (CalendarException, "exceptions")):
        model._default_manager.all().delete()
        for slug, row in rows.items():
            for each in row[part]:
                model._default_manager.create(**{"calendar": calendars[slug], **each})
    return calendars


def _save_queues(document: Document, **links: Things) -> Things:
    rows = {slug: USUAL_OF_QUEUES | row for slug, row in document["queues"].items()}
    queues = _save_all(Queue, rows, QUEUE_FIELDS, "slug", **links)
    for slug, row in document["queues"].items():
        Queue.objects.filter(slug=slug).update(
            overflow_to=queues.get(row.get("overflow_to", "")), is_emergency=slug == document.get("emergency_queue")
        )
    return queues


def _save_flows(rows: Mapping[str, Row], queues: Things, sources: Things, targets: Things) -> Things:
    flows = _save_all(Flow, rows, ("name",), last_path=queues, notify=targets)
    for slug, row in rows.items():
        steps, branches = (
            {each["slug"]: {**each, "position": place} for place, each in enumerate(row[part], start=1)}
            for part in ("steps", "branches")
        )
        _save_children(FetchStep, {"flow": flows[slug]}, steps, ("position", "precedence"), source=sources)
        fields = ("position", *(field for field in BRANCH_FIELDS if field != "slug"))
        _save_children(Branch, {"flow": flows[slug]}, branches, fields, queue=queues, notify=targets)
    return flows


def _save_numbers(rows: Mapping[str, Row], queues: Things, flows: Things) -> None:
    accounts: Things = {account.slug: account for account in ProviderAccount.objects.all()}
    present = {f"{number.channel}:{number.address}": number for number in Number.objects.all()}
    for key, row in rows.items():
        channel, _colon, address = key.partition(":")
        number = present.pop(key, None) or Number(channel=channel, address=address)
        points = {
            "account_id": accounts[row["account"]].pk,
            "flow_id": _key(flows, row.get("flow")),
            "default_queue_id": queues[row["default_queue"]].pk,
        }
        _save(number, {"label": row["label"], "time_zone": row["time_zone"], **points})
    Number.objects.filter(pk__in=[number.pk for number in present.values()]).delete()


def _remove_the_rest(document: Document, before: Document) -> None:
    """Deletes what the document lacks, users before what they use; what is used from elsewhere stays refused."""
    reasons: list[str] = []
    for model, part in REMOVED_IN_ORDER:
        things: Any = model._default_manager.exclude(slug__in=list(document.get(part, {})))
        for thing in things:
            if users := list(_users(thing)):
                message = _("“%(thing)s” is not in this release and cannot be deleted: used by %(users)s.")
                words = {"thing": before[part][thing.slug]["name"], "users": listed(users)}
                reasons.append(message % words)
            else:
                thing.delete()
    if reasons:
        raise CannotReset(reasons)
    AttributeDefinition.objects.exclude(key__in=list(document["attributes"])).delete()


def _users(thing: Model) -> Iterator[str]:
    """What keeps a thing from being deleted, counted: a tier may have a million customers."""
    for relation in thing._meta.get_fields(include_hidden=True):  # blocked callers and switches hide theirs
        if not isinstance(relation, ManyToOneRel) or relation.on_delete is not PROTECT:
            continue
        model = relation.related_model
        count = model._default_manager.filter(**{relation.field.name: thing}).count()
        if count:
            yield named(capfirst(model._meta.verbose_name_plural), count)
