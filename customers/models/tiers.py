"""Loyalty tiers, and who was in which one when."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LoyaltyTier(models.Model):
    """A step of the loyalty programme, such as gold. The higher its rank, the more valuable."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("As your customers know it: Gold."))
    slug = models.SlugField(
        _("short name"), unique=True, help_text=_("What branches and the CRM call it: gold. Do not change it later.")
    )
    rank = models.PositiveSmallIntegerField(
        _("rank"), unique=True, help_text=_("1 is the lowest. The higher the rank, the more valuable the customer.")
    )

    class Meta:
        ordering = ["-rank"]
        verbose_name = _("loyalty tier")
        verbose_name_plural = _("loyalty tiers")

    def __str__(self) -> str:
        return self.name


class TierOverride(models.Model):
    """A tier given by a person for a while, whatever the CRM says."""

    class Recorded(models.TextChoices):
        NOTHING = "", _("nothing yet")
        START = "start", _("its start")
        END = "end", _("its start and end")

    customer = models.ForeignKey(
        "customers.Customer", models.CASCADE, related_name="tier_overrides", verbose_name=_("customer")
    )
    tier = models.ForeignKey(LoyaltyTier, models.PROTECT, verbose_name=_("tier"), help_text=_("The tier to use."))
    reason = models.CharField(_("reason"), max_length=200, help_text=_("Why, for whoever asks later."))
    starts_at = models.DateTimeField(_("from"), help_text=_("The override counts from this moment."))
    ends_at = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until somebody removes the override.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, verbose_name=_("set by")
    )
    recorded = models.CharField(
        max_length=5,
        choices=Recorded,
        default=Recorded.NOTHING,
        db_default="",
        editable=False,
        help_text=_("Which of its tier changes stand in the list of tier changes already."),
    )

    class Meta:
        ordering = ["-starts_at"]
        verbose_name = _("tier override")
        verbose_name_plural = _("tier overrides")
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="tier_override_ends_after_it_starts",
                violation_error_message=_("The override must end after it starts."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.customer}: {self.tier}"


class TierChange(models.Model):
    """That a customer moved from one tier to another, and what moved him: evidence, never edited."""

    class Cause(models.TextChoices):
        SYNC = "sync", _("CRM sync")
        RULE = "rule", _("tier policy")
        OVERRIDE = "override", _("override by a person")
        EXPIRY = "expiry", _("an override ended")
        OBJECTION = "objection", _("the customer's word on profiling")
        ADMIN = "admin", _("edited in the portal")
        IMPORT = "import", _("import")

    customer = models.ForeignKey("customers.Customer", models.CASCADE, related_name="tier_changes")
    old_tier = models.CharField(_("old tier"), max_length=50, blank=True)
    new_tier = models.CharField(_("new tier"), max_length=50, blank=True)
    cause = models.CharField(_("cause"), max_length=10, choices=Cause)
    run = models.ForeignKey("customers.SyncRun", models.SET_NULL, null=True, blank=True, verbose_name=_("sync run"))
    changed_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("tier change")
        verbose_name_plural = _("tier changes")
        # A rare cause or tier is found without walking the whole table.
        indexes = [
            models.Index(fields=["cause", "-id"], name="tier_change_by_cause"),
            models.Index(fields=["new_tier", "-id"], name="tier_change_by_new_tier"),
        ]

    def __str__(self) -> str:
        return f"{self.old_tier or '-'} > {self.new_tier or '-'}"
