"""The draft: which number leads into which flow, and which branch leads where."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.models import Team
from contactcenter.foundation.translating import said
from customers.models import DataSource
from customers.models.people import identifier
from queues.models import Queue
from queues.models.calendars import known_time_zone
from queues.priorities import FIRST_CLASS, LAST_CLASS
from routing.conditions import ConditionError, parse
from routing.contacts import CHANNELS
from routing.models.access import ProviderAccount
from routing.models.notifications import NotificationTarget


class Channel(models.TextChoices):
    VOICE = "voice", _("voice call")
    SMS = "sms", _("SMS")
    WHATSAPP = "whatsapp", _("WhatsApp")
    INSTAGRAM = "instagram", _("Instagram")
    MESSENGER = "messenger", _("Messenger")


assert tuple(Channel.values) == CHANNELS


class Flow(models.Model):
    """What happens to a contact: fetch, then branches in order, then the last path for everyone else."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("Such as: Priority customers."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used inside; do not change it later."))
    last_path = models.ForeignKey(
        Queue,
        models.PROTECT,
        related_name="last_path_of",
        verbose_name=_("everyone else"),
        help_text=_("The queue for everyone whom no branch takes."),
    )
    notify = models.ForeignKey(
        NotificationTarget,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="flows",
        verbose_name=_("then notify"),
        help_text=_("Who is told of everyone whom no branch takes, after the answer. Empty: nobody."),
    )
    belongs_to = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="flows",
        verbose_name=_("belongs to team"),
        help_text=_("Members of other teams neither see nor change it. Empty: everybody sees it."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("flow")
        verbose_name_plural = _("flows")

    def __str__(self) -> str:
        return self.name


class FetchStep(models.Model):
    """One question to a data source while the contact waits, answered into variables."""

    class Precedence(models.TextChoices):
        FILL = "fill", _("only where the synced facts say nothing")
        REPLACE = "replace", _("instead of the synced facts")

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="steps", verbose_name=_("flow"))
    position = models.PositiveIntegerField(_("order"), default=0)
    slug = models.CharField(
        _("name in variables"), max_length=50, validators=[identifier], help_text=_("crm makes crm.status, crm.tier …")
    )
    source = models.ForeignKey(
        DataSource, models.PROTECT, related_name="steps", verbose_name=_("data source"), help_text=_("Whom we ask.")
    )
    precedence = models.CharField(
        _("its answers are used"),
        max_length=8,
        choices=Precedence,
        default=Precedence.REPLACE,
        help_text=_("When the nightly sync and this answer give the same fact."),
    )

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("fetch step")
        verbose_name_plural = _("fetch steps")
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "slug"],
                name="step_name_once_for_each_flow",
                violation_error_message=_("Two fetch steps cannot have the same name."),
            )
        ]

    def __str__(self) -> str:
        return self.slug


class Branch(models.Model):
    """One way through a flow: who takes it, and where it leads. The first that matches wins."""

    class Target(models.TextChoices):
        QUEUE = "queue", _("the queue")
        ACCOUNT_MANAGER = "account_manager", _("the customer's account manager, then the queue")

    flow = models.ForeignKey(Flow, models.CASCADE, related_name="branches", verbose_name=_("flow"))
    position = models.PositiveIntegerField(_("order"), default=0)
    label = models.CharField(_("label"), max_length=80, help_text=_("Such as: Gold or platinum."))
    slug = models.SlugField(_("short name"), max_length=50, help_text=_("Stands in decisions: gold-or-platinum."))
    conditions = models.JSONField(
        _("who takes it"),
        default=list,
        help_text=_("All conditions of a group must be true; one group is enough."),
    )
    target_kind = models.CharField(
        _("leads to"), max_length=16, choices=Target, default=Target.QUEUE, help_text=_("Where matching contacts go.")
    )
    queue = models.ForeignKey(
        Queue, models.PROTECT, related_name="branches", verbose_name=_("queue"), help_text=_("The queue to wait in.")
    )
    priority_class = models.PositiveSmallIntegerField(
        _("priority class"),
        null=True,
        blank=True,
        validators=[MinValueValidator(FIRST_CLASS), MaxValueValidator(LAST_CLASS)],
        help_text=_("Empty: the queue's own. 1 is served first."),
    )
    head_start_s = models.PositiveIntegerField(
        _("head start, in seconds"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(86400)],
        help_text=_("Empty: the queue's own."),
    )
    notify = models.ForeignKey(
        NotificationTarget,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="branches",
        verbose_name=_("then notify"),
        help_text=_("Who is told of contacts that take it, after the answer. Empty: nobody."),
    )

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        constraints = [
            models.UniqueConstraint(
                fields=["flow", "slug"],
                name="branch_slug_once_for_each_flow",
                violation_error_message=_("Two branches cannot have the same short name."),
            )
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Refuses conditions that could not be evaluated on a live call."""
        try:
            parse(self.conditions)
        except ConditionError as error:
            raise ValidationError({"conditions": said(error)}) from error


class Number(models.Model):
    """An address that people call or write to, and the flow that answers there."""

    account = models.ForeignKey(
        ProviderAccount,
        models.PROTECT,
        related_name="numbers",
        verbose_name=_("provider account"),
        help_text=_("Where the number is rented."),
    )
    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel, default=Channel.VOICE, help_text=_("How people reach it.")
    )
    address = models.CharField(
        _("number"), max_length=64, help_text=_("With country code: +390212345678. For Messenger the page's id.")
    )
    label = models.CharField(_("label"), max_length=80, help_text=_("Such as: Service hotline Italy."))
    flow = models.ForeignKey(
        Flow,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="numbers",
        verbose_name=_("flow"),
        help_text=_("What happens to people who call it."),
    )
    default_queue = models.ForeignKey(
        Queue,
        models.PROTECT,
        related_name="default_of",
        verbose_name=_("default queue"),
        help_text=_("Takes everybody if the flow cannot be walked to its end."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=50,
        default="Europe/Rome",
        validators=[known_time_zone],
        help_text=_("What “now” means in branches: Europe/Rome."),
    )
    silent_after_days = models.PositiveSmallIntegerField(
        _("expect a contact every … days"),
        null=True,
        blank=True,
        default=7,
        db_default=7,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("When nobody has called or written for so long, Home says so. Empty: never. Holds at once."),
    )
    in_service_from = models.DateField(
        _("in service from"),
        null=True,
        blank=True,
        help_text=_("The day on which it is ported to the provider. Before it nobody is expected to call."),
    )
    in_service_until = models.DateField(
        _("in service until"),
        null=True,
        blank=True,
        help_text=_("Its last day with the provider. After it nobody is expected to call; who calls is answered."),
    )
    belongs_to = models.ForeignKey(
        Team,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="numbers",
        verbose_name=_("belongs to team"),
        help_text=_("Members of other teams neither see nor change it. Empty: everybody sees it."),
    )

    class Meta:
        ordering = ["channel", "address"]
        verbose_name = _("number")
        verbose_name_plural = _("numbers")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"],
                name="number_once_for_each_channel",
                violation_error_message=_("This number is here already."),
            ),
            models.CheckConstraint(
                condition=Q(in_service_from__isnull=True)
                | Q(in_service_until__isnull=True)
                | Q(in_service_until__gte=F("in_service_from")),
                name="number_ends_after_it_begins",
                violation_error_message=_("Its last day comes before its first one."),
            ),
        ]

    def __str__(self) -> str:
        # The marks keep the plus before the digits on pages that run from right to left.
        return f"{self.label} (\u200e{self.address}\u200e)"
