"""How a queue, or whoever else is rung, is reached by phone."""

import re

from django.db import models
from django.utils.translation import gettext_lazy as _

SIP_USER = re.compile(r"^[A-Za-z0-9_.!~*'()&=+$,;?/\-]{1,64}\Z")
PHONE_NUMBER = re.compile(r"^\+[1-9][0-9]{5,14}\Z")
PROVIDER_QUEUE = re.compile(r"^[A-Za-z0-9_.\- ]{1,64}\Z")


class VoiceKind(models.TextChoices):
    """How a queue is reached by phone."""

    SIP = "sip", _("extension on the phone system")
    PHONE = "phone", _("phone number")
    PROVIDER_QUEUE = "provider_queue", _("queue at the provider")


ADDRESS_SHAPES = {
    VoiceKind.SIP: (SIP_USER, _("An extension such as 8001, without host.")),
    VoiceKind.PHONE: (PHONE_NUMBER, _("A number with country code, such as +390212345678.")),
    VoiceKind.PROVIDER_QUEUE: (PROVIDER_QUEUE, _("The queue's name at the provider.")),
}

SPOKEN = ("announce", "voicemail")
"""Actions at an extension: of a closed or full queue that has an announcement or a mailbox."""
