"""A CRM connection and its mapping. Which fields there are depends on the kind of CRM."""

from typing import Any

import jmespath
import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import WriteOnlySecret
from contactcenter.foundation.stored_secrets import KeepsSecretAtHome, origin
from customers.crm import CONNECTORS
from customers.crm.auth import AUTHS
from customers.crm.options import Option
from customers.crm.paging import PAGINATIONS
from customers.crm.targets import targets
from customers.models import AttributeDefinition, CrmConnection, CrmToken, FieldMapping

OPTION = "option_"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a field
EXPRESSIONS = ("records_path", "next_cursor_path", "count_path", "external_id_path", f"{OPTION}one_path")
ADDRESSES = {
    "csv": _("Address of the file"),
    **dict.fromkeys(("salesforce", "hubspot", "dataverse", "odoo", "tryton"), _("Address of the CRM")),
}
WHAT_TOKENS_ARE_FOR = ("url", "auth", "token", REFRESH_TOKEN)


def jmespath_expression(text: str) -> None:
    """Refuses what is no JMESPath expression."""
    try:
        jmespath.compile(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError(_("This is no JMESPath expression. A simple one: loyalty.status")) from error


class CrmConnectionForm(KeepsSecretAtHome, forms.ModelForm):
    """A connection; its secrets stay with the hosts they were typed for."""

    secret_field = "token"  # noqa: S105 - the name of a field
    kind = "rest_json"

    class Meta:
        model = CrmConnection
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.options = options_of(self.kind)
        for name in EXPRESSIONS:
            if name in self.fields:
                self.fields[name].validators.append(jmespath_expression)
        for each in self.options:
            stored = (self.instance.options or {}).get(each.name)
            self.initial.setdefault(f"{OPTION}{each.name}", each.default if stored is None else stored)
        if not self.instance.pk:
            self.initial["external_id_path"] = CONNECTORS[self.kind].id_path
            self.initial["auth"] = CONNECTORS[self.kind].auths[0]
        elif granted := CrmToken.objects.filter(connection=self.instance).first():
            self.initial[REFRESH_TOKEN] = granted.refresh_token  # its input only tells that there is one
        self._name_address()
        self._show_what_belongs()

    def _name_address(self) -> None:
        """What the address is of, and one such as it is for this kind of CRM."""
        if "url" in self.fields:
            self.fields["url"].help_text = CONNECTORS[self.kind].example
            if label := ADDRESSES.get(self.kind):
                self.fields["url"].label = label
        if "time_zone" in self.fields:
            self.fields["time_zone"].help_text = _("Whose clock says when it is that hour.")

    def _show_what_belongs(self) -> None:
        """Say of each field for which choice it is there; the page's script hides the others."""
        if "auth" in self.fields:
            kinds: Any = self.fields["auth"]
            kinds.choices = [(name, AUTHS[name].label) for name in CONNECTORS[self.kind].auths]
        shown: dict[str, tuple[str, list[str]]] = {}
        for name in CONNECTORS[self.kind].auths:
            wanted = [f"{OPTION}{each.name}" for each in AUTHS[name].options]
            wanted += ["token"] if AUTHS[name].has_secret else []
            wanted += [REFRESH_TOKEN] if AUTHS[name].has_refresh_token else []
            for each in wanted:
                shown.setdefault(each, ("auth", []))[1].append(name)
        for name, pagination in PAGINATIONS.items():
            for each in pagination.fields:
                shown.setdefault(each, ("pagination", []))[1].append(name)
        for field, (chooser, names) in shown.items():
            if field in self.fields and chooser in self.fields:
                self.fields[field].widget.attrs |= {"data-shown-by": chooser, "data-shown-for": " ".join(names)}

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"]
        if not origin(url):
            raise ValidationError(
                _("Write the whole address: %(example)s"), params={"example": CONNECTORS[self.kind].example}
            )
        return url

    def clean_region(self) -> str:
        region: str = self.cleaned_data["region"].upper()
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError(_("Use the two letters of a country, such as IT."))
        return region

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        self._clean_pages()
        given = {each.name: self._given(each) for each in self._asked()}
        if (url := given.get("token_url")) and not origin(url):
            self.add_error(f"{OPTION}token_url", _("Write the whole address: https://login.example.com/oauth2/token"))
        if self._keeps_refresh_token(given):
            self.add_error(REFRESH_TOKEN, _("Something about the CRM's hosts has changed: type this token again, too."))
        self.instance.options = {name: value for name, value in given.items() if value}
        return cleaned

    def _asked(self) -> list[Option]:
        """The options of this kind and of the chosen way to identify ourselves."""
        auth = AUTHS.get(self.cleaned_data.get("auth") or self.instance.auth)
        return [*CONNECTORS[self.kind].options, *(auth.options if auth else ())]

    def _given(self, option: Option) -> str:
        name = f"{OPTION}{option.name}"
        value = str(self.cleaned_data.get(name) or "").strip()
        if option.is_required and not value:
            self.add_error(name, _("This is needed."))
        elif value and option.check and (wrong := option.check(value)):
            self.add_error(name, str(wrong))
        return value

    def _clean_pages(self) -> None:
        pagination = PAGINATIONS.get(self.cleaned_data.get("pagination") or "")
        for name in pagination.fields if pagination else ():
            if name in self.fields and name not in self.errors and not self.cleaned_data.get(name):
                self.add_error(name, _("This is needed."))

    def _same_host(self) -> bool:
        before, now = (self.instance.options or {}).get("token_url"), self.cleaned_data.get(f"{OPTION}token_url")
        return super()._same_host() and (not before or not now or origin(before) == origin(now))

    def _keeps_refresh_token(self, given: dict[str, str]) -> bool:
        if not self.instance.pk or self.cleaned_data.get(REFRESH_TOKEN) or self._same_host():
            return False
        has_one = CrmToken.objects.filter(connection_id=self.instance.pk).exclude(refresh_token="").exists()
        return has_one and AUTHS[self.cleaned_data.get("auth") or "none"].has_refresh_token

    def changes_access(self) -> bool:
        """Whether tokens granted so far are for something else than what the form says now."""
        return any(name in WHAT_TOKENS_ARE_FOR or name.startswith(OPTION) for name in self.changed_data)

    def keep_grants(self) -> None:
        """After saving: forget tokens that were granted for other settings, remember the refresh token typed."""
        typed = self.cleaned_data.get(REFRESH_TOKEN)
        if self.changes_access() or typed:
            row, _created = CrmToken.objects.get_or_create(connection=self.instance)
            kept = row.refresh_token if typed is None else typed
            CrmToken.objects.filter(pk=row.pk).update(access_token="", expires_at=None, refresh_token=kept)


def options_of(kind: str) -> list[Option]:
    """Every option that a connection of this kind can have, the CRM's own first."""
    found = {option.name: option for option in CONNECTORS[kind].options}
    for name in CONNECTORS[kind].auths:
        found |= {option.name: option for option in AUTHS[name].options if option.name not in found}
    return list(found.values())


def form_for(kind: str) -> type[CrmConnectionForm]:
    """The form with a field for each option of this kind."""
    fields: dict[str, Any] = {f"{OPTION}{each.name}": _field(each) for each in options_of(kind)}
    if any(AUTHS[name].has_refresh_token for name in CONNECTORS[kind].auths):
        help_text = _("The first one; each answer may bring the next. Stored encrypted and never shown again.")
        fields[REFRESH_TOKEN] = WriteOnlySecret(label=_("Refresh token"), help_text=help_text, required=False)
    return type("CrmConnectionForm", (CrmConnectionForm,), {**fields, "kind": kind, "__module__": __name__})


def _field(option: Option) -> forms.Field:
    named: dict[str, Any] = {"label": capfirst(str(option.label)), "help_text": option.help, "required": False}
    if option.choices:
        return forms.ChoiceField(choices=option.choices, **named)
    return forms.CharField(max_length=500, widget=forms.TextInput(attrs={"class": "vTextField"}), **named)


class FieldMappingForm(forms.ModelForm):
    """One field of the CRM and what it means."""

    class Meta:
        model = FieldMapping
        fields = ("target", "expression", "is_required", "on_error")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["target"]
        self.fields["target"] = forms.ChoiceField(choices=target_choices, label=field.label, help_text=field.help_text)
        self.fields["expression"].validators.append(jmespath_expression)


def target_choices() -> list[tuple[str, Any]]:
    """The choices depend on the attributes that supervisors define, so they belong to the form."""
    return list(targets(AttributeDefinition.objects.values_list("key", "label")))
