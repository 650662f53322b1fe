"""Customers, the addresses they call from, and their names in other systems."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contactcenter.foundation import values
from customers.models.tiers import LoyaltyTier

identifier = RegexValidator(r"^[a-z][a-z0-9_]{0,49}\Z", _("Use small letters, digits and underscores: order_count."))


class ValueType(models.TextChoices):
    """The types of foundation.values, in a supervisor's words."""

    TEXT = values.TEXT, _("text")
    NUMBER = values.NUMBER, pgettext_lazy("kind of value", "number")
    MONEY = values.MONEY, _("money (in cents)")
    YES_NO = values.YES_NO, _("yes or no")
    DATE = values.DATE, _("date")


class AttributeDefinition(models.Model):
    """A field of the customer that the CRM has and we do not know by nature, such as a shoe size."""

    key = models.CharField(
        _("key"),
        max_length=50,
        unique=True,
        validators=[identifier],
        help_text=_("In branches it is called customer. and this key."),
    )
    label = models.CharField(_("label"), max_length=80, help_text=_("What supervisors call it: Contract type."))
    type = models.CharField(
        _("type"), max_length=10, choices=ValueType, default=ValueType.TEXT, help_text=_("How values compare.")
    )

    class Meta:
        ordering = ["key"]
        verbose_name = _("customer attribute")
        verbose_name_plural = _("customer attributes")

    def __str__(self) -> str:
        return self.label


class Customer(models.Model):
    """Somebody we know, with everything a branch may ask about. An empty field is unknown, not zero."""

    name = models.CharField(_("name"), max_length=160, blank=True, help_text=_("A person or a company."))
    tier = models.ForeignKey(
        LoyaltyTier,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,  # customer_by_tier begins with it
        verbose_name=_("loyalty tier"),
        help_text=_("From the CRM. To change it for a while, add a tier override below."),
    )
    purchases = models.PositiveIntegerField(_("purchases"), null=True, blank=True, help_text=_("Number of orders."))
    order_volume = models.BigIntegerField(
        _("order volume"), null=True, blank=True, help_text=_("Sum of all orders, in cents.")
    )
    lifetime_value = models.BigIntegerField(
        _("lifetime value"), null=True, blank=True, help_text=_("What the customer brings over the years, in cents.")
    )
    plan = models.CharField(_("plan"), max_length=80, blank=True, help_text=_("Subscription or contract."))
    account_level = models.CharField(_("account level"), max_length=80, blank=True, help_text=_("As in the CRM."))
    category = models.CharField(_("category"), max_length=80, blank=True, help_text=_("Segment or industry."))
    account_manager = models.CharField(
        _("account manager"), max_length=50, blank=True, help_text=_("Short name of the account manager.")
    )
    language = models.CharField(_("language"), max_length=12, blank=True, help_text=_("Such as it or de-AT."))
    attributes = models.JSONField(
        _("further attributes"),
        default=dict,
        blank=True,
        help_text=_("Values of the customer attributes defined by you, by key."),
    )
    objects_to_profiling = models.BooleanField(
        _("objects to profiling"),
        default=False,
        db_default=False,
        help_text=_("Has neither tier nor value on calls: is routed like everyone else. Syncs leave this as it is."),
    )
    merged_into = models.ForeignKey(
        "self",
        models.CASCADE,
        null=True,
        blank=True,
        editable=False,
        db_index=False,
        related_name="absorbed",
        verbose_name=_("merged into"),
        help_text=_("The customer that counts: who calls from an address of this one is that one."),
    )
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        indexes = [
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="customer_merged_away"),
            models.Index(fields=["tier", "-id"], name="customer_by_tier"),
        ]

    def __str__(self) -> str:
        return self.name or _("Customer %(id)s") % {"id": self.pk}


class Handle(models.Model):
    """An address a customer reaches us from. Several customers may share one (a family, an office)."""

    class Kind(models.TextChoices):
        PHONE = "phone", _("phone number (calls, SMS, WhatsApp)")
        CUSTOMER_NO = "customer_no", _("customer number")
        EMAIL = "email", _("e-mail address")
        MESSENGER = "messenger", _("Messenger id")
        INSTAGRAM = "instagram", _("Instagram id")

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="handles", verbose_name=_("customer"))
    kind = models.CharField(
        _("kind"), max_length=12, choices=Kind, default=Kind.PHONE, help_text=_("What sort of address this is.")
    )
    value = models.CharField(
        _("address"), max_length=120, help_text=_("Phone numbers with country code: +39 02 1234567.")
    )
    is_primary = models.BooleanField(
        _("main"),
        default=False,
        db_default=False,
        help_text=_("If several customers share this address, it is this one's before all."),
    )

    class Meta:
        ordering = ["kind", "value"]
        verbose_name = _("handle")
        verbose_name_plural = _("handles")
        indexes = [models.Index(fields=["kind", "value"], name="handle_by_address")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind", "value"],
                name="handle_once_for_each_customer",
                violation_error_message=_("This customer has this address already."),
            ),
            models.UniqueConstraint(
                fields=["kind", "value"],
                condition=Q(is_primary=True),
                name="handle_is_the_main_one_of_one_customer",
                violation_error_message=_("This address is the main one of another customer already."),
            ),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def key(self) -> str:
        """What the decide plane looks the customer up by: `<kind>:<value>`."""
        return f"{self.kind}:{self.value}"


class ExternalIdentity(models.Model):
    """The customer's id in one CRM: what a sync recognises him by."""

    connection = models.ForeignKey(
        "customers.CrmConnection", models.CASCADE, related_name="identities", verbose_name=_("CRM connection")
    )
    external_id = models.CharField(_("id in the CRM"), max_length=120)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="identities")
    fingerprint = models.CharField(max_length=64, blank=True, help_text=_("Hash of the record last applied."))
    missing_since = models.DateTimeField(
        _("missing since"),
        null=True,
        blank=True,
        help_text=_("A complete sync did not find this id any more; the next one acts on it."),
    )

    class Meta:
        verbose_name = _("identity in a CRM")
        verbose_name_plural = _("identities in CRMs")
        constraints = [
            models.UniqueConstraint(fields=["connection", "external_id"], name="external_id_once_for_each_connection")
        ]

    def __str__(self) -> str:
        return self.external_id
