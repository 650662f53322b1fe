from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections
from django.db.utils import OperationalError

LOCK_NOT_AVAILABLE = "55P03"


class Command(migrate.Command):
    help = "Django's migrate, which on PostgreSQL gives up a lock it cannot have soon instead of queueing everybody."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-timeout",
            default="5s",
            help="How long a statement may wait for a lock, such as 500ms or 5s. 0 waits for ever.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if connection.vendor != "postgresql":
            super().handle(*args, **options)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [options["lock_timeout"]])
        try:
            super().handle(*args, **options)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                raise CommandError(
                    f"A lock was not free within {options['lock_timeout']}. The migration that was running is undone; "
                    "try again when the portal is quieter."
                ) from error
            raise
        finally:
            connection.close()  # the next user of this connection gets the default again
