"""`manage.py restore <backup> --yes`: the database as it was when the backup was made."""

import argparse
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from contactcenter.backup import BackupError, restore
from contactcenter.postgres_tools import ToolFailed


class Command(BaseCommand):
    """Stop portal, worker, beat and couriers first. Decide servers may run."""

    help = "Replaces the database by a backup; what this host has decided since comes back from its spool."
    requires_system_checks: list[str] = []  # the database may be a wreck

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, help="A folder that `manage.py backup` has written.")
        parser.add_argument("--yes", action="store_true", help="Required: everything in the database is replaced.")

    def handle(self, *_args: Any, backup: Path, yes: bool, **_options: Any) -> None:
        if not yes:
            raise CommandError("This replaces everything in the database. Say --yes when that is what you want.")
        try:
            done = restore(backup, settings.LIVE_DIR)
        except (BackupError, ToolFailed, OSError) as error:
            raise CommandError(str(error)) from error
        spool = "The spool came from the backup" if done.spool_from_backup else "The spool of this host was kept"
        self.stdout.write(f"Restored. {spool}; {done.shipped_again} of its rows are shipped again.")
        self.stdout.write(f"{done.erased_again} people who had been erased were erased again.")
        self.stdout.write("Start the couriers now, and the portal when they have caught up.")
