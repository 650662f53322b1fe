"""A field of a model as the cell of a table, and a cell as the value of a field."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, DateField, Field, ForeignKey, Model
from django.utils.translation import gettext as _

from contactcenter.foundation import teams
from contactcenter.tables.columns import Refused, in_all_languages, plain


class Cells:
    """The cells of one field: what they may point to, or which words they may have, is looked up once."""

    def __init__(self, field: "Field[Any, Any]", user: Any) -> None:
        self.field = field
        self.words: Mapping[str, Any] = {}
        self.slugs: dict[int, str] = {}
        if isinstance(field, ForeignKey):
            self._look_up(field.related_model, user)
        elif isinstance(field, BooleanField):
            self.words = {word: word_is_yes == "1" for word, word_is_yes in in_all_languages(_yes_and_no).items()}
        elif field.choices:
            self.words = in_all_languages(self._choices)

    def _look_up(self, model: Any, user: Any) -> None:
        """What may be pointed to, by short name and by name."""
        rows = teams.visible(model.objects.all(), user) if teams.has_owner(model) else model.objects.all()
        found = list(rows.order_by("pk").values_list("pk", "slug", "name"))
        self.slugs = dict(model.objects.order_by().values_list("pk", "slug"))
        self.words = {plain(str(name)): pk for pk, slug, name in found} | {plain(slug): pk for pk, slug, name in found}

    def _choices(self) -> list[tuple[str, str]]:
        flat = self.field.flatchoices
        return [
            *((str(value), str(value)) for value, _label in flat),
            *((str(label), str(value)) for value, label in flat),
        ]

    def read(self, text: str) -> Any:
        """The value to be stored; what it points to by its key. Raises Refused."""
        if not text:
            return self._empty()
        if self.words:
            return self._known(text)
        try:
            if isinstance(self.field, DateField):
                return _day(text)
            return self.field.clean(text, None)
        except ValidationError as error:
            raise Refused(self.field.name, " ".join(error.messages)) from None

    def _empty(self) -> Any:
        if self.field.null:
            return None
        if self.field.blank and not isinstance(self.field, BooleanField):
            return ""
        if self.field.has_default():
            return self.field.get_default()
        raise Refused(self.field.name, _("is missing"))

    def _known(self, text: str) -> Any:
        try:
            return self.words[plain(text)]
        except KeyError:
            shown = {"word": text[:60]}
            raise Refused(
                self.field.name,
                _("There is no “%(word)s”.") % shown
                if isinstance(self.field, ForeignKey)
                else _("“%(word)s” is none of the words that may stand here.") % shown,
            ) from None

    def shown(self, value: Any) -> str:
        """The cell: what is pointed to by its short name, the rest as people of this language write it."""
        if value is None:
            return ""
        if isinstance(self.field, ForeignKey):
            return self.slugs.get(value, "")
        if isinstance(self.field, BooleanField):
            return str(_("yes") if value else _("no"))
        return str(dict(self.field.flatchoices).get(value, value))


def _yes_and_no() -> list[tuple[str, str]]:
    return [
        *((each, "1") for each in ("true", "1", "yes", _("yes"))),
        *((each, "") for each in ("false", "0", "no", _("no"))),
    ]


def _day(text: str) -> str:
    """A day as 2026-12-31, typed so or as people of this language do."""
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        told = {"invalid": _("This is no day: 2026-11-22 would be one.")}
        day = forms.DateField(localize=True, error_messages=told).clean(text)
        return day.isoformat() if day else ""


def stored(thing: Model, field: "Field[Any, Any]") -> Any:
    """The value of a field as `Cells.read` gives it."""
    value = getattr(thing, field.attname)
    return value.isoformat() if isinstance(value, date) else value
