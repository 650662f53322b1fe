"""The phone systems and help desks that hold the queues. They are not ours."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.fields import EncryptedTextField
from queues.desk_priorities import DESKS
from queues.system_kinds import KINDS, NOBODY, PROGRAM, PROVIDER, SYSTEM, WAYS

# Shorter than DNS allows: with four routes an answer stays below 4 KB.
SIP_HOST = re.compile(r"^[A-Za-z0-9.\-]{1,100}(:[0-9]{2,5})?(;transport=(udp|tcp|tls))?\Z")


def phone_system_kinds() -> list[tuple[str, str]]:
    """The kinds there are; a callable, so that a new one makes no migration."""
    return [(name, str(_(kind.label))) for name, kind in KINDS.items()]


def ways_to_learn() -> list[tuple[str, str]]:
    """How priority and skills can be told; a callable, so that a new way makes no migration."""
    return [("", str(_("as is usual for its kind"))), *((name, str(_(way.label))) for name, way in WAYS.items())]


class Reporter(models.TextChoices):
    """Who tells us what becomes of a contact after it was sent on."""

    NOBODY = NOBODY, _("nobody")
    SYSTEM = SYSTEM, _("the phone system, by a recipe beside it")
    PROVIDER = PROVIDER, _("the provider")
    PROGRAM = PROGRAM, _("a program of our own")


class PhoneSystem(models.Model):
    """The PBX, ACD or provider that holds queues and hands callers to agents."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("What people call it: Head office PBX."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used inside; do not change it later."))
    kind = models.CharField(
        _("kind"),
        max_length=30,
        choices=phone_system_kinds,
        default="asterisk",
        help_text=_("Decides how the system is told about priority. Choosing one fills in what is usual for it."),
    )
    learns_by = models.CharField(
        _("learns priority and skills by"),
        max_length=20,
        choices=ways_to_learn,
        blank=True,
        default="",
        db_default="",
        help_text=_("“Separate address only”: it is sent no priority and no skills, so only the queue dialled counts."),
    )
    hosts = models.TextField(
        _("SIP hosts"),
        blank=True,
        help_text=_("One a line, in the order in which they are tried: pbx.example.net or pbx.example.net:5070"),
    )
    answers_at_once = models.BooleanField(
        _("answers at once"),
        default=True,
        help_text=_(
            "On: the system picks up and plays music while callers wait. Off: it rings until an agent answers."
        ),
    )
    answer_timeout_s = models.PositiveSmallIntegerField(
        _("answer timeout"),
        default=10,
        validators=[MinValueValidator(2), MaxValueValidator(3600)],
        help_text=_(
            "Seconds to ring before the next target is tried, where the system answers at once. "
            "Otherwise it rings for as long as callers of the queue wait."
        ),
    )
    web_address = models.URLField(
        _("web address"),
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "Of its programming interface, such as https://api.example.com. Only the check asks it. May be empty."
        ),
    )
    statistics_by = models.CharField(
        _("who reports how many wait"),
        max_length=10,
        choices=Reporter,
        default=Reporter.NOBODY,
        db_default=Reporter.NOBODY,
        help_text=_("Callers waiting and agents logged in. Nobody: a queue is never full, and its ratio is not known."),
    )
    outcomes_by = models.CharField(
        _("who reports what became of a call"),
        max_length=10,
        choices=Reporter,
        default=Reporter.NOBODY,
        db_default=Reporter.NOBODY,
        help_text=_("Answered, abandoned, and after how long. Nobody: reports show “not reported”."),
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("phone system")
        verbose_name_plural = _("phone systems")

    def __str__(self) -> str:
        return self.name

    @property
    def host_list(self) -> list[str]:
        """The hosts in failover order."""
        return [line.strip() for line in self.hosts.splitlines() if line.strip()]

    def clean(self) -> None:
        for host in self.host_list:
            if not SIP_HOST.match(host):
                raise ValidationError({"hosts": _("“%(host)s” is not a SIP host.") % {"host": host}})


def help_desk_kinds() -> list[tuple[str, str]]:
    """The kinds there are; a callable, so that a new one makes no migration."""
    return [(kind, str(desk.label)) for kind, desk in DESKS.items()]


class HelpDesk(models.Model):
    """The system where agents answer messages. It keeps the channel; we only say which team."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("What people call it."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used inside; do not change it later."))
    kind = models.CharField(
        _("kind"),
        max_length=30,
        choices=help_desk_kinds,
        default="chatwoot",
        db_default="chatwoot",
        help_text=_("Decides how it is told of team and priority."),
    )
    url = models.CharField(_("address"), max_length=300, blank=True, help_text=_("https://desk.example.com"))
    account = models.CharField(
        _("account"),
        max_length=100,
        blank=True,
        default="",
        db_default="",
        help_text=_("Chatwoot: the number behind /accounts/ in its address. Zendesk: the e-mail address of the token."),
    )
    token = EncryptedTextField(
        _("access token"), blank=True, default="", help_text=_("Stored encrypted and never shown again.")
    )

    class Meta:
        ordering = ["name"]
        verbose_name = _("help desk")
        verbose_name_plural = _("help desks")

    def __str__(self) -> str:
        return self.name
