"""Provider accounts, and the API keys that belong to them."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.admin import PortalAdmin
from contactcenter.foundation.long_forms import FOLD
from contactcenter.foundation.stored_secrets import KeepsSecretAtHome
from contactcenter.foundation.uses_in_lists import ShowsUses
from routing import keys
from routing.admin.numbering import NumberingAdmin
from routing.models import ApiKey, ProviderAccount
from routing.numbering import NUMBERINGS
from routing.numbering.by_hand import STEPS
from routing.providers import DIALECTS
from routing.providers.base import MESSAGE, STATUS, VOICE, Dialect
from routing.providers.messaging import MessageDialect
from routing.providers.wording import lines

TYPED_IN = {VOICE: _("for calls"), MESSAGE: _("for messages"), STATUS: _("for reports")}
"""Stages whose addresses are entered at a provider; the after address comes with each answer."""

PROOF = "secret previous_secret networks"
"""Fields that prove webhooks; API keys have networks of their own."""

OF_NUMBERS = "fallback_url api_user api_secret"
"""Fields for providers whose numbers we can fetch and point at us."""

HIDDEN = mark_safe(" hidden")

ADDRESS = '<bdi dir="ltr"><code>{}/api/v1/p/{}/{}</code></bdi> ({})'
"""Read from left to right on any page."""


class Networks:
    """A few lines for the field `networks`, read from left to right."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and db_field.name == "networks":
            field.widget.attrs |= {"rows": 3, "dir": "ltr"}
        return field


class ProviderAccountForm(KeepsSecretAtHome, forms.ModelForm):
    """An account; the secret of its API stays with the provider it was typed for."""

    secret_field = "api_secret"  # noqa: S105 - the name of a field

    def clean(self) -> dict[str, Any] | None:
        cleaned = forms.ModelForm.clean(self)  # its home is the provider, not an address
        if "dialect" in self.changed_data and self.keeps_stored_secret():
            self.add_error("api_secret", _("Another provider than before: type its API secret, or remove this one."))
        self._check_secrets()
        return cleaned

    def _check_secrets(self) -> None:
        """A secret that can never prove anything is refused while somebody looks at it."""
        dialect = DIALECTS.get(self.cleaned_data.get("dialect", ""))
        for field in ("secret", "previous_secret"):
            typed = self.cleaned_data.get(field)
            wrong = dialect.misfit(typed.strip()) if dialect and typed else ""
            if wrong:
                self.add_error(field, gettext(wrong))
            elif typed:
                self.cleaned_data[field] = typed.strip()


def _uses(dialect: Dialect) -> str:
    """Names of the fields that count for a dialect."""
    numbering = NUMBERINGS.get(dialect.slug)
    of_numbers = OF_NUMBERS if numbering and numbering.needs_user else OF_NUMBERS.replace("api_user ", "")
    return " ".join([PROOF] * bool(dialect.stages) + [of_numbers] * bool(numbering))


