"""`manage.py export_config`: the draft, or a release, as a YAML file."""

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from routing import config_file, publishing
from routing.document import Document, render
from routing.models import Release


class Command(BaseCommand):
    """Numbers, flows, queues, tiers, hours and sources; no person, no secret, no key."""

    help = "Writes the whole configuration as YAML: the same configuration gives the same bytes."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--release", type=int, help="This release. Without it: the draft.")
        parser.add_argument("--output", type=Path, help="Into this file. Without it: on the screen.")

    def handle(self, *_args: Any, release: int | None, output: Path | None, **_options: Any) -> None:
        text = config_file.write(render() if release is None else contents(release))
        if output is None:
            self.stdout.write(text, ending="")
            return
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{output} cannot be written: {error.strerror}.") from error


def contents(number: int) -> Document:
    """The document of release `number`."""
    document = publishing.contents(Release.objects.filter(number=number).first())
    if document is None:
        raise CommandError(f"There is no release {number}.")
    return document
