"""`manage.py plan_config FILE`: what applying this file would change, in words. Nothing is changed."""

import argparse
import sys
from collections.abc import Callable, Sequence
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
        found = done_with(file, config_file.plan)
        self.stdout.writelines(lines(found))
        if found:
            sys.exit(2)


def done_with(file: str, act: Callable[[Document], list[Difference]]) -> list[Difference]:
    """What `act` says of the document in a file, or in the pipe. Raises CommandError with what is wrong, and where."""
    text = _text_in(file)
    try:
        return act(config_file.read(text))
    except config_file.FileError as error:
        raise CommandError(f"{file}: {error}") from error
    except config_file.CannotApply as refusal:
        placed = config_file.lines_of(text, [fault.path for fault in refusal.faults])
        reasons = [f"Line {line}, {fault}" for line, fault in zip(placed, refusal.faults, strict=True)]
        told = "\n".join(f"  {reason}" for reason in reasons or refusal.reasons)
        raise CommandError(f"This file cannot be applied:\n{told}") from refusal


def _text_in(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"{file} is no text in UTF-8.") from error


def lines(found: Sequence[Difference]) -> list[str]:
    """What differs, under its headings."""
    if not found:
        return ["Nothing differs from the draft.\n"]
    groups = grouped(found)
    return [line for title, members in groups for line in (f"{title}\n", *(f"  {each.sentence}\n" for each in members))]
