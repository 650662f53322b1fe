"""How much a sync may alter by itself, on the page of its connection."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import PortalAdmin
from customers.models import Safeguards


@admin.register(Safeguards)
class SafeguardsAdmin(PortalAdmin):
    """One set for each connection; without one, the defaults count."""

    list_display = ("connection", "tier_lost_percent", "tier_changed_percent", "deleted_percent", "rejected_percent")
    list_select_related = ("connection",)
    fieldsets = (
        (None, {"fields": ("connection",)}),
        (
            _("Hold a sync when more than this would happen"),
            {
                "fields": (
                    ("tier_lost_percent", "tier_lost_at_least"),
                    *("tier_changed_percent", "deleted_percent", "rejected_percent", "read_percent", "emptied_points"),
                )
            },
        ),
        (_("Who is gone"), {"fields": ("when_gone",)}),
    )
