"""Messages: what came in, which queue each conversation has, and who the customers are."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import DayFilter, EvidenceAdmin, EvidenceInline, left_to_right
from customers.addresses import AddressError
from routing.admin.decisions import QueueFilter
from routing.admin.messaging_out import ERRORS
from routing.helpdesks.base import DeskError
from routing.masking import masked
from routing.messaging import figures, linking
from routing.models import Conversation, Delivery, InboundMessage

REFUSALS: dict[str, Any] = {
    linking.UNKNOWN_CUSTOMER: _(
        "No customer has the customer number, phone number or e-mail of the help desk's contact."
    ),
    linking.SEVERAL_CUSTOMERS: _("Several customers have the address of the help desk's contact: nobody was linked."),
    linking.OTHER_CUSTOMER: _("Another customer has this sender already."),
}
"""Why a sender was not linked."""


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

    list_display = (
        "last_message_at",
        "channel",
        "masked_customer",
        "queue",
        "help_desk",
        "external_id",
        "is_known",
        "is_open",
    )
    list_filter = (DayFilter, QueueFilter, "is_known", "is_open", "is_taken_by_hand")
    day_field = "last_message_at"
    search_fields = ("external_id__exact", "decision_id__exact")
    search_help_text = _("The whole number in the help desk, or the whole decision id.")
    inlines = (DeliveryInline,)
    change_list_template = "admin/routing/conversation/change_list.html"
    change_form_template = "admin/routing/conversation/change_form.html"
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("queue", "is_open"),
                    ("opened_at", "last_message_at"),
                    ("channel", "number", "customer"),
                    "is_known",
                ]
            },
        ),
        (
            _("In the help desk"),
            {"fields": ["help_desk", ("external_id", "team", "assigned_team"), "is_taken_by_hand"]},
        ),
        (_("For engineers"), {"fields": ["decision_id", ("account", "thread")]}),
    ]
    readonly_fields = ("customer",)

    def get_urls(self) -> list[Any]:
        own = path("<int:pk>/link/", self.admin_site.admin_view(self.link_sender), name="routing_conversation_link")
        return [own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, and above it how many of the last week's customers nobody knew."""
        return super().changelist_view(request, {"shares": figures.shares(timezone.now()), **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        found = Conversation.objects.filter(pk=object_id).first() if object_id.isdigit() else None
        may_link = found is not None and linking.is_linkable(found) and self._may_link(request)
        return super().change_view(request, object_id, form_url, {"may_link": may_link, **(extra_context or {})})

    def link_sender(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ask the help desk who writes, and give that customer the sender as a handle."""
        conversation = get_object_or_404(Conversation, pk=pk)
        if request.method != "POST" or not self._may_link(request) or not linking.is_linkable(conversation):
            return HttpResponse(status=405 if request.method != "POST" else 403)
        try:
            done = linking.link_by_help_desk(conversation)
        except (linking.CannotLink, DeskError) as error:
            words = {**ERRORS, **REFUSALS}.get(error.code, error.code)
            messages.error(request, words)
        except AddressError:
            messages.error(request, gettext("The sender is not an id of this platform."))
        else:
            text = _("Linked to %(customer)s.") if done.is_new else _("%(customer)s has this sender already.")
            messages.success(request, text % {"customer": done.customer})
        return redirect("admin:routing_conversation_change", pk)

    def _may_link(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request) and request.user.has_perm("customers.add_handle")


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
