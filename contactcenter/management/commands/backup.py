"""`manage.py backup <folder>`: the database and this host's spool, so that they can be restored."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from contactcenter.backup import BackupError, back_up
from contactcenter.foundation.commands import OperatorCommand
from contactcenter.postgres_tools import ToolFailed


class Command(OperatorCommand):
    """May run while everything else does."""

    help = "Writes a backup of the database and of this host's spool into a new folder, and reads it through."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("into", type=Path, help="The folder that holds the backups.")

    def handle(self, *_args: Any, into: Path, **_options: Any) -> None:
        try:
            made = back_up(into, settings.LIVE_DIR)
        except (BackupError, ToolFailed, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(str(made))
