"""What a sync may do by itself."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models.connections import CrmConnection


class Safeguards(models.Model):
    """How much one sync may alter by itself; beyond it the run is held until a person has decided."""

    class WhenGone(models.TextChoices):
        REMOVE_TIER = "tier", _("take the tier away")
        KEEP = "keep", _("keep everything")

    connection = models.OneToOneField(
        CrmConnection,
        models.CASCADE,
        related_name="safeguards",
        verbose_name=_("CRM connection"),
        help_text=_("Whose syncs these limits are for."),
    )
    tier_lost_percent = models.PositiveSmallIntegerField(
        _("customers who lose their tier, %"),
        default=5,
        validators=[MaxValueValidator(100)],
        help_text=_("Of those who have one. Held when more, and more than the number beside it, would have none."),
    )
    tier_lost_at_least = models.PositiveIntegerField(
        _("but at least"), default=50, help_text=_("Fewer customers than this never hold a run.")
    )
    tier_changed_percent = models.PositiveSmallIntegerField(
        _("customers who change tier, %"),
        default=30,
        validators=[MaxValueValidator(100)],
        help_text=_("Of all customers known from this CRM."),
    )
    deleted_percent = models.PositiveSmallIntegerField(
        _("customers gone from the CRM, %"),
        default=2,
        validators=[MaxValueValidator(100)],
        help_text=_("Of all customers known from this CRM."),
    )
    rejected_percent = models.PositiveSmallIntegerField(
        _("rows set aside, %"),
        default=5,
        validators=[MaxValueValidator(100)],
        help_text=_("Of the records read."),
    )
    read_percent = models.PositiveSmallIntegerField(
        _("records read, % of last time"),
        default=80,
        validators=[MaxValueValidator(100)],
        help_text=_("Held when a full read brings less than this share of the last one."),
    )
    emptied_points = models.PositiveSmallIntegerField(
        _("a field suddenly empty, %"),
        default=20,
        validators=[MaxValueValidator(100)],
        help_text=_("Of those who had something in it. Held when a mapped field becomes empty for more of them."),
    )
    when_gone = models.CharField(
        _("a customer gone from the CRM"),
        max_length=4,
        choices=WhenGone,
        default=WhenGone.REMOVE_TIER,
        help_text=_("Done when two complete syncs in a row did not find the customer. Nobody is ever deleted."),
    )

    class Meta:
        verbose_name = _("safeguards")
        verbose_name_plural = _("safeguards")

    def __str__(self) -> str:
        return str(self.connection)
