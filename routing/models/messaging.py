"""Messages: what came in, which queue each conversation has, and what the help desks are still to be told."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Conversation(models.Model):
    """A customer's conversation on one channel. It stays with its queue until it is resolved."""

    account = models.CharField(_("provider account"), max_length=36)
    channel = models.CharField(_("channel"), max_length=10, blank=True)
    thread = models.CharField(_("thread"), max_length=300)
    number = models.CharField(_("written to"), max_length=128, blank=True)
    sender = models.CharField(_("customer's address"), max_length=128, blank=True)
    external_id = models.CharField(_("number in the help desk"), max_length=128, blank=True)
    queue = models.CharField(_("queue"), max_length=50)
    help_desk = models.CharField(_("help desk"), max_length=50, blank=True)
    team = models.CharField(_("team"), max_length=64, blank=True)
    decision_id = models.CharField(_("decision id"), max_length=32, db_index=True)
    assigned_team = models.CharField(
        _("team we assigned"), max_length=64, blank=True, help_text=_("As the help desk numbers it.")
    )
    is_taken_by_hand = models.BooleanField(
        _("assigned by hand"), default=False, help_text=_("Somebody assigned it in the help desk: it is left as it is.")
    )
    is_known = models.BooleanField(
        _("known customer"), null=True, help_text=_("Whether we knew who wrote when the conversation was decided.")
    )
    is_open = models.BooleanField(_("open"), default=True)
    opened_at = models.DateTimeField(_("opened"))
    last_message_at = models.DateTimeField(_("last message"))

    class Meta:
        ordering = ["-id"]
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "channel", "thread"],
                condition=Q(is_open=True),
                name="one_open_conversation_for_each_thread",
                violation_error_message=_("This conversation is open already."),
            )
        ]
        indexes = [
            models.Index(fields=["account", "channel", "sender", "-id"], name="conversation_by_sender"),
            models.Index(fields=["account", "external_id", "-id"], name="conversation_by_number"),
            models.Index(fields=["opened_at", "channel", "is_known"], name="conversation_by_known"),
            models.Index(fields=["last_message_at"], name="conversation_by_day"),
            models.Index(fields=["queue", "-id"], name="conversation_by_queue"),
            models.Index(fields=["external_id"], name="conversation_by_desk_number"),
        ]

    def __str__(self) -> str:
        return self.external_id or self.decision_id


class InboundMessage(models.Model):
    """One event of a conversation as it was received, without its text. Worked through once, in its thread's order."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DECIDED = "decided", _("decided")
        JOINED = "joined", _("belongs to an open conversation")
        NOTED = "noted", _("noted")
        FAILED = "failed", _("failed")

    account = models.CharField(_("provider account"), max_length=36)
    message_id = models.CharField(_("message id"), max_length=128)
    kind = models.CharField(_("kind"), max_length=10)
    channel = models.CharField(_("channel"), max_length=10, blank=True)
    thread = models.CharField(_("thread"), max_length=300)
    number = models.CharField(_("written to"), max_length=128, blank=True)
    sender = models.CharField(_("customer's address"), max_length=128, blank=True)
    external_id = models.CharField(_("number in the help desk"), max_length=128, blank=True)
    occurred_at = models.DateTimeField(_("written at"))
    received_at = models.DateTimeField(_("received"))
    document = models.JSONField(_("details"), default=dict)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(_("due"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("last error"), max_length=200, blank=True)
    conversation = models.ForeignKey(
        Conversation, models.SET_NULL, null=True, related_name="messages", verbose_name=_("conversation")
    )

    class Meta:
        ordering = ["-id"]
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "message_id"],
                name="message_once_for_each_account",
                violation_error_message=_("This message is here already."),
            )
        ]
        indexes = [
            models.Index(fields=["state", "-id"], name="message_by_state"),
            models.Index(fields=["received_at"], name="message_by_day"),
            models.Index(fields=["message_id"], name="message_by_its_id"),
            models.Index(fields=["external_id"], name="message_by_desk_number"),
            models.Index(fields=["account", "thread"], condition=Q(state="waiting"), name="message_waiting_in_thread"),
        ]

    def __str__(self) -> str:
        return self.message_id


class Outgoing(models.Model):
    """Something that another system is to be told: at least once, with a key by which it can know a repetition."""

    key = models.CharField(_("idempotency key"), max_length=64, unique=True)
    decision_id = models.CharField(_("decision id"), max_length=32, db_index=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    error = models.CharField(_("last error"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        abstract = True
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.key


class Delivery(Outgoing):
    """A conversation's team and priority, for the help desk."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        KEPT = "kept", _("left as somebody assigned it")
        SUPERSEDED = "superseded", _("overtaken by a later decision")
        DEAD = "dead", _("given up")

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    conversation = models.ForeignKey(
        Conversation, models.CASCADE, related_name="deliveries", verbose_name=_("conversation")
    )
    help_desk = models.CharField(_("help desk"), max_length=50, blank=True)
    document = models.JSONField(_("what it is told"), default=dict)

    class Meta(Outgoing.Meta):
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        permissions = [("resend_delivery", _("Can send a delivery again"))]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="delivery_waiting"),
            models.Index(fields=["state", "-id"], name="delivery_by_state"),
            models.Index(fields=["created_at"], name="delivery_by_day"),
        ]
