"""Calls that nobody makes: kept with a flow, and tried before every release. They name no person."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.values import READERS, NotOfType
from customers.models import AttributeDefinition, LoyaltyTier
from queues.models import Queue
from routing.catalogue import FIXED
from routing.models.flows import Flow, Number

CUSTOMER = "customer."
GIVEN_APART = ("tier", "known", "identified_by", "tier_rank", "shared")
"""What the form asks in words of its own, or what follows from the rest."""


def weekdays() -> list[tuple[int, object]]:
    """Monday is 0; a callable, so that no language makes a migration."""
    return list(WEEKDAYS.items())


class SampleCall(models.Model):
    """Somebody of a tier calls at a time, and must reach a queue: “a gold caller at 22:00 reaches Night VIP”."""

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="sample_calls", verbose_name=_("flow"))
    name = models.CharField(_("name"), max_length=80, help_text=_("Such as: a gold caller at night."))
    number = models.ForeignKey(
        Number,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("number called"),
        help_text=_("Empty: the first number of the flow."),
    )
    tier = models.ForeignKey(
        LoyaltyTier,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("caller's loyalty tier"),
        help_text=_("Empty, and nothing else known: a stranger."),
    )
    known = models.TextField(
        _("what else is known"),
        blank=True,
        help_text=_("One a line, as in branches but without “customer.”: lifetime_value = 250000"),
    )
    weekday = models.PositiveSmallIntegerField(
        _("day"), choices=weekdays, null=True, blank=True, help_text=_("Empty: Wednesday.")
    )
    time = models.TimeField(
        _("time"), null=True, blank=True, help_text=_("On the clock of the number called. Empty: 11:00.")
    )
    expected = models.ForeignKey(
        Queue,
        models.PROTECT,
        related_name="sample_calls",
        verbose_name=_("must reach"),
        help_text=_("The queue in which this call must end. If it does not, the draft cannot be published."),
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("sample call")
        verbose_name_plural = _("sample calls")

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuses lines that say nothing about a customer, and a number of another flow."""
        try:
            self.known_facts()
        except ValueError as error:
            raise ValidationError({"known": str(error)}) from error
        if self.number and self.number.flow_id != self.flow_id:
            raise ValidationError({"number": _("This number does not lead into this flow.")})

    def known_facts(self) -> dict[str, object]:
        """What the lines say, as facts of a customer. Raises ValueError in a supervisor's words."""
        own = dict(AttributeDefinition.objects.values_list("key", "type"))
        fixed = {entry.name.removeprefix(CUSTOMER): entry.type for entry in FIXED if entry.name.startswith(CUSTOMER)}
        kinds = {name: kind for name, kind in (fixed | own).items() if name not in GIVEN_APART}
        given: dict[str, object] = {}
        for line in filter(str.strip, self.known.splitlines()):
            name, equals, value = (part.strip() for part in line.partition("="))
            if not equals or name not in kinds:
                raise ValueError(
                    _("“%(line)s”: write a name, = and a value. Names: %(names)s.")
                    % {"line": line.strip()[:60], "names": ", ".join(sorted(kinds))}
                )
            try:
                given[name] = READERS[kinds[name]](value)
            except NotOfType as error:
                raise ValueError(
                    _("“%(line)s”: this cannot be read as %(type)s.") % {"line": line.strip()[:60], "type": error}
                ) from error
        attributes = {name: given.pop(name) for name in list(given) if name in own}
        return given | ({"attributes": attributes} if attributes else {})
