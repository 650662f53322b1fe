"""How the customers of one CRM come by their tiers, and who is about to lose his."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models.connections import CrmConnection
from customers.models.people import Customer
from customers.models.syncs import SyncRun
from customers.models.tiers import LoyaltyTier
from customers.tiering.fields import is_countable, is_field


def known_field(name: str) -> None:
    """Refuses what is no field of a customer; an attribute need not be defined yet."""
    if not is_field(name):
        raise ValidationError(_("“%(name)s” is not a field of a customer."), params={"name": name})


def countable_field(name: str) -> None:
    """Refuses what cannot be a number."""
    if not is_countable(name):
        raise ValidationError(_("“%(name)s” is not a number."), params={"name": name})


class TierPolicy(models.Model):
    """How the customers of one CRM come by their tier. Without one, the CRM's own word counts."""

    class Source(models.TextChoices):
        DIRECT = "direct", _("The CRM says it (mapped field)")
        RULES = "rules", _("Rules: the first rule that fits gives the tier")
        PERCENTILE = "percentile", _("Top customers: the best so many % of the customers")
        PARETO = "pareto", _("Pareto: the smallest group that brings so many % of the value")

    BY_SHARE = (Source.PERCENTILE, Source.PARETO)

    connection = models.OneToOneField(
        CrmConnection,
        models.CASCADE,
        related_name="tier_policy",
        verbose_name=_("CRM connection"),
        help_text=_("Whose customers get their tier like this."),
    )
    source = models.CharField(
        _("where the tier comes from"),
        max_length=10,
        choices=Source,
        default=Source.DIRECT,
        help_text=_("It takes effect with the next sync, whose safeguards hold it when too many customers would move."),
    )
    value_field = models.CharField(
        _("value"),
        max_length=60,
        default="lifetime_value",
        validators=[countable_field],
        help_text=_("The number that customers are ranked by. Not used by rules."),
    )
    otherwise = models.ForeignKey(
        LoyaltyTier,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("everyone else"),
        help_text=_("The tier of whoever no rule and no share takes. Empty: no tier."),
    )
    margin_percent = models.PositiveSmallIntegerField(
        _("margin before a tier is lost, %"),
        default=5,
        validators=[MaxValueValidator(50)],
        help_text=_(
            "A customer keeps his tier until his value is so many % below the bound he passed to enter it. "
            "It keeps those near a bound from moving to and fro."
        ),
    )
    grace_days = models.PositiveSmallIntegerField(
        _("days before moving down"),
        default=14,
        validators=[MaxValueValidator(366)],
        help_text=_("Only who has been below for so long moves down. 0: at once. Moving up is always at once."),
    )

    class Meta:
        ordering = ["connection"]
        verbose_name = _("tier policy")
        verbose_name_plural = _("tier policies")

    def __str__(self) -> str:
        return str(self.connection)


class TierRule(models.Model):
    """One rule of a policy. The rules are tried in order, and the first that fits gives the tier."""

    class Operator(models.TextChoices):
        AT_LEAST = "at_least", _("is at least")
        AT_MOST = "at_most", _("is at most")
        IS = "is", _("is")

    policy = models.ForeignKey(TierPolicy, models.CASCADE, related_name="rules")
    position = models.PositiveSmallIntegerField(
        _("order"), default=10, help_text=_("Lower numbers are tried first: 10, 20, 30.")
    )
    field = models.CharField(
        _("field"), max_length=60, validators=[known_field], help_text=_("What the rule looks at.")
    )
    operator = models.CharField(
        _("comparison"), max_length=8, choices=Operator, default=Operator.AT_LEAST, help_text=_("How it compares.")
    )
    operand = models.CharField(
        _("bound or word"), max_length=80, help_text=_("A number (money in cents), a word, or yes or no.")
    )
    tier = models.ForeignKey(LoyaltyTier, models.PROTECT, verbose_name=_("tier"), help_text=_("The tier it gives."))

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("tier rule")
        verbose_name_plural = _("tier rules")

    def __str__(self) -> str:
        return f"{self.field} {self.get_operator_display()} {self.operand} > {self.tier}"


class TierShare(models.Model):
    """How large the group of a tier, and of all above it, is: percent of customers, or of the value."""

    policy = models.ForeignKey(TierPolicy, models.CASCADE, related_name="shares")
    tier = models.ForeignKey(LoyaltyTier, models.PROTECT, verbose_name=_("tier"), help_text=_("The tier it gives."))
    percent = models.DecimalField(
        _("share, %"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
        help_text=_("Of the customers or of the value, those in higher tiers included."),
    )

    class Meta:
        ordering = ["percent", "id"]
        verbose_name = _("tier share")
        verbose_name_plural = _("tier shares")
        constraints = [
            models.CheckConstraint(
                condition=Q(percent__gt=0, percent__lte=100),
                name="tier_share_is_a_percentage",
                violation_error_message=_("A share is more than 0 and at most 100 %."),
            ),
            models.UniqueConstraint(
                fields=["policy", "tier"],
                name="tier_has_one_share",
                violation_error_message=_("This tier has its share already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.percent} % > {self.tier}"


class TierBound(models.Model):
    """The lowest value in a tier's share, as a run found it. It stands from when the run has succeeded to the next."""

    policy = models.ForeignKey(TierPolicy, models.CASCADE, related_name="bounds")
    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="bounds")
    tier = models.ForeignKey(LoyaltyTier, models.CASCADE, related_name="+")
    field = models.CharField(max_length=60, help_text=_("What the customers were ranked by."))
    value = models.FloatField(help_text=_("Exact: values of customers are whole numbers up to 10^15, or fractions."))

    class Meta:
        ordering = ["-tier__rank"]
        verbose_name = _("bound of a tier")
        verbose_name_plural = _("bounds of tiers")
        constraints = [models.UniqueConstraint(fields=["run", "tier"], name="tier_has_one_bound_in_each_run")]

    def __str__(self) -> str:
        return f"{self.field} {self.value} > {self.tier}"


class DemotionCandidate(models.Model):
    """A customer who is below his tier and still within the days of grace: evidence, never edited."""

    connection = models.ForeignKey(CrmConnection, models.CASCADE, related_name="+", verbose_name=_("CRM connection"))
    customer = models.ForeignKey(
        Customer, models.CASCADE, related_name="demotion_candidacies", verbose_name=_("customer")
    )
    tier = models.ForeignKey(
        LoyaltyTier, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("would move to")
    )
    since = models.DateTimeField(_("below since"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("customer about to move down")
        verbose_name_plural = _("customers about to move down")
        constraints = [
            models.UniqueConstraint(fields=["connection", "customer"], name="demotion_candidate_once_for_each_crm")
        ]

    def __str__(self) -> str:
        return str(self.customer)
