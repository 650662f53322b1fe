"""`manage.py export_person --phone … <file>`: all that is held of one person."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from contactcenter.privacy import arguments, exporting


class Command(BaseCommand):
    """The file can be read by its owner alone."""

    help = "Writes everything that is held of one person into a new JSON file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        arguments.add_to(parser)
        parser.add_argument("file", type=Path, help="A file that does not exist yet.")

    def handle(self, *_args: Any, file: Path, **options: Any) -> None:
        person = arguments.person(options)
        try:
            exporting.write(person, file)
        except OSError as error:
            raise CommandError(f"{file} cannot be written: {error.strerror}.") from error
        self.stdout.write(str(file))
