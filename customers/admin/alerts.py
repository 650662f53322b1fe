"""Alerts, and who is told of them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from contactcenter.foundation.admin import EvidenceAdmin, EvidenceInline, PortalAdmin
from contactcenter.foundation.standard_webhooks import is_secret
from contactcenter.foundation.stored_secrets import KeepsSecretAtHome, origin
from customers.alerts.handing import NotTold, hand_over_test, in_words
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

    class Media:
        css = {"all": ("portal/live.css",)}

    about = _(
        "An alert destination is who is told when something is wrong: a sync that failed, a number that is silent."
    )
    form = AlertDestinationForm
    list_display = ("name", "kind", "address", "is_enabled")
    shown_for = {"secret": ("kind", WEBHOOK.value)}
    switched_off_by = "is_enabled"
    switching_off_means = _("It is told of no alert from now on:")
    fields = ("name", "kind", "address", "secret", "is_enabled")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.test_view))
        return [path("<int:pk>/test/", view, name="customers_alertdestination_test"), *super().get_urls()]

    def test_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Tell the destination, as it is saved, that this is only a test; how that went is said on its page."""
        destination = get_object_or_404(AlertDestination, pk=pk)
        if not self.has_change_permission(request, destination):
            raise PermissionDenied
        try:
            hand_over_test(destination)
        except NotTold as error:
            messages.error(request, gettext("The test was not sent. %(why)s") % {"why": in_words(str(error))})
        else:
            messages.success(request, TAKEN[AlertDestination.Kind(destination.kind)])
        return HttpResponseRedirect(reverse("admin:customers_alertdestination_change", args=[pk]))


TAKEN = {
    EMAIL: _("The mail server took the test. Has it come? If not, look among the unwanted mail."),
    WEBHOOK: _("The receiver took the test."),
}


class AlertNoticeInline(EvidenceInline):
    model = AlertNotice
    fields = readonly_fields = ("destination", "kind", "state", "attempts", "went_wrong", "finished_at")

    @admin.display(description=_("what went wrong"))
    def went_wrong(self, notice: AlertNotice) -> str:
        return in_words(notice.error) if notice.error else ""


class StateFilter(admin.SimpleListFilter):
    """What is still wrong, or what was."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return [("now", pgettext("of an alert", "still there")), ("over", pgettext("of an alert", "over"))]

    def queryset(self, request: HttpRequest, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
        if self.value() not in ("now", "over"):
            return alerts
        return alerts.filter(cleared_at__isnull=self.value() == "now")


@admin.register(Alert)
class AlertAdmin(EvidenceAdmin):
    """What is wrong, or was: to be read. An alert ends when its cause has."""

    list_display = ("raised_at", "condition", "subject", "cleared_at")
    list_filter = ("condition", StateFilter)
    fields = ("condition", "subject", "raised_at", "cleared_at", "words")
    readonly_fields = ("words",)
    inlines = (AlertNoticeInline,)

    @admin.display(description=_("what it says"))
    def words(self, alert: Alert) -> Any:
        return text_of(alert)
