"""Who may ask the decide server, and how a request proves that it comes from him."""

import uuid
from ipaddress import ip_network
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.fields import EncryptedTextField
from routing.access import SHORTEST_SHARED_SECRET


def dialect_choices() -> list[tuple[str, str]]:
    """The dialects there are; a callable, so that a new one makes no migration."""
    from routing.providers import DIALECTS  # the registry stands above the models

    return [(slug, str(_(dialect.label))) for slug, dialect in DIALECTS.items()]


def network_lines(text: str) -> None:
    """Refuses a line that is no network, such as 10.0.0.0/8."""
    for line in text.split():
        try:
            ip_network(line)
        except ValueError as error:
            raise ValidationError(_("“%(line)s” is not a network."), params={"line": line}) from error


class ProviderAccount(models.Model):
    """One account at a telephony or messaging provider, with a URL and secrets of its own."""

    uuid = models.UUIDField(_("id in our URL"), default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("What people call it: Twilio Italy."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used inside; do not change it later."))
    dialect = models.CharField(
        _("provider"), max_length=30, choices=dialect_choices, help_text=_("Whose language this account speaks.")
    )
    secret = EncryptedTextField(
        _("signing secret"),
        blank=True,
        default="",
        help_text=_("Proves that requests are the provider's. Not shown again."),
    )
    previous_secret = EncryptedTextField(
        _("previous secret"), blank=True, default="", help_text=_("Still accepted while the provider changes over.")
    )
    public_url = models.URLField(
        _("our public address"),
        blank=True,
        help_text=_("What the provider calls, such as https://calls.example.com. Signatures are checked against it."),
    )
    networks = models.TextField(
        _("allowed networks"),
        blank=True,
        default="",
        db_default="",
        validators=[network_lines],
        help_text=_("One a line, such as 192.0.2.0/24. Empty: from anywhere, if the provider signs its requests."),
    )
    fallback_url = models.URLField(
        _("when we do not answer"),
        blank=True,
        default="",
        db_default="",
        help_text=_("An address at the provider that dials your switchboard, such as a TwiML Bin. Given to numbers."),
    )
    api_user = EncryptedTextField(
        _("API user"),
        blank=True,
        default="",
        db_default="",
        help_text=_("To fetch and point numbers: Twilio Account SID, Vonage API key, Plivo Auth ID. Not shown again."),
    )
    api_secret = EncryptedTextField(
        _("API secret"),
        blank=True,
        default="",
        db_default="",
        help_text=_("Twilio Auth Token, Telnyx API key, Vonage API secret, Plivo Auth Token. Not shown again."),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True, help_text=_("Off: every request is refused."))

    class Meta:
        ordering = ["name"]
        verbose_name = _("provider account")
        verbose_name_plural = _("provider accounts")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses an account whose every request would be refused: without what its provider proves itself by."""
        from routing.providers import DIALECTS  # the registry stands above the models

        dialect = DIALECTS.get(self.dialect)
        if dialect is None or not dialect.stages:
            return
        errors = self._missing_proof() if dialect.capabilities.signed else self._missing_origin()
        if errors:
            raise ValidationError(errors)

    def _missing_proof(self) -> dict[str, Any]:
        errors: dict[str, Any] = {}
        if not self.secret:
            errors["secret"] = _("This provider signs its requests: type the secret it signs with.")
        if not self.public_url:
            errors["public_url"] = _("Signatures are checked against this address: type it.")
        return errors

    def _missing_origin(self) -> dict[str, Any]:
        """Who signs nothing says a secret that nobody guesses, and calls from networks that are named."""
        errors: dict[str, Any] = {}
        for field, needed in (("secret", True), ("previous_secret", bool(self.previous_secret))):
            if needed and len(getattr(self, field).encode()) < SHORTEST_SHARED_SECRET:
                errors[field] = _("This provider signs nothing, it only says its secret: type at least 32 characters.")
        if not self.networks.split():
            errors["networks"] = _("This provider signs nothing: say which networks it calls from.")
        elif any(line.endswith("/0") for line in self.networks.split()):
            errors["networks"] = _("A network that ends in /0 is everybody: say which networks it calls from.")
        return errors


class ApiKey(models.Model):
    """A key for our own JSON. Only its SHA-256 is stored; the key is shown once."""

    account = models.ForeignKey(
        ProviderAccount,
        models.CASCADE,
        related_name="keys",
        verbose_name=_("provider account"),
        help_text=_("Whose requests the key proves."),
    )
    label = models.CharField(_("label"), max_length=80, help_text=_("Where the key is used: SBC Milan."))
    prefix = models.CharField(_("begins with"), max_length=12, editable=False)
    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    may_decide = models.BooleanField(_("may ask for decisions"), default=True, help_text=_("The usual use."))
    may_report = models.BooleanField(
        _("may report events and statistics"), default=False, help_text=_("For phone systems that tell us of queues.")
    )
    may_link = models.BooleanField(
        _("may link senders to customers"),
        default=False,
        db_default=False,
        help_text=_("For help desks that say who a Messenger or Instagram sender is."),
    )
    may_set_presence = models.BooleanField(
        _("may say who is there"),
        default=False,
        db_default=False,
        help_text=_("For what knows whether account managers are available: a phone system or a team chat."),
    )
    networks = models.TextField(
        _("allowed networks"),
        blank=True,
        validators=[network_lines],
        help_text=_("One a line, such as 192.0.2.0/24. Empty: from anywhere."),
    )
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True, help_text=_("Empty: never."))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return f"{self.label} ({self.prefix}…)"
