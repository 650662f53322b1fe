"""What help desks and third parties are told, and whom branches may notify."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contactcenter.foundation.admin import DayFilter, EvidenceAdmin
from contactcenter.foundation.long_forms import FOLD
from contactcenter.foundation.naming import NamedAdmin
from contactcenter.foundation.stored_secrets import KeepsSecretAtHome
from contactcenter.foundation.uses_in_lists import ShowsUses
from routing.messaging import attempts
from routing.models import Decision, Delivery, Notification, NotificationTarget

ERRORS: dict[str, Any] = {
    "no_help_desk": _("The queue has no help desk with an address, or no team."),
    "no_such_team": _("The help desk has no team of this name."),
    "no_conversation_yet": _("The help desk does not show this conversation."),
    "sender_cannot_be_found": _("The help desk cannot be searched for customers of this channel."),
    "account_is_no_number": _("The help desk's account must be its number."),
    "secret_is_no_webhook_secret": _("The secret must be one that begins with whsec_."),
    "cannot_be_asked": _("This help desk cannot be asked who writes."),
    "no_target": _("The notification target is gone, or has no address."),
    "no_decision": _("The decision is no longer kept."),
    "status_401": _("Our access token or signature was refused."),
    "status_403": _("It is not allowed to us."),
    "status_404": _("It is not known there."),
}
"""What stopped a delivery or notification, for people; other codes are shown as they are."""


class OutgoingAdmin(EvidenceAdmin):
    """What another system is told. What was given up can be sent again."""

    day_field = "created_at"
    search_fields = ("decision_id__exact",)
    search_help_text = _("The whole decision id.")
    actions = ("send_again",)  # type: ignore[assignment]  # evidence has none as a rule

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Who may let it be tried again."""
        return request.user.has_perm(f"routing.resend_{self.opts.model_name}")

    @admin.action(description=_("Send again what was given up"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        number = attempts.resend(queryset)
        said = ngettext("%(number)s is sent again.", "%(number)s are sent again.", number)
        level = messages.SUCCESS if number else messages.INFO
        self.message_user(request, said % {"number": number}, level)

    @admin.display(description=_("what stopped it"))
    def why(self, row: Any) -> Any:
        return ERRORS.get(row.error, row.error) or "-"


@admin.register(Delivery)
class DeliveryAdmin(OutgoingAdmin):
    """What a help desk is told."""

    list_display = ("created_at", "help_desk", "conversation", "state", "attempts", "why", "due_at")
    list_filter = (DayFilter, "state")
    list_select_related = ("conversation",)
    readonly_fields = ("why",)
    fields = ("state", "why", "help_desk", "conversation", "created_at", "finished_at", "attempts", "key", "document")


@admin.register(Notification)
class NotificationAdmin(OutgoingAdmin):
    """What a third party is told of a decision."""

    list_display = ("created_at", "target", "decision_id", "state", "attempts", "why", "due_at")
    list_filter = (DayFilter, "state")
    fields = ("state", "why", "target", "decision", "created_at", "finished_at", "attempts", "key")
    readonly_fields = ("why", "decision")

    @admin.display(description=_("decision"))
    def decision(self, notification: Notification) -> Any:
        found = Decision.objects.filter(decision_id=notification.decision_id).values_list("pk", flat=True).first()
        if found is None:
            return notification.decision_id
        page = reverse("admin:routing_decision_change", args=[found])
        return format_html('<a href="{}">{}</a>', page, notification.decision_id)


class NotificationTargetForm(KeepsSecretAtHome, forms.ModelForm):
    class Meta:
        model = NotificationTarget
        fields = ("name", "slug", "url", "secret", "with_caller", "is_enabled")


@admin.register(NotificationTarget)
class NotificationTargetAdmin(ShowsUses, NamedAdmin):
    """A third party that is told, by a signed webhook, of contacts that took a branch."""

    about = _("A notification target is a system of yours that is told, after the answer, who took which branch.")
    form = NotificationTargetForm
    list_display = ("name", "url", "with_caller", "is_enabled", "used_by")
    list_filter = ("is_enabled",)
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "url", "secret", "with_caller", "is_enabled")}),
        (_("For engineers"), {"fields": ("slug",), "classes": (FOLD,)}),
    )
    switched_off_by = "is_enabled"
    switching_off_means = _("It is told nothing from now on, and what happens meanwhile is not sent later:")
