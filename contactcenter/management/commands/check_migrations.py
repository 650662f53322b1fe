from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.loader import MigrationLoader

from contactcenter.migration_safety import SIGN_OFF, unsigned_risks

OURS = ("accounts", "foundation", "customers", "queues", "routing")


class Command(BaseCommand):
    help = "Names migrations that would stop a busy portal and that nobody has signed off."

    def handle(self, *args: Any, **options: Any) -> None:
        loader = MigrationLoader(None, replace_migrations=False)  # the files alone, whatever a database has applied
        keys = [key for key in sorted(loader.disk_migrations) if key[0] in OURS]
        risks = [
            risk
            for key in keys
            for risk in unsigned_risks(loader.disk_migrations[key], loader.project_state(key, at_end=False))
        ]
        for risk in risks:
            self.stderr.write(str(risk))
        if risks:
            raise CommandError(f"Make them safe, or say why they are in a comment: {SIGN_OFF} …")
        self.stdout.write(f"{len(keys)} migrations, none of them risky.")
