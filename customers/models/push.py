"""What a CRM tells us as it happens: where it may do so, and the events that have come."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.fields import EncryptedTextField
from customers.models.connections import CrmConnection


def scheme_kinds() -> list[tuple[str, str | Promise]]:
    """The ways a CRM signs; a callable, so that a new one makes no migration."""
    from customers.push.schemes import SCHEMES  # stands above the models

    return [(kind, scheme.label) for kind, scheme in SCHEMES.items()]


class CrmPush(models.Model):
    """That a CRM may tell us at once when a customer has changed, and how it proves that it is the one."""

    uuid = models.UUIDField(_("address"), default=uuid4, unique=True, editable=False)
    connection = models.OneToOneField(
        CrmConnection,
        models.CASCADE,
        related_name="push",
        verbose_name=_("CRM connection"),
        help_text=_("Which CRM may tell us."),
    )
    is_enabled = models.BooleanField(_("enabled"), default=True, help_text=_("Off: everything is refused."))
    scheme = models.CharField(
        _("signed by"),
        max_length=30,
        choices=scheme_kinds,
        default="standard_webhooks",
        help_text=_("How the CRM signs what it sends. Its manual on webhooks says which."),
    )
    secret = EncryptedTextField(
        _("secret"), blank=True, default="", help_text=_("Stored encrypted and never shown again.")
    )
    secret_before = EncryptedTextField(
        _("secret before"),
        blank=True,
        default="",
        help_text=_("Still accepted while the CRM changes over to the new one; then remove it."),
    )
    signature_header = models.CharField(
        _("header of the signature"),
        max_length=60,
        blank=True,
        help_text=_("Only for signatures of the form t=…,v1=…, if the CRM uses another name than usual."),
    )
    id_path = models.CharField(
        _("customer's id"),
        max_length=200,
        blank=True,
        help_text=_("JMESPath to the customer's id in an event, if it stands elsewhere than usual."),
    )
    held_since = models.DateTimeField(
        _("held since"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("Too many customers would have changed tier within a minute: a person has to decide."),
    )
    free_until = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Until then as many may change tier as the CRM says.")
    )
    busy_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["connection__name"]
        verbose_name = _("CRM push")
        verbose_name_plural = _("CRM push")

    def __str__(self) -> str:
        return str(self.connection)


class CrmEvent(models.Model):
    """A hint of the CRM that something has happened to one customer. The record itself is read again."""

    class Kind(models.TextChoices):
        CHANGED = "changed", _("changed")
        DELETED = "deleted", _("deleted")
        MERGED = "merged", _("merged into another")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPLIED = "applied", _("applied")
        IGNORED = "ignored", _("nothing to do")
        FAILED = "failed", _("failed")

    push = models.ForeignKey(CrmPush, models.CASCADE, related_name="events", verbose_name=_("CRM push"))
    event_id = models.CharField(_("event"), max_length=200)
    external_id = models.CharField(_("id in the CRM"), max_length=120)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.CHANGED)
    into = models.CharField(_("merged into"), max_length=120, blank=True, help_text=_("Id of the one that is left."))
    occurred_at = models.DateTimeField(_("happened"))
    received_at = models.DateTimeField(_("received"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(_("next try"))
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    error = models.CharField(_("what went wrong"), max_length=200, blank=True)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("event of a CRM")
        verbose_name_plural = _("events of CRMs")
        constraints = [models.UniqueConstraint(fields=["push", "event_id"], name="event_of_a_crm_counts_once")]
        indexes = [
            models.Index(fields=["push", "due_at"], condition=Q(state="waiting"), name="crm_event_that_waits"),
            models.Index(fields=["push", "external_id", "occurred_at"], name="crm_event_by_customer"),
            models.Index(fields=["finished_at"], name="crm_event_by_end"),
        ]

    def __str__(self) -> str:
        return self.event_id
