"""Account managers: reached directly by their own customers."""

from django.contrib import admin

from contactcenter.foundation.naming import NamedAdmin
from queues.models import AccountManager


@admin.register(AccountManager)
class AccountManagerAdmin(NamedAdmin):
    """An account manager. Presence is switched in the list and holds at once."""

    list_display = ("name", "slug", "phone_system", "address", "calendar", "is_present")
    list_editable = ("is_present",)
    list_filter = ("is_present",)
    list_select_related = ("phone_system", "calendar")
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "slug", "is_present")}),
        (None, {"fields": ("phone_system", "address", "answer_timeout_s", "calendar")}),
    )
