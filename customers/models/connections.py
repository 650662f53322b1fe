"""How a CRM is read: where, when, and which of its fields mean what."""

from datetime import time

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.fields import EncryptedTextField
from customers.models.tiers import LoyaltyTier


def connector_kinds() -> list[tuple[str, str | Promise]]:
    """The connectors there are; a callable, so that a new one makes no migration."""
    from customers.crm import CONNECTORS  # the registry may import models

    return [(kind, connector.label) for kind, connector in CONNECTORS.items()]


def auth_kinds() -> list[tuple[str, str | Promise]]:
    """The ways to identify ourselves; a callable for the same reason."""
    from customers.crm.auth import AUTHS  # stands above the models

    return [(kind, auth.label) for kind, auth in AUTHS.items()]


def pagination_kinds() -> list[tuple[str, str | Promise]]:
    """The ways through a list; a callable for the same reason."""
    from customers.crm.paging import PAGINATIONS  # stands above the models

    return [(kind, pagination.label) for kind, pagination in PAGINATIONS.items()]


def known_target(name: str) -> None:
    """Refuses what is no field of ours; which ones there are depends on the attributes defined."""
    from customers.crm.targets import is_target  # the registry stands above the models

    if not is_target(name):
        raise ValidationError(_("“%(name)s” is not a field of ours."), params={"name": name})


class CrmConnection(models.Model):
    """A CRM that we read every night."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("What people call it: Company CRM."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used inside; do not change it later."))
    connector = models.CharField(
        _("kind"), max_length=30, choices=connector_kinds, default="rest_json", help_text=_("How the CRM is spoken to.")
    )
    url = models.CharField(
        _("address of the customer list"),
        max_length=500,
        blank=True,
        help_text=_("https://crm.example.com/api/customers"),
    )
    auth = models.CharField(
        _("we identify ourselves by"),
        max_length=20,
        choices=auth_kinds,
        default="bearer",
        db_default="bearer",
        help_text=_("What the CRM's administrator gave you."),
    )
    token = EncryptedTextField(
        _("secret"),
        blank=True,
        default="",
        help_text=_("Token, password, client secret or private key. Stored encrypted and never shown again."),
    )
    options = models.JSONField(
        default=dict, blank=True, null=True, editable=False, help_text=_("What only this kind or way needs, by name.")
    )
    pagination = models.CharField(
        _("pages"),
        max_length=20,
        choices=pagination_kinds,
        default="cursor",
        db_default="cursor",
        help_text=_("How the CRM leads from one page to the next; its manual calls it pagination."),
    )
    records_path = models.CharField(
        _("records"), max_length=200, default="records", help_text=_("JMESPath to the list of customers in a page.")
    )
    next_cursor_path = models.CharField(
        _("next page"),
        max_length=200,
        default="next_cursor",
        blank=True,
        help_text=_("JMESPath to the cursor or address of the next page; nothing there means the last page."),
    )
    count_path = models.CharField(
        _("how many"),
        max_length=200,
        default="count",
        blank=True,
        help_text=_("JMESPath to the number of all customers, for the progress bar. Empty: not known."),
    )
    cursor_param = models.CharField(
        _("cursor parameter"),
        max_length=60,
        default="cursor",
        blank=True,
        help_text=_("How the CRM wants the cursor, page, offset or last id named."),
    )
    page_size_param = models.CharField(
        _("page size parameter"), max_length=60, default="limit", blank=True, help_text=_("Empty: not sent.")
    )
    page_size = models.PositiveIntegerField(
        _("customers a page"),
        default=200,
        validators=[MinValueValidator(1), MaxValueValidator(5000)],
        help_text=_("As many as the CRM allows."),
    )
    updated_since_param = models.CharField(
        _("changed-since parameter"),
        max_length=60,
        blank=True,
        help_text=_("If the CRM can list what changed since a time. Empty: everything is read each night."),
    )
    external_id_path = models.CharField(
        _("customer's id"), max_length=200, default="id", help_text=_("JMESPath to the id in a record.")
    )
    region = models.CharField(
        _("country of numbers"),
        max_length=2,
        default="IT",
        help_text=_("Two letters. Phone numbers without country code are read as numbers of this country."),
    )
    unmapped_tier = models.CharField(
        _("tier words that nobody mapped"),
        max_length=8,
        choices=[("reject", _("reject the row")), ("keep", _("keep the tier the customer has"))],
        default="reject",
        help_text=_("What to do with a tier that is not in the list below."),
    )
    is_enabled = models.BooleanField(
        _("enabled"), default=True, help_text=_("Off: not read, neither at night nor now.")
    )
    nightly_at = models.TimeField(
        _("every night at"), default=time(3, 15), help_text=_("When the nightly sync starts, in the zone beside it.")
    )
    time_zone = models.CharField(_("time zone"), max_length=50, default="Europe/Rome", help_text=_("Europe/Rome"))
    synced_until = models.DateTimeField(
        _("synced until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Upper bound of the last run that succeeded."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("CRM connection")
        verbose_name_plural = _("CRM connections")
        permissions = [("run_sync", _("Can start and cancel a sync"))]

    def __str__(self) -> str:
        return self.name

    @property
    def reads_changes(self) -> bool:
        """Whether the CRM can be asked for what has changed since a time."""
        from customers.crm import CONNECTORS  # the registry may import models

        return CONNECTORS[self.connector].reads_changes or bool(self.updated_since_param)


class FieldMapping(models.Model):
    """One field of the CRM's record, and what it is to us."""

    class OnError(models.TextChoices):
        REJECT = "reject", _("set the row aside")
        NULL = "null", _("leave the field unknown")
        KEEP = "keep", _("keep what we have")

    connection = models.ForeignKey(CrmConnection, models.CASCADE, related_name="mappings")
    target = models.CharField(
        _("our field"), max_length=80, validators=[known_target], help_text=_("What the value means to us.")
    )
    expression = models.CharField(
        _("field of the CRM"), max_length=300, help_text=_("JMESPath: loyalty.status or phones[*].number")
    )
    is_required = models.BooleanField(_("required"), default=False, help_text=_("A row without it is set aside."))
    on_error = models.CharField(
        _("if unreadable"),
        max_length=6,
        choices=OnError,
        default=OnError.REJECT,
        help_text=_("A value of a wrong kind."),
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("field mapping")
        verbose_name_plural = _("field mappings")

    def __str__(self) -> str:
        return f"{self.expression} > {self.target}"


class TierMapping(models.Model):
    """One word the CRM uses for a tier."""

    connection = models.ForeignKey(CrmConnection, models.CASCADE, related_name="tier_mappings")
    value = models.CharField(
        _("word in the CRM"), max_length=80, help_text=_("Capital or small letters make no difference.")
    )
    tier = models.ForeignKey(LoyaltyTier, models.PROTECT, verbose_name=_("our tier"), help_text=_("The tier it means."))

    class Meta:
        ordering = ["id"]
        verbose_name = _("tier mapping")
        verbose_name_plural = _("tier mappings")
        constraints = [
            models.UniqueConstraint(
                "connection",
                Lower("value"),
                name="tier_word_once_for_each_connection",
                violation_error_message=_("This word is mapped already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.value} > {self.tier}"
