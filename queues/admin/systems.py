"""The phone systems and help desks that hold the queues."""

from django import forms
from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.naming import NamedAdmin
from contactcenter.foundation.stored_secrets import KeepsSecretAtHome
from queues.models import HelpDesk, PhoneSystem
from queues.priorities import FIRST_CLASS, LAST_CLASS, SCALES


@admin.register(PhoneSystem)
class PhoneSystemAdmin(NamedAdmin):
    """A phone system: where its queues are dialled and how it learns who comes first."""

    list_display = ("name", "kind", "hosts_shown", "answers_at_once", "answer_timeout_s")
    search_fields = ("name",)
    readonly_fields = ("scale",)
    fieldsets = (
        (None, {"fields": ("name", "slug", "kind", "scale")}),
        (_("How it is called"), {"fields": ("hosts", "answers_at_once", "answer_timeout_s")}),
    )

    @admin.display(description=_("SIP hosts"))
    def hosts_shown(self, system: PhoneSystem) -> str:
        return ", ".join(system.host_list)

    @admin.display(description=_("What it is told"))
    def scale(self, system: PhoneSystem) -> str | SafeString:
        """The number for each priority class, with what the system makes of it."""
        if not system.pk:
            return gettext("Shown once the phone system is saved.")
        scale = SCALES[system.kind]
        numbers = (
            (gettext("class %(class)s: %(number)s") % {"class": each, "number": scale.priority(each, 0)},)
            for each in range(FIRST_CLASS, LAST_CLASS + 1)
        )
        return format_html_join("", "{}<br>", [(gettext(scale.explanation),), *numbers])


class HelpDeskForm(KeepsSecretAtHome, forms.ModelForm):
    secret_field, address_field = "token", "url"

    class Meta:
        model = HelpDesk
        fields = ("name", "slug", "kind", "url", "account", "token")


@admin.register(HelpDesk)
class HelpDeskAdmin(NamedAdmin):
    """A help desk, where messages are answered."""

    form = HelpDeskForm
    list_display = ("name", "kind", "url", "is_token_stored")
    search_fields = ("name",)
    fields = ("name", "slug", "kind", "url", "account", "token")

    @admin.display(description=_("access token"), boolean=True)
    def is_token_stored(self, desk: HelpDesk) -> bool:
        return bool(desk.token)
