"""The pages “Fetch my numbers” and “Point at us” of a provider account."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from contactcenter.foundation import teams
from contactcenter.foundation.naming import NamedAdmin
from contactcenter.foundation.team_admin import limit
from routing.models import Number, NumberUse, ProviderAccount
from routing.numbering import of_account
from routing.numbering.asking import NumberingError
from routing.numbering.of_account import Found

CHANGE, ADD = "routing.change_provideraccount", "routing.add_number"


class NewNumbersForm(forms.ModelForm):
    """What all ticked numbers begin with."""

    class Meta:
        model = Number
        fields = ("flow", "default_queue", "time_zone", "belongs_to")

    def __init__(self, user: Any, *args: Any) -> None:
        super().__init__(*args)
        limit(self, user)


class NumberingAdmin(NamedAdmin):
    """The views behind a provider account's numbers. Each asks the provider while the person waits."""

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        own = [
            path("<int:pk>/numbers/", guarded(self.numbers_view), name="routing_provideraccount_numbers"),
            path("<int:pk>/numbers/point/", guarded(self.point_view), name="routing_provideraccount_point"),
        ]
        return [*own, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        account: ProviderAccount | None = context.get("original")
        may_fetch = account is not None and of_account.can_fetch(account)
        context["can_fetch_numbers"] = may_fetch and request.user.has_perm(CHANGE)
        return super().render_change_form(request, context, *args, **kwargs)

    def numbers_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The numbers at the provider; the ticked ones become numbers of the draft."""
        account = _account(request, pk)
        if request.method == "POST" and not request.user.has_perm(ADD):
            raise PermissionDenied
        try:
            found = of_account.fetch(account)
        except NumberingError as error:
            return self._page(request, "numbers", account, {"problem": error.words})
        chosen = request.POST.getlist("number")
        form = NewNumbersForm(request.user, request.POST if request.method == "POST" else None)
        zone: Any = self.formfield_for_dbfield(Number._meta.get_field("time_zone"), request)
        form.fields["time_zone"] = zone  # to be chosen, not typed
        if request.method == "POST" and form.is_valid() and self._add(request, account, found, form):
            return redirect(request.path)
        some_are_new = any(each.known is None for each in found) and request.user.has_perm(ADD)
        rows = AdminForm(form, [(None, {"fields": list(form.fields)})], {}, model_admin=self)
        context = {"found": found, "chosen": chosen, "form": form, "adminform": rows, "some_are_new": some_are_new}
        return self._page(request, "numbers", account, context)

    def _add(self, request: HttpRequest, account: ProviderAccount, found: list[Found], form: forms.ModelForm) -> bool:
        chosen = set(request.POST.getlist("number"))
        try:
            added = of_account.add(account, [each for each in found if each.rented.address in chosen], form.instance)
        except ValidationError as error:
            form.add_error(None, error)
            return False
        for number in added:
            self.log_addition(request, number, [{"added": {}}])
        words = ngettext(
            "%(n)s number was added to the draft. Publish, then point it at us.",
            "%(n)s numbers were added to the draft. Publish, then point them at us.",
            len(added),
        )
        messages.success(request, words % {"n": len(added)})
        return True

    def point_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What the number leads to now, what follows, and the button."""
        account, address = _account(request, pk), request.GET.get("number", "")
        try:
            found = next((each for each in of_account.fetch(account) if each.rented.address == address), None)
            if found is None:
                raise Http404
            if not teams.may_touch(request.user, found.known):
                raise PermissionDenied
            if request.method == "POST":
                of_account.point(account, found.rented, request.POST.get("before", ""))
                return self._pointed(request, account, found)
        except NumberingError as error:
            return self._page(request, "point", account, {"problem": error.words})
        is_live = NumberUse.objects.filter(key=f"{of_account.CHANNEL}:{address}").exclude(live_since=None).exists()
        context = {"found": found, "webhook": of_account.webhook(account), "is_live": is_live}
        title = _("Point %(number)s at us?") % {"number": address}
        return self._page(request, "point", account, {**context, "title": title})

    def _pointed(self, request: HttpRequest, account: ProviderAccount, found: Found) -> HttpResponse:
        words = {
            "number": found.rented.address,
            "before": found.rented.points_at or pgettext("where a number leads", "nobody"),
        }
        said = _("%(number)s asks us from now on. Before, it asked %(before)s.") % words
        self.log_change(request, account, said)
        messages.success(request, said)
        return redirect(reverse("admin:routing_provideraccount_numbers", args=[account.pk]))

    def _page(
        self, request: HttpRequest, name: str, account: ProviderAccount, context: dict[str, Any]
    ) -> TemplateResponse:
        frame = {**admin.site.each_context(request), "opts": self.opts, "account": account, "media": self.media}
        title = _("Numbers of %(account)s") % {"account": account}
        template = f"admin/routing/provideraccount/{name}.html"
        return TemplateResponse(request, template, {**frame, "title": title, **context})


def _account(request: HttpRequest, pk: int) -> ProviderAccount:
    if not request.user.has_perm(CHANGE):
        raise PermissionDenied
    return get_object_or_404(ProviderAccount, pk=pk)
