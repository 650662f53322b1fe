"""The phone systems and help desks that hold the queues."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import left_to_right
from contactcenter.foundation.long_forms import FOLD, TICKED
from contactcenter.foundation.naming import NamedAdmin
from contactcenter.foundation.stored_secrets import KeepsSecretAtHome
from contactcenter.foundation.uses_in_lists import ShowsUses
from queues import host_check
from queues.admin.three_queues import ThreeQueues
from queues.models import HelpDesk, PhoneSystem
from queues.system_kinds import KINDS
from queues.telling import ways_told

HIDDEN = mark_safe(" hidden")


@admin.register(PhoneSystem)
class PhoneSystemAdmin(ShowsUses, ThreeQueues):
    """A phone system: where its queues are dialled, whether it is there, and how it learns who comes first."""

    about = _("A phone system holds queues and hands callers to agents: your PBX, your call centre or your provider.")
    change_form_template = "admin/queues/phonesystem/change_form.html"
    list_display = ("name", "kind", "hosts_shown", "answers_at_once", "statistics_by", "used_by")
    search_fields = ("name", "slug", "hosts")
    search_help_text = _("Part of a name or of a SIP host")
    readonly_fields = ("usual", "scale")
    shown_for = {"answer_timeout_s": ("answers_at_once", TICKED)}
    fieldsets = (
        (None, {"fields": ("name", "kind", "usual")}),
        (_("How it is called"), {"fields": ("hosts", "answers_at_once", "answer_timeout_s")}),
        (_("Who comes first"), {"fields": ("learns_by", "scale")}),
        (_("What it tells us"), {"fields": (("statistics_by", "outcomes_by"),), "classes": (FOLD,)}),
        (_("For engineers"), {"fields": ("slug", "web_address"), "classes": (FOLD,)}),
    )

    class Media:
        js = (forms.Script("queues/phone_system.js", defer=True),)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name == "hosts":
            field.widget.attrs |= {"rows": 3, "dir": "ltr"}
        return field

    def get_urls(self) -> list[URLPattern]:
        check = path("<int:pk>/check/", self.admin_site.admin_view(self.check_view), name="queues_phonesystem_check")
        return [check, *super().get_urls()]

    def check_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Asks every host whether it is there, while the person waits."""
        system = get_object_or_404(PhoneSystem, pk=pk)
        if not self.has_change_permission(request, system):
            raise PermissionDenied
        checked = host_check.check(system.host_list, system.web_address)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Is %(system)s there?") % {"system": system},
            "opts": self.opts,
            "original": system,
            "checked": checked,
        }
        return TemplateResponse(request, "admin/queues/phonesystem/check.html", context)

    @admin.display(description=_("SIP hosts"))
    def hosts_shown(self, system: PhoneSystem) -> Any:
        return left_to_right(", ".join(system.host_list))

    @admin.display(description=_("what is usual for it"))
    def usual(self, system: PhoneSystem) -> SafeString:
        """One block a kind; the page's script shows the chosen one and fills its choices in."""
        blocks = (
            (
                *(name, kind.answers_at_once, kind.learns_by, kind.reports),
                *("" if name == system.kind else HIDDEN, gettext(kind.words)),
            )
            for name, kind in KINDS.items()
        )
        return format_html_join(
            "",
            '<div data-kind="{}" data-answers_at_once="{}" data-learns_by="{}" data-statistics_by="{}"{}>{}</div>',
            blocks,
        )

    @admin.display(description=_("What it is told"))
    def scale(self, system: PhoneSystem) -> str | SafeString:
        """How it learns of priority and skills, from the saved values."""
        if not system.pk:
            return gettext("Shown once the phone system is saved.")
        return format_html_join("", "{}<br>", ((said,) for said in ways_told(system)))


class HelpDeskForm(KeepsSecretAtHome, forms.ModelForm):
    secret_field, address_field = "token", "url"

    class Meta:
        model = HelpDesk
        fields = ("name", "slug", "kind", "url", "account", "token")


@admin.register(HelpDesk)
class HelpDeskAdmin(ShowsUses, NamedAdmin):
    """A help desk, where messages are answered."""

    about = _(
        "A help desk is where agents answer messages, such as WhatsApp. We tell it which team takes each of them."
    )
    form = HelpDeskForm
    list_display = ("name", "kind", "url", "is_token_stored", "used_by")
    search_fields = ("name", "slug")
    fieldsets = (
        (None, {"fields": ("name", "kind")}),
        (_("How we reach it"), {"fields": ("url", "account", "token")}),
        (_("For engineers"), {"fields": ("slug",), "classes": (FOLD,)}),
    )

    @admin.display(description=_("access token"), boolean=True)
    def is_token_stored(self, desk: HelpDesk) -> bool:
        return bool(desk.token)
