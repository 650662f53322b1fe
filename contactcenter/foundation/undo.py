"""After a deletion the message that it is done leads to its undoing, where history knows how the thing was."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class Undoable(admin.ModelAdmin):
    """Whatever is deleted on the page: one thing, several, or rows of one.

    The composition has the pages named "undo" and "undo_rows".
    """

    can_be_undone = True
    """Not where what matters is kept nowhere, such as a key."""

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        keys = [obj.pk]
        super().delete_model(request, obj)
        self._offer(request, keys)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        keys = list(queryset.values_list("pk", flat=True))
        super().delete_queryset(request, queryset)
        self._offer(request, keys)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        # A deleted row has no key any more.
        gone = [(each.model, [row.instance.pk for row in each.deleted_forms if row.instance.pk]) for each in formsets]
        super().save_related(request, form, formsets, change)
        self._offer_rows(request, form.instance, gone)

    def message_user(
        self, request: HttpRequest, message: Any, level: Any = messages.INFO, *args: Any, **kw: Any
    ) -> None:
        link, words = getattr(request, "undo", ("", ""))
        if link and level == messages.SUCCESS:
            message = format_html('{} <a class="undo" href="{}">{}</a>', message, link, words)
        super().message_user(request, message, level, *args, **kw)

    def _offer(self, request: Any, keys: list[Any]) -> None:
        records = _deletions(self.model, keys, request.user) if self.can_be_undone else []
        if records:
            where = (self.opts.app_label, self.opts.model_name, min(records), max(records))
            request.undo = reverse("undo", args=where), _("Undo")

    def _offer_rows(self, request: Any, thing: Model, gone: Iterable[tuple[type[Model], list[Any]]]) -> None:
        found = {model: records for model, keys in gone if (records := _deletions(model, keys, request.user))}
        if found:
            count = sum(map(len, found.values()))
            words = ngettext("Put %(count)s deleted row back", "Put %(count)s deleted rows back", count)
            rows = [f"{model._meta.label_lower}:{min(each)}-{max(each)}" for model, each in found.items()]
            page = reverse("undo_rows", args=(self.opts.app_label, self.opts.model_name, thing.pk))
            request.undo = f"{page}?{urlencode({'rows': rows}, doseq=True)}", words % {"count": count}


def _deletions(model: Any, keys: list[Any], user: Any) -> list[int]:
    """The records of what this person has just deleted; none where the model has no history."""
    history = getattr(model, "history", None)
    if history is None or not keys:
        return []
    own = {f"{model._meta.pk.attname}__in": keys, "history_type": "-", "history_user_id": user.pk}
    return list(history.filter(**own).order_by("-history_id").values_list("history_id", flat=True)[: len(keys)])
