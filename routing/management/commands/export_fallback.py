"""`manage.py export_fallback <folder>`: what is answered when no decide server is left."""

import argparse
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from routing import fallback, publishing
from routing.release import ReleaseError, compile_release


class Command(BaseCommand):
    """Writes the live release as static answers, for HAProxy and for a provider's fallback address."""

    help = "Writes static answers of the live release: each number to its default queue, all else to the emergency one."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="Where the files go. What is there is replaced.")

    def handle(self, *_args: Any, folder: Path, **_options: Any) -> None:
        release = publishing.live()
        if release is None:
            raise CommandError("Nothing has been published yet.")
        try:
            compiled = compile_release(json.loads(release.document), release.number)
            found = fallback.fallback(compiled, settings.EMERGENCY_TARGET)
        except (ReleaseError, fallback.NoFallback) as error:
            raise CommandError(str(error)) from error
        fallback.write(found, folder)
        self.stdout.write(f"Release {release.number}: {len(found.numbers)} numbers in {folder}.")
