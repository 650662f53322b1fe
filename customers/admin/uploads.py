"""“Here is our VIP list”: paste or upload it, look at what would be read, have it read."""

from typing import Any

import phonenumbers
from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.sized import sized
from customers import sync, uploads
from customers.admin.connection_forms import target_choices
from customers.crm.lists import ListError
from customers.models import CrmConnection, LoyaltyTier, UploadedList

MOST_COLUMNS_SHOWN = 30
NEEDED = "customers.add_uploadedlist"


class ListForm(forms.Form):
    """What a supervisor says of her list."""

    connection = forms.ModelChoiceField(
        CrmConnection.objects.filter(connector="upload"),
        label=capfirst(_("which list")),
        required=False,
        empty_label=capfirst(_("a new list")),
        help_text=_("A list that was handed in before, or a new one."),
    )
    name = forms.CharField(
        label=capfirst(_("name of a new list")),
        max_length=80,
        required=False,
        help_text=_("What people call it: VIP list."),
    )
    text = forms.CharField(
        label=capfirst(_("the list, pasted")),
        widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"}),
        required=False,
        help_text=_("A column of phone numbers, or lines copied from a spreadsheet."),
    )
    file = forms.FileField(
        label=capfirst(_("or a file")), required=False, allow_empty_file=True, help_text=_("A CSV file, at most 10 MB.")
    )
    tier = forms.ModelChoiceField(
        LoyaltyTier.objects.all(),
        label=capfirst(_("their tier")),
        required=False,
        empty_label=capfirst(_("a column of the list says it")),
        help_text=_("The tier that everybody in the list gets."),
    )
    region = forms.CharField(
        label=capfirst(_("country of numbers")),
        max_length=2,
        initial="IT",
        help_text=_("Two letters. Phone numbers without country code are read as numbers of this country."),
    )
    is_whole = forms.BooleanField(
        label=capfirst(_("this is the whole list")),
        required=False,
        help_text=_("Ticked: who was in the list before and is not in it now loses the tier. Else they stay."),
    )

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"].upper()
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError(_("Use the two letters of a country, such as IT."))
        return region

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        name = (cleaned.get("name") or "").strip()
        if not cleaned.get("connection"):
            if not name:
                self.add_error("name", _("Give the new list a name."))
            elif CrmConnection.objects.filter(name__iexact=name).exists():
                self.add_error("name", _("There is a connection of this name. Choose it above, or take another name."))
        return cleaned

    def read(self) -> str:
        """What was handed in, as `uploads.read` gives it; "" with an error noted."""
        file, text = self.cleaned_data.get("file"), self.cleaned_data.get("text") or ""
        field = "file" if file else "text"
        if not file and not text.strip():
            self.add_error("text", _("Paste the list here, or choose a file."))
            return ""
        try:
            return uploads.read(file.read() if file else text)
        except ListError as error:
            self.add_error(field, str(error))
            return ""


class UploadViews:
    """For the admin of CRM connections."""

    admin_site: Any
    opts: Any

    def upload_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(sized(self.upload_view, self._too_large, lambda: uploads.LARGEST))
        return [path("upload/", view, name="customers_crmconnection_upload")]

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """The empty form, the look at a list, or its run."""
        if not request.user.has_perm(NEEDED):
            raise PermissionDenied
        if request.method != "POST":
            chosen = {"connection": request.GET.get("connection", "")}
            return self._page(request, ListForm(initial=chosen))
        form = ListForm(request.POST, request.FILES)
        draft_id = request.POST.get("draft", "")
        draft = uploads.drafted(draft_id, request.user) if draft_id else None
        is_valid = form.is_valid()
        if draft_id and draft is None:
            form.add_error("text", _("The list was kept for an hour. Hand it in again."))
        elif draft is None and is_valid and (text := form.read()):
            draft = uploads.draft(text, request.user)
        if draft is None or not is_valid:
            return self._page(request, form, draft)
        return self._looked_at(request, form, draft)

    def _looked_at(self, request: HttpRequest, form: ListForm, draft: UploadedList) -> HttpResponse:
        columns = uploads.columns(draft.content, form.cleaned_data["region"])
        known = {"", *(name for name, _label in target_choices())}
        asked = [request.POST.get(f"column-{n}", column.target) for n, column in enumerate(columns)]
        targets = tuple(target if target in known else "" for target in asked)
        tier = form.cleaned_data["tier"]
        choices = uploads.Choices(form.cleaned_data["region"], tier.slug if tier else "", targets)
        try:
            if not tier and "tier" not in targets:
                raise ListError(gettext("Choose the tier that everybody gets, or the column that says it."))
            if "read" in request.POST:
                return self._start(request, form, draft, choices)
            look = uploads.preview(draft.content, choices)
        except ListError as error:
            form.add_error(None, str(error))
            look = None
        shown = [(n, column, targets[n]) for n, column in enumerate(columns)][:MOST_COLUMNS_SHOWN]
        return self._page(request, form, draft, {"columns": shown, "look": look, "targets": target_choices()})

    def _start(
        self, request: HttpRequest, form: ListForm, draft: UploadedList, choices: uploads.Choices
    ) -> HttpResponse:
        connection = form.cleaned_data["connection"] or uploads.new_connection(form.cleaned_data["name"].strip())
        try:
            run = uploads.start(connection, draft, choices, is_whole=form.cleaned_data["is_whole"], by=request.user)
        except sync.CannotStart as error:
            messages.warning(request, str(error))
            return HttpResponseRedirect(reverse("admin:customers_crmconnection_change", args=[connection.pk]))
        return HttpResponseRedirect(reverse("admin:customers_syncrun_change", args=[run.pk]))

    def _too_large(self, request: HttpRequest) -> HttpResponse:
        form = ListForm()
        response = self._page(request, form, None, {"too_large": True})
        response.status_code = 413
        return response

    def _page(
        self,
        request: HttpRequest,
        form: ListForm,
        draft: UploadedList | None = None,
        more: dict[str, Any] | None = None,
    ) -> HttpResponse:
        if draft:
            form.fields["text"].widget = forms.HiddenInput()
            form.fields["file"].widget = forms.HiddenInput()
            form.fields["text"].help_text = form.fields["file"].help_text = ""
        context = {**self.admin_site.each_context(request), "title": gettext("Hand in a list"), "opts": self.opts}
        context |= {"form": form, "draft": draft, **(more or {})}
        return TemplateResponse(request, "admin/customers/crmconnection/upload.html", context)
