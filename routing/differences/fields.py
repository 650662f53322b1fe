"""How the fields of a document and their values are told to a person.

The words are those of the forms, so that they are translated once. A field without words of its own is
told by its key: new fields need nothing here to appear in a difference.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from contactcenter.foundation.translating import listed
from queues.system_kinds import KINDS, WAYS
from routing.references import POINTS_TO
from routing.wording import entries_of, in_words

Document = Mapping[str, Any]
Words = str | Promise

LABELS: dict[str, Words] = {
    "agents_per_caller": gettext_lazy("target agents per caller"),
    "account": gettext_lazy("provider account"),
    "answer_timeout_s": gettext_lazy("answer timeout"),
    "answers_at_once": gettext_lazy("answers at once"),
    "auth": gettext_lazy("how we identify ourselves"),
    "auth_name": gettext_lazy("user name or header name"),
    "body": gettext_lazy("body"),
    "budget_ms": gettext_lazy("time budget"),
    "cache_seconds": gettext_lazy("remember answers for"),
    "calendar": gettext_lazy("opening hours"),
    "closed_address": gettext_lazy("extension when closed"),
    "conditions": gettext_lazy("taken by"),
    "connect_ms": gettext_lazy("time to connect"),
    "default": gettext_lazy("if it is missing"),
    "default_queue": gettext_lazy("default queue"),
    "exceptions": gettext_lazy("special days"),
    "expression": gettext_lazy("where it stands in the answer"),
    "fills": gettext_lazy("also fills"),
    "flow": gettext_lazy("flow"),
    "full_address": gettext_lazy("extension when full"),
    "head_start_s": gettext_lazy("head start"),
    "headers": gettext_lazy("headers of its own"),
    "help_desk": gettext_lazy("help desk"),
    "hosts": gettext_lazy("SIP hosts"),
    "hours": gettext_lazy("opening hours"),
    "kind": gettext_lazy("kind"),
    "label": gettext_lazy("label"),
    "last_path": gettext_lazy("everyone else goes to"),
    "learns_by": gettext_lazy("learns priority and skills by"),
    "max_waiting": gettext_lazy("maximum callers waiting"),
    "method": gettext_lazy("method"),
    "name": gettext_lazy("name"),
    "notify": gettext_lazy("then notifies"),
    "outcomes_by": gettext_lazy("who reports what became of a call"),
    "overflow_to": gettext_lazy("overflow to"),
    "phone_system": gettext_lazy("phone system"),
    "precedence": gettext_lazy("its answers are used"),
    "priority_class": gettext_lazy("priority class"),
    "promised_wait_s": gettext_lazy("longest promised wait"),
    "queue": gettext_lazy("leads to"),
    "rank": gettext_lazy("rank"),
    "read_ms": gettext_lazy("time between two pieces"),
    "service_level_percent": gettext_lazy("service level"),
    "service_level_s": gettext_lazy("in time means within"),
    "skills": gettext_lazy("skills"),
    "source": gettext_lazy("data source"),
    "statistics_by": gettext_lazy("who reports how many wait"),
    "target_kind": gettext_lazy("leads to"),
    "team": gettext_lazy("team"),
    "time_zone": gettext_lazy("time zone"),
    "type": gettext_lazy("type"),
    "url": gettext_lazy("address"),
    "voice_address": gettext_lazy("extension, number or name"),
    "voice_kind": gettext_lazy("reached by"),
    "when_closed": gettext_lazy("when closed"),
    "when_full": gettext_lazy("when full"),
}

INSTEAD: dict[str, Words] = {
    "overflow": gettext_lazy("send to the overflow queue"),
    "announce": gettext_lazy("play an announcement"),
    "voicemail": gettext_lazy("take a message (voicemail)"),
    "reject": gettext_lazy("turn the caller away (busy)"),
}
"""What a queue does with callers whom it does not take."""

REPORTERS: dict[str, Words] = {
    "nobody": gettext_lazy("nobody"),
    "system": gettext_lazy("the phone system, by a recipe beside it"),
    "provider": gettext_lazy("the provider"),
    "program": gettext_lazy("a program of our own"),
}

CHOICES: dict[str, dict[str, Words]] = {
    "auth": {
        "none": gettext_lazy("none"),
        "bearer": gettext_lazy("bearer token"),
        "basic": gettext_lazy("user name and password"),
        "header": gettext_lazy("a header of its own"),
    },
    "precedence": {
        "fill": gettext_lazy("only where the synced facts say nothing"),
        "replace": gettext_lazy("instead of the synced facts"),
    },
    "target_kind": {
        "queue": gettext_lazy("the queue"),
        "account_manager": gettext_lazy("the customer's account manager, then the queue"),
    },
    "type": {
        "text": gettext_lazy("text"),
        "number": pgettext_lazy("kind of value", "number"),
        "money": gettext_lazy("money (in cents)"),
        "yes_no": gettext_lazy("yes or no"),
        "date": gettext_lazy("date"),
    },
    "voice_kind": {
        "sip": gettext_lazy("extension on the phone system"),
        "phone": gettext_lazy("phone number"),
        "provider_queue": gettext_lazy("queue at the provider"),
    },
    "when_closed": INSTEAD,
    "when_full": INSTEAD,
    "statistics_by": REPORTERS,
    "outcomes_by": REPORTERS,
    "learns_by": {name: gettext_lazy(way.label) for name, way in WAYS.items()},
    "kind": {name: gettext_lazy(kind.label) for name, kind in KINDS.items()},
}

UNITS = {"_ms": "ms", "_s": "s", "_seconds": "s", "_percent": "%"}


def label_of(field: str) -> str:
    """The field's name for people."""
    return str(LABELS.get(field, field.replace("_", " ")))


def value_of(field: str, value: Any, document: Document, flow: str | None = None) -> str:
    """The field's value for people; names are those of the document that the value comes from."""
    if field == "conditions":
        return in_words(value, entries_of(document, flow))
    if value is None:
        return _("nothing")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return listed(_item(each) for each in value) or _("nothing")
    if field in POINTS_TO:
        return str(document[POINTS_TO[field]].get(value, {}).get("name", value))
    if field in CHOICES:
        return str(CHOICES[field].get(value, value))
    unit = next((unit for ending, unit in UNITS.items() if field.endswith(ending)), "")
    return _("%(number)s %(unit)s") % {"number": value, "unit": unit} if unit else str(value)


def _item(value: Any) -> str:
    """One entry of a list: opening hours, a special day, a host."""
    if not isinstance(value, Mapping):
        return str(value)
    hours = f"{value['opens']}-{value['closes']}" if "opens" in value else _("closed")
    if "weekday" in value:
        return f"{WEEKDAYS_ABBR[value['weekday']]} {hours}"
    if "first_day" not in value:
        return str(value)
    days = dict.fromkeys((value["first_day"], value["last_day"]))
    return f"{value['label']} {' – '.join(days)} {hours}"