@admin.register(ProviderAccount)
class ProviderAccountAdmin(Networks, ShowsUses, NumberingAdmin):
    """An account at a provider: its secrets go in and never come out again."""

    about = _("A provider account is who brings us calls and messages. The provider asks us where each of them goes.")
    form = ProviderAccountForm
    list_display = ("name", "dialect", "public_url", "is_enabled", "used_by")
    list_filter = ("is_enabled", "dialect")
    search_fields = ("name", "slug")
    switched_off_by = "is_enabled"
    switching_off_means = _(
        "Every request of this account is refused at once. Its callers get what the provider does when nobody answers:"
    )
    readonly_fields = ("webhook", "can_do")
    fieldsets = [
        (None, {"fields": ["name", "dialect", "can_do", "is_enabled"]}),
        (_("What the provider calls"), {"fields": ["public_url", "webhook"]}),
        (
            _("How requests prove that they are the provider’s"),
            {"fields": ["secret", "previous_secret", "networks"]},
        ),
        (_("Its numbers"), {"fields": ["fallback_url", "api_user", "api_secret"]}),
        (_("For engineers"), {"fields": ["slug"], "classes": [FOLD]}),
    ]

    class Media:
        js = (forms.Script("routing/account.js", defer=True),)

    @admin.display(description=_("addresses to enter at the provider"))
    def webhook(self, account: ProviderAccount) -> Any:
        if not account.pk:
            return _("Shown once the account is saved.")
        ours = account.public_url.rstrip("/")
        dialect = DIALECTS.get(account.dialect)
        if dialect is None or not dialect.stages:
            words = _("with an API key of this account")
            return format_html('<bdi dir="ltr"><code>{}/api/v1/decisions</code></bdi> ({})', ours, words)
        entered = [(ours, account.uuid, stage, words) for stage, words in TYPED_IN.items() if stage in dialect.stages]
        addresses = format_html_join(mark_safe("<br>"), ADDRESS, entered)
        token = dialect.verify_token(str(account.uuid), account.secret) if isinstance(dialect, MessageDialect) else ""
        if not token:
            return addresses
        return format_html('{}<br><bdi dir="ltr"><code>{}</code></bdi> ({})', addresses, token, _("verify token"))

    @admin.display(description=_("what this provider can do"))
    def can_do(self, account: ProviderAccount) -> Any:
        """One block a dialect; the page's script shows the one that is chosen."""
        blocks = [
            (
                *(slug, _uses(dialect), f"{PROOF} {OF_NUMBERS}", "" if slug == account.dialect else HIDDEN),
                format_html_join("", "<div>{}</div>", ((line,) for line in (*lines(dialect), STEPS.get(slug, "")))),
            )
            for slug, dialect in DIALECTS.items()
        ]
        return format_html_join("", '<div data-dialect="{}" data-uses="{}" data-fields="{}"{}>{}</div>', blocks)


class InForceFilter(admin.SimpleListFilter):
    """Keys that open something now, or no more."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("in_force", _("in force")), ("revoked", _("revoked")), ("expired", _("expired"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        now = timezone.now()
        match self.value():
            case "in_force":
                return queryset.filter(revoked_at=None).exclude(expires_at__lte=now)
            case "revoked":
                return queryset.exclude(revoked_at=None)
            case "expired":
                return queryset.filter(expires_at__lte=now)
        return queryset


@admin.register(ApiKey)
class ApiKeyAdmin(Networks, PortalAdmin):
    """Keys are made here and shown once; a lost key is revoked and replaced."""

    can_be_undone = False  # of a deleted key nothing is known that would make it work again
    list_display = ("label", "begins_with", "account", "may_decide", "may_report", "expires_at", "revoked_at")
    list_select_related = ("account",)
    list_filter = (InForceFilter, "account")
    search_fields = ("label", "prefix")
    readonly_fields = ("begins_with", "created_at", "revoked_at")
    actions = ("revoke_keys",)
    fieldsets = [
        (None, {"fields": ["account", "label", ("may_decide", "may_report", "may_link", "may_set_presence")]}),
        (_("Limits"), {"fields": ["networks", "expires_at"]}),
        (_("The key"), {"fields": ["begins_with", "created_at", "revoked_at"]}),
    ]

    def get_fieldsets(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj else fieldsets[:2]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> tuple[str, ...]:
        # A key that moved to another account would still be known under the first one.
        return (*self.readonly_fields, "account") if obj else self.readonly_fields

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        account = _("Whose requests this key proves. It cannot be changed later.")
        return super().get_form(request, obj, change, **{"help_texts": {"account": account}} | kwargs)

    @admin.display(description=_("begins with"))
    def begins_with(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        plain = keys.issue(obj)
        text = gettext("This is the key. Copy it now, it is never shown again: {key}")
        messages.warning(request, format_html(text, key=format_html("<code>{}</code>", plain)))

    @admin.action(description=_("Revoke the selected keys"), permissions=["change"])
    def revoke_keys(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        for key in queryset:
            keys.revoke(key)
            self.log_change(request, key, str(_("Revoked.")))
        count = len(queryset)
        self.message_user(
            request,
            ngettext("%(n)s key is refused from now on.", "%(n)s keys are refused from now on.", count) % {"n": count},
        )
