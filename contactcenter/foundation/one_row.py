"""Settings of which there is one row: no list, only their form, which shows the defaults until they are saved."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from contactcenter.foundation.admin import PortalAdmin

KEY = "1"


class OneRowAdmin(PortalAdmin):
    """A page for a model whose one row has the key 1. Nobody adds or deletes it: who may change it makes it."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, or what holds without it."""
        return super().get_object(request, object_id, from_field) or (self.model(pk=1) if object_id == KEY else None)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return self.change_view(request, KEY, extra_context=extra_context)
