"""Alerts, and who is told of them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import EvidenceAdmin, EvidenceInline, PortalAdmin
from contactcenter.foundation.standard_webhooks import is_secret
from contactcenter.foundation.stored_secrets import KeepsSecretAtHome, origin
from customers.alerts.notices import text_of
from customers.models import Alert, AlertDestination, AlertNotice

EMAIL, WEBHOOK = AlertDestination.Kind.EMAIL, AlertDestination.Kind.WEBHOOK


class AlertDestinationForm(KeepsSecretAtHome, forms.ModelForm):
    """A destination; a webhook's secret stays with the host it was typed for."""

    address_field = "address"

    class Meta:
        model = AlertDestination
        fields = ("name", "kind", "address", "secret", "is_enabled")

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip()
        if self.cleaned_data.get("kind") == EMAIL:
            validate_email(address)
        elif not origin(address):
            raise ValidationError(_("Write the whole address: https://chat.example.com/hooks/alerts"))
        return address

    def clean_secret(self) -> str | None:
        secret: str | None = self.cleaned_data.get("secret")
        if secret and not is_secret(secret):
            raise ValidationError(_("Such a secret begins with whsec_ and goes on in base64."))
        return secret


@admin.register(AlertDestination)
class AlertDestinationAdmin(PortalAdmin):
    """Who is told of alerts, by e-mail or signed webhook."""

    form = AlertDestinationForm
    list_display = ("name", "kind", "address", "is_enabled")
    fields = ("name", "kind", "address", "secret", "is_enabled")


class AlertNoticeInline(EvidenceInline):
    model = AlertNotice
    fields = readonly_fields = ("destination", "kind", "state", "attempts", "error", "finished_at")


@admin.register(Alert)
class AlertAdmin(EvidenceAdmin):
    """What is wrong, or was: to be read. An alert ends when its cause has."""

    list_display = ("raised_at", "condition", "subject", "cleared_at")
    list_filter = ("condition", ("cleared_at", admin.EmptyFieldListFilter))
    fields = ("condition", "subject", "raised_at", "cleared_at", "words")
    readonly_fields = ("words",)
    inlines = (AlertNoticeInline,)

    @admin.display(description=_("what it says"))
    def words(self, alert: Alert) -> Any:
        return text_of(alert)
