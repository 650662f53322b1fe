"""`manage.py verify_audit [--anchor NUMBER:LINK]`: is the chain of audit events whole?"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from contactcenter.audit.verifying import Broken, verify


class Command(BaseCommand):
    """Exit code 1 and the first broken place when it is not."""

    help = "Says whether the chain of audit events is intact, or where it is broken first."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--anchor", help="An end that was printed or logged before: 1234:4f5a…")

    def handle(self, *_args: Any, anchor: str | None, **_options: Any) -> None:
        try:
            with _one_moment():
                found = verify(_anchor(anchor) if anchor else None)
        except Broken as broken:
            raise CommandError(f"Broken. {broken}") from None
        self.stdout.write(f"Intact: {found.number} events, {found.waiting} more wait for their place.")
        self.stdout.write(f"Anchor: {found.number}:{found.link}")


@contextmanager
def _one_moment() -> Iterator[None]:
    """The chain goes on growing while it is read: it is read as of one moment."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost and connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _anchor(text: str) -> tuple[int, str]:
    number, _colon, link = text.partition(":")
    if not number.isdigit():
        raise CommandError("--anchor: a number, a colon and the link, as this command prints them.")
    return int(number), link
