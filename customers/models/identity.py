"""Who is behind an address when several customers have it, and which customers are one and the same."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.people import Customer


class IdentityPolicy(models.Model):
    """How an address that several customers share is read. One row; without it the defaults hold."""

    class Shared(models.TextChoices):
        HIGHEST_TIER = "highest_tier", _("the customer with the highest tier")
        MOST_RECENT = "most_recent", _("the customer who was changed last")
        PRIMARY = "primary", _("only the customer whose main address it is")
        AMBIGUOUS = "ambiguous", _("nobody in particular: known, but without tier and values")

    shared = models.CharField(
        _("an address of several customers is"),
        max_length=20,
        choices=Shared,
        default=Shared.HIGHEST_TIER,
        help_text=_("A family, an office. In branches customer.shared says how many they are."),
    )
    switchboard_above = models.PositiveSmallIntegerField(
        _("a switchboard has more customers than"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        help_text=_("An address of more customers than this tells nothing of who is calling: nobody is recognised."),
    )

    class Meta:
        verbose_name = _("shared addresses")
        verbose_name_plural = _("shared addresses")

    def __str__(self) -> str:
        return str(self.get_shared_display())

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.pk = 1  # there is one
        super().save(*args, **kwargs)

    @classmethod
    def current(cls) -> "IdentityPolicy":
        """The policy in force."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)


class CustomerMerge(models.Model):
    """That two customers were found to be one: evidence, and what it takes to part them again."""

    class Cause(models.TextChoices):
        ADMIN = "admin", _("by a person")
        CRM = "crm", _("by the CRM")

    kept = models.ForeignKey(Customer, models.CASCADE, related_name="merges_kept", verbose_name=_("customer"))
    absorbed = models.ForeignKey(
        Customer, models.CASCADE, related_name="merges_absorbed", verbose_name=_("merged into him")
    )
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    reason = models.CharField(_("reason"), max_length=200, blank=True, help_text=_("Why, for whoever asks later."))
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("merged by"),
    )
    merged_at = models.DateTimeField(_("when"), auto_now_add=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("undone by"),
    )
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("merge of customers")
        verbose_name_plural = _("merges of customers")
        permissions = [("merge_customers", _("Can merge customers and part them again"))]

    def __str__(self) -> str:
        return f"{self.absorbed_id} > {self.kept_id}"
