"""Messages: what came in, which queue each conversation has, and what the help desks were told."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contactcenter.foundation.admin import DayFilter, EvidenceAdmin, EvidenceInline, left_to_right
from routing.admin.decisions import QueueFilter, masked
from routing.messaging import outbox
from routing.models import Conversation, Delivery, InboundMessage

ERRORS: dict[str, Any] = {
    "no_help_desk": _("The queue has no help desk with an address, or no team."),
    "no_such_team": _("The help desk has no team of this name."),
    "no_conversation_yet": _("The help desk does not show this conversation."),
    "sender_cannot_be_found": _("The help desk cannot be searched for customers of this channel."),
    "account_is_no_number": _("The help desk's account must be its number."),
    "secret_is_no_webhook_secret": _("The help desk's access token must be a secret that begins with whsec_."),
    "status_401": _("The help desk refused our access token."),
    "status_403": _("The help desk does not allow it to our access token."),
    "status_404": _("The help desk does not know this conversation."),
}
"""What stopped a delivery, for people; other codes are shown as they are."""


class _WithCustomer:
    """The customer's address: masked in lists, whole on the page of one."""

    @admin.display(description=_("customer"))
    def masked_customer(self, row: Any) -> Any:
        return left_to_right(masked(row.sender)) if row.sender else "-"

    @admin.display(description=_("customer"))
    def customer(self, row: Any) -> Any:
        return left_to_right(row.sender)


class DeliveryInline(EvidenceInline):
    """What the help desk was told of a conversation."""

    model = Delivery
    fields = readonly_fields = ("created_at", "help_desk", "state", "attempts", "error", "decision_id")


@admin.register(Conversation)
class ConversationAdmin(_WithCustomer, EvidenceAdmin):
    """A conversation and the queue it stays with."""

    list_display = ("last_message_at", "channel", "masked_customer", "queue", "help_desk", "external_id", "is_open")
    list_filter = (DayFilter, QueueFilter, "is_open", "is_taken_by_hand")
    day_field = "last_message_at"
    search_fields = ("external_id__exact", "decision_id__exact")
    search_help_text = _("The whole number in the help desk, or the whole decision id.")
    inlines = (DeliveryInline,)
    fieldsets = [
        (None, {"fields": [("queue", "is_open"), ("opened_at", "last_message_at"), ("channel", "number", "customer")]}),
        (
            _("In the help desk"),
            {"fields": ["help_desk", ("external_id", "team", "assigned_team"), "is_taken_by_hand"]},
        ),
        (_("For engineers"), {"fields": ["decision_id", ("account", "thread")]}),
    ]
    readonly_fields = ("customer",)


@admin.register(InboundMessage)
class InboundMessageAdmin(_WithCustomer, EvidenceAdmin):
    """An event of a conversation, without its text."""

    list_display = ("received_at", "kind", "channel", "masked_customer", "number", "state", "message_id")
    list_filter = (DayFilter, "state")
    day_field = "received_at"
    search_fields = ("message_id__exact", "external_id__exact")
    search_help_text = _("The whole message id, or the whole number in the help desk.")
    list_select_related = ("conversation",)
    fieldsets = [
        (None, {"fields": [("received_at", "occurred_at"), ("kind", "state"), ("channel", "number", "customer")]}),
        (_("For engineers"), {"fields": ["message_id", "conversation", "external_id", "account", "attempts", "error"]}),
    ]
    readonly_fields = ("customer",)


@admin.register(Delivery)
class DeliveryAdmin(EvidenceAdmin):
    """What a help desk is told. What was given up can be sent again."""

    list_display = ("created_at", "help_desk", "conversation", "state", "attempts", "why", "due_at")
    list_filter = (DayFilter, "state")
    list_select_related = ("conversation",)
    day_field = "created_at"
    search_fields = ("decision_id__exact",)
    search_help_text = _("The whole decision id.")
    fields = ("state", "why", "help_desk", "conversation", "created_at", "finished_at", "attempts", "key", "document")
    readonly_fields = ("why",)
    actions = ("send_again",)  # type: ignore[assignment]  # evidence has none as a rule

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Who may let a delivery be tried again."""
        return request.user.has_perm("routing.resend_delivery")

    @admin.action(description=_("Send again what was given up"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet) -> None:
        number = outbox.resend(queryset)
        said = ngettext("%(number)s delivery is sent again.", "%(number)s deliveries are sent again.", number)
        level = messages.SUCCESS if number else messages.INFO
        self.message_user(request, said % {"number": number}, level)

    @admin.display(description=_("what stopped it"))
    def why(self, delivery: Delivery) -> Any:
        return ERRORS.get(delivery.error, delivery.error) or "-"
