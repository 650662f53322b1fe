"""After a deletion the message that it is done leads to its undoing, where history knows how the thing was."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _


class Undoable(admin.ModelAdmin):
    """Whatever is deleted on the page, one thing or several. The composition has the page named "undo"."""

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

    def message_user(
        self, request: HttpRequest, message: Any, level: Any = messages.INFO, *args: Any, **kw: Any
    ) -> None:
        link = getattr(request, "undo_link", None)
        if link and level == messages.SUCCESS:
            message = format_html('{} <a class="undo" href="{}">{}</a>', message, link, _("Undo"))
        super().message_user(request, message, level, *args, **kw)

    def _offer(self, request: Any, keys: list[Any]) -> None:
        history = getattr(self.model, "history", None)
        if history is None or not self.can_be_undone:
            return
        own = {f"{self.opts.pk.attname}__in": keys, "history_type": "-", "history_user_id": request.user.pk}
        records = list(history.filter(**own).order_by("-history_id").values_list("history_id", flat=True)[: len(keys)])
        if records:
            where = (self.opts.app_label, self.opts.model_name, min(records), max(records))
            request.undo_link = reverse("undo", args=where)
