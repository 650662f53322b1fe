"""`manage.py plan_config FILE`: what applying this file would change, in words. Nothing is changed."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from routing import config_file
from routing.differences import Difference, grouped
from routing.document import Document


class Command(BaseCommand):
    """Exit code 0: nothing differs. 2: something would change. 1: the file cannot be applied."""

    help = "Says what a configuration file would change in the draft. Exit code 2 when something would."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", help="A file that export_config wrote, perhaps changed; - reads from the pipe.")

    def handle(self, *_args: Any, file: str, **_options: Any) -> None:
        try:
            found = config_file.plan(document_in(file))
        except config_file.CannotApply as refusal:
            raise refused(refusal) from refusal
        self.stdout.writelines(lines(found))
        if found:
            sys.exit(2)


def document_in(file: str) -> Document:
    """The document of a file, or of the pipe."""
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        return config_file.read(text)
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is no text in UTF-8.") from error
    except config_file.FileError as error:
        raise CommandError(f"{file}: {error}") from error


def refused(refusal: config_file.CannotApply) -> CommandError:
    """The reasons, a line each."""
    return CommandError("\n".join(["This file cannot be applied:", *(f"  {reason}" for reason in refusal.reasons)]))


def lines(found: Sequence[Difference]) -> list[str]:
    """What differs, under its headings."""
    if not found:
        return ["Nothing differs from the draft.\n"]
    groups = grouped(found)
    return [line for title, members in groups for line in (f"{title}\n", *(f"  {each.sentence}\n" for each in members))]
