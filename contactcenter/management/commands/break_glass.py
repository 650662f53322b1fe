from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from contactcenter.accounts import links
from contactcenter.accounts.models import AccessLink, User
from contactcenter.foundation.logs import logger
from contactcenter.foundation.noting import noted

log = logger(__name__)


class Command(BaseCommand):
    help = (
        "Prints a link that lets one person into the portal once within 15 minutes, without password or second factor."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", help="user name or e-mail address")

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["user"]
        person = User.objects.filter(Q(username=name) | Q(email=name.lower()), is_active=True).first()
        if person is None:
            raise CommandError("Nobody with an open login has this user name or e-mail address.")
        token = links.make(person, AccessLink.Purpose.BREAK_GLASS, by=None, now=timezone.now())
        noted.send(None, action="break_glass", thing=person, user_id=None)
        log.warning("break_glass_link_made", person=person.pk)
        self.stdout.write("Open this address of the portal within 15 minutes. It lets in once:")
        self.stdout.write(reverse("open_link", args=[token]))
