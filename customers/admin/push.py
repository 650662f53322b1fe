"""Where a CRM may tell us of changes, what it told, and a person's word on what is held."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import EvidenceAdmin, PortalAdmin, left_to_right
from customers.admin.connection_forms import jmespath_expression
from customers.admin.searching import SearchesUnder
from customers.crm import CONNECTORS
from customers.models import CrmConnection, CrmEvent, CrmPush
from customers.push import applying

APPROVE = "customers.approve_syncrun"


class CrmPushForm(forms.ModelForm):
    class Meta:
        model = CrmPush
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "id_path" in self.fields:
            self.fields["id_path"].validators.append(jmespath_expression)

    def clean_connection(self) -> CrmConnection:
        connection: CrmConnection = self.cleaned_data["connection"]
        if not can_ask_for_one(connection):
            raise forms.ValidationError(
                _("This CRM cannot be asked for one customer. Fill in the “address of one customer” there first.")
            )
        return connection


def can_ask_for_one(connection: CrmConnection) -> bool:
    """Whether a record can be read again by its id: without that an event is worth nothing."""
    options = {option.name for option in CONNECTORS[connection.connector].options}
    if "one_url" in options:
        return bool((connection.options or {}).get("one_url"))
    return connection.connector not in ("csv", "upload")


@admin.register(CrmPush)
class CrmPushAdmin(PortalAdmin):
    """That a CRM may tell us at once when a customer has changed."""

    about = _("With a push the CRM tells us at once when a customer has changed, instead of the next night.")
    form = CrmPushForm
    list_display = ("connection", "is_enabled", "scheme", "held_since")
    list_select_related = ("connection",)
    readonly_fields = ("address_shown", "held_since")
    actions = ("let_go", "drop")
    fieldsets = (
        (None, {"fields": ("connection", "is_enabled", "address_shown", "held_since")}),
        (_("Proof"), {"fields": ("scheme", "secret", "secret_before")}),
        (_("If the CRM does it otherwise"), {"classes": ("collapse",), "fields": ("signature_header", "id_path")}),
    )

    @admin.display(description=_("address for the CRM"))
    def address_shown(self, push: CrmPush) -> Any:
        """Behind the portal's own address."""
        return left_to_right(reverse("crm-events", args=[push.uuid])) if push.pk else _("Shown once it is saved.")

    def has_approve_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(APPROVE))

    @admin.action(description=_("Apply what is held"), permissions=["approve"])
    def let_go(self, request: HttpRequest, queryset: QuerySet[CrmPush]) -> None:
        held = list(queryset.filter(held_since__isnull=False))
        applying.let_go(held)
        for push in held:
            self.log_change(request, push, gettext("Applied what was held."))
        self._say(request, len(held))

    @admin.action(description=_("Drop what is held; the nightly sync will bring it"), permissions=["approve"])
    def drop(self, request: HttpRequest, queryset: QuerySet[CrmPush]) -> None:
        held = list(queryset.filter(held_since__isnull=False))
        applying.drop(held)
        for push in held:
            self.log_change(request, push, gettext("Dropped what was held."))
        self._say(request, len(held))

    def _say(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%(n)s CRM is not held any more.", "%(n)s CRMs are not held any more.", count) % {"n": count}
        messages.success(request, text) if count else messages.info(request, gettext("None of them was held."))


@admin.register(CrmEvent)
class CrmEventAdmin(SearchesUnder, EvidenceAdmin):
    """What a CRM told of, and what came of it."""

    list_display = ("received_at", "push", "external_id", "kind", "state", "error")
    list_filter = ("state", "push")
    list_select_related = ("push__connection",)
    search_fields = ("external_id__exact",)
    search_under = "push"
    search_help_text = _("A whole id in the CRM")
    fields = (
        *("push", "event_id", "external_id", "kind", "into", "occurred_at", "received_at"),
        *("state", "attempts", "due_at", "error", "finished_at"),
    )
