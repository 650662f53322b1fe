"""The phone systems and help desks that hold the queues. They are not ours."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from contactcenter.foundation.fields import EncryptedTextField
from queues.desk_priorities import DESKS
from queues.priorities import SCALES

# Shorter than DNS allows: with four routes an answer stays below 4 KB.
SIP_HOST = re.compile(r"^[A-Za-z0-9.\-]{1,100}(:\d{2,5})?(;transport=(udp|tcp|tls))?\Z")


def phone_system_kinds() -> list[tuple[str, str]]:
    """The kinds there are; a callable, so that a new one makes no migration."""
    return [(kind, scale.label) for kind, scale in SCALES.items()]


class PhoneSystem(models.Model):
    """The PBX, ACD or provider that holds queues and hands callers to agents."""

    name = models.CharField(_("name"), max_length=80, unique=True, help_text=_("What people call it: Head office PBX."))
    slug = models.SlugField(_("short name"), unique=True, help_text=_("Used inside; do not change it later."))
    kind = models.CharField(
        _("kind"),
        max_length=30,
        choices=phone_system_kinds,
        default="asterisk",
        help_text=_("Decides how the system is told about priority."),
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
