"""`manage.py rotate_field_keys`: every stored secret under the first of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contactcenter.privacy.rotation import rotate


class Command(BaseCommand):
    """May run while everything else does, and again after it was killed."""

    help = "Encrypts all stored secrets under the first key, so that older keys can be removed."

    def handle(self, *_args: Any, **_options: Any) -> None:
        try:
            done = rotate()
        except ValueError as error:
            raise CommandError(f"{error} Put the key it was made with behind the others and run this again.") from error
        for field, count in done.items():
            self.stdout.write(f"{field}: {count}")
        self.stdout.write("Older keys can go once all couriers have caught up and no backup made before is needed.")
